"""Made by `python -m kindling.stubs`; do not edit."""

# ruff: noqa
# fmt: off
import builtins
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from . import autograd as autograd
from . import cuda as cuda
from . import nn as nn
from . import optim as optim
from . import utils as utils
from .as_torch import install_as_torch as install_as_torch
from .autograd.anomaly import is_anomaly_check_nan_enabled as is_anomaly_check_nan_enabled
from .autograd.anomaly import is_anomaly_enabled as is_anomaly_enabled
from .devices import device as _device
from .devices import device as device
from .dtypes import dtype as _dtype
from .dtypes import dtype as dtype
from .engine import enable_grad as enable_grad
from .engine import inference_mode as inference_mode
from .engine import no_grad as no_grad
from .engine import set_grad_enabled as set_grad_enabled
from .random import Generator as Generator
from .shapes import Size as Size
from .shapes import memory_format as memory_format

_Number = builtins.complex

class Tensor:
    def __init__(self, *data: Any) -> None: ...
    """A multi-dimensional array that can remember how it was computed."""
    @property
    def T(self) -> Tensor: ...
    def __abs__(self) -> Tensor: ...
    def __add__(self, other: Any) -> Tensor: ...
    def __and__(self, other: Any) -> Tensor: ...
    def __array__(self, dtype: Any = None, copy: builtins.bool | None = None) -> Any: ...
    def __array_wrap__(self, array: Any, *_: Any) -> Tensor: ...
    def __bool__(self) -> builtins.bool: ...
    def __complex__(self) -> builtins.complex: ...
    def __contains__(self, element: Any) -> builtins.bool: ...
    def __div__(self, other: Any) -> Tensor: ...
    def __dlpack__(self, **options: Any) -> Any:
        """The DLPack capsule of this tensor's memory, for another library."""
    def __dlpack_device__(self) -> Sequence[Any]:
        """DLPack's numbers of the device: its kind and its index."""
    def __eq__(self, other: Any) -> Tensor: ...  # type: ignore[override]
    def __float__(self) -> builtins.float: ...
    def __floordiv__(self, other: Any) -> Tensor: ...
    def __ge__(self, other: Any) -> Tensor: ...
    def __getitem__(self, key: Any) -> Tensor: ...
    def __gt__(self, other: Any) -> Tensor: ...
    def __iadd__(self, other: Any) -> Tensor: ...
    def __iand__(self, other: Any) -> Tensor: ...
    def __idiv__(self, other: Any) -> Tensor: ...
    def __ifloordiv__(self, other: Any) -> Tensor: ...
    def __imatmul__(self, other: Any) -> Tensor: ...
    def __imod__(self, other: Any) -> Tensor: ...
    def __imul__(self, other: Any) -> Tensor: ...
    def __index__(self) -> builtins.int: ...
    def __int__(self) -> builtins.int: ...
    def __invert__(self) -> Tensor: ...
    def __ior__(self, other: Any) -> Tensor: ...
    def __ipow__(self, other: Any) -> Tensor: ...
    def __isub__(self, other: Any) -> Tensor: ...
    def __iter__(self) -> Iterator[Tensor]: ...
    def __itruediv__(self, other: Any) -> Tensor: ...
    def __ixor__(self, other: Any) -> Tensor: ...
    def __le__(self, other: Any) -> Tensor: ...
    def __len__(self) -> builtins.int: ...
    def __lt__(self, other: Any) -> Tensor: ...
    def __matmul__(self, other: Any) -> Tensor: ...
    def __mod__(self, other: Any) -> Tensor: ...
    def __mul__(self, other: Any) -> Tensor: ...
    def __ne__(self, other: Any) -> Tensor: ...  # type: ignore[override]
    def __neg__(self) -> Tensor: ...
    def __or__(self, other: Any) -> Tensor: ...
    def __pos__(self) -> Tensor: ...
    def __pow__(self, other: Any) -> Tensor: ...
    def __radd__(self, other: Any) -> Tensor: ...
    def __rand__(self, other: Any) -> Tensor: ...
    def __rdiv__(self, other: Any) -> Tensor: ...
    def __rfloordiv__(self, other: Any) -> Tensor: ...
    def __rmatmul__(self, other: Any) -> Tensor: ...
    def __rmod__(self, other: Any) -> Tensor: ...
    def __rmul__(self, other: Any) -> Tensor: ...
    def __ror__(self, other: Any) -> Tensor: ...
    def __rpow__(self, other: Any) -> Tensor: ...
    def __rsub__(self, other: Any) -> Tensor: ...
    def __rtruediv__(self, other: Any) -> Tensor: ...
    def __rxor__(self, other: Any) -> Tensor: ...
    def __setitem__(self, key: Any, value: Any) -> None: ...
    def __sub__(self, other: Any) -> Tensor: ...
    def __truediv__(self, other: Any) -> Tensor: ...
    def __xor__(self, other: Any) -> Tensor: ...
    @property
    def _base(self) -> Tensor | None: ...
    @property
    def _version(self) -> builtins.int: ...
    def abs(self, *, out: Tensor | None = None) -> Tensor:
        """The absolute value. Gradient: g * sign(input), so 0 at 0."""
    def abs_(self, *args: Any, **params: Any) -> Tensor:
        """`abs`, written into this tensor."""
    def absolute(self, *, out: Tensor | None = None) -> Tensor:
        """The absolute value. Gradient: g * sign(input), so 0 at 0."""
    def absolute_(self, *args: Any, **params: Any) -> Tensor:
        """`abs`, written into this tensor."""
    def acos(self, *, out: Tensor | None = None) -> Tensor:
        """The angle whose cosine is x. Gradient: -g / sqrt(1 - x²)."""
    def acos_(self, *args: Any, **params: Any) -> Tensor:
        """`acos`, written into this tensor."""
    def add(self, other: Tensor | _Number, *, alpha: builtins.float = 1, out: Tensor | None = None) -> Tensor:
        """``input + alpha * other``, element by element. Gradients: g and alpha * g."""
    def add_(self, *args: Any, **params: Any) -> Tensor:
        """`add`, written into this tensor."""
    def all(self, dim: builtins.int | Sequence[Any] | None = None, keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
        """Whether all elements are true (not zero)."""
    def amax(self, dim: builtins.int | Sequence[Any] | None = ..., keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
        """The largest element over `dim`. Gradient: g, shared evenly among equal largest elements."""
    def amin(self, dim: builtins.int | Sequence[Any] | None = ..., keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
        """The smallest element over `dim`. Gradient: g, shared evenly among equal smallest elements."""
    def any(self, dim: builtins.int | Sequence[Any] | None = None, keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
        """Whether any element is true (not zero)."""
    def arccos(self, *, out: Tensor | None = None) -> Tensor:
        """The angle whose cosine is x. Gradient: -g / sqrt(1 - x²)."""
    def arccos_(self, *args: Any, **params: Any) -> Tensor:
        """`acos`, written into this tensor."""
    def arcsin(self, *, out: Tensor | None = None) -> Tensor:
        """The angle whose sine is x. Gradient: g / sqrt(1 - x²)."""
    def arcsin_(self, *args: Any, **params: Any) -> Tensor:
        """`asin`, written into this tensor."""
    def arctan(self, *, out: Tensor | None = None) -> Tensor:
        """The angle whose tangent is x. Gradient: g / (1 + x²)."""
    def arctan2(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The angle of the point (other, input). Gradients: g * other / r² and -g * input / r²."""
    def arctan2_(self, *args: Any, **params: Any) -> Tensor:
        """`atan2`, written into this tensor."""
    def arctan_(self, *args: Any, **params: Any) -> Tensor:
        """`atan`, written into this tensor."""
    def argmax(self, dim: builtins.int | None = None, keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
        """The index of the largest element, along `dim` or in the flattened tensor."""
    def argmin(self, dim: builtins.int | None = None, keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
        """The index of the smallest element, along `dim` or in the flattened tensor."""
    def as_strided(self, size: builtins.tuple, stride: builtins.tuple, storage_offset: builtins.int | None = None) -> Tensor:
        """A view of the tensor's memory with sizes and strides of your own. Gradient: g added where it was read."""
    def as_strided_(self, *args: Any, **params: Any) -> Tensor:
        """`as_strided`, on this tensor itself."""
    def asin(self, *, out: Tensor | None = None) -> Tensor:
        """The angle whose sine is x. Gradient: g / sqrt(1 - x²)."""
    def asin_(self, *args: Any, **params: Any) -> Tensor:
        """`asin`, written into this tensor."""
    def atan(self, *, out: Tensor | None = None) -> Tensor:
        """The angle whose tangent is x. Gradient: g / (1 + x²)."""
    def atan2(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The angle of the point (other, input). Gradients: g * other / r² and -g * input / r²."""
    def atan2_(self, *args: Any, **params: Any) -> Tensor:
        """`atan2`, written into this tensor."""
    def atan_(self, *args: Any, **params: Any) -> Tensor:
        """`atan`, written into this tensor."""
    def backward(self, gradient: Any = None, retain_graph: builtins.bool | None = None, create_graph: builtins.bool = False, inputs: Any = None) -> None:
        """Compute the gradients of this tensor and add them to ``.grad`` of the leaves."""
    def bernoulli(self, *, generator: Generator | None = None) -> Tensor:
        """1 with the probability that each element of `input` says, else 0."""
    def bernoulli_(self, p: builtins.float = ..., *, generator: Generator | None = None) -> Tensor:
        """Fill the tensor with 1 with probability p, else 0."""
    def bfloat16(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.bfloat16."""
    def bitwise_and(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """The bits that both have; for booleans, and."""
    def bitwise_and_(self, *args: Any, **params: Any) -> Tensor:
        """`bitwise_and`, written into this tensor."""
    def bitwise_not(self, *, out: Tensor | None = None) -> Tensor:
        """Every bit turned; for booleans, not."""
    def bitwise_not_(self, *args: Any, **params: Any) -> Tensor:
        """`bitwise_not`, written into this tensor."""
    def bitwise_or(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """The bits that one of them has; for booleans, or."""
    def bitwise_or_(self, *args: Any, **params: Any) -> Tensor:
        """`bitwise_or`, written into this tensor."""
    def bitwise_xor(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """The bits that exactly one of them has."""
    def bitwise_xor_(self, *args: Any, **params: Any) -> Tensor:
        """`bitwise_xor`, written into this tensor."""
    def bool(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.bool."""
    def byte(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.uint8."""
    def cdouble(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.complex128."""
    def ceil(self, *, out: Tensor | None = None) -> Tensor:
        """The smallest integer not below x. Gradient: 0."""
    def ceil_(self, *args: Any, **params: Any) -> Tensor:
        """`ceil`, written into this tensor."""
    def cfloat(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.complex64."""
    def char(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.int8."""
    def clamp(self, min: Any = None, max: Any = None) -> Tensor:
        """Each element, or the nearer of `min` and `max` where it is outside. Gradient: g where it was inside."""
    def clamp_(self, *args: Any, **params: Any) -> Tensor:
        """`clamp`, written into this tensor."""
    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        """Each element, or the nearer of `min` and `max` where it is outside. Gradient: g where it was inside."""
    def clip_(self, *args: Any, **params: Any) -> Tensor:
        """`clamp`, written into this tensor."""
    def clone(self, *, out: Tensor | None = None) -> Tensor:
        """A copy with its own memory, still part of the graph. Gradient: g."""
    def conj(self) -> Tensor:
        """The complex conjugate; a real tensor as it is. Gradient: conj(g)."""
    def contiguous(self, memory_format: Any = ...) -> Tensor:
        """The tensor itself when its elements lie in row order, else a copy whose elements do."""
    def copy_(self, *args: Any, **params: Any) -> Tensor:
        """`copy`, written into this tensor."""
    def cos(self, *, out: Tensor | None = None) -> Tensor:
        """The cosine of angles in radians. Gradient: -g * sin(input)."""
    def cos_(self, *args: Any, **params: Any) -> Tensor:
        """`cos`, written into this tensor."""
    def cosh(self, *, out: Tensor | None = None) -> Tensor:
        """The hyperbolic cosine. Gradient: g * sinh(x)."""
    def cosh_(self, *args: Any, **params: Any) -> Tensor:
        """`cosh`, written into this tensor."""
    def cpu(self) -> Tensor:
        """This tensor in the computer's own memory."""
    def cuda(self, device: Any = None) -> Tensor:
        """This tensor on a GPU."""
    def cumprod(self, dim: builtins.int, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
        """The product of all elements so far, along `dim`. Gradient: later sums of g * out, divided by the element."""
    def cumprod_(self, *args: Any, **params: Any) -> Tensor:
        """`cumprod`, written into this tensor."""
    def cumsum(self, dim: builtins.int, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
        """The sum of all elements so far, along `dim`. Gradient: the sum of g from each element to the end."""
    def cumsum_(self, *args: Any, **params: Any) -> Tensor:
        """`cumsum`, written into this tensor."""
    @property
    def data(self) -> Tensor: ...
    @data.setter
    def data(self, value: Any) -> None: ...
    def data_ptr(self) -> builtins.int:
        """The address of the first element."""
    def detach(self) -> Tensor:
        """A tensor on the same memory, outside the graph."""
    def detach_(self) -> Tensor:
        """Take this tensor out of the graph."""
    @property
    def device(self) -> _device: ...
    def dim(self) -> builtins.int:
        """The number of dimensions."""
    def div(self, other: Tensor | _Number, *, rounding_mode: builtins.str | None = None, out: Tensor | None = None) -> Tensor:
        """``input / other``, element by element; integers become floats. Gradients: g / other and -g * input / other²."""
    def div_(self, *args: Any, **params: Any) -> Tensor:
        """`div`, written into this tensor."""
    def divide(self, other: Tensor | _Number, *, rounding_mode: builtins.str | None = None, out: Tensor | None = None) -> Tensor:
        """``input / other``, element by element; integers become floats. Gradients: g / other and -g * input / other²."""
    def divide_(self, *args: Any, **params: Any) -> Tensor:
        """`div`, written into this tensor."""
    def double(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.float64."""
    @property
    def dtype(self) -> _dtype: ...
    def element_size(self) -> builtins.int:
        """The bytes of one element."""
    def eq(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """Whether elements are equal."""
    def eq_(self, *args: Any, **params: Any) -> Tensor:
        """`eq`, written into this tensor."""
    def erf(self, *, out: Tensor | None = None) -> Tensor:
        """The error function. Gradient: g * 2 / sqrt(pi) * exp(-x²)."""
    def erf_(self, *args: Any, **params: Any) -> Tensor:
        """`erf`, written into this tensor."""
    def exp(self, *, out: Tensor | None = None) -> Tensor:
        """e to the power of each element. Gradient: g * exp(input)."""
    def exp2(self, *, out: Tensor | None = None) -> Tensor:
        """2 to the power of x. Gradient: g * out * log(2)."""
    def exp2_(self, *args: Any, **params: Any) -> Tensor:
        """`exp2`, written into this tensor."""
    def exp_(self, *args: Any, **params: Any) -> Tensor:
        """`exp`, written into this tensor."""
    def expand(self, *size: Any) -> Tensor:
        """Repeat along dimensions of size 1 without copying; -1 keeps a size. Gradient: g summed over what was repeated."""
    def expand_as(self, other: Tensor) -> Tensor:
        """Expanded to the shape of another tensor."""
    def expm1(self, *, out: Tensor | None = None) -> Tensor:
        """exp(x) - 1, exact near 0. Gradient: g * (out + 1)."""
    def expm1_(self, *args: Any, **params: Any) -> Tensor:
        """`expm1`, written into this tensor."""
    def fill_(self, *args: Any, **params: Any) -> Tensor:
        """`fill`, written into this tensor."""
    def flatten(self, start_dim: builtins.int = 0, end_dim: builtins.int = -1) -> Tensor:
        """Dimensions `start_dim` to `end_dim` joined into one."""
    def flip(self, *dims: Any, out: Tensor | None = None) -> Tensor:
        """The elements in reverse order along `dims`. Gradient: g reversed likewise."""
    def float(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.float32."""
    def floor(self, *, out: Tensor | None = None) -> Tensor:
        """The largest integer not above x. Gradient: 0."""
    def floor_(self, *args: Any, **params: Any) -> Tensor:
        """`floor`, written into this tensor."""
    def floor_divide(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """``input // other``: divided and rounded down. Gradient: 0."""
    def floor_divide_(self, *args: Any, **params: Any) -> Tensor:
        """`floor_divide`, written into this tensor."""
    def fmod(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """What is left after whole divisions, with the sign of `input`. Gradients: g and -g * trunc(input / other)."""
    def fmod_(self, *args: Any, **params: Any) -> Tensor:
        """`fmod`, written into this tensor."""
    def gather(self, dim: builtins.int, index: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The elements that `index` names along `dim`. Gradient: g added where they came from."""
    def ge(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """Whether `input` is greater than or equal to `other`."""
    def ge_(self, *args: Any, **params: Any) -> Tensor:
        """`ge`, written into this tensor."""
    @property
    def grad(self) -> Tensor | None: ...
    @grad.setter
    def grad(self, value: Any) -> None: ...
    @property
    def grad_fn(self) -> Any: ...
    def greater(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """Whether `input` is greater than `other`."""
    def greater_(self, *args: Any, **params: Any) -> Tensor:
        """`gt`, written into this tensor."""
    def greater_equal(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """Whether `input` is greater than or equal to `other`."""
    def greater_equal_(self, *args: Any, **params: Any) -> Tensor:
        """`ge`, written into this tensor."""
    def gt(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """Whether `input` is greater than `other`."""
    def gt_(self, *args: Any, **params: Any) -> Tensor:
        """`gt`, written into this tensor."""
    def half(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.float16."""
    @property
    def imag(self) -> Tensor: ...
    @imag.setter
    def imag(self, value: Any) -> None: ...
    def index_put(self, indices: builtins.tuple, values: Tensor, accumulate: builtins.bool = False) -> Tensor:
        """A copy of `input` with `values` written at `indices`, or added there."""
    def index_put_(self, indices: builtins.tuple, values: Tensor, accumulate: builtins.bool = False) -> Tensor:
        """Write `values` at `indices`, or add them there."""
    def int(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.int32."""
    def is_complex(self) -> builtins.bool:
        """Whether the elements are of a complex type."""
    def is_contiguous(self, memory_format: Any = ...) -> builtins.bool:
        """Whether the elements lie in memory in row order."""
    @property
    def is_cuda(self) -> builtins.bool: ...
    def is_floating_point(self) -> builtins.bool:
        """Whether the elements are of a floating-point type."""
    @property
    def is_leaf(self) -> builtins.bool: ...
    def isfinite(self, *, out: Tensor | None = None) -> Tensor:
        """Whether elements are neither infinite nor nan."""
    def isinf(self, *, out: Tensor | None = None) -> Tensor:
        """Whether elements are infinite."""
    def isnan(self, *, out: Tensor | None = None) -> Tensor:
        """Whether elements are not a number."""
    def item(self) -> Any:
        """The one element, as a Python number."""
    @property
    def itemsize(self) -> builtins.int: ...
    def le(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """Whether `input` is less than or equal to `other`."""
    def le_(self, *args: Any, **params: Any) -> Tensor:
        """`le`, written into this tensor."""
    def less(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """Whether `input` is less than `other`."""
    def less_(self, *args: Any, **params: Any) -> Tensor:
        """`lt`, written into this tensor."""
    def less_equal(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """Whether `input` is less than or equal to `other`."""
    def less_equal_(self, *args: Any, **params: Any) -> Tensor:
        """`le`, written into this tensor."""
    def log(self, *, out: Tensor | None = None) -> Tensor:
        """The natural logarithm; -inf at 0, nan below it. Gradient: g / input."""
    def log10(self, *, out: Tensor | None = None) -> Tensor:
        """The logarithm to base 10. Gradient: g / (x * log(10))."""
    def log10_(self, *args: Any, **params: Any) -> Tensor:
        """`log10`, written into this tensor."""
    def log1p(self, *, out: Tensor | None = None) -> Tensor:
        """log(1 + x), exact near 0. Gradient: g / (1 + x)."""
    def log1p_(self, *args: Any, **params: Any) -> Tensor:
        """`log1p`, written into this tensor."""
    def log2(self, *, out: Tensor | None = None) -> Tensor:
        """The logarithm to base 2. Gradient: g / (x * log(2))."""
    def log2_(self, *args: Any, **params: Any) -> Tensor:
        """`log2`, written into this tensor."""
    def log_(self, *args: Any, **params: Any) -> Tensor:
        """`log`, written into this tensor."""
    def log_softmax(self, dim: builtins.int, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
        """The logarithm of softmax, exact also where softmax is nearly 0. Gradient: g - softmax * sum(g)."""
    def logical_and(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """Whether both are true (not zero)."""
    def logical_and_(self, *args: Any, **params: Any) -> Tensor:
        """`logical_and`, written into this tensor."""
    def logical_not(self, *, out: Tensor | None = None) -> Tensor:
        """Whether elements are zero or false."""
    def logical_not_(self, *args: Any, **params: Any) -> Tensor:
        """`logical_not`, written into this tensor."""
    def logical_or(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """Whether one of them is true (not zero)."""
    def logical_or_(self, *args: Any, **params: Any) -> Tensor:
        """`logical_or`, written into this tensor."""
    def logical_xor(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """Whether exactly one of them is true (not zero)."""
    def logical_xor_(self, *args: Any, **params: Any) -> Tensor:
        """`logical_xor`, written into this tensor."""
    def logsumexp(self, dim: Any, keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
        """The logarithm of the sum of exp(x) over `dim`, without overflow. Gradient: g * softmax."""
    def long(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.int64."""
    def lt(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """Whether `input` is less than `other`."""
    def lt_(self, *args: Any, **params: Any) -> Tensor:
        """`lt`, written into this tensor."""
    @property
    def mT(self) -> Tensor: ...
    def masked_fill(self, mask: Tensor, value: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """`value` where `mask` is true, else the element. Gradients: g where it is false, g summed where it is true."""
    def masked_fill_(self, *args: Any, **params: Any) -> Tensor:
        """`masked_fill`, written into this tensor."""
    def matmul(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The matrix product of the last two dimensions; the dimensions before them broadcast."""
    def max(self, dim: builtins.int | Tensor | None = None, keepdim: builtins.bool = False, *, out: Any = None) -> Any:
        """The largest of all elements; with `dim`, the largest along it and their indices; with a tensor, `maximum`."""
    def maximum(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The larger of two tensors, element by element. Gradient: g to the larger; halved to both where they are equal."""
    def mean(self, dim: builtins.int | Sequence[Any] | None = None, keepdim: builtins.bool = False, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
        """The mean over `dim`, or of all elements. Gradient: g / n to each of the n elements."""
    def min(self, dim: builtins.int | Tensor | None = None, keepdim: builtins.bool = False, *, out: Any = None) -> Any:
        """The smallest of all elements; with `dim`, the smallest along it and their indices; with a tensor, `minimum`."""
    def minimum(self, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The smaller of two tensors, element by element. Gradient: g to the smaller; halved to both where they are equal."""
    def mul(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """``input * other``, element by element. Gradients: g * other and g * input."""
    def mul_(self, *args: Any, **params: Any) -> Tensor:
        """`mul`, written into this tensor."""
    def multiply(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """``input * other``, element by element. Gradients: g * other and g * input."""
    def multiply_(self, *args: Any, **params: Any) -> Tensor:
        """`mul`, written into this tensor."""
    @property
    def ndim(self) -> builtins.int: ...
    def ne(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """Whether elements differ."""
    def ne_(self, *args: Any, **params: Any) -> Tensor:
        """`ne`, written into this tensor."""
    def neg(self, *, out: Tensor | None = None) -> Tensor:
        """``-input``. Gradient: -g."""
    def neg_(self, *args: Any, **params: Any) -> Tensor:
        """`neg`, written into this tensor."""
    def negative(self, *, out: Tensor | None = None) -> Tensor:
        """``-input``. Gradient: -g."""
    def negative_(self, *args: Any, **params: Any) -> Tensor:
        """`neg`, written into this tensor."""
    def nelement(self) -> builtins.int:
        """The number of elements."""
    def new_empty(self, *args: Any, dtype: Any = None, device: Any = None, **options: Any) -> Tensor:
        """`empty` of this tensor's type and on its device, unless given."""
    def new_full(self, *args: Any, dtype: Any = None, device: Any = None, **options: Any) -> Tensor:
        """`full` of this tensor's type and on its device, unless given."""
    def new_ones(self, *args: Any, dtype: Any = None, device: Any = None, **options: Any) -> Tensor:
        """`ones` of this tensor's type and on its device, unless given."""
    def new_tensor(self, *args: Any, dtype: Any = None, device: Any = None, **options: Any) -> Tensor:
        """`tensor` of this tensor's type and on its device, unless given."""
    def new_zeros(self, *args: Any, dtype: Any = None, device: Any = None, **options: Any) -> Tensor:
        """`zeros` of this tensor's type and on its device, unless given."""
    def normal_(self, mean: builtins.float = ..., std: builtins.float = ..., *, generator: Generator | None = None) -> Tensor:
        """Fill the tensor with normal numbers."""
    def not_equal(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """Whether elements differ."""
    def not_equal_(self, *args: Any, **params: Any) -> Tensor:
        """`ne`, written into this tensor."""
    def numel(self) -> builtins.int:
        """The number of elements."""
    def numpy(self, *, force: builtins.bool = False) -> Any:
        """The NumPy array on the same memory."""
    def permute(self, *dims: Any) -> Tensor:
        """The same memory with its dimensions in another order. Gradient: g in the old order."""
    def pow(self, exponent: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """``input ** exponent``. Gradients: g * exponent * input**(exponent - 1) and g * out * log(input)."""
    def pow_(self, *args: Any, **params: Any) -> Tensor:
        """`pow`, written into this tensor."""
    def random_(self, low: builtins.int = 0, high: builtins.int | None = None, *, generator: Generator | None = None) -> Tensor:
        """Fill the tensor with integers from `low` up to but not including `high`; with one number, from 0 up to it."""
    @property
    def real(self) -> Tensor: ...
    @real.setter
    def real(self, value: Any) -> None: ...
    def reciprocal(self, *, out: Tensor | None = None) -> Tensor:
        """1 / x. Gradient: -g * out²."""
    def reciprocal_(self, *args: Any, **params: Any) -> Tensor:
        """`reciprocal`, written into this tensor."""
    def register_hook(self, hook: Callable[..., Any]) -> Any:
        """Call `hook` with the gradient of `t`; what it returns, if anything, is used instead."""
    def register_post_accumulate_grad_hook(self, hook: Callable[..., Any]) -> Any:
        """Call `hook` with this leaf each time a gradient has been added to it."""
    def relu(self, *, out: Tensor | None = None) -> Tensor:
        """Each element, or 0 where it is negative. Gradient: g where the output is positive, else 0."""
    def relu_(self, *args: Any, **params: Any) -> Tensor:
        """`relu`, written into this tensor."""
    def remainder(self, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
        """What is left after whole divisions, with the sign of `other`. Gradients: g and -g * floor(input / other)."""
    def remainder_(self, *args: Any, **params: Any) -> Tensor:
        """`remainder`, written into this tensor."""
    @property
    def requires_grad(self) -> builtins.bool: ...
    @requires_grad.setter
    def requires_grad(self, value: Any) -> None: ...
    def requires_grad_(self, requires_grad: builtins.bool = True) -> Tensor:
        """Set `requires_grad` and return the tensor."""
    def reshape(self, *shape: Any) -> Tensor:
        """The same elements in another shape; a view where the memory allows, else a copy. Gradient: g reshaped back."""
    def reshape_as(self, other: Tensor) -> Tensor:
        """Reshaped to the shape of another tensor."""
    def retain_grad(self) -> None:
        """Keep the gradient of a tensor that is not a leaf in its ``.grad``, too."""
    @property
    def retains_grad(self) -> builtins.bool: ...
    def round(self, *, decimals: builtins.int = 0, out: Tensor | None = None) -> Tensor:
        """The nearest integer, halves to the even one; with `decimals` the nearest of that many digits. Gradient: 0."""
    def round_(self, *args: Any, **params: Any) -> Tensor:
        """`round`, written into this tensor."""
    def rsqrt(self, *, out: Tensor | None = None) -> Tensor:
        """1 / sqrt(x). Gradient: -g * out³ / 2."""
    def rsqrt_(self, *args: Any, **params: Any) -> Tensor:
        """`rsqrt`, written into this tensor."""
    def select(self, dim: builtins.int, index: builtins.int) -> Tensor:
        """One entry along `dim`, which disappears: ``x[index]``. Gradient: g at that entry, 0 elsewhere."""
    @property
    def shape(self) -> Size: ...
    def short(self, memory_format: Any = ...) -> Tensor:
        """This tensor as torch.int16."""
    def sigmoid(self, *, out: Tensor | None = None) -> Tensor:
        """1 / (1 + exp(-x)), between 0 and 1. Gradient: g * out * (1 - out)."""
    def sigmoid_(self, *args: Any, **params: Any) -> Tensor:
        """`sigmoid`, written into this tensor."""
    def sign(self, *, out: Tensor | None = None) -> Tensor:
        """-1, 0 or 1 by the sign of each element. Gradient: 0."""
    def sign_(self, *args: Any, **params: Any) -> Tensor:
        """`sign`, written into this tensor."""
    def sin(self, *, out: Tensor | None = None) -> Tensor:
        """The sine of angles in radians. Gradient: g * cos(input)."""
    def sin_(self, *args: Any, **params: Any) -> Tensor:
        """`sin`, written into this tensor."""
    def sinh(self, *, out: Tensor | None = None) -> Tensor:
        """The hyperbolic sine. Gradient: g * cosh(x)."""
    def sinh_(self, *args: Any, **params: Any) -> Tensor:
        """`sinh`, written into this tensor."""
    def size(self, dim: builtins.int | None = None) -> Any:
        """The shape, or the size of one dimension."""
    def softmax(self, dim: builtins.int, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
        """exp(x) divided by its sum along `dim`. Gradient: out * (g - sum(g * out))."""
    def sqrt(self, *, out: Tensor | None = None) -> Tensor:
        """The square root; nan below 0. Gradient: g / (2 * out)."""
    def sqrt_(self, *args: Any, **params: Any) -> Tensor:
        """`sqrt`, written into this tensor."""
    def square(self, *, out: Tensor | None = None) -> Tensor:
        """x². Gradient: 2 * g * x."""
    def square_(self, *args: Any, **params: Any) -> Tensor:
        """`square`, written into this tensor."""
    def squeeze(self, dim: builtins.int | Sequence[Any] | None = None) -> Tensor:
        """Without dimensions of size 1: all of them, or those in `dim`. Gradient: g in the old shape."""
    def squeeze_(self, *args: Any, **params: Any) -> Tensor:
        """`squeeze`, on this tensor itself."""
    def stride(self, dim: builtins.int | None = None) -> Any:
        """How many elements to go forward in memory for one step along each dimension."""
    def sub(self, other: Tensor | _Number, *, alpha: builtins.float = 1, out: Tensor | None = None) -> Tensor:
        """``input - alpha * other``, element by element. Gradients: g and -alpha * g."""
    def sub_(self, *args: Any, **params: Any) -> Tensor:
        """`sub`, written into this tensor."""
    def subtract(self, other: Tensor | _Number, *, alpha: builtins.float = 1, out: Tensor | None = None) -> Tensor:
        """``input - alpha * other``, element by element. Gradients: g and -alpha * g."""
    def subtract_(self, *args: Any, **params: Any) -> Tensor:
        """`sub`, written into this tensor."""
    def sum(self, dim: builtins.int | Sequence[Any] | None = None, keepdim: builtins.bool = False, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
        """The sum over `dim`, or of all elements; integers add up in int64. Gradient: g to each element."""
    def swapaxes(self, dim0: builtins.int, dim1: builtins.int) -> Tensor:
        """The same memory with two dimensions swapped. Gradient: g with them swapped back."""
    def swapaxes_(self, *args: Any, **params: Any) -> Tensor:
        """`transpose`, on this tensor itself."""
    def swapdims(self, dim0: builtins.int, dim1: builtins.int) -> Tensor:
        """The same memory with two dimensions swapped. Gradient: g with them swapped back."""
    def swapdims_(self, *args: Any, **params: Any) -> Tensor:
        """`transpose`, on this tensor itself."""
    def t(self) -> Tensor:
        """A matrix transposed; a tensor of fewer dimensions as it is. Gradient: g transposed."""
    def t_(self, *args: Any, **params: Any) -> Tensor:
        """`t`, on this tensor itself."""
    def tan(self, *, out: Tensor | None = None) -> Tensor:
        """The tangent of angles in radians. Gradient: g * (1 + out²)."""
    def tan_(self, *args: Any, **params: Any) -> Tensor:
        """`tan`, written into this tensor."""
    def tanh(self, *, out: Tensor | None = None) -> Tensor:
        """The hyperbolic tangent, between -1 and 1. Gradient: g * (1 - out²)."""
    def tanh_(self, *args: Any, **params: Any) -> Tensor:
        """`tanh`, written into this tensor."""
    def to(self, *args: Any, dtype: Any = None, device: Any = None, copy: builtins.bool = False, non_blocking: builtins.bool = False, memory_format: Any = ...) -> Tensor:
        """This tensor in another type or place; the tensor itself when nothing changes."""
    def to_copy_(self, *args: Any, **params: Any) -> Tensor:
        """`to_copy`, written into this tensor."""
    def to_device_(self, *args: Any, **params: Any) -> Tensor:
        """`to_device`, written into this tensor."""
    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
    def transpose(self, dim0: builtins.int, dim1: builtins.int) -> Tensor:
        """The same memory with two dimensions swapped. Gradient: g with them swapped back."""
    def transpose_(self, *args: Any, **params: Any) -> Tensor:
        """`transpose`, on this tensor itself."""
    def true_divide(self, other: Tensor | _Number, *, rounding_mode: builtins.str | None = None, out: Tensor | None = None) -> Tensor:
        """``input / other``, element by element; integers become floats. Gradients: g / other and -g * input / other²."""
    def true_divide_(self, *args: Any, **params: Any) -> Tensor:
        """`div`, written into this tensor."""
    def trunc(self, *, out: Tensor | None = None) -> Tensor:
        """The integer part. Gradient: 0."""
    def trunc_(self, *args: Any, **params: Any) -> Tensor:
        """`trunc`, written into this tensor."""
    def type(self, dtype: Any = None) -> Any:
        """PyTorch's old name of the type, such as ``torch.FloatTensor``, or a tensor of another type."""
    def type_name(self) -> builtins.str:
        """PyTorch's old name for this kind of tensor, as error messages use it: FloatTensor."""
    def uniform_(self, low: builtins.float = ..., high: builtins.float = ..., *, generator: Generator | None = None) -> Tensor:
        """Fill the tensor with numbers drawn evenly from [low, high)."""
    def unsqueeze(self, dim: builtins.int) -> Tensor:
        """A new dimension of size 1 at `dim`. Gradient: g without it."""
    def unsqueeze_(self, *args: Any, **params: Any) -> Tensor:
        """`unsqueeze`, on this tensor itself."""
    def view(self, *size: Any) -> Tensor:
        """The same memory in another shape."""
    def view_as(self, other: Tensor) -> Tensor:
        """The same memory in the shape of another tensor."""
    def where(self, condition: Tensor, other: Any) -> Tensor:
        """This tensor where `condition` is true, else `other`."""
    def zero_(self) -> Tensor:
        """Fill this tensor with zeros."""

def abs(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The absolute value. Gradient: g * sign(input), so 0 at 0."""

def absolute(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The absolute value. Gradient: g * sign(input), so 0 at 0."""

def acos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle whose cosine is x. Gradient: -g / sqrt(1 - x²)."""

def add(input: Tensor | _Number, other: Tensor | _Number, *, alpha: builtins.float = 1, out: Tensor | None = None) -> Tensor:
    """``input + alpha * other``, element by element. Gradients: g and alpha * g."""

def all(input: Tensor, dim: builtins.int | Sequence[Any] | None = None, keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
    """Whether all elements are true (not zero)."""

def amax(input: Tensor, dim: builtins.int | Sequence[Any] | None = ..., keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
    """The largest element over `dim`. Gradient: g, shared evenly among equal largest elements."""

def amin(input: Tensor, dim: builtins.int | Sequence[Any] | None = ..., keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
    """The smallest element over `dim`. Gradient: g, shared evenly among equal smallest elements."""

def any(input: Tensor, dim: builtins.int | Sequence[Any] | None = None, keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
    """Whether any element is true (not zero)."""

def arange(start: Any, end: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """Numbers from `start` up to but not including `end`, `step` apart."""

def argmax(input: Tensor, dim: builtins.int | None = None, keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
    """The index of the largest element, along `dim` or in the flattened tensor."""

def argmin(input: Tensor, dim: builtins.int | None = None, keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
    """The index of the smallest element, along `dim` or in the flattened tensor."""

def as_strided(input: Tensor, size: builtins.tuple, stride: builtins.tuple, storage_offset: builtins.int | None = None) -> Tensor:
    """A view of the tensor's memory with sizes and strides of your own. Gradient: g added where it was read."""

def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """`data` as a tensor: a tensor as it is, an array on the same memory, anything else as `tensor` makes it."""

def asarray(obj: Any, *, dtype: Any = None, device: Any = None, copy: builtins.bool | None = None, requires_grad: builtins.bool = False) -> Tensor:
    """`obj` as a tensor on the same memory where that is possible, always (`copy=True`) or never (`False`) copied."""

def asin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle whose sine is x. Gradient: g / sqrt(1 - x²)."""

def atan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle whose tangent is x. Gradient: g / (1 + x²)."""

def atan2(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The angle of the point (other, input). Gradients: g * other / r² and -g * input / r²."""

def bernoulli(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that each element of `input` says, else 0."""

bfloat16: _dtype

def bitwise_and(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The bits that both have; for booleans, and."""

def bitwise_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Every bit turned; for booleans, not."""

def bitwise_or(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The bits that one of them has; for booleans, or."""

def bitwise_xor(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """The bits that exactly one of them has."""

bool: _dtype

def can_cast(from_: _dtype, to: _dtype) -> builtins.bool:
    """Whether PyTorch lets a result of type `from_` be stored in a tensor of type `to`."""

def cat(tensors: Sequence[Tensor], dim: builtins.int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors one after the other along `dim`. Gradient: to each its own piece of g."""

cdouble: _dtype

def ceil(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The smallest integer not below x. Gradient: 0."""

cfloat: _dtype

channels_last: memory_format

channels_last_3d: memory_format

def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Each element, or the nearer of `min` and `max` where it is outside. Gradient: g where it was inside."""

def clip(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Each element, or the nearer of `min` and `max` where it is outside. Gradient: g where it was inside."""

def clone(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A copy with its own memory, still part of the graph. Gradient: g."""

def complex(real: Tensor, imag: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Complex numbers from their parts. Gradients: the parts of g."""

complex128: _dtype

complex64: _dtype

def conj(input: Tensor) -> Tensor:
    """The complex conjugate; a real tensor as it is. Gradient: conj(g)."""

contiguous_format: memory_format

def cos(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The cosine of angles in radians. Gradient: -g * sin(input)."""

def cosh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic cosine. Gradient: g * sinh(x)."""

def cumprod(input: Tensor, dim: builtins.int, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
    """The product of all elements so far, along `dim`. Gradient: later sums of g * out, divided by the element."""

def cumsum(input: Tensor, dim: builtins.int, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
    """The sum of all elements so far, along `dim`. Gradient: the sum of g from each element to the end."""

default_generator: Generator

def div(input: Tensor | _Number, other: Tensor | _Number, *, rounding_mode: builtins.str | None = None, out: Tensor | None = None) -> Tensor:
    """``input / other``, element by element; integers become floats. Gradients: g / other and -g * input / other²."""

def divide(input: Tensor | _Number, other: Tensor | _Number, *, rounding_mode: builtins.str | None = None, out: Tensor | None = None) -> Tensor:
    """``input / other``, element by element; integers become floats. Gradients: g / other and -g * input / other²."""

double: _dtype

e: builtins.float

def empty(*size: Any, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """A tensor whose values are whatever the memory held."""

def empty_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """A tensor of the shape, type and device of another, its values whatever the memory held."""

def eq(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Whether elements are equal."""

def erf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The error function. Gradient: g * 2 / sqrt(pi) * exp(-x²)."""

def exp(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """e to the power of each element. Gradient: g * exp(input)."""

def exp2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """2 to the power of x. Gradient: g * out * log(2)."""

def expm1(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """exp(x) - 1, exact near 0. Gradient: g * (out + 1)."""

def eye(n: builtins.int, m: builtins.int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """A matrix with ones on the diagonal."""

def fill(input: Tensor, value: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`value` in the shape and type of `input`. Gradients: 0, and the sum of g."""

def fill_(self: Tensor, *args: Any, **params: Any) -> Tensor:
    """`fill`, written into this tensor."""

def flatten(input: Tensor, start_dim: builtins.int = 0, end_dim: builtins.int = -1) -> Tensor:
    """Dimensions `start_dim` to `end_dim` joined into one."""

def flip(input: Tensor, *dims: Any, out: Tensor | None = None) -> Tensor:
    """The elements in reverse order along `dims`. Gradient: g reversed likewise."""

float: _dtype

float16: _dtype

float32: _dtype

float64: _dtype

def floor(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The largest integer not above x. Gradient: 0."""

def floor_divide(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """``input // other``: divided and rounded down. Gradient: 0."""

def fmod(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """What is left after whole divisions, with the sign of `input`. Gradients: g and -g * trunc(input / other)."""

def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor on the memory of another library's array, by way of DLPack."""

def from_numpy(ndarray: Any) -> Tensor:
    """A tensor on the memory of a NumPy array: writing to one writes to both."""

def frombuffer(buffer: Any, *, dtype: Any, count: builtins.int = -1, offset: builtins.int = 0, requires_grad: builtins.bool = False) -> Tensor:
    """A tensor on the memory of a buffer, such as a bytearray."""

def full(size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """A tensor filled with one value; its type is the value's unless given."""

def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """One value in the shape, type and device of another tensor."""

def gather(input: Tensor, dim: builtins.int, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements that `index` names along `dim`. Gradient: g added where they came from."""

def ge(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Whether `input` is greater than or equal to `other`."""

def get_default_dtype() -> _dtype:
    """The type of a tensor made from Python floats."""

def get_rng_state() -> Tensor:
    """Where the default stream is now."""

def gt(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Whether `input` is greater than `other`."""

half: _dtype

def imag(input: Tensor) -> Tensor:
    """The imaginary parts, on the same memory."""

def index_put(input: Tensor, indices: builtins.tuple, values: Tensor, accumulate: builtins.bool = False) -> Tensor:
    """A copy of `input` with `values` written at `indices`, or added there."""

inf: builtins.float

def initial_seed() -> builtins.int:
    """The seed that the default stream was started from."""

int: _dtype

int16: _dtype

int32: _dtype

int64: _dtype

int8: _dtype

def is_grad_enabled() -> builtins.bool:
    """Whether operators are recorded now, in this thread."""

def is_inference_mode_enabled() -> builtins.bool:
    """Whether inference mode is on, in this thread."""

def is_tensor(obj: Any) -> Any:
    """Whether `obj` is a tensor."""

def isfinite(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether elements are neither infinite nor nan."""

def isinf(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether elements are infinite."""

def isnan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether elements are not a number."""

def le(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Whether `input` is less than or equal to `other`."""

def linspace(start: builtins.float, end: builtins.float, steps: builtins.int, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """`steps` numbers from `start` to `end`, both included, evenly apart."""

def log(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The natural logarithm; -inf at 0, nan below it. Gradient: g / input."""

def log10(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm to base 10. Gradient: g / (x * log(10))."""

def log1p(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """log(1 + x), exact near 0. Gradient: g / (1 + x)."""

def log2(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm to base 2. Gradient: g / (x * log(2))."""

def log_softmax(input: Tensor, dim: builtins.int, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
    """The logarithm of softmax, exact also where softmax is nearly 0. Gradient: g - softmax * sum(g)."""

def logical_and(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether both are true (not zero)."""

def logical_not(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether elements are zero or false."""

def logical_or(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether one of them is true (not zero)."""

def logical_xor(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Whether exactly one of them is true (not zero)."""

def logsumexp(input: Tensor, dim: Any, keepdim: builtins.bool = False, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the sum of exp(x) over `dim`, without overflow. Gradient: g * softmax."""

long: _dtype

def lt(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Whether `input` is less than `other`."""

def manual_seed(seed: builtins.int) -> Generator:
    """Start the default stream anew, so that a run can be repeated."""

def masked_fill(input: Tensor, mask: Tensor, value: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`value` where `mask` is true, else the element. Gradients: g where it is false, g summed where it is true."""

def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrix product of the last two dimensions; the dimensions before them broadcast."""

def max(input: Tensor, dim: builtins.int | Tensor | None = None, keepdim: builtins.bool = False, *, out: Any = None) -> Any:
    """The largest of all elements; with `dim`, the largest along it and their indices; with a tensor, `maximum`."""

def maximum(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The larger of two tensors, element by element. Gradient: g to the larger; halved to both where they are equal."""

def mean(input: Tensor, dim: builtins.int | Sequence[Any] | None = None, keepdim: builtins.bool = False, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
    """The mean over `dim`, or of all elements. Gradient: g / n to each of the n elements."""

def min(input: Tensor, dim: builtins.int | Tensor | None = None, keepdim: builtins.bool = False, *, out: Any = None) -> Any:
    """The smallest of all elements; with `dim`, the smallest along it and their indices; with a tensor, `minimum`."""

def minimum(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The smaller of two tensors, element by element. Gradient: g to the smaller; halved to both where they are equal."""

def mul(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """``input * other``, element by element. Gradients: g * other and g * input."""

def multiply(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """``input * other``, element by element. Gradients: g * other and g * input."""

nan: builtins.float

def ne(input: Tensor, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """Whether elements differ."""

def neg(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """``-input``. Gradient: -g."""

def negative(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """``-input``. Gradient: -g."""

def normal(mean: Any = ..., std: Any = ..., size: Any = None, *, generator: Generator | None = None, dtype: Any = None, layout: Any = 'torch.strided', device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """Normal numbers with the given means and deviations, each a tensor or a number."""

def numel(input: Tensor) -> Any:
    """The number of elements of a tensor."""

def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """A tensor of ones."""

def ones_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """Ones of the shape, type and device of another tensor."""

def permute(input: Tensor, *dims: Any) -> Tensor:
    """The same memory with its dimensions in another order. Gradient: g in the old order."""

pi: builtins.float

def pow(input: Tensor | _Number, exponent: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """``input ** exponent``. Gradients: g * exponent * input**(exponent - 1) and g * out * log(input)."""

preserve_format: memory_format

def promote_types(type1: _dtype, type2: _dtype) -> _dtype:
    """The smallest type that holds both."""

def rand(*size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """Numbers drawn evenly from [0, 1)."""

def rand_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """`rand` in the shape and type of another tensor."""

def randint(low: builtins.int, high: Any = None, size: Any = None, *, generator: Generator | None = None, dtype: Any = ..., device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """Integers from `low` (0 if left out) up to but not including `high`."""

def randn(*size: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """Numbers drawn from the normal distribution of mean 0 and deviation 1."""

def randn_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """`randn` in the shape and type of another tensor."""

def randperm(n: builtins.int, *, generator: Generator | None = None, dtype: Any = ..., device: Any = None) -> Tensor:
    """The numbers 0 to n - 1 in a random order."""

def real(input: Tensor) -> Tensor:
    """The real parts, on the same memory; a real tensor as it is."""

def reciprocal(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / x. Gradient: -g * out²."""

def relu(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Each element, or 0 where it is negative. Gradient: g where the output is positive, else 0."""

def remainder(input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """What is left after whole divisions, with the sign of `other`. Gradients: g and -g * floor(input / other)."""

def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The same elements in another shape; a view where the memory allows, else a copy. Gradient: g reshaped back."""

def result_type(*inputs: Any) -> _dtype:
    """The type that an operator on these tensors and numbers works in."""

def round(input: Tensor, *, decimals: builtins.int = 0, out: Tensor | None = None) -> Tensor:
    """The nearest integer, halves to the even one; with `decimals` the nearest of that many digits. Gradient: 0."""

def rsqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / sqrt(x). Gradient: -g * out³ / 2."""

def rsub(input: Tensor, other: Any, *, alpha: builtins.float = 1) -> Tensor:
    """``other - alpha * input``."""

def scalar_tensor(s: Any, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """A tensor of no dimensions, of the default floating-point type unless given."""

def seed() -> builtins.int:
    """Start the default stream from a seed that the system chooses."""

def select(input: Tensor, dim: builtins.int, index: builtins.int) -> Tensor:
    """One entry along `dim`, which disappears: ``x[index]``. Gradient: g at that entry, 0 elsewhere."""

def set_default_dtype(d: _dtype) -> None:
    """Set the type of tensors made from Python floats."""

def set_printoptions(precision: builtins.int | None = None, threshold: builtins.float | None = None, edgeitems: builtins.int | None = None, linewidth: builtins.int | None = None, profile: builtins.str | None = None, sci_mode: builtins.bool | None = None) -> None:
    """Set how tensors print: digits, from how many elements on to summarise, how many to show at the ends, line width."""

def set_rng_state(new_state: Tensor) -> None:
    """Put the default stream back to an earlier state."""

short: _dtype

def sigmoid(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """1 / (1 + exp(-x)), between 0 and 1. Gradient: g * out * (1 - out)."""

def sign(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """-1, 0 or 1 by the sign of each element. Gradient: 0."""

def sin(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The sine of angles in radians. Gradient: g * cos(input)."""

def sinh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic sine. Gradient: g * cosh(x)."""

def softmax(input: Tensor, dim: builtins.int, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
    """exp(x) divided by its sum along `dim`. Gradient: out * (g - sum(g * out))."""

def sqrt(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The square root; nan below 0. Gradient: g / (2 * out)."""

def square(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """x². Gradient: 2 * g * x."""

def squeeze(input: Tensor, dim: builtins.int | Sequence[Any] | None = None) -> Tensor:
    """Without dimensions of size 1: all of them, or those in `dim`. Gradient: g in the old shape."""

def stack(tensors: Sequence[Tensor], dim: builtins.int = 0, *, out: Tensor | None = None) -> Tensor:
    """The tensors side by side along a new dimension. Gradient: to each its own slice of g."""

strided: builtins.str

def sub(input: Tensor | _Number, other: Tensor | _Number, *, alpha: builtins.float = 1, out: Tensor | None = None) -> Tensor:
    """``input - alpha * other``, element by element. Gradients: g and -alpha * g."""

def subtract(input: Tensor | _Number, other: Tensor | _Number, *, alpha: builtins.float = 1, out: Tensor | None = None) -> Tensor:
    """``input - alpha * other``, element by element. Gradients: g and -alpha * g."""

def sum(input: Tensor, dim: builtins.int | Sequence[Any] | None = None, keepdim: builtins.bool = False, *, dtype: Any = None, out: Tensor | None = None) -> Tensor:
    """The sum over `dim`, or of all elements; integers add up in int64. Gradient: g to each element."""

def t(input: Tensor) -> Tensor:
    """A matrix transposed; a tensor of fewer dimensions as it is. Gradient: g transposed."""

def tan(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The tangent of angles in radians. Gradient: g * (1 + out²)."""

def tanh(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The hyperbolic tangent, between -1 and 1. Gradient: g * (1 - out²)."""

def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """A new leaf tensor with a copy of `data`: a number, nested lists, or an array."""

def transpose(input: Tensor, dim0: builtins.int, dim1: builtins.int) -> Tensor:
    """The same memory with two dimensions swapped. Gradient: g with them swapped back."""

def true_divide(input: Tensor | _Number, other: Tensor | _Number, *, rounding_mode: builtins.str | None = None, out: Tensor | None = None) -> Tensor:
    """``input / other``, element by element; integers become floats. Gradients: g / other and -g * input / other²."""

def trunc(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The integer part. Gradient: 0."""

uint8: _dtype

def unsqueeze(input: Tensor, dim: builtins.int) -> Tensor:
    """A new dimension of size 1 at `dim`. Gradient: g without it."""

def view_as_complex(input: Tensor) -> Tensor:
    """Pairs of real numbers, in a last dimension of size 2, as complex ones on the same memory."""

def view_as_real(input: Tensor) -> Tensor:
    """Complex numbers as pairs of real ones, in a new last dimension, on the same memory."""

def where(condition: Tensor, input: Tensor | _Number, other: Tensor | _Number, *, out: Tensor | None = None) -> Tensor:
    """`input` where `condition` is true, else `other`; all three broadcast. Gradient: g to the side that was taken."""

def zero_(self: Any) -> Tensor:
    """Fill this tensor with zeros."""

def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """A tensor of zeros."""

def zeros_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: builtins.bool = False) -> Tensor:
    """Zeros of the shape, type and device of another tensor."""
