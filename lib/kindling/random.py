"""Random numbers: the same streams as PyTorch's CPU generator."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import backend, dtypes, shapes
from .engine import Tensor, wrap
from .ops import promotion
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


def draw_seed(generator: Generator | None = None) -> int:
    """A seed for a further stream, as PyTorch draws one: 63 bits of two words."""
    high, low = _stream(generator).words(2).tolist()
    return (high << 32 | low) & (2**63 - 1)


def rand(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Numbers drawn evenly from [0, 1).

    >>> torch.rand(2, 3).shape
    torch.Size([2, 3])
    """
    kind = dtype or dtypes.get_default_dtype()
    return finish(wrap(_stream(generator).uniform(sizes("rand", size), kind.array)), device, requires_grad)


def randn(
    *size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Numbers drawn from the normal distribution of mean 0 and deviation 1.

    >>> _ = torch.manual_seed(0)
    >>> torch.randn(3)
    tensor([ 1.5410, -0.2934, -2.1788])
    """
    kind = dtype or dtypes.get_default_dtype()
    return finish(wrap(_stream(generator).normal(sizes("randn", size), kind.array)), device, requires_grad)


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = dtypes.int64,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Integers from `low` (0 if left out) up to but not including `high`.

    >>> _ = torch.manual_seed(0)
    >>> torch.randint(10, (5,))
    tensor([4, 9, 3, 0, 3])
    """
    if size is None:
        low, high, size = 0, low, high
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    drawn = _stream(generator).integers(low, high, tuple(size))
    return finish(wrap(drawn.astype(dtype.array)), device, requires_grad)


def randperm(n: int, *, generator: Generator | None = None, dtype: Any = dtypes.int64, device: Any = None) -> Tensor:
    """The numbers 0 to n - 1 in a random order.

    >>> _ = torch.manual_seed(0)
    >>> torch.randperm(4)
    tensor([0, 1, 3, 2])
    """
    return finish(wrap(_stream(generator).permutation(n).astype(dtype.array)), device)


def rand_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """`rand` in the shape and type of another tensor.

    >>> torch.rand_like(torch.zeros(2)).shape
    torch.Size([2])
    """
    return rand(*input.shape, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


def randn_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """`randn` in the shape and type of another tensor.

    >>> torch.randn_like(torch.zeros(2)).shape
    torch.Size([2])
    """
    return randn(*input.shape, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


def bernoulli(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that each element of `input` says, else 0.

    >>> torch.bernoulli(torch.tensor([0.0, 1.0]))
    tensor([0., 1.])
    """
    p = input._array
    if ((p < 0) | (p > 1)).any():
        raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.")
    return wrap((_stream(generator).uniform(p.shape, p.dtype) < p).astype(p.dtype))


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    layout: Any = "torch.strided",
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal numbers with the given means and deviations, each a tensor or a number.

    Raises:
        RuntimeError: a deviation is negative.

    >>> torch.normal(torch.zeros(3), 1.0).shape
    torch.Size([3])
    """
    tensors = [x for x in (mean, std) if isinstance(x, Tensor)]
    if not tensors and size is None:
        raise promotion.not_of_numbers("normal", mean, std)
    if layout != "torch.strided":
        raise NotImplementedError(f"normal(): layout={layout} is not supported")
    _check_deviation(std)
    shape = tuple(size) if size is not None else shapes.broadcast("normal", *[tuple(x.shape) for x in tensors])
    kind = dtype or (tensors[0].dtype if tensors else None)
    found = randn(*shape, generator=generator, dtype=kind, device=device) * std + mean
    return found.requires_grad_() if requires_grad else found


def _check_deviation(std: Any) -> None:
    if isinstance(std, Tensor):
        if (std < 0).any():
            raise RuntimeError("normal expects all elements of std >= 0.0")
    elif std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")


def uniform_(self: Tensor, low: float = 0.0, high: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill the tensor with numbers drawn evenly from [low, high)."""
    if low > high:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={low} > to={high}")
    return self.copy_(wrap(_stream(generator).between(low, high, self._array.shape, self._array.dtype)))


def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill the tensor with normal numbers."""
    _check_deviation(std)
    drawn = _stream(generator).normal(self._array.shape, self._array.dtype)
    return self.copy_(wrap((drawn * std + mean).astype(self._array.dtype)))


def bernoulli_(self: Tensor, p: float = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Fill the tensor with 1 with probability p, else 0."""
    if isinstance(p, Tensor):
        return self.copy_(bernoulli(p, generator=generator))
    drawn = _stream(generator).uniform53(self._array.size) < p
    return self.copy_(wrap(drawn.reshape(self._array.shape)))


def random_(self: Tensor, low: int = 0, high: int | None = None, *, generator: Generator | None = None) -> Tensor:
    """Fill the tensor with integers from `low` up to but not including `high`; with one number, from 0 up to it."""
    if high is None:
        if not low:
            raise NotImplementedError("random_() without a range is not supported; say random_(0, high)")
        low, high = 0, low
    return self.copy_(wrap(_stream(generator).integers(low, high, self._array.shape)))


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True) -> Iterator[None]:
    """Put the default stream back afterwards to where it was before.

    >>> with torch.random.fork_rng():
    ...     _ = torch.rand(3)
    """
    state = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)


for _method in (uniform_, normal_, bernoulli_, random_):
    setattr(Tensor, _method.__name__, _method)
Tensor.bernoulli = bernoulli
