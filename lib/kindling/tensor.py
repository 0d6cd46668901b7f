"""What a tensor can do: the methods of `Tensor` that are written by hand.

`kindling.ops.methods` gives the class those that follow from the operators.
"""

from collections.abc import Callable, Iterator
from typing import Any

from . import backend, devices, dtypes, engine, printing
from .engine import Tensor, at_the_users_line, edge_of, wrap
from .ops import bridge, create, elementwise, index, layout, methods, namespace, out, promotion, shape
from .shapes import Size, contiguous_format, preserve_format

NOT_A_LEAF = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be "
    "populated during autograd.backward(). If you indeed want the .grad field to be populated for a "
    "non-leaf Tensor, use "
    ".retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the "
    "leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more informations."
)


class Methods:
    """What is written by hand: what a tensor is, its gradient, its way to Python and NumPy."""

    def __new__(cls, *data: Any) -> Tensor:
        t = create.constructed(data)
        t.__class__ = cls
        return t

    # ---- storage + view + flags ----

    @property
    def shape(self) -> Size:
        """The sizes of the dimensions."""
        return Size(self._array.shape)

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return dtypes.of_array(self._array)

    @property
    def device(self) -> devices.device:
        """Where the elements lie."""
        return devices.of_array(self._array)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    def dim(self) -> int:
        """The number of dimensions."""
        return self._array.ndim

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size of one dimension."""
        return Size(self._array.shape) if dim is None else Size(self._array.shape)[dim]

    def numel(self) -> int:
        """The number of elements."""
        return self._array.size

    nelement = numel

    @property
    def itemsize(self) -> int:
        """The bytes of one element."""
        return self._array.itemsize

    def element_size(self) -> int:
        """The bytes of one element."""
        return self._array.itemsize

    def stride(self, dim: int | None = None) -> Any:
        """How many elements to go forward in memory for one step along each dimension."""
        steps = tuple(s // self._array.itemsize for s in self._array.strides)
        return steps if dim is None else steps[dim]

    def is_contiguous(self, memory_format: Any = contiguous_format) -> bool:
        """Whether the elements lie in memory in row order."""
        return layout.lies_as(self, memory_format)

    def contiguous(self, memory_format: Any = contiguous_format) -> Tensor:
        """The tensor itself when its elements lie in row order, else a copy whose elements do."""
        return layout.laid_out(self, memory_format)

    def data_ptr(self) -> int:
        """The address of the first element."""
        return backend.address(self._array)

    def is_floating_point(self) -> bool:
        """Whether the elements are of a floating-point type."""
        return self.dtype.is_floating_point

    def is_complex(self) -> bool:
        """Whether the elements are of a complex type."""
        return self.dtype.is_complex

    @property
    def is_cuda(self) -> bool:
        """Whether the elements lie on an NVIDIA GPU."""
        return self.device.type == "cuda"

    def type_name(self) -> str:
        """PyTorch's old name for this kind of tensor, as error messages use it: FloatTensor."""
        return f"{self.dtype.title}Tensor"

    @property
    def _base(self) -> Tensor | None:
        """The tensor that this one is a view of."""
        return None if self._view is None else self._view.base

    @property
    def _version(self) -> int:
        """How often the memory was written."""
        return engine.version_of(self)

    # ---- gradient ----

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient will be computed for this tensor, or for something it was computed from."""
        return edge_of(self) is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        edge = edge_of(self)
        if value and edge is None:
            create.require_grad(self)
        elif not value and edge is not None:
            if not edge[0].is_leaf:
                raise RuntimeError(
                    "you can only change requires_grad flags of leaf variables. If you want to use a computed variable "
                    "in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
                )
            self._edge = None

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set `requires_grad` and return the tensor."""
        self.requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Tensor | None:
        """The gradient accumulated so far; None before the first backward."""
        if self._grad is None and not self.is_leaf and not self.retains_grad:
            engine.warn(NOT_A_LEAF)
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Tensor):
                raise TypeError(
                    f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}"
                )
            if value._array.shape != self._array.shape:
                raise RuntimeError(
                    f"attempting to assign a gradient of size '{list(value.shape)}' to a tensor of size "
                    f"'{list(self.shape)}'. Please ensure that the gradient and the tensor are the same size"
                )
        self._grad = value
        engine.tell("given_grad", self)

    @grad.deleter
    def grad(self) -> None:
        self.grad = None

    @property
    def grad_fn(self) -> Any:
        """The node that made this tensor; None for a leaf."""
        edge = edge_of(self)
        return None if edge is None or edge[0].is_leaf else edge[0]

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operator made this tensor."""
        edge = edge_of(self)
        return edge is None or edge[0].is_leaf

    def backward(
        self, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
    ) -> None:
        """Compute the gradients of this tensor and add them to ``.grad`` of the leaves."""
        engine.backward(self, gradient, retain_graph, create_graph, inputs)

    register_hook = engine.register_hook
    retain_grad = engine.retain_grad

    @property
    def retains_grad(self) -> bool:
        """Whether a tensor that is no leaf keeps its gradient."""
        edge = edge_of(self)
        return edge is not None and edge[0].hooks is not None and edge[1] in edge[0].hooks.retains

    def register_post_accumulate_grad_hook(self, hook: Callable) -> Any:
        """Call `hook` with this leaf each time a gradient has been added to it."""
        edge = edge_of(self)
        if edge is None or not edge[0].is_leaf:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        return engine.RemovableHandle(engine.hooks_of(edge[0]).accumulated, hook)

    def detach(self) -> Tensor:
        """A tensor on the same memory, outside the graph."""
        return engine.alias(self)

    def detach_(self) -> Tensor:
        """Take this tensor out of the graph."""
        if self._view is not None:
            raise RuntimeError("Can't detach views in-place. Use detach() instead.")
        self._edge = None
        return self

    @property
    def data(self) -> Tensor:
        """The same memory, outside the graph and with a version counter of its own."""
        return wrap(self._array)

    @data.setter
    def data(self, value: Tensor) -> None:
        self._array = value._array
        if self._edge is not None and self._edge[0].is_leaf:
            self._edge = (*self._edge[:2], self._array.shape, self._array.dtype)
        engine.tell("written", self)

    # ---- Python and NumPy ----

    def item(self) -> Any:
        """The one element, as a Python number."""
        if self._array.size != 1:
            raise RuntimeError(f"a Tensor with {self._array.size} elements cannot be converted to Scalar")
        return self._array.item()

    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
        return self._array.tolist()

    def numpy(self, *, force: bool = False) -> Any:
        """The NumPy array on the same memory."""
        if edge_of(self) is not None and not force:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.\n"
                "Leaving the graph is a decision: detach() says so."
            )
        if self.device.type != "cpu":
            if not force:
                raise TypeError(
                    f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to "
                    "host memory first."
                )
            return self._array.get()
        if self.dtype is dtypes.bfloat16:
            raise TypeError("Got unsupported ScalarType BFloat16\nNumPy has no such type: x.float().numpy() has.")
        return self._array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return backend.copied(self.numpy(), dtype, copy)

    __dlpack__, __dlpack_device__ = bridge.dlpack, bridge.dlpack_device

    def __array_wrap__(self, array: Any, *_: Any) -> Tensor:
        return wrap(backend.as_array(array))

    __array_priority__ = 1000  # numpy_array * tensor asks the tensor

    def __bool__(self) -> bool:
        if self._array.size != 1:
            what = "no values" if self._array.size == 0 else "more than one value"
            raise RuntimeError(f"Boolean value of Tensor with {what} is ambiguous")
        return bool(self._array.item())

    def __float__(self) -> float:
        return float(self._only_element())

    def __int__(self) -> int:
        return int(self._only_element())

    def __complex__(self) -> complex:
        return complex(self._only_element())

    def _only_element(self) -> Any:
        if self._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self._array.item()

    def __index__(self) -> int:
        if self._array.size != 1 or self._array.dtype.kind not in "iub":
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self._array.item())

    def __len__(self) -> int:
        if not self._array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return self._array.shape[0]

    def __iter__(self) -> Iterator:
        if not self._array.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter([self[i] for i in range(self._array.shape[0])])

    def __contains__(self, element: Any) -> bool:
        return bool((self == element).any())

    def __hash__(self) -> int:
        return id(self)

    def __format__(self, spec: str) -> str:
        return self.item().__format__(spec) if not self._array.ndim else object.__format__(self, spec)

    def __repr__(self) -> str:
        return printing.tensor_text(self)

    @at_the_users_line
    def __getitem__(self, key: Any) -> Tensor:
        return index.getitem(self, key)

    @at_the_users_line
    def __setitem__(self, key: Any, value: Any) -> None:
        if not isinstance(value, Tensor):
            if not promotion.is_number(value):
                raise TypeError(f"can't assign a {type(value).__name__} to a torch.{self.type_name()}")
            dtypes.check_value(value, self.dtype)
            value = create.tensor(value, dtype=self.dtype)
        index.setitem(self, key, value)

    def __deepcopy__(self, memo: dict) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
                "moment."
            )
        found = memo.get(id(self))
        if found is None:
            found = wrap(self._array.copy())
            found.__class__ = type(self)
            found.__dict__.update(self.__dict__)
            if self.requires_grad:
                create.require_grad(found)
            if self._grad is not None:
                found._grad = wrap(self._grad._array.copy())
            memo[id(self)] = found
        return found

    def __reduce_ex__(self, protocol: int) -> tuple:
        return _rebuild, (type(self), self._array, self.requires_grad, self.__dict__)

    # ---- types and devices ----

    def to(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        copy: bool = False,
        non_blocking: bool = False,
        memory_format: Any = preserve_format,
    ) -> Tensor:
        """This tensor in another type or place; the tensor itself when nothing changes."""
        for a in args:
            if isinstance(a, Tensor):
                dtype, device = a.dtype, a.device
            elif isinstance(a, dtypes.dtype):
                dtype = a
            elif isinstance(a, (str, int, devices.device)) and not isinstance(a, bool):
                device = a
        moved = self
        if device is not None and devices.device(device).type != self.device.type:
            moved = namespace.to_device(self, create.check_device(devices.device(device)), self.device.type)
        if dtype is not None and dtype is not moved.dtype:
            moved = namespace.to_copy(moved, dtype.array)
        return layout.laid_out(moved.clone() if copy and moved is self else moved, memory_format)

    def cpu(self) -> Tensor:
        """This tensor in the computer's own memory."""
        return self.to("cpu")

    def cuda(self, device: Any = None) -> Tensor:
        """This tensor on a GPU."""
        return self.to("cuda" if device is None else device)

    def type(self, dtype: Any = None) -> Any:
        """PyTorch's old name of the type, such as ``torch.FloatTensor``, or a tensor of another type."""
        return f"torch.{self.type_name()}" if dtype is None else self.to(dtype)

    # ---- shapes, in the ways programs write them ----

    @property
    def T(self) -> Tensor:
        """The tensor with its dimensions in reverse order."""
        return shape.permute(self, tuple(range(self._array.ndim))[::-1])

    @property
    def mT(self) -> Tensor:
        """The tensor with its last two dimensions swapped."""
        return shape.transpose(self, -2, -1)

    @at_the_users_line
    def view(self, *size: Any) -> Tensor:
        """The same memory in another shape."""
        target = tuple(size[0]) if len(size) == 1 and isinstance(size[0], (tuple, list)) else size
        if len(target) == 1 and isinstance(target[0], dtypes.dtype):
            raise NotImplementedError("view(dtype) is not supported: it would read the same bytes as another type")
        out = shape.reshape(self, target)
        if out._view is None and out._array.size:
            raise RuntimeError(
                "view size is not compatible with input tensor's size and stride (at least one dimension spans across "
                "two contiguous subspaces). Use .reshape(...) instead."
            )
        return out

    def where(self, condition: Tensor, other: Any) -> Tensor:
        """This tensor where `condition` is true, else `other`."""
        return elementwise.where(condition, self, other)

    def index_put_(self, indices: tuple, values: Tensor, accumulate: bool = False) -> Tensor:
        """Write `values` at `indices`, or add them there."""
        out.check_memory("index_put", self, (values,))
        return self.copy_(index.index_put(self, indices, values, accumulate))

    def zero_(self) -> Tensor:
        """Fill this tensor with zeros."""
        return self.fill_(0)

    def expand_as(self, other: Tensor) -> Tensor:
        """Expanded to the shape of another tensor."""
        return shape.expand(self, tuple(other.shape))

    def reshape_as(self, other: Tensor) -> Tensor:
        """Reshaped to the shape of another tensor."""
        return shape.reshape(self, tuple(other.shape))

    def view_as(self, other: Tensor) -> Tensor:
        """The same memory in the shape of another tensor."""
        return self.view(tuple(other.shape))


def _rebuild(cls: type, array: Any, requires_grad: bool, attributes: dict) -> Tensor:
    """Undo pickling."""
    t = wrap(array)
    t.__class__ = cls
    t.__dict__.update(attributes)
    if requires_grad:
        create.require_grad(t)
    return t


methods.attach()
for _name, _value in vars(Methods).items():
    if _name not in ("__module__", "__qualname__", "__dict__", "__weakref__", "__doc__"):
        setattr(Tensor, _name, _value)
Tensor.__module__ = "kindling"
