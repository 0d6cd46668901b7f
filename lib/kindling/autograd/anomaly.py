"""Anomaly mode: a backward that fails, or makes nan, names the forward line it comes from."""

import traceback
import warnings
from typing import Any
from weakref import WeakKeyDictionary

from ..engine import Observer, Tensor, observers, user_frame

_MESSAGE = "Error detected in {name}. Traceback of forward call that caused the error:\n{stack}"


class _Watcher(Observer):
    """Remembers where each node was made, and looks at what its rules return."""

    def __init__(self, check_nan: bool):
        self.check_nan = check_nan
        self.made: WeakKeyDictionary = WeakKeyDictionary()

    def forward(self, op: Any, inputs: tuple, params: dict, outputs: tuple, node: Any) -> None:
        if node is not None:
            frame = user_frame()
            self.made[node] = "".join(traceback.format_stack(frame, limit=3)) if frame else ""

    def failed(self, node: Any) -> None:
        if node in self.made:
            warnings.warn(_MESSAGE.format(name=node.name(), stack=self.made[node]), stacklevel=2)

    def returned(self, node: Any, found: list) -> None:
        if not self.check_nan:
            return
        for number, (_, grad) in enumerate(found):
            array = grad._array if isinstance(grad, Tensor) else grad
            if array.dtype.kind in "fc" and (array != array).any():
                self.failed(node)
                raise RuntimeError(f"Function '{node.name()}' returned nan values in its {number}th output.")


class set_detect_anomaly:
    """Turn anomaly mode on or off; also for the length of a `with`.

    >>> import kindling as torch
    >>> with torch.autograd.set_detect_anomaly(True):
    ...     torch.autograd.is_anomaly_enabled()
    True
    """

    def __init__(self, mode: bool, check_nan: bool = True):
        self.before = list(_watchers())
        for watcher in self.before:
            observers.remove(watcher)
        if mode:
            observers.append(_Watcher(check_nan))

    def __enter__(self) -> None:
        """It was turned on or off already."""

    def __exit__(self, *_: object) -> None:
        for watcher in _watchers():
            observers.remove(watcher)
        observers.extend(self.before)


class detect_anomaly(set_detect_anomaly):
    """Anomaly mode for the length of a `with`."""

    def __init__(self, check_nan: bool = True):
        super().__init__(True, check_nan)


def _watchers() -> list[_Watcher]:
    return [o for o in observers if isinstance(o, _Watcher)]


def is_anomaly_check_nan_enabled() -> bool:
    """Whether anomaly mode is on and looks for nan."""
    return any(watcher.check_nan for watcher in _watchers())


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on."""
    return bool(_watchers())
