"""Cells of recurrent networks: one step, from an input and the state before to the state after."""

import math
from typing import Any, ClassVar

from ..engine import Tensor
from ..ops.create import empty
from ..ops.create import zeros as _zeros
from ..ops.elementwise import relu, tanh
from ..ops.math import sigmoid
from ..random import uniform_
from .functional import linear
from .module import Module
from .parameter import Parameter


class _Cell(Module):
    """What the cells share: two weights and two biases, `gates` times as many rows as the state has numbers."""

    gates: ClassVar[int]

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None):
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        rows = self.gates * hidden_size
        self.weight_ih = Parameter(empty(rows, input_size, device=device, dtype=dtype))
        self.weight_hh = Parameter(empty(rows, hidden_size, device=device, dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(empty(rows, device=device, dtype=dtype)) if bias else None)
        self.bias = bias
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for p in self.parameters():
            uniform_(p.detach(), -bound, bound)

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")

    def _checked(self, input: Tensor, *states: Tensor | None) -> list[Tensor]:
        """Input and states as batches; a state that was not given is zero."""
        if input.ndim not in (1, 2):
            raise ValueError(f"{type(self).__name__}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        x = input if input.ndim == 2 else input.unsqueeze(0)
        if x.shape[1] != self.input_size:
            raise RuntimeError(f"input has inconsistent input_size: got {x.shape[1]} expected {self.input_size}")
        batches = [x]
        for number, state in enumerate(states):
            if state is None:
                state = _zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)
            h = state if state.ndim == 2 else state.unsqueeze(0)
            if h.shape[0] != x.shape[0]:
                raise RuntimeError(
                    f"Input batch size {x.shape[0]} doesn't match hidden{number} batch size {h.shape[0]}"
                )
            if h.shape[1] != self.hidden_size:
                raise RuntimeError(
                    f"hidden{number} has inconsistent hidden_size: got {h.shape[1]}, expected {self.hidden_size}"
                )
            batches.append(h)
        return batches

    def _parts(self, sums: Tensor) -> list[Tensor]:
        """The columns of each gate."""
        size = self.hidden_size
        return [sums[:, k * size : (k + 1) * size] for k in range(self.gates)]


class RNNCell(_Cell):
    """tanh (or relu) of weighted sums of the input and of the state before. Elman, 1990.

    >>> torch.nn.RNNCell(2, 3)(torch.zeros(5, 2)).shape
    torch.Size([5, 3])
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        x, h = self._checked(input, hx)
        sums = linear(x, self.weight_ih, self.bias_ih) + linear(h, self.weight_hh, self.bias_hh)
        out = tanh(sums) if self.nonlinearity == "tanh" else relu(sums)
        return out if input.ndim == 2 else out.squeeze(0)

    def extra_repr(self) -> str:
        other = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + other


class LSTMCell(_Cell):
    """Long short-term memory: gates decide what a memory forgets, takes in and shows. Hochreiter, Schmidhuber, 1997.

    Takes and returns the pair of state and memory, each (batch, hidden_size).

    >>> h, c = torch.nn.LSTMCell(2, 3)(torch.zeros(5, 2))
    >>> h.shape, c.shape
    (torch.Size([5, 3]), torch.Size([5, 3]))
    """

    gates = 4

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        if isinstance(hx, Tensor):
            raise TypeError("lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor")
        x, h, c = self._checked(input, *(hx or (None, None)))
        sums = linear(x, self.weight_ih, self.bias_ih) + linear(h, self.weight_hh, self.bias_hh)
        takes, keeps, new, shows = self._parts(sums)
        c = sigmoid(keeps) * c + sigmoid(takes) * tanh(new)
        h = sigmoid(shows) * tanh(c)
        return (h, c) if input.ndim == 2 else (h.squeeze(0), c.squeeze(0))


class GRUCell(_Cell):
    """Gated recurrent unit: one gate decides how much of the state is replaced. Cho and others, 2014.

    >>> torch.nn.GRUCell(2, 3)(torch.zeros(5, 2)).shape
    torch.Size([5, 3])
    """

    gates = 3

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        x, h = self._checked(input, hx)
        from_x = self._parts(linear(x, self.weight_ih, self.bias_ih))
        from_h = self._parts(linear(h, self.weight_hh, self.bias_hh))
        reset, stay = (sigmoid(a + b) for a, b in zip(from_x[:2], from_h[:2], strict=True))
        new = tanh(from_x[2] + reset * from_h[2])
        h = new + stay * (h - new)
        return h if input.ndim == 2 else h.squeeze(0)
