"""Looking at the graph and changing what it keeps."""

from ..engine import Node
from ..ops.packing import saved_tensors_hooks

__all__ = ["Node", "saved_tensors_hooks"]
