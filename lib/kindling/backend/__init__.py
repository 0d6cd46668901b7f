"""The only place that imports NumPy (and CuPy): array libraries, repairs of their numerics, random streams."""

from .arrays import (
    Arrays,
    array_type,
    as_array,
    copy_array,
    cpu,
    forget_library,
    is_array,
    library_dtype,
    library_of_device,
    move,
    namespace_of,
    ndarray,
    real_pairs,
    register_library,
    shares_memory,
    unravel,
)
from .streams import Stream, system_seed

__all__ = [
    "Arrays",
    "Stream",
    "array_type",
    "as_array",
    "copy_array",
    "cpu",
    "forget_library",
    "is_array",
    "library_dtype",
    "library_of_device",
    "move",
    "namespace_of",
    "ndarray",
    "real_pairs",
    "register_library",
    "shares_memory",
    "system_seed",
    "unravel",
]
