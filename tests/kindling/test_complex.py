"""Complex tensors: parts are views of them, as in PyTorch. Each program runs in both libraries, as text."""

import numpy as np
import pytest

import kindling


def leaf(t, *values):
    return t.tensor(values or [1 + 2j, 3 - 1j], dtype=t.complex128, requires_grad=True)


def written_part(t, part):
    """A write through a part: values, versions, and the gradient of what was there and of what was written."""
    x, v = leaf(t), t.tensor([0.5, -2.0], dtype=t.float64, requires_grad=True)
    z = x * (2 + 1j)
    getattr(z, part).copy_(v * 3)
    z.abs().sum().backward()
    return z.detach(), z._version, getattr(z, part)._base is z, x.grad + 0, v.grad


def written_pairs(t):
    """A write through `view_as_complex` and a slice of it."""
    x, v = t.ones(3, 2, dtype=t.float64, requires_grad=True), leaf(t)
    pairs = x * 2
    z = t.view_as_complex(pairs)
    z[1:].mul_(v)
    (pairs**3).sum().backward()
    return pairs.detach(), pairs._version, x.grad, v.grad


def in_another_order(t):
    """A base that does not lie in row order, written through a view that only its own order makes a view."""
    x = t.ones(2, 3, dtype=t.float64, requires_grad=True)
    base = (x * 1).t().contiguous().t()
    base = base * 2
    base.t().reshape(-1)[:2].mul_(5)
    (base**2).sum().backward()
    return base.detach(), x.grad


def second_derivative(t):
    x = leaf(t)
    z = x * x
    z.imag.mul_(3)
    z.real.add_(z.imag)
    (g,) = t.autograd.grad((z * z).sum().real, x, create_graph=True)
    (h,) = t.autograd.grad((g * g).imag.sum(), x)
    return g.detach(), h


def parts(t):
    z = t.tensor([1 + 2j, 3 - 1j])
    pairs = t.view_as_real(z)
    z.imag = 7
    pairs[0, 0] = -1
    z.real[1] = 5
    r = t.ones(2)
    return z, pairs, z.real.stride(), z.imag._base is z, z._version, pairs._version, r.real is r, r.conj() is r


def names(t):
    z = leaf(t) * 1
    made = z.real, z.imag, t.view_as_real(z), t.view_as_complex(z.abs().reshape(1, 2)), z.conj()
    return [y.grad_fn.name() for y in (*made, t.complex(z.abs(), z.abs()))]


def gradients(t):
    x = leaf(t)
    ((x.real * 2 + x.imag**2) * t.view_as_real(x * x)[:, 1]).sum().backward()
    return x.grad


PROGRAMS = {
    "real part": lambda t: written_part(t, "real"),
    "imaginary part": lambda t: written_part(t, "imag"),
    "pairs": written_pairs,
    "another order": in_another_order,
    "second derivative": second_derivative,
    "views": parts,
    "names": names,
    "gradients": gradients,
    "empty": lambda t: (t.view_as_complex(t.zeros(0, 2)), t.view_as_real(t.zeros(0, 2, dtype=t.cfloat)).shape),
    "infinite parts": lambda t: t.complex(t.tensor([np.inf, 1.0]), t.tensor([0.0, np.nan])),
}


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_program_as_in_pytorch(name):
    torch = pytest.importorskip("torch")
    assert repr(PROGRAMS[name](kindling)) == repr(PROGRAMS[name](torch))


def test_what_a_part_writes_is_not_sent_back_to_what_it_wrote_over():
    x = leaf(kindling)
    z = x * 1
    z.real.zero_()
    z.abs().sum().backward()
    assert x.grad.tolist() == [1j, -1j]


MISTAKES = {
    "imaginary part of a real": (
        lambda t: t.ones(2).imag,
        "imag is not implemented for tensors with non-complex dtypes.",
    ),
    "as real of a real": (lambda t: t.view_as_real(t.ones(2)), "view_as_real is only supported for complex tensors"),
    "three are no pair": (lambda t: t.view_as_complex(t.ones(3)), "Tensor must have a last dimension of size 2"),
    "a number is no pair": (
        lambda t: t.view_as_complex(t.tensor(1.0)),
        "Input tensor must have one or more dimensions",
    ),
    "pairs of integers": (
        lambda t: t.view_as_complex(t.ones(2, dtype=t.int64)),
        "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: Long",
    ),
    "pairs that lie apart": (
        lambda t: t.view_as_complex(t.ones(2, 3).t()),
        "Tensor must have a last dimension with stride 1",
    ),
    "pairs in rows of three": (
        lambda t: t.view_as_complex(t.ones(3, 3)[:, 1:]),
        "Tensor must have a stride divisible by 2 for all but last dimension",
    ),
    "pairs that begin in the middle": (
        lambda t: t.view_as_complex(t.ones(5)[1:3]),
        "Tensor must have a storage_offset divisible by 2",
    ),
    "parts of integers": (
        lambda t: t.complex(t.ones(2, dtype=t.int64), t.ones(2)),
        "Expected both inputs to be Half, Float or Double tensors but got Long and Float",
    ),
    "parts of two types": (
        lambda t: t.complex(t.ones(2), t.ones(2, dtype=t.float64)),
        "Expected object of scalar type Float but got scalar type Double for second argument",
    ),
    "a part of a leaf": (
        lambda t: leaf(t).real.mul_(2),
        "a view of a leaf Variable that requires grad is being used in an in-place operation.",
    ),
}
