"""Checkpointing: save memory by computing the middle of a model again in backward.

https://docs.pytorch.org/docs/stable/checkpoint.html
"""

from collections.abc import Callable
from typing import Any

from ..autograd.graph import saved_tensors_hooks
from ..engine import Tensor, enable_grad
from ..random import get_rng_state, set_rng_state


class _Recomputed:
    """The saved tensors of one call, kept only as numbers until backward asks for the first of them."""

    def __init__(self, function: Callable, args: tuple, kwargs: dict, preserve_rng_state: bool):
        self.call = function, args, kwargs
        self.random = get_rng_state() if preserve_rng_state else None
        self.count, self.tensors = 0, []

    def pack(self, t: Tensor) -> int:
        self.count += 1
        return self.count - 1

    def unpack(self, number: int) -> Tensor:
        if not self.tensors:
            self._run_again()
        if number >= len(self.tensors):
            raise RuntimeError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                f"recomputation.\nNumber of tensors saved during forward: {self.count}\nNumber of tensors saved during "
                f"recomputation: {len(self.tensors)}"
            )
        return self.tensors[number]

    def _run_again(self) -> None:
        function, args, kwargs = self.call
        now = get_rng_state()
        if self.random is not None:
            set_rng_state(self.random)
        with enable_grad(), saved_tensors_hooks(self._keep, lambda t: t):
            function(*args, **kwargs)
        set_rng_state(now)

    def _keep(self, t: Tensor) -> Tensor:
        self.tensors.append(t)
        return t


def checkpoint(
    function: Callable, *args: Any, use_reentrant: bool | None = None, preserve_rng_state: bool = True, **kwargs: Any
) -> Any:
    """Call `function` without keeping what its operators save; backward runs it again to have it.

    It must do the same each time; random numbers are repeated (`preserve_rng_state`).

    >>> import kindling as torch
    >>> from kindling.utils.checkpoint import checkpoint
    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> checkpoint(lambda x: torch.exp(x * x), x, use_reentrant=False).sum().backward()
    >>> x.grad
    tensor([  5.4366, 218.3926])
    """
    if use_reentrant:
        raise NotImplementedError(
            "checkpoint(): use_reentrant=True is not supported; use_reentrant=False does the same"
        )
    again = _Recomputed(function, args, kwargs, preserve_rng_state)
    with saved_tensors_hooks(again.pack, again.unpack):
        return function(*args, **kwargs)
