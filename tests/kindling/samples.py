"""One row for every declared operator: sample inputs that drive all tests of operators.

A sample is the arguments of one call. NumPy arrays in it become tensors of the library under test; float64 and
complex128 ones require grad. The first sample of a row is also cast to every other dtype for the comparison with
PyTorch. Values keep clear of kinks and ties, so that gradients can be measured by differences.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import kindling.nn.functional  # noqa: F401  declares linear and mse_loss
from kindling.ops import decompose, gather, scan, window  # noqa: F401  not all of them are in use yet
from kindling.ops.declare import OPERATORS

from . import samples_more


@dataclass(frozen=True)
class Sample:
    args: tuple
    kwargs: dict


@dataclass(frozen=True)
class Row:
    """The samples of one operator.

    Args:
        samples: see above.
        torch: what the operator is called in a library, given the library; None where PyTorch has no such thing.
        dtypes: whether the samples are also compared with PyTorch's in other dtypes.
    """

    samples: list[Sample]
    torch: Callable | None = None
    dtypes: bool = True


def S(*args: Any, **kwargs: Any) -> Sample:
    return Sample(args, kwargs)


def real(*shape: int, seed: int = 0) -> np.ndarray:
    return np.asarray(np.random.default_rng(seed).normal(size=shape))


def positive(*shape: int, seed: int = 0) -> np.ndarray:
    return np.asarray(np.abs(real(*shape, seed=seed)) + 0.3)


def complex_(*shape: int, seed: int = 0) -> np.ndarray:
    return np.asarray(real(*shape, seed=seed) + 1j * real(*shape, seed=seed + 50))


def strided(a: np.ndarray) -> np.ndarray:
    """The same values, every other one in memory, with the dimensions in falling order."""
    return np.repeat(a.T, 2, axis=0)[::2].T if a.ndim else a


def unary(make: Callable = real, complex_too: bool = True) -> list[Sample]:
    samples = [S(make(2, 3)), S(make()), S(make(0, 3)), S(strided(make(3, 2)))]
    return samples + ([S(complex_(2, 2))] if complex_too else [])


def binary(make: Callable = real, complex_too: bool = True, number: Any = 2.5) -> list[Sample]:
    a, b = make(2, 3), make(2, 3, seed=1)
    samples = [S(a, b), S(make(2, 1), make(3, seed=1)), S(make(), make(2, 2, seed=1)), S(a, make(seed=1)), S(a, number)]
    samples += [S(make(0, 3), make(3, seed=1)), S(strided(a), b), S(a, strided(b)), S(make(), make(seed=1))]
    if complex_too:
        samples += [S(complex_(2, 3), complex_(3, seed=1)), S(a, complex_(2, 3)), S(complex_(2, 3), b)]
    return samples


def compared(complex_too: bool = False) -> list[Sample]:
    small = np.arange(6.0).reshape(2, 3) % 4
    return [*binary(complex_too=complex_too), S(small, small[::-1].copy()), S(small, 2)]


def reduced(complex_too: bool = True, several: bool = True) -> list[Sample]:
    a = real(2, 3, 4)
    samples = [S(a), S(real()), S(a, 1), S(a, -1, keepdim=True), S(strided(a), 0), S(real(1, 3), dim=0)]
    if several:
        samples += [S(a, (0, 2)), S(a, dim=(-1,), keepdim=True), S(real(2, 0, 3), dim=2)]
    return samples + ([S(complex_(2, 3), 1)] if complex_too else [])


def extreme(*dims: Any) -> list[Sample]:
    a = real(2, 3, 4)
    return [S(x, *dims) for x in (a, strided(a), real(1))] + ([S(real())] if not dims else [S(real(), dims[0] * 0)])


index_rows, index_columns = np.array([0, 2, 0]), np.array([1, 1, 1])


def _put(lib: Any) -> Callable:
    def index_put(input: Any, values: Any, indices: tuple) -> Any:
        return input.index_put(tuple(lib.as_tensor(i) for i in indices), values)

    return index_put


def _zeros_with(lib: Any) -> Callable:
    def place(input: Any, index: Any, shape: tuple) -> Any:
        out = lib.zeros(shape, dtype=input.dtype)
        out[index] = input
        return out

    return place


def _added(lib: Any) -> Callable:
    def add_at(input: Any, indices: tuple, shape: tuple) -> Any:
        where = tuple(lib.as_tensor(i) for i in indices)
        return lib.zeros(shape, dtype=input.dtype).index_put(where, input, accumulate=True)

    return add_at


def _scattered(lib: Any) -> Callable:
    return lambda input, index, dim, shape: lib.zeros(shape, dtype=input.dtype).scatter_add(dim, index, input)


ROWS = {
    # element-wise
    "add": Row([*binary(), S(real(2), real(2, seed=1), alpha=2)]),
    "sub": Row([*binary(), S(real(2), real(2, seed=1), alpha=-0.5)]),
    "mul": Row(binary()),
    "div": Row(
        [
            *binary(positive),
            S(real(2, 3), positive(3), rounding_mode=None),
            S(real(2, 3), positive(3), rounding_mode="floor"),
            S(real(2, 3), positive(3), rounding_mode="trunc"),
        ]
    ),
    "pow": Row(
        [
            *binary(positive, number=3),
            S(real(2, 3), 2),
            S(real(2, 3), 3.0),
            S(positive(2), 0.5),
            S(positive(2), -1.5),
            S(real(2), 0),
            S(2.0, real(2, 3)),
            S(positive(2), np.array([0.0, 1.0])),
            S(complex_(2), 2),
        ]
    ),
    "floor_divide": Row(
        [S(real(2, 3), positive(3)), S(real(2, 3), 0.5), S(3, positive(2)), S(strided(real(2, 3)), positive())],
        lambda lib: lambda input, other: lib.div(input, other, rounding_mode="floor"),
    ),
    "trunc_divide": Row(
        [S(real(2, 3), positive(3)), S(real(2, 3), 0.5), S(3, positive(2))],
        lambda lib: lambda input, other: lib.div(input, other, rounding_mode="trunc"),
    ),
    "neg": Row(unary()),
    "exp": Row(unary()),
    "log": Row(unary(positive)),
    "sin": Row(unary()),
    "cos": Row(unary()),
    "tanh": Row(unary()),
    "sqrt": Row(unary(positive)),
    "abs": Row(unary()),
    "sign": Row(unary(complex_too=False)),
    "relu": Row(unary(complex_too=False)),
    "maximum": Row(binary(complex_too=False)[:4] + binary(complex_too=False)[5:]),
    "minimum": Row(binary(complex_too=False)[:4] + binary(complex_too=False)[5:]),
    "where": Row(
        [
            S(real(2, 3) > 0, real(2, 3), real(2, 3, seed=1)),
            S(real(2, 1) > 0, real(3), real(seed=1)),
            S(np.array(True), real(2), real(2, 1, seed=1)),
            S(real(2, 3) > 0, real(2, 3), 0.5),
            S(real(2, 3) > 0, 1, real(2, 3)),
            S(real(0) > 0, real(0), real(1)),
            S(real(2, 3) > 0, complex_(2, 3), complex_(3)),
        ]
    ),
    "clone": Row(unary()),
    "conjugated": Row([S(complex_(2, 3)), S(complex_()), S(strided(complex_(2, 3)))], lambda lib: lambda x: x.conj(), dtypes=False),
    "complex": Row([S(real(2, 3), real(2, 3, seed=1)), S(real(2, 1), strided(real(2, 3)))], dtypes=False),
    "copy": Row(
        [S(real(2, 3), real(2, 3, seed=1)), S(real(2, 3), real(3)), S(real(2), complex_(2)), S(complex_(2), real(2))],
        lambda lib: lambda input, src: lib.zeros_like(input).copy_(src),
    ),
    "fill": Row([S(real(2, 3), real()), S(real(2, 3), 2), S(real(0), 1.5), S(real(), real(seed=1)), S(complex_(2), complex_())]),
    "to_copy": Row(
        [S(real(2, 3), np.dtype("float64")), S(real(2), np.dtype("complex128")), S(complex_(2), np.dtype("float64"))],
        lambda lib: lambda input, dtype: input.to(getattr(lib, dtype.name), copy=True),
    ),
    # comparisons
    "eq": Row(compared(True)),
    "ne": Row(compared(True)),
    "lt": Row(compared()),
    "le": Row(compared()),
    "gt": Row(compared()),
    "ge": Row(compared()),
    "logical_not": Row([*unary(), S(np.array([0.0, 1.0]))]),
    "isnan": Row([*unary(), S(np.array([np.nan, np.inf, 0.0]))]),
    "isfinite": Row([*unary(), S(np.array([np.nan, np.inf, 0.0]))]),
    # reductions
    "sum": Row([*reduced(), S(real(0)), S(real(2, 3), dtype="float64")]),
    "mean": Row([*reduced(), S(real(2, 3), 0, dtype="float64")]),
    "amax": Row(reduced(False)),
    "amin": Row(reduced(False)),
    "max_all": Row(extreme(), lambda lib: lib.max),
    "min_all": Row(extreme(), lambda lib: lib.min),
    "max_dim": Row([*extreme(1)[:2], S(real(2, 3), -1, True), S(real(3), 0)], lambda lib: lib.max),
    "min_dim": Row([*extreme(1)[:2], S(real(2, 3), -1, True), S(real(3), 0)], lambda lib: lib.min),
    "argmax": Row(reduced(False, several=False)),
    "argmin": Row(reduced(False, several=False)),
    "all": Row(reduced()),
    "any": Row([*reduced(), S(np.zeros((2, 3)), 1)]),
    # views
    "reshape": Row([S(real(2, 6), (3, -1)), S(real(4), (2, 2)), S(strided(real(2, 3)), (6,)), S(real(), (1, 1)), S(real(0, 2), (2, 0)), S(complex_(2, 2), (4,))]),
    "transpose": Row([S(real(2, 3), 0, 1), S(real(2, 3, 4), -1, 0), S(strided(real(2, 3)), 1, 0), S(real(), 0, -1), S(real(0, 2), 0, 1), S(complex_(2, 3), 0, 1)]),
    "permute": Row([S(real(2, 3, 4), (2, 0, 1)), S(real(2, 3), (-1, 0)), S(real(), ()), S(strided(real(2, 3)), (1, 0)), S(complex_(2, 3), (1, 0))]),
    "expand": Row([S(real(2, 1), (2, 3)), S(real(3), (2, -1)), S(real(), (2, 2)), S(real(1), (0,)), S(strided(real(2, 1, 3)), (2, 2, 3)), S(complex_(2, 1), (2, 2))], lambda lib: lambda x, size: x.expand(size)),
    "t": Row([S(real(2, 3)), S(real(2)), S(real()), S(strided(real(2, 3))), S(complex_(2, 1))]),
    "alias": Row([S(real(2, 3)), S(real()), S(real(0, 2)), S(strided(real(2, 3))), S(complex_(2))], lambda lib: lambda x: x[...]),
    "unsqueeze": Row([S(real(2, 3), 0), S(real(2, 3), -1), S(real(), 0), S(real(0), 1), S(strided(real(2, 3)), 1), S(complex_(2), 0)]),
    "squeeze": Row([S(real(2, 1, 3, 1)), S(real(2, 1), 1), S(real(2, 3), 0), S(real(1, 2, 1), (0, -1)), S(real()), S(strided(real(1, 3))), S(complex_(1, 2), 0)]),
    "select": Row([S(real(2, 3), 0, 1), S(real(2, 3, 2), -2, -1), S(strided(real(3, 2)), 1, 0), S(complex_(2, 2), 0, 1)]),
    "slice_": Row(
        [S(real(4, 3)), S(real(4, 3), 1, 1), S(real(5), 0, 1, -1, 2), S(real(4), 0, 3, 1), S(strided(real(4, 3)), 1, -2), S(complex_(4), 0, 1, 3)],
        lambda lib: lambda x, dim=0, start=None, end=None, step=1: x[(slice(None),) * dim + (slice(start, end, step),)],
    ),
    "view_as_real": Row([S(complex_(2, 3)), S(complex_()), S(strided(complex_(2, 3)))], dtypes=False),
    "paired": Row([S(real(3, 2)), S(real(2)), S(real(2, 3, 2).transpose(1, 0, 2))], lambda lib: lambda x: lib.view_as_complex(x.contiguous()), dtypes=False),
    "strided": Row(
        [S(real(5), (3, 2), (1, 1), 0), S(real(2, 3), (2, 2), (3, 1), 1), S(complex_(4), (3,), (1,), 1)],
        lambda lib: lib.as_strided,
    ),
    # indexing
    "gather": Row(
        [
            S(real(3, 4), 1, np.array([[0, 0], [1, 3], [2, 2]])),
            S(real(3, 4), 0, np.array([[2, 0, 0, 1]])),
            S(real(3), -1, np.array([2, 2, 0, 1])),
            S(real(), 0, np.array(0)),
            S(real(3, 2), 1, np.zeros((3, 0), "int64")),
            S(strided(real(3, 4)), 1, np.array([[0], [1], [2]])),
            S(complex_(3), 0, np.array([0, 0])),
        ]
    ),
    "put_along": Row([S(real(3, 2), np.array([[0, 0], [1, 3], [2, 2]]), 1, (3, 4)), S(complex_(2), np.array([1, 1]), 0, (3,))], _scattered),
    "index": Row(
        [S(real(3, 4), (index_rows, index_columns)), S(real(3, 4), (index_rows,)), S(real(3, 4), (slice(None), index_columns)), S(real(3, 4), (np.array([[0, 1], [2, 0]]),)), S(complex_(3), (index_rows,))],
        lambda lib: lambda x, indices: x[tuple(lib.as_tensor(i) if isinstance(i, np.ndarray) else i for i in indices)],
    ),
    "put": Row([S(real(3, 4), real(3, seed=1), (np.array([0, 2, 1]), index_columns)), S(real(3, 4), real(), (np.array([1]),)), S(complex_(3), complex_(1, seed=1), (np.array([2]),))], _put),
    "add_at": Row([S(real(3), (index_rows,), (4,)), S(real(3), (index_rows, index_columns), (3, 2)), S(complex_(3), (index_rows,), (3,))], _added),
    "place": Row([S(real(3), (slice(None), 1), (3, 2)), S(real(2), slice(1, 3), (4,)), S(complex_(2), slice(0, 2), (3,))], _zeros_with),
    "embedding": Row(
        [S(real(4, 3), np.array([[0, 2], [2, 3]])), S(real(4, 2), np.array(1))],
        lambda lib: lambda weight, indices: lib.nn.functional.embedding(indices, weight),
    ),
    "scatter_amax": Row(
        [S(real(3, 2), real(2, 2, seed=1), 0, np.array([[0, 0], [0, 2]])), S(real(2), real(3, seed=1), 0, np.array([1, 1, 0]))],
        lambda lib: lambda x, src, dim, index: x.scatter_reduce(dim, index, src, "amax"),
        dtypes=False,
    ),
    # scans, windows, decompositions
    "cumsum": Row([S(real(2, 3), 1), S(real(3), 0), S(real(), 0), S(real(0, 2), 0), S(strided(real(2, 3)), -2), S(complex_(3), 0)]),
    "cumprod": Row([S(real(2, 3), 1), S(np.array([2.0, 0.0, 3.0, 4.0]), 0), S(real(), 0), S(real(0, 2), 0), S(strided(real(2, 3)), -2), S(complex_(3), 0)]),
    "flip": Row([S(real(2, 3), (1,)), S(real(2, 3), (0, -1)), S(real(2), ()), S(complex_(3), (0,))], dtypes=False),
    "convolution": Row(
        [
            S(real(2, 2, 5, 4), real(3, 2, 3, 2), real(3), (1, 1), (0, 0), (1, 1), 1),
            S(real(1, 4, 5, 5), real(2, 2, 2, 2), None, (2, 1), (1, 0), (1, 2), 2),
            S(real(2, 1, 6), real(2, 1, 3), real(2), (2,), (1,), (1,), 1),
            S(complex_(1, 2, 3, 3), complex_(1, 2, 2, 2), complex_(1), (1, 1), (0, 0), (1, 1), 1),
        ],
        lambda lib: lambda x, w, b, stride, padding, dilation, groups: lib.convolution(
            x, w, b, stride, padding, dilation, False, (0,) * len(stride), groups
        ),
        dtypes=False,
    ),
    "convolve_input": Row(
        [
            S(real(2, 3, 3, 3), real(3, 2, 3, 2), (2, 2, 5, 4), (1, 1), (0, 0), (1, 1), 1),
            S(complex_(1, 1, 2, 2), complex_(1, 1, 2, 2), (1, 1, 3, 3), (1, 1), (0, 0), (1, 1), 1),
        ],
        lambda lib: lambda g, w, shape, *rest: lib.nn.grad.conv2d_input(shape, w, g, *rest),
        dtypes=False,
    ),
    "convolve_weight": Row(
        [
            S(real(2, 3, 3, 3), real(2, 2, 5, 4), (3, 2, 3, 2), (1, 1), (0, 0), (1, 1), 1),
            S(complex_(1, 1, 2, 2), complex_(1, 1, 3, 3), (1, 1, 2, 2), (1, 1), (0, 0), (1, 1), 1),
        ],
        lambda lib: lambda g, x, shape, *rest: lib.nn.grad.conv2d_weight(x, shape, g, *rest),
        dtypes=False,
    ),
    "max_pool": Row(
        [S(real(2, 1, 4, 5), (2, 2), (2, 2), (0, 0), (1, 1)), S(real(1, 2, 5, 5), (3, 2), (1, 2), (1, 1), (1, 1), True)],
        lambda lib: lambda x, *rest: lib.nn.functional.max_pool2d(x, *rest, return_indices=True),
        dtypes=False,
    ),
    "svd": Row([S(real(3, 2)), S(real(2, 2)), S(real(2, 3, 2))], lambda lib: lambda x: lib.linalg.svd(x, full_matrices=False), dtypes=False),
    # products, joining, layers
    "matmul": Row(
        [
            S(real(2, 3), real(3, 4)),
            S(real(3), real(3, seed=1)),
            S(real(2, 3), real(3)),
            S(real(3), real(3, 2)),
            S(real(2, 3, 4), real(4)),
            S(real(4), real(2, 4, 3)),
            S(real(5, 2, 3), real(3, 2)),
            S(real(2, 3), real(5, 3, 2)),
            S(real(2, 1, 2, 3), real(4, 3, 2)),
            S(real(0, 3), real(3, 2)),
            S(real(2, 0), real(0, 2)),
            S(strided(real(2, 3)), strided(real(3, 2))),
            S(complex_(2, 3), complex_(3, 2)),
            S(complex_(3), complex_(3, 2)),
        ]
    ),
    "cat": Row([S([real(2, 3), real(1, 3)]), S([real(2, 3), real(2, 1)], -1), S([real(0), real(2, 2)]), S([real(2)]), S([strided(real(2, 3)), real(2, 3)], 1), S([real(2), complex_(2)])]),
    "linear": Row(
        [S(real(4, 3), real(2, 3), real(2)), S(real(4, 3), real(2, 3)), S(real(3), real(2, 3), real(2)), S(real(2, 4, 3), real(2, 3), real(2)), S(real(0, 3), real(2, 3), real(2)), S(strided(real(4, 3)), strided(real(2, 3))), S(complex_(4, 3), complex_(2, 3), complex_(2))],
        lambda lib: lib.nn.functional.linear,
    ),
    "mse_loss": Row(
        [S(real(2, 3), real(2, 3, seed=1)), S(real(2), real(2, seed=1), reduction="sum"), S(real(2), real(2, seed=1), reduction="none"), S(real(), real(seed=1)), S(strided(real(2, 3)), real(2, 3, seed=1))],
        lambda lib: lib.nn.functional.mse_loss,
    ),
}  # fmt: skip
ROWS |= samples_more.rows(Row, S, real, positive, complex_, strided, unary, binary)


def public(name: str) -> Callable:
    """The function that a user calls for an operator."""
    return OPERATORS[name].public


def in_library(name: str, lib: Any) -> Callable:
    """The same in PyTorch, or in Kindling under PyTorch's name."""
    row = ROWS[name]
    return getattr(lib, OPERATORS[name].name) if row.torch is None else row.torch(lib)


