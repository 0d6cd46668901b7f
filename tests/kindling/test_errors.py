"""What goes wrong in a user's program: PyTorch's exception and first sentence, at the user's line."""

import subprocess
import sys
import traceback
from pathlib import Path

import pytest

import kindling
from tests.kindling.errors import caught

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = str(Path(kindling.__file__).parent)

MATRIX = "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"
BROADCAST = "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 0"
BOOL_MINUS = (
    "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use "
)
BOOL_MINUS += "the `~` or `logical_not()` operator instead."

MISTAKES = {
    # shapes
    "shapes do not broadcast": (lambda t: t.ones(3) + t.ones(4), BROADCAST),
    "in the middle": (
        lambda t: t.ones(2, 3, 4) * t.ones(5, 4),
        "The size of tensor a (3) must match the size of tensor b (5) at non-singleton dimension 1",
    ),
    "three that do not broadcast": (
        lambda t: t.where(t.ones(2) > 0, t.ones(2), t.ones(3)),
        "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0",
    ),
    "matrix product": (lambda t: t.ones(2, 3) @ t.ones(4, 5), MATRIX),
    "matrix and vector": (
        lambda t: t.ones(2, 3) @ t.ones(4),
        "size mismatch, got input (2), mat (2x3), vec (4)",
    ),
    "two vectors": (
        lambda t: t.ones(2) @ t.ones(3),
        "inconsistent tensor size, expected tensor [2] and src [3] to have the same number of elements, but "
        "got 2 and 3 "
        "elements respectively",
    ),
    "batches of matrices": (
        lambda t: t.ones(2, 3, 4) @ t.ones(2, 5, 6),
        "Expected size for first two dimensions of batch2 tensor to be: [2, 4] but got: [2, 5].",
    ),
    "product with a number": (
        lambda t: t.matmul(t.ones(2), t.tensor(2.0)),
        "both arguments to matmul need to be at least 1D, but they are 1D and 0D",
    ),
    "reshape": (lambda t: t.ones(6).reshape(4, 2), "shape '[4, 2]' is invalid for input of size 6"),
    "view": (lambda t: t.ones(6).view(4, -1), "shape '[4, -1]' is invalid for input of size 6"),
    "two unknown sizes": (lambda t: t.ones(6).reshape(-1, -1), "only one dimension can be inferred"),
    "view of a transposed": (
        lambda t: t.ones(2, 3).t().view(6),
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
        "contiguous subspaces). Use .reshape(...) instead.",
    ),
    "expand": (
        lambda t: t.ones(2, 3).expand(2, 4),
        "The expanded size of the tensor (4) must match the existing size (3) at non-singleton dimension 1.  Target "
        "sizes: [2, 4].  Tensor sizes: [2, 3]",
    ),
    "cat": (
        lambda t: t.cat([t.ones(2, 3), t.ones(2, 4)]),
        "Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for tensor number 1 in the "
        "list.",
    ),
    "cat of other dimensions": (
        lambda t: t.cat([t.ones(2, 3), t.ones(2)]),
        "Tensors must have same number of dimensions: got 2 and 1",
    ),
    "cat of nothing": (lambda t: t.cat([]), "torch.cat(): expected a non-empty list of Tensors"),
    "cat of numbers": (
        lambda t: t.cat([t.tensor(1.0), t.tensor(2.0)]),
        "zero-dimensional tensor (at position 0) cannot be concatenated",
    ),
    # dimensions
    "no such dimension": (
        lambda t: t.ones(2, 3).sum(2),
        "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
    ),
    "no such dimension to swap": (
        lambda t: t.ones(2).transpose(0, 1),
        "Dimension out of range (expected to be in range of [-1, 0], but got 1)",
    ),
    "dimension twice": (lambda t: t.ones(2, 3).sum((0, 0)), "dim 0 appears multiple times in the list of dims"),
    "t of three dimensions": (
        lambda t: t.ones(1, 1, 1).t(),
        "t() expects a tensor with <= 2 dimensions, but self is 3D",
    ),
    "permute": (
        lambda t: t.ones(2, 3).permute(0),
        "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
        "ordering of dimensions i.e. input.dim() = 2 is not equal to len(dims) = 1",
    ),
    # indices
    "index": (lambda t: t.ones(3)[3], "index 3 is out of bounds for dimension 0 with size 3"),
    "index of the second dimension": (
        lambda t: t.ones(3, 2)[0, -3],
        "index -3 is out of bounds for dimension 1 with size 2",
    ),
    "too many indices": (lambda t: t.ones(3)[0, 0], "too many indices for tensor of dimension 1"),
    "index of a number": (
        lambda t: t.tensor(1.0)[0],
        "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to "
        "convert a 0-dim "
        "tensor to a number",
    ),
    "float index": (
        lambda t: t.ones(3)[0.5],
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got float)",
    ),
    "float tensor as index": (
        lambda t: t.ones(3)[t.ones(1)],
        "tensors used as indices must be long, int, byte or bool tensors",
    ),
    "mask of another size": (
        lambda t: t.ones(3)[t.tensor([True, False])],
        "The shape of the mask [2] at index 0 does not match the shape of the indexed tensor [3] at index 0",
    ),
    "negative step": (lambda t: t.ones(3)[::-1], "step must be greater than zero"),
    "complex into real": (
        lambda t: t.zeros(2).fill_(1j),
        "value cannot be converted to type float without overflow",
    ),
    "complex assigned": (
        lambda t: t.zeros(2, dtype=t.float64).__setitem__(0, 1j),
        "value cannot be converted to type double without overflow",
    ),
    "too large for a byte": (
        lambda t: t.zeros(2, dtype=t.int8).fill_(300),
        "value cannot be converted to type int8_t without overflow",
    ),
    "too large for a float": (
        lambda t: t.full((2,), 1e300),
        "value cannot be converted to type float without overflow",
    ),
    "a step of less than one": (lambda t: t.arange(0, 3, 0.5, dtype=t.int64), "step must be nonzero"),
    "nan among integers": (
        lambda t: t.full((2,), float("nan"), dtype=t.int64),
        "value cannot be converted to type int64_t without overflow",
    ),
    "complex for a mask": (
        lambda t: t.zeros(2).masked_fill(t.ones(2) > 0, 1j),
        "value cannot be converted to type float without overflow",
    ),
    "several for a mask": (
        lambda t: t.zeros(2).masked_fill(t.ones(2) > 0, t.ones(1)),
        "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with 1 dimension(s).",
    ),
    "power of two numbers": (
        lambda t: t.pow(2, 3),
        "pow() received an invalid combination of arguments - got (int, int), but expected one of:",
    ),
    "difference of two numbers": (
        lambda t: t.rsub(2, 3),
        "rsub() received an invalid combination of arguments - got (int, int), but expected one of:",
    ),
    "negative deviation": (lambda t: t.normal(0.0, -1.0, (2,)), "normal expects std >= 0.0, but found std -1"),
    "a negative deviation among others": (
        lambda t: t.normal(t.zeros(2), t.tensor([1.0, -1.0])),
        "normal expects all elements of std >= 0.0",
    ),
    "another type put at indices": (
        lambda t: t.zeros(3, dtype=t.float64).__setitem__(t.tensor([0, 1]), t.ones(2)),
        "Index put requires the source and destination dtypes match, got Double for the destination and Float for the "
        "source.",
    ),
    "index tensors": (
        lambda t: t.ones(3, 3)[t.tensor([0, 1]), t.tensor([0, 1, 2])],
        "shape mismatch: indexing tensors could not be broadcast together with shapes [2], [3]",
    ),
    "assigned too much": (
        lambda t: t.ones(3).__setitem__(slice(0, 2), t.ones(3)),
        "The expanded size of the tensor (2) must match the existing size (3) at non-singleton dimension 0.  Target "
        "sizes: [2].  Tensor sizes: [3]",
    ),
    "assigned a list": (lambda t: t.ones(3).__setitem__(0, [1]), "can't assign a list to a torch.FloatTensor"),
    "gather": (
        lambda t: t.gather(t.ones(2, 2), 0, t.tensor([[2]])),
        "index 2 is out of bounds for dimension 0 with size 2",
    ),
    # types
    "mean of integers": (
        lambda t: t.tensor([1, 2]).mean(),
        "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: Long",
    ),
    "minus mask": (lambda t: 1 - t.tensor([True]), BOOL_MINUS),
    "minus sign before a mask": (
        lambda t: -t.tensor([True]),
        "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, "
        "use the `~` "
        "or `logical_not()` operator instead.",
    ),
    "negative power of integers": (
        lambda t: t.tensor([1, 2]) ** -1,
        "Integers to negative integer powers are not allowed.",
    ),
    "divided by 0": (lambda t: t.tensor([1]) // 0, "ZeroDivisionError"),
    "condition of numbers": (
        lambda t: t.where(t.ones(2), 1, 2),
        "where expected condition to be a boolean tensor, but got a tensor with dtype Float",
    ),
    "ordering complex numbers": (
        lambda t: t.ones(1) * 1j < 1,
        "\"lt_cpu\" not implemented for 'ComplexFloat'",
    ),
    "largest of nothing": (
        lambda t: t.ones(0).max(),
        "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
        "with the 'dim' "
        "argument.",
    ),
    "rounding mode": (
        lambda t: t.div(t.ones(1), 2, rounding_mode="up"),
        "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found 'up'",
    ),
    # calls
    "number for a tensor": (lambda t: t.exp(2.0), "exp(): argument 'input' (position 1) must be Tensor, not float"),
    "None for a tensor": (lambda t: t.sin(None), "sin(): argument 'input' (position 1) must be Tensor, not NoneType"),
    "list for a tensor": (
        lambda t: t.maximum(t.ones(1), [1]),
        "maximum(): argument 'other' (position 2) must be Tensor, not list",
    ),
    "one argument too few": (
        lambda t: t.ones(2).transpose(0),
        'transpose() missing 1 required positional arguments: "dim1"',
    ),
    "unknown keyword": (lambda t: t.exp(t.ones(1), foo=1), "exp() got an unexpected keyword argument 'foo'"),
    "plus text": (lambda t: t.ones(1) + "a", "unsupported operand type(s) for +: 'Tensor' and 'str'"),
    "text plus": (lambda t: None * t.ones(1), "unsupported operand type(s) for *: 'NoneType' and 'Tensor'"),
    "less than None": (lambda t: t.ones(1) < None, "'<' not supported between instances of 'Tensor' and 'NoneType'"),
    "no such method": (lambda t: t.ones(1).nope(), "'Tensor' object has no attribute 'nope'"),
    "no such function": (lambda t: t.nope, "module 'torch' has no attribute 'nope'"),
    # making tensors
    "rows of two lengths": (lambda t: t.tensor([[1, 2], [3]]), "expected sequence of length 2 at dim 1 (got 1)"),
    "text": (lambda t: t.tensor("a"), "new(): invalid data type 'str'"),
    "something else": (lambda t: t.tensor(object()), "Could not infer dtype of object"),
    "float size": (lambda t: t.zeros(2.5), "zeros(): argument 'size' (position 1) must be tuple of ints, not float"),
    "negative size": (lambda t: t.ones(-1), "Trying to create tensor with negative dimension -1: [-1]"),
    "step 0": (lambda t: t.arange(0, 5, 0), "step must be nonzero"),
    "wrong direction": (lambda t: t.arange(5, 0), "upper bound and lower bound inconsistent with step sign"),
    "no such device": (lambda t: t.device("gpu"), None),
    # to Python
    "truth of several": (
        lambda t: bool(t.ones(2)),
        "Boolean value of Tensor with more than one value is ambiguous",
    ),
    "truth of nothing": (lambda t: bool(t.ones(0)), "Boolean value of Tensor with no values is ambiguous"),
    "item of several": (lambda t: t.ones(2).item(), "a Tensor with 2 elements cannot be converted to Scalar"),
    "float of several": (
        lambda t: float(t.ones(2)),
        "only one element tensors can be converted to Python scalars",
    ),
    "length of a number": (lambda t: len(t.tensor(1)), "len() of a 0-d tensor"),
    "loop over a number": (lambda t: list(t.tensor(1)), "iteration over a 0-d tensor"),
    "float as index": (
        lambda t: [1, 2][t.tensor(1.0)],
        "only integer tensors of a single element can be converted to an index",
    ),
}
STORED = {name: mistake for name, mistake in MISTAKES.items() if mistake[1] is not None}


