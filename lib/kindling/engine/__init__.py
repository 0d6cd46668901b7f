"""The engine: nodes, edges, storages, grad modes, backward. It knows no operator."""

from .backward import run, sum_to_shape
from .differentiate import backward, grad
from .hooks import Hooks, RemovableHandle, hooks_of, register_hook, retain_grad
from .modes import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    mode,
    no_grad,
    set_grad_enabled,
)
from .node import AccumulateGrad, Node, NodeOfMany, count, leaf_edge, mark_written, stale, tensor_namespace
from .observe import Observer, observers, tell
from .tensor import (
    Storage,
    Tensor,
    ViewOf,
    alias,
    as_tensor,
    conjugate,
    edge_of,
    replay,
    replay_array,
    storage_of,
    version_of,
    wrap,
)
from .user import ERRORS, at_the_users_line, line_text, user_frame, user_line, warn

__all__ = [
    "ERRORS", "AccumulateGrad", "Hooks", "Node", "NodeOfMany", "Observer", "RemovableHandle", "Storage", "Tensor",
    "ViewOf", "alias", "as_tensor", "at_the_users_line", "backward", "conjugate", "count", "edge_of", "enable_grad",
    "grad", "hooks_of", "inference_mode", "is_grad_enabled", "is_inference_mode_enabled", "leaf_edge", "line_text",
    "mark_written", "mode", "no_grad", "observers", "register_hook", "replay", "replay_array", "retain_grad", "run",
    "set_grad_enabled", "stale", "storage_of", "sum_to_shape", "tell", "tensor_namespace", "user_frame", "user_line",
    "version_of", "warn", "wrap",
]  # fmt: skip
