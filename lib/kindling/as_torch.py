"""Programs that say `import torch`, served by Kindling.

`kindling run prog.py` and `install_as_torch()` put one finder into Python's import system: ``torch`` and everything
below it are Kindling's modules of the same names. Real PyTorch, once loaded, is never replaced.
"""

import importlib
import importlib.abc
import importlib.machinery
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds ``torch.x.y`` as ``kindling.x.y``: the same module object under both names."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != "torch" and not fullname.startswith("torch."):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: Any) -> ModuleType:
        ours = "kindling" + spec.name.removeprefix("torch")
        try:
            module = importlib.import_module(ours)
        except ModuleNotFoundError as error:
            if error.name != ours:
                raise
            raise ModuleNotFoundError(
                f"No module named '{spec.name}'\nKindling does not have this part of PyTorch (yet).", name=spec.name
            ) from None
        self._kept = module.__spec__, module.__loader__, module.__package__, module.__name__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """The module has run already; put back what the import system wrote over."""
        module.__spec__, module.__loader__, module.__package__, module.__name__ = self._kept


def install_as_torch() -> None:
    """Let ``import torch`` give Kindling from here on, in this process.

    Raises:
        RuntimeError: real PyTorch is loaded already.

    >>> import kindling
    >>> kindling.install_as_torch()
    >>> import torch
    >>> torch.add is kindling.add
    True
    """
    loaded = sys.modules.get("torch")
    if loaded is not None and loaded is not sys.modules["kindling"]:
        raise RuntimeError("PyTorch itself is loaded in this process; start a new one to use Kindling in its place")
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def run(path: str | Path, args: tuple[str, ...] | list[str] = ()) -> None:
    """Run a program written for PyTorch as a script, with Kindling as ``torch``.

    Raises:
        FileNotFoundError: there is no such program.
    """
    program = Path(path)
    if not program.is_file():
        raise FileNotFoundError(f"there is no program {program}")
    install_as_torch()
    sys.argv[:] = [str(program), *args]
    sys.path.insert(0, str(program.resolve().parent))
    runpy.run_path(str(program), run_name="__main__")