@pytest.mark.parametrize("name", STORED)
def test_the_traceback_ends_at_the_users_line(name):
    """At most two frames of ours below the user's, and no more than four lines of text."""
    error = caught(STORED[name][0], kindling)
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if f.filename.startswith(LIBRARY)]
    assert len(ours) <= 2, [f"{f.filename}:{f.lineno}" for f in ours]
    assert len(str(error).split("\n")) <= 4
    assert error.__cause__ is None and (error.__context__ is None or error.__suppress_context__)


def test_an_uncaught_error_in_a_program(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("import kindling as torch\n\na = torch.ones(2, 3)\nb = torch.ones(4, 5)\na @ b\n")
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, env={"PYTHONPATH": str(ROOT / "lib")}
    )
    assert 'program.py", line 5, in <module>\n    a @ b' in done.stderr
    assert done.stderr.count("  File ") <= 3
    assert f"RuntimeError: {MATRIX}\n" in done.stderr


@pytest.mark.parametrize(
    "cause, hint",
    [
        (lambda t: t.ones(3, 1) + t.ones(3, 4, 2), "add got shapes"),
        (lambda t: t.ones(2, 3) @ t.ones(2, 3), "Transposing the second would make them fit: a @ b.mT."),
        (lambda t: t.nn.Linear(3, 2)(t.ones(4, 5)), "This layer takes 3 features in"),
        (lambda t: t.ones(6).reshape(4, 2), "the product of the sizes must be 6"),
        (lambda t: t.exp(2.0), "Make it one: torch.tensor(...)."),
        (lambda t: t.tensor([1, 2]).mean(), "Make it one first: x.float().mean()."),
    ],
)
def test_hints(cause, hint):
    assert hint in str(caught(cause, kindling))
