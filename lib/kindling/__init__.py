"""Kindling: tensors, autograd and neural networks with PyTorch's API, in Python that a student can read.

>>> import kindling as torch
>>> x = torch.tensor(3.0, requires_grad=True)
>>> (x**2).backward()
>>> x.grad
tensor(6.)
"""

import importlib
import math
from typing import Any

from . import dtypes
from . import tensor as _methods  # gives Tensor its methods
from .devices import device
from .dtypes import (
    bfloat16,
    can_cast,
    cdouble,
    cfloat,
    complex64,
    complex128,
    double,
    dtype,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    int8,
    int16,
    int32,
    int64,
    long,
    promote_types,
    set_default_dtype,
    short,
    uint8,
)
from .engine import (
    Tensor,
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .ops.bridge import as_tensor, asarray, from_dlpack, from_numpy, frombuffer
from .ops.compare import eq, ge, gt, isfinite, isnan, le, logical_not, lt, ne
from .ops.complex import complex, conj, imag, real, view_as_complex, view_as_real
from .ops.create import (
    arange,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    scalar_tensor,
    tensor,
    zeros,
    zeros_like,
)
from .ops.elementwise import (
    abs,
    add,
    clone,
    cos,
    div,
    exp,
    floor_divide,
    log,
    maximum,
    minimum,
    mul,
    neg,
    pow,
    relu,
    rsub,
    sign,
    sin,
    sqrt,
    sub,
    tanh,
    where,
)
from .ops.index import fill, gather, index_put
from .ops.join import cat, stack
from .ops.math import (
    acos,
    asin,
    atan,
    atan2,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    ceil,
    clamp,
    cosh,
    erf,
    exp2,
    expm1,
    floor,
    fmod,
    isinf,
    log1p,
    log2,
    log10,
    logical_and,
    logical_or,
    logical_xor,
    masked_fill,
    reciprocal,
    remainder,
    round,
    rsqrt,
    sigmoid,
    sinh,
    square,
    tan,
    trunc,
)
from .ops.matmul import matmul
from .ops.promotion import result_type
from .ops.reduce import all, amax, amin, any, argmax, argmin, max, mean, min, sum
from .ops.scan import cumprod, cumsum, flip
from .ops.shape import as_strided, flatten, permute, reshape, select, squeeze, t, transpose, unsqueeze
from .ops.softmax import log_softmax, logsumexp, softmax
from .printing import set_printoptions
from .random import (
    Generator,
    bernoulli,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    normal,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    seed,
    set_rng_state,
)
from .shapes import Size, channels_last, channels_last_3d, contiguous_format, memory_format, preserve_format

bool, int, float = dtypes.bool_, dtypes.int32, dtypes.float32
true_divide = divide = div
multiply, subtract, negative, absolute = mul, sub, neg, abs
strided = "torch.strided"
zero_, fill_ = Tensor.zero_, Tensor.fill_
clip, inf, nan, pi, e = clamp, math.inf, math.nan, math.pi, math.e
__version__ = "2.13.0+kindling"

_ON_FIRST_USE = {"autograd", "nn", "optim", "tape", "as_torch", "engine", "cuda", "utils"}
_FROM_LATE_MODULES = {
    "install_as_torch": "as_torch",
    "is_anomaly_enabled": "autograd.anomaly",
    "is_anomaly_check_nan_enabled": "autograd.anomaly",
}


def __getattr__(name: str) -> Any:
    if name in _ON_FIRST_USE:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _FROM_LATE_MODULES:
        return getattr(importlib.import_module(f"{__name__}.{_FROM_LATE_MODULES[name]}"), name)
    raise AttributeError(
        f"module 'torch' has no attribute '{name}'\n"
        "Kindling does not have it (yet); docs/differences.md lists what it has."
    )


def is_tensor(obj: Any) -> Any:
    """Whether `obj` is a tensor."""
    return isinstance(obj, Tensor)


def numel(input: Tensor) -> Any:
    """The number of elements of a tensor."""
    return input.numel()
