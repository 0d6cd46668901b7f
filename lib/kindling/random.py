"""Random numbers: the same streams as PyTorch's CPU generator."""

from typing import Any

from . import backend, dtypes
from .engine import Tensor, wrap
from .ops.create import finish, sizes


class Generator:
    """A stream of random numbers of its own.

    >>> import kindling as torch
    >>> torch.rand(2, generator=torch.Generator().manual_seed(0))
    tensor([0.4963, 0.7682])
    """

    def __init__(self, device: Any = "cpu"):
        self.stream = backend.Stream(67280421310721)

    def manual_seed(self, seed: int) -> "Generator":
        """Start the stream anew from `seed`."""
        self.stream = backend.Stream(seed)
        return self

    def seed(self) -> int:
        """Start from a seed that the system chooses, and return it."""
        self.manual_seed(backend.system_seed())
        return self.stream.seed

    def initial_seed(self) -> int:
        """The seed that the stream was started from."""
        return self.stream.seed

    def get_state(self) -> Tensor:
        """Where the stream is now, as bytes."""
        return wrap(self.stream.get_state())

    def set_state(self, state: Tensor) -> "Generator":
        """Go back to where `get_state` was called."""
        self.stream.set_state(state._array)
        return self


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Start the default stream anew, so that a run can be repeated.

    >>> import kindling as torch
    >>> _ = torch.manual_seed(0)
    >>> torch.rand(3)
    tensor([0.4963, 0.7682, 0.0885])
    """
    return default_generator.manual_seed(int(seed))


def seed() -> int:
    """Start the default stream from a seed that the system chooses."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed that the default stream was started from."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Where the default stream is now."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Put the default stream back to an earlier state."""
    default_generator.set_state(new_state)


def _stream(generator: Generator | None) -> Any:
    return (default_generator if generator is None else generator).stream


def rand(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Numbers drawn evenly from [0, 1).

    >>> import kindling as torch
    >>> torch.rand(2, 3).shape
    torch.Size([2, 3])
    """
    shape = sizes("rand", size)
    kind = dtype or dtypes.get_default_dtype()
    return finish(wrap(_stream(generator).uniform(shape, kind.array)), device, requires_grad)


def uniform_(t: Tensor, low: float = 0.0, high: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill a tensor with numbers drawn evenly from [low, high)."""
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low} > to={high}")
    drawn = _stream(generator).uniform(t._array.shape, t._array.dtype)
    return t.copy_(wrap((drawn * (high - low) + low).astype(t._array.dtype)))


Tensor.uniform_ = uniform_
