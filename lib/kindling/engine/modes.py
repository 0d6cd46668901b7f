"""Grad modes: whether operators are recorded. Each thread has its own, as in PyTorch."""

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any


class Mode(threading.local):
    """This thread's switches; the class attributes are what a new thread starts with."""

    grad = True
    inference = False


mode = Mode()


class _Context:
    """A switch that works as a context manager and as a decorator."""

    def __call__(self, function: Callable) -> Callable:
        if inspect.isgeneratorfunction(function):
            return self._wrap_generator(function)

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return function(*args, **kwargs)

        return inside

    def _again(self) -> "_Context":
        return type(self)()

    def _wrap_generator(self, function: Callable) -> Callable:
        """Switch on around each step of a generator, and off while its caller runs."""

        @functools.wraps(function)
        def steps(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            go_on = functools.partial(generator.send, None)
            while True:
                with self._again():
                    try:
                        item = go_on()
                    except StopIteration as stop:
                        return stop.value
                try:
                    go_on = functools.partial(generator.send, (yield item))
                except GeneratorExit:
                    with self._again():
                        generator.close()
                    raise
                except BaseException as error:
                    go_on = functools.partial(generator.throw, error)

        return steps


class set_grad_enabled(_Context):
    """Record operators, or not, from here on or inside a `with`.

    >>> import kindling as torch
    >>> x = torch.tensor(2.0, requires_grad=True)
    >>> with torch.set_grad_enabled(False):
    ...     y = x * x
    >>> y.requires_grad
    False
    """

    def __init__(self, mode: bool):
        self.before = _mode.grad
        self.wanted = mode
        _mode.grad = mode

    def __call__(self, function: Callable) -> Callable:
        _mode.grad = self.before
        return super().__call__(function)

    def _again(self) -> "_Context":
        return set_grad_enabled(self.wanted)

    def __enter__(self) -> None:
        _mode.grad = self.wanted

    def __exit__(self, *_: object) -> None:
        _mode.grad = self.before


class _Fixed(_Context):
    """A switch with one position, taken on entry."""

    position = False

    def __new__(cls, function: Callable | None = None) -> Any:
        self = super().__new__(cls)
        return self(function) if callable(function) else self  # `@no_grad` without parentheses

    def __enter__(self) -> None:
        self.before = mode.grad
        mode.grad = self.position

    def __exit__(self, *_: object) -> None:
        mode.grad = self.before


class no_grad(_Fixed):
    """Inside it operators compute but leave no node, so no gradient flows through them.

    >>> import kindling as torch
    >>> x = torch.tensor(2.0, requires_grad=True)
    >>> with torch.no_grad():
    ...     y = x * x
    >>> y.grad_fn is None
    True
    """


class enable_grad(_Fixed):
    """Record again inside a `no_grad`."""

    position = True


class inference_mode(_Context):
    """`no_grad` for code whose results never meet autograd again."""

    def __init__(self, mode: bool = True):
        self.wanted = mode

    def __new__(cls, mode: Any = True) -> Any:
        self = super().__new__(cls)
        if callable(mode):
            self.wanted = True
            return self(mode)
        return self

    def _again(self) -> "_Context":
        return inference_mode(self.wanted)

    def __enter__(self) -> None:
        self.before = _mode.grad, _mode.inference
        if self.wanted:
            _mode.grad, _mode.inference = False, True
        else:
            _mode.inference = False

    def __exit__(self, *_: object) -> None:
        _mode.grad, _mode.inference = self.before


_mode = mode  # the parameter of two classes above has PyTorch's name `mode`


def is_grad_enabled() -> bool:
    """Whether operators are recorded now, in this thread."""
    return mode.grad


def is_inference_mode_enabled() -> bool:
    """Whether inference mode is on, in this thread."""
    return mode.inference
