"""Tools around training."""

import importlib
from typing import Any

_PARTS = {"checkpoint", "data"}


def __getattr__(name: str) -> Any:
    if name in _PARTS:  # on first use: a program that loads no data need not load this either
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module 'torch.utils' has no attribute '{name}'")
