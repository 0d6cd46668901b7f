"""Checkpointing: save memory by computing the middle of a model again in backward.

https://docs.pytorch.org/docs/stable/checkpoint.html
"""

from collections.abc import Callable
from typing import Any

from ..autograd.graph import saved_tensors_hooks
from ..engine import Tensor, enable_grad
from ..random import get_rng_state, set_rng_state


class CheckpointError(RuntimeError):
    """Running a part again did not save what its first run had saved."""


class _Recomputed:
    """The saved tensors of one call, kept only as numbers until backward asks for the first of them."""

    def __init__(self, function: Callable, args: tuple, kwargs: dict, preserve_rng_state: bool):
        self.call = function, args, kwargs
        self.random = get_rng_state() if preserve_rng_state else None
        self.saved: list[dict] = []  # what each tensor was like in the first run
        self.tensors: list[Tensor] = []

    def pack(self, t: Tensor) -> int:
        self.saved.append(_metadata(t))
        return len(self.saved) - 1

    def unpack(self, number: int) -> Tensor:
        if not self.tensors:
            self._run_again()
            self._compare()
        return self.tensors[number]

    def _compare(self) -> None:
        if len(self.tensors) < len(self.saved):
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                f"recomputation.\nNumber of tensors saved during forward: {len(self.saved)}\nNumber of tensors saved "
                f"during recomputation: {len(self.tensors)}"
            )
        pairs = zip(self.saved, map(_metadata, self.tensors), strict=False)
        other = [
            f"tensor at position {i}:\nsaved metadata: {first}\nrecomputed metadata: {second}\n"
            for i, (first, second) in enumerate(pairs)
            if first != second
        ]
        if other:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than "
                "during the forward pass.\n" + "".join(other)
            )

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


def _metadata(t: Tensor) -> dict:
    return {"shape": t.shape, "dtype": t.dtype, "device": t.device}


def checkpoint(
    function: Callable, *args: Any, use_reentrant: bool | None = None, preserve_rng_state: bool = True, **kwargs: Any
) -> Any:
    """Call `function` without keeping what its operators save; backward runs it again to have it.

    It must do the same each time; random numbers are repeated (`preserve_rng_state`). `use_reentrant` chooses
    between two ways of PyTorch's to do this; here there is one, that of ``use_reentrant=False``.

    >>> import kindling as torch
    >>> from kindling.utils.checkpoint import checkpoint
    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> checkpoint(lambda x: torch.exp(x * x), x, use_reentrant=False).sum().backward()
    >>> x.grad
    tensor([  5.4366, 218.3926])
    """
    if use_reentrant and kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    again = _Recomputed(function, args, kwargs, preserve_rng_state)
    with saved_tensors_hooks(again.pack, again.unpack):
        return function(*args, **kwargs)


def checkpoint_sequential(functions: Any, segments: int, input: Any, use_reentrant: bool | None = None,
                          preserve_rng_state: bool = True) -> Any:  # fmt: skip
    """Call functions one after the other, checkpointed in as many parts; the last part keeps what it saves.

    >>> layers = torch.nn.Sequential(torch.nn.Tanh(), torch.nn.Sigmoid())
    >>> from kindling.utils.checkpoint import checkpoint_sequential
    >>> checkpoint_sequential(layers, 2, torch.zeros(2), use_reentrant=False)
    tensor([0.5000, 0.5000])
    """

    def run(part: list, x: Any) -> Any:
        for function in part:
            x = function(x)
        return x

    functions = list(functions)
    size = len(functions) // segments
    last = size * (segments - 1)
    for start in range(0, last, size or 1):
        part = functions[start : start + size]
        input = checkpoint(run, part, input, use_reentrant=use_reentrant, preserve_rng_state=preserve_rng_state)
    return run(functions[last:], input)
