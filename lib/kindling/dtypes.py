"""Data types and PyTorch's rules of type promotion.

A :class:`dtype` names how each element of a tensor is stored. An operator on mixed types works in the type that
:func:`result_type` gives. PyTorch looks at three groups in turn: tensors with dimensions, zero-dimensional tensors,
Python numbers. A later group only counts if it is of a higher category (bool < integer < float < complex).

See https://docs.pytorch.org/docs/stable/tensor_attributes.html
"""

from typing import Any

from . import backend


class dtype:
    """The type of a tensor's elements, such as ``torch.float32``."""

    __slots__ = ("name", "category", "itemsize", "is_signed", "_array")

    def __init__(self, name: str, category: int, itemsize: int, is_signed: bool = True):
        self.name, self.category, self.itemsize, self.is_signed = name, category, itemsize, is_signed
        self._array = None

    @property
    def array(self) -> Any:
        """The array library's own dtype object (bfloat16 loads `ml_dtypes` on first use)."""
        if self._array is None:
            self._array = backend.library_dtype(self.name)
            _from_array[self._array] = self
        return self._array

    @property
    def title(self) -> str:
        """PyTorch's older name for the type, as its error messages and `Tensor.type()` use it."""
        return _TITLES[self.name]

    @property
    def is_floating_point(self) -> bool:
        """Whether it is float16, bfloat16, float32 or float64."""
        return self.category == FLOAT

    @property
    def is_complex(self) -> bool:
        """Whether it is complex64 or complex128."""
        return self.category == COMPLEX

    def to_real(self) -> "dtype":
        """The type of the real part."""
        return {"complex64": float32, "complex128": float64}.get(self.name, self)

    def to_complex(self) -> "dtype":
        """The complex type whose parts have this type."""
        return complex128 if self.name in ("float64", "complex128") else complex64

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple:
        return by_name, (self.name,)


_from_array: dict[Any, dtype] = {}
_TITLES = {
    "bool": "Bool", "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long",
    "float16": "Half", "bfloat16": "BFloat16", "float32": "Float", "float64": "Double",
    "complex64": "ComplexFloat", "complex128": "ComplexDouble",
}  # fmt: skip
BOOL, INTEGER, FLOAT, COMPLEX = range(4)

bool_ = dtype("bool", BOOL, 1, False)
uint8 = dtype("uint8", INTEGER, 1, False)
int8 = dtype("int8", INTEGER, 1)
int16 = short = dtype("int16", INTEGER, 2)
int32 = int_ = dtype("int32", INTEGER, 4)
int64 = long = dtype("int64", INTEGER, 8)
float16 = half = dtype("float16", FLOAT, 2)
bfloat16 = dtype("bfloat16", FLOAT, 2)
float32 = float_ = dtype("float32", FLOAT, 4)
float64 = double = dtype("float64", FLOAT, 8)
complex64 = cfloat = dtype("complex64", COMPLEX, 8)
complex128 = cdouble = dtype("complex128", COMPLEX, 16)

ALL = (bool_, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64, complex64, complex128)
_by_name = {d.name: d for d in ALL}

# promote_types, row and column in the order of ALL; the tests compare every entry with PyTorch.
_CODES = dict(zip(["b", "u1", "i1", "i2", "i4", "i8", "f2", "bf", "f4", "f8", "c8", "c16"], ALL, strict=True))
_PROMOTION = """
    b   u1  i1  i2  i4  i8  f2  bf  f4  f8  c8  c16
    u1  u1  i2  i2  i4  i8  f2  bf  f4  f8  c8  c16
    i1  i2  i1  i2  i4  i8  f2  bf  f4  f8  c8  c16
    i2  i2  i2  i2  i4  i8  f2  bf  f4  f8  c8  c16
    i4  i4  i4  i4  i4  i8  f2  bf  f4  f8  c8  c16
    i8  i8  i8  i8  i8  i8  f2  bf  f4  f8  c8  c16
    f2  f2  f2  f2  f2  f2  f2  f4  f4  f8  c8  c16
    bf  bf  bf  bf  bf  bf  f4  bf  f4  f8  c8  c16
    f4  f4  f4  f4  f4  f4  f4  f4  f4  f8  c8  c16
    f8  f8  f8  f8  f8  f8  f8  f8  f8  f8  c16 c16
    c8  c8  c8  c8  c8  c8  c8  c8  c8  c16 c8  c16
    c16 c16 c16 c16 c16 c16 c16 c16 c16 c16 c16 c16
"""
_TABLE = {
    (row, column): _CODES[code]
    for row, line in zip(ALL, _PROMOTION.strip().splitlines(), strict=True)
    for column, code in zip(ALL, line.split(), strict=True)
}

