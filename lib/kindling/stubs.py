"""Writes `kindling/__init__.pyi`: what editors and type checkers know of `torch.` and of tensors.

The functions and methods are made when the library starts, so no tool can read them from its source. After a change:
`python -m kindling.stubs`.
"""

import builtins
import inspect
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kindling

from . import devices, dtypes, engine, random, shapes
from .tensor import Methods

PATH = Path(__file__).with_name("__init__.pyi")
HEAD = '''"""Made by `python -m kindling.stubs`; do not edit."""

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
'''
NAMES = {
    Any: "Any", None: "None", type(None): "None", engine.Tensor: "Tensor", dtypes.dtype: "_dtype",
    devices.device: "_device", shapes.Size: "Size", shapes.memory_format: "memory_format",
    random.Generator: "Generator", Callable: "Callable[..., Any]", Iterator: "Iterator[Tensor]",
    inspect.Parameter.empty: "Any",
}  # fmt: skip
WRITTEN = {"Tensor | Number": "Tensor | _Number", "tuple[Tensor, ...]": "Sequence[Tensor]", "Tensor": "Tensor"}
HIDDEN = [name for name in vars(engine.Tensor) if not name.startswith("__")] + [
    "__new__", "__hash__", "__repr__", "__format__", "__reduce_ex__", "__deepcopy__"
]  # fmt: skip
ONE_OPERAND = ("__neg__", "__abs__", "__pos__", "__invert__")


def of_type(annotation: Any) -> str:
    """An annotation as the stub has it; Python's `int` and `float` are spelled out: tensor types have their names."""
    if isinstance(annotation, str):
        return WRITTEN.get(annotation, "Any")
    origin = typing.get_origin(annotation)
    if origin in (types.UnionType, typing.Union):
        return " | ".join(dict.fromkeys(map(of_type, typing.get_args(annotation))))
    if origin is tuple:
        return "Sequence[Any]"
    if isinstance(annotation, type) and annotation.__module__ == "builtins" and annotation not in NAMES:
        return f"builtins.{annotation.__name__}"
    return NAMES.get(annotation, "Any")


def of_parameters(function: Callable, method: bool) -> str:
    """The parameters of a function as the stub writes them."""
    found, starred, op = [], False, getattr(function, "op", None)
    for i, p in enumerate(inspect.signature(function).parameters.values()):
        if method and i == 0:
            found.append("self")
        elif p.kind is p.VAR_POSITIONAL or (op is not None and op.takes_ints == i):
            found.append(f"*{p.name}: Any")  # x.reshape(2, 3) and x.reshape((2, 3))
            starred = True
        elif p.kind is p.VAR_KEYWORD:
            found.append(f"**{p.name}: Any")
        else:
            if p.kind is p.KEYWORD_ONLY and not starred:
                found.append("*")
                starred = True
            default = "" if p.default is p.empty else f" = {literal(p.default)}"
            found.append(f"{p.name}: {of_type(p.annotation)}{default}")
    return ", ".join(found)


def literal(value: Any) -> str:
    """A default value, where it can be written."""
    return repr(value) if value is None or type(value) in (bool, int, str) else "..."


def of_function(name: str, function: Callable, method: bool = False) -> str:
    """A function as the stub writes it, with the first line of its docstring."""
    result = inspect.signature(function).return_annotation
    text = f"def {name}({of_parameters(function, method)}) -> {of_type(result)}:"
    doc = (inspect.getdoc(function) or "").split("\n")[0].replace("\\", "")
    return f'{text}\n    """{doc}"""\n' if doc else f"{text} ...\n"


def of_tensor() -> str:
    """The class of tensors."""
    parts = [f'"""{inspect.getdoc(engine.Tensor).splitlines()[0]}"""\n']
    for name in sorted(vars(engine.Tensor)):
        value = vars(engine.Tensor)[name]
        if isinstance(value, property):
            result = of_type(inspect.signature(value.fget).return_annotation)
            parts.append(f"@property\ndef {name}(self) -> {result}: ...\n")
            if value.fset is not None:
                parts.append(f"@{name}.setter\ndef {name}(self, value: Any) -> None: ...\n")
        elif inspect.isfunction(value) and not name.startswith("_"):
            parts.append(of_function(name, value, method=True))
        elif inspect.isfunction(value) and name not in HIDDEN:
            parts.append(of_function(name, value, method=True) if name in vars(Methods) else of_symbol(name))
    body = "".join(parts).replace("\n", "\n    ").rstrip()
    return f"class Tensor:\n    def __init__(self, *data: Any) -> None: ...\n    {body}\n"


def of_symbol(name: str) -> str:
    """A method that Python calls for a symbol, such as ``x + y``."""
    given = "" if name in ONE_OPERAND else ", other: Any"
    remark = "  # type: ignore[override]" if name in ("__eq__", "__ne__") else ""
    return f"def {name}(self{given}) -> Tensor: ...{remark}\n"


def text() -> str:
    """The whole stub."""
    parts = [HEAD, of_tensor()]
    for name, value in sorted(vars(kindling).items()):
        if name.startswith("_") or f" {name}\n" in HEAD:
            continue
        if inspect.isfunction(value):
            parts.append(of_function(name, value))
        elif isinstance(value, (dtypes.dtype, shapes.memory_format, random.Generator, builtins.float, str)):
            parts.append(f"{name}: {of_type(type(value))}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