def tensors(lib: Any, value: Any, requires_grad: bool = True, leaves: list | None = None) -> Any:
    """`value` with its arrays as tensors of `lib`; those that can, require grad and are appended to `leaves`."""
    if isinstance(value, np.ndarray):
        t = lib.from_numpy(_same_strides(value))
        if requires_grad and value.dtype in (np.float64, np.complex128):
            t.requires_grad_()
            if leaves is not None:
                leaves.append(t)
        return t
    if isinstance(value, list):
        return [tensors(lib, v, requires_grad, leaves) for v in value]
    if isinstance(value, str) and value.startswith("float"):
        return getattr(lib, value)
    return value


def _same_strides(a: np.ndarray) -> np.ndarray:
    """A copy that lies in memory as `a` does."""
    return strided(a) if a.ndim and not a.flags.c_contiguous else a.copy()


def arguments(lib: Any, sample: Sample, requires_grad: bool = True) -> tuple[tuple, dict, list]:
    """Positional and keyword arguments of a call, and the leaves among them."""
    leaves: list = []
    args = tuple(tensors(lib, a, requires_grad, leaves) for a in sample.args)
    kwargs = {k: tensors(lib, v, requires_grad, leaves) for k, v in sample.kwargs.items()}
    return args, kwargs, leaves


def floats(outputs: Any) -> list:
    """The outputs that gradients flow into."""
    outputs = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    return [y for y in outputs if y.requires_grad]
