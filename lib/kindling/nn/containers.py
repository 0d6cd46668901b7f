"""Modules made of modules."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from .module import Module


class _Row(Module):
    """Modules in a row, named by their numbers."""

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __len__(self) -> int:
        return len(self._modules)

    def _name_at(self, index: int) -> str:
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} is out of range")
        return list(self._modules)[index]

    def _becomes(self, modules: Iterable[Module]) -> None:
        modules = list(modules)
        self._modules.clear()
        self.extend(modules)

    def __setitem__(self, index: int, module: Module) -> None:
        self.add_module(self._name_at(index), module)

    def __delitem__(self, index: int | slice) -> None:
        modules = list(self)
        del modules[index]
        self._becomes(modules)

    def __add__(self, other: Iterable[Module]) -> Any:
        return type(self)(*self).extend(other)

    def append(self, module: Module) -> Any:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Any:
        """Add modules at the end."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Put a module before another."""
        modules = list(self)
        modules.insert(index, module)
        self._becomes(modules)
        return self

    def pop(self, index: int = -1) -> Module:
        """Take a module out and return it."""
        module = self._modules[self._name_at(index)]
        del self[index]
        return module


class Sequential(_Row):
    """Modules called one after the other, each on what the one before returned.

    >>> import kindling as torch
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    >>> model(torch.zeros(4, 2)).shape
    torch.Size([4, 3])
    """

    def __init__(self, *args: Any):
        super().__init__()
        named = args[0].items() if len(args) == 1 and isinstance(args[0], OrderedDict) else enumerate(args)
        for name, module in named:
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        for module in self:
            input = module(input)
        return input

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        return self._modules[self._name_at(index)]


class ModuleList(_Row):
    """A list of modules whose parameters are found.

    >>> layers = torch.nn.ModuleList([torch.nn.Linear(1, 1) for _ in range(3)])
    >>> len(list(layers.parameters()))
    6
    """

    def __init__(self, modules: Iterable[Module] | None = None):
        super().__init__()
        self.extend(modules or ())

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return self._modules[self._name_at(index)]

    def __add__(self, other: Iterable[Module]) -> "ModuleList":
        return type(self)([*self, *other])

    def __repr__(self) -> str:
        """As every module, but equal neighbours on one line."""
        runs = [(text, len(list(same))) for text, same in groupby(map(repr, self))]
        lines, start = [], 0
        for text, n in runs:
            label = f"({start})" if n == 1 else f"({start}-{start + n - 1})"
            lines.append(f"{label}: " + (text if n == 1 else f"{n} x {text}"))
            start += n
        body = "".join("  " + line.replace("\n", "\n  ") + "\n" for line in lines)
        return f"{type(self).__name__}(\n{body})" if lines else f"{type(self).__name__}()"


class ModuleDict(Module):
    """Modules by name, whose parameters are found.

    >>> torch.nn.ModuleDict({"a": torch.nn.ReLU()})["a"]
    ReLU()
    """

    def __init__(self, modules: Any = None):
        super().__init__()
        self.update(modules or {})

    def __getitem__(self, key: str) -> Module:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def pop(self, key: str) -> Module:
        """Take a module out and return it."""
        return self._modules.pop(key)

    def clear(self) -> None:
        """Take all modules out."""
        self._modules.clear()

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def keys(self) -> Any:
        """The names."""
        return self._modules.keys()

    def items(self) -> Any:
        """The names with their modules."""
        return self._modules.items()

    def values(self) -> Any:
        """The modules."""
        return self._modules.values()

    def update(self, modules: Any) -> None:
        """Add modules from a dict or from pairs."""
        for name, module in modules.items() if hasattr(modules, "items") else modules:
            self.add_module(name, module)
