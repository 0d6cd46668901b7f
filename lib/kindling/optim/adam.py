"""Adam and AdamW: steps in proportion to how steady a gradient is."""

import math
from typing import Any

from ..dtypes import float32
from ..engine import Tensor
from ..ops.create import tensor, zeros_like
from ..ops.elementwise import maximum
from .optimizer import Optimizer


class Adam(Optimizer):
    """Divide a running mean of the gradient by the root of a running mean of its square (Kingma and Ba 2015).

    m = b1 * m + (1 - b1) * g;  v = b2 * v + (1 - b2) * g²;  both start at 0, which the first steps correct for:
    p = p - lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps).

    https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html

    >>> w = torch.tensor(1.0, requires_grad=True)
    >>> optimizer = torch.optim.Adam([w], lr=0.1)
    >>> (w**2).backward()
    >>> optimizer.step()
    >>> w
    tensor(0.9000, requires_grad=True)
    """

    decoupled = False  # weight decay shrinks the parameter itself, not the gradient

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool | None = None,
    ):
        _check_settings(lr, betas, eps, weight_decay)
        for name, value in (("capturable", capturable), ("differentiable", differentiable)):
            if value:
                raise NotImplementedError(f"{type(self).__name__}(): {name}=True is not supported")
        decoupled = self.decoupled if decoupled_weight_decay is None else decoupled_weight_decay
        settings = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad,
            "maximize": maximize, "foreach": foreach, "capturable": capturable, "differentiable": differentiable,
            "fused": fused, "decoupled_weight_decay": decoupled,
        }  # fmt: skip
        super().__init__(params, settings)

    def _update(self, p: Tensor, grad: Tensor, state: dict, group: dict) -> None:
        if not state:
            state["step"] = tensor(0.0, dtype=float32)
            state["exp_avg"], state["exp_avg_sq"] = zeros_like(p), zeros_like(p)
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = zeros_like(p)
        state["step"] += 1
        step = state["step"].item()
        if group["maximize"]:
            grad = -grad
        if group["weight_decay"]:
            if group["decoupled_weight_decay"]:
                p.mul_(1 - group["lr"] * group["weight_decay"])
            else:
                grad = grad + group["weight_decay"] * p
        beta1, beta2 = group["betas"]
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        mean.add_((grad - mean) * (1 - beta1))
        square.mul_(beta2).add_(grad * grad, alpha=1 - beta2)
        if group["amsgrad"]:
            square = state["max_exp_avg_sq"].copy_(maximum(state["max_exp_avg_sq"], square))
        spread = square.sqrt() / math.sqrt(1 - beta2**step) + group["eps"]
        p.sub_(mean / spread, alpha=group["lr"] / (1 - beta1**step))


class AdamW(Adam):
    """Adam with weight decay on the parameter itself, not on the gradient (Loshchilov and Hutter 2019).

    https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html

    >>> w = torch.tensor(1.0, requires_grad=True)
    >>> optimizer = torch.optim.AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w**2).backward()
    >>> optimizer.step()
    >>> w
    tensor(0.8500, requires_grad=True)
    """

    decoupled = True

    def __init__(self, params: Any, lr: float = 1e-3, betas: tuple = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 1e-2, amsgrad: bool = False, **options: Any):  # fmt: skip
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **options)


def _check_settings(lr: float, betas: tuple[float, float], eps: float, weight_decay: float) -> None:
    if lr < 0.0:
        raise ValueError(f"Invalid learning rate: {lr}")
    if eps < 0.0:
        raise ValueError(f"Invalid epsilon value: {eps}")
    for i, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}")
    if weight_decay < 0.0:
        raise ValueError(f"Invalid weight_decay value: {weight_decay}")
