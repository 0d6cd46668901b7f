"""The operators, one file for each family; `OPERATORS` has every declaration by name."""

from . import compare, create, declare, elementwise, index, inplace, join, matmul, namespace, promotion, reduce, shape

OPERATORS = declare.OPERATORS

__all__ = [
    "OPERATORS",
    "compare",
    "create",
    "declare",
    "elementwise",
    "index",
    "inplace",
    "join",
    "matmul",
    "namespace",
    "promotion",
    "reduce",
    "shape",
]