for _d in ALL:
    if _d.name != "bfloat16":
        _d.array  # noqa: B018  fills the reverse table; bfloat16 waits for its first use


def by_name(name: str) -> dtype:
    """The type of this name."""
    return _by_name[name]


def of_array(array: Any) -> dtype:
    """Our dtype for an array's; raises TypeError for types that PyTorch has no tensor of."""
    found = _from_array.get(array.dtype)
    if found is not None:
        return found
    if array.dtype.name == "bfloat16":
        _ = bfloat16.array
        return bfloat16
    raise TypeError(
        f"can't convert np.ndarray of type {array.dtype.type.__module__}.{array.dtype.type.__name__}. The only "
        "supported types are: float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint8, "
        "and bool."
    )


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smallest type that holds both.

    >>> import kindling as torch
    >>> torch.promote_types(torch.int32, torch.float16)
    torch.float16
    """
    return _TABLE[type1, type2]


_default = float32


def get_default_dtype() -> dtype:
    """The type of a tensor made from Python floats."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Set the type of tensors made from Python floats.

    Raises:
        TypeError: `d` is not a floating-point type.
    """
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d


def of_number(value: Any) -> dtype:
    """The type that a Python number has beside tensors of a lower category."""
    if isinstance(value, bool):
        return bool_
    if isinstance(value, int):
        return int64
    category = of_array(value).category if backend.array_type(value) else FLOAT
    if isinstance(value, complex) or category == COMPLEX:
        return _default.to_complex()
    return (bool_, int64, _default)[category]


def combine(dimensioned: dtype | None, zero_dim: dtype | None, number: dtype | None) -> dtype:
    """PyTorch's three groups: a later group counts only when its category is higher."""
    result = dimensioned
    for group in (zero_dim, number):
        if group is None:
            continue
        if result is None:
            result = group
        elif group.category > result.category:  # a float that meets a later complex keeps its precision
            result = result.to_complex() if result.category == FLOAT else promote_types(result, group)
    assert result is not None
    return result


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether PyTorch lets a result of type `from_` be stored in a tensor of type `to`."""
    return from_.category <= to.category


_C_NAMES = {
    "float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float", "float64": "double", "int32": "int",
}  # fmt: skip


_LARGEST = {"float16": 65504.0, "bfloat16": 3.3895313892515355e38, "float32": 3.4028234663852886e38}


def check_value(value: Any, kind: dtype) -> None:
    """Raise PyTorch's sentence when a number cannot be stored in `kind`: it would lose more than a fraction.

    Raises:
        RuntimeError: a complex number for a real type, or one that is too large.
    """
    if kind is bool_ or kind.category == COMPLEX:
        return
    fits = not (isinstance(value, complex) and value.imag)
    if fits and kind.category == INTEGER:
        real = value.real
        limit = 2 ** (8 * kind.itemsize - kind.is_signed)
        fits = -limit - kind.is_signed < real < limit  # false for nan; a negative number for uint8 goes round
    elif fits and kind.name in _LARGEST:
        fits = not _LARGEST[kind.name] < abs(value.real) < float("inf")
    if not fits:
        raise RuntimeError(
            f"value cannot be converted to type {_C_NAMES.get(kind.name, kind.name + '_t')} without overflow"
        )
