"""Gradients checked against differences: is what backward says the slope that small steps measure?"""

from collections.abc import Callable
from typing import Any

from .. import backend
from ..engine import Tensor, grad, mode, wrap
from ..ops.create import require_grad


class GradcheckError(RuntimeError):
    """A gradient differs from the measured slope."""


def gradcheck(
    func: Callable,
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Compare the Jacobian that backward computes with central differences, for every input that requires grad.

    Use float64: in float32 the differences are mostly rounding.

    Raises:
        GradcheckError: they differ (with `raise_exception=False`: returns False).
        ValueError: no input requires grad.

    >>> import kindling as torch
    >>> x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradcheck(torch.tanh, x)
    True
    """
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    wanted = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    if not wanted:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of the them have "
            "requires_grad=True."
        )
    outputs = [y for y in _outputs(func, inputs) if y.requires_grad]
    try:
        for o, output in enumerate(outputs):
            for i in wanted:
                _compare(_numeric(func, inputs, i, o, eps), _analytic(output, inputs[i]), i, o, atol, rtol)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """The same for second derivatives: backward itself, recorded with `create_graph`, is checked.

    >>> import kindling as torch
    >>> x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradgradcheck(torch.exp, x)
    True
    """
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    outputs = [y for y in _outputs(func, inputs) if y.requires_grad]
    if grad_outputs is None:
        grad_outputs = [_fixed_weights(y) for y in outputs]
    grad_outputs = (grad_outputs,) if isinstance(grad_outputs, Tensor) else tuple(grad_outputs)
    count = len(inputs)

    def first_gradients(*args: Any) -> tuple:
        xs, weights = args[:count], args[count:]
        ys = [y for y in _outputs(func, xs) if y.requires_grad]
        xs = [x for x in xs if isinstance(x, Tensor) and x.requires_grad]
        return tuple(g for g in grad(ys, xs, weights, create_graph=True, allow_unused=True) if g is not None)

    return gradcheck(
        first_gradients, (*inputs, *grad_outputs), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception
    )


def _outputs(func: Callable, inputs: tuple) -> list[Tensor]:
    found = func(*inputs)
    found = (found,) if isinstance(found, Tensor) else tuple(found)
    return [y for y in found if isinstance(y, Tensor) and y._array.dtype.kind in "fc"]


def _fixed_weights(y: Tensor) -> Tensor:
    """Weights without pattern and without chance, so that a failure repeats."""
    xp = backend.namespace_of(y._array)
    steps = xp.arange(y._array.size).reshape(y._array.shape)
    weights = 0.6 + 0.4 * xp.sin(1.7 * steps + 0.3)
    t = wrap(xp.asarray(weights).astype(y._array.dtype))
    require_grad(t)
    return t


def _numeric(func: Callable, inputs: tuple, i: int, o: int, eps: float) -> list:
    """Column by column: how output `o` changes with each element of input `i` (and of its imaginary part)."""
    x = inputs[i]
    columns = []
    complex_input = x._array.dtype.kind == "c"
    for k in range(x._array.size):
        for step in (eps, eps * 1j) if complex_input else (eps,):
            columns.append(_slope(func, inputs, x, k, o, step, eps))
    return columns


def _slope(func: Callable, inputs: tuple, x: Tensor, k: int, o: int, step: Any, eps: float) -> Any:
    where = backend.unravel(k, x._array.shape)
    kept = x._array[where].copy()
    values = []
    before, mode.grad = mode.grad, True
    try:
        for sign in (1, -1):
            x._array[where] = kept + sign * step
            values.append([y for y in _outputs(func, inputs) if y.requires_grad][o]._array.copy())
    finally:
        x._array[where] = kept
        mode.grad = before
    return ((values[0] - values[1]) / (2 * eps)).reshape(-1)


def _analytic(output: Tensor, x: Tensor) -> list:
    """Row by row: the gradient of each element of the output (and of its imaginary part)."""
    rows = []
    for k in range(output._array.size):
        where = backend.unravel(k, output._array.shape)
        for unit in (1, 1j) if output._array.dtype.kind == "c" else (1,):
            weight = wrap(backend.namespace_of(output._array).zeros_like(output._array))
            weight._array[where] = unit
            found = grad(output, x, weight, retain_graph=True, allow_unused=True)[0]
            rows.append(None if found is None else found._array.reshape(-1))
    return rows


def _compare(numeric: list, analytic: list, i: int, o: int, atol: float, rtol: float) -> None:
    """A real Jacobian from both, real and imaginary parts side by side, and compared."""
    by_row = [backend.real_pairs(row) if row is not None else None for row in analytic]
    by_column = [backend.real_pairs(column) for column in numeric]
    for r, row in enumerate(by_row):
        for c, column in enumerate(by_column):
            got, want = (0.0 if row is None else row[c]), column[r]
            if not abs(got - want) <= atol + rtol * abs(want):
                raise GradcheckError(
                    f"Jacobian mismatch for output {o} with respect to input {i},\n"
                    f"at output element {r} and input element {c}: numerical {want:.6g}, analytical {got:.6g}"
                )
