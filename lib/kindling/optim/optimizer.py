"""What every optimiser shares: groups of parameters with their settings, state, and saving both."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any

from ..engine import Tensor, enable_grad, no_grad


class Optimizer:
    """The base of all optimisers: a subclass writes `_update(parameter, gradient, state, group)`.

    Args:
        params: tensors, or dicts with ``params`` and settings of their own.
        defaults: the settings of groups that do not give theirs.
    """

    def __init__(self, params: Any, defaults: dict[str, Any]):
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"torch.{params.type_name()}"
            )
        self.defaults, self.state = defaults, defaultdict(dict)
        self.param_groups: list[dict] = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict) -> None:
        """Add parameters, with settings of their own.

        Raises:
            TypeError: something in it is not a tensor.
            ValueError: it is not a leaf, or already in another group.
        """
        group = {**self.defaults, **param_group}
        given = group["params"]
        params = [given] if isinstance(given, Tensor) else [p[1] if isinstance(p, tuple) else p for p in given]
        known = {id(p) for g in self.param_groups for p in g["params"]}
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
            if id(p) in known:
                raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append({"params": params, **{k: v for k, v in group.items() if k != "params"}})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, so that the next backward starts afresh."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.grad = None if set_to_none else p.grad.detach().zero_()

    @no_grad()
    def step(self, closure: Callable | None = None) -> Any:
        """Change every parameter that has a gradient. `closure`, if given, computes the loss anew first."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p, p.grad, self.state[p], group)
        return loss

    def _update(self, p: Tensor, grad: Tensor, state: dict, group: dict) -> None:
        raise NotImplementedError(f"{type(self).__name__} does not say how a parameter changes")

    def state_dict(self) -> dict:
        """State and settings, with parameters named by their number."""
        numbers = {id(p): i for i, p in enumerate(self._params())}
        groups = [{**g, "params": [numbers[id(p)] for p in g["params"]]} for g in self.param_groups]
        return {"state": {numbers[id(p)]: s for p, s in self.state.items() if s}, "param_groups": groups}

    def load_state_dict(self, state_dict: dict) -> None:
        """Take up where a saved optimiser was.

        Raises:
            ValueError: groups or their sizes differ.
        """
        saved = deepcopy(state_dict)
        if len(saved["param_groups"]) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        for own, other in zip(self.param_groups, saved["param_groups"], strict=True):
            if len(own["params"]) != len(other["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
                )
            own.update({k: v for k, v in other.items() if k != "params"})
        order = [number for g in saved["param_groups"] for number in g["params"]]
        by_number = dict(zip(order, self._params(), strict=True))
        self.state = defaultdict(dict, {by_number[n]: s for n, s in saved["state"].items()})

    def _params(self) -> Iterable[Tensor]:
        return [p for group in self.param_groups for p in group["params"]]

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            settings = [f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params"]
            text += f"\nParameter Group {i}\n" + "".join(settings)
        return text + ")"
