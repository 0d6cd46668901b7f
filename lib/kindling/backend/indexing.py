"""Reading and writing by index, for one array library."""

from typing import Any


def address(x: Any) -> int:
    """Where the first element of an array lies."""
    return x.ctypes.data if hasattr(x, "ctypes") else x.data.ptr


def overlap(a: Any, b: Any) -> str:
    """How much of their memory two arrays share: "none", "part", "all"; "none" too where gaps make that unclear."""
    if not a.size or not b.size or not _dense(a) or not _dense(b):
        return "none"
    start, other = address(a), address(b)
    if start == other and a.nbytes == b.nbytes:
        steps = [[step for step, size in zip(x.strides, x.shape, strict=True) if size > 1] for x in (a, b)]
        return "all" if steps[0] == steps[1] else "part"
    return "part" if start < other + b.nbytes and other < start + a.nbytes else "none"


def _dense(x: Any) -> bool:
    """Whether the elements fill their memory without gaps, in some order."""
    expected = x.itemsize
    for step, size in sorted(zip(x.strides, x.shape, strict=True)):
        if size > 1:
            if step != expected:
                return False
            expected *= size
    return True


class Indexing:
    """What `Arrays` can do with indices; rules use it to put gradients back where values came from."""

    library: Any

    def argmax(self, x: Any, axis: int | None, keepdims: bool = False) -> Any:
        """Where the largest element is, as int64 also where NumPy counts in 32 bits (in a browser)."""
        return self.library.argmax(x, axis, keepdims=keepdims).astype("int64", copy=False)

    def argmin(self, x: Any, axis: int | None, keepdims: bool = False) -> Any:
        """Where the smallest element is, as int64."""
        return self.library.argmin(x, axis, keepdims=keepdims).astype("int64", copy=False)

    def place(self, x: Any, index: Any, shape: tuple) -> Any:
        """Zeros of `shape` with `x` at `index`."""
        out = self.library.zeros(shape, x.dtype)
        out[index] = x
        return out

    def copy_as(self, x: Any, strides: tuple) -> Any:
        """A copy that lies in memory in the order of an array with these strides."""
        order = sorted(range(x.ndim), key=lambda dim: -strides[dim])
        return x.transpose(order).copy().transpose([order.index(dim) for dim in range(x.ndim)])

    def add_at(self, x: Any, indices: tuple, shape: tuple) -> Any:
        """Zeros of `shape` with `x` added at `indices`, once for each time an index appears."""
        out = self.library.zeros(shape, x.dtype)
        indices = tuple([i if isinstance(i, slice) else self.library.asarray(i) for i in indices])
        self.library.add.at(out, indices, x)
        return out

    def take_along(self, x: Any, index: Any, dim: int) -> Any:
        """The elements that `index` names along `dim`; `index` may be smaller than `x` in the other dimensions."""
        if not index.size:
            return self.library.empty(index.shape, x.dtype)
        if not x.ndim or not index.ndim:
            return x.reshape(-1)[index.reshape(-1)].reshape(index.shape)
        return x[self._along(index, dim)]

    def put_along(self, x: Any, index: Any, dim: int, shape: tuple) -> Any:
        """Zeros of `shape` with `x` added where `index` names along `dim`."""
        if not index.size:
            return self.library.zeros(shape, x.dtype)
        if not shape or not index.ndim:
            return self.add_at(x.reshape(-1), (index.reshape(-1),), shape or (1,)).reshape(shape)
        return self.add_at(x[tuple([slice(n) for n in index.shape])], self._along(index, dim), shape)

    def _along(self, index: Any, dim: int) -> tuple:
        grid = list(self.library.ogrid[tuple([slice(n) for n in index.shape])])
        grid[dim] = index
        return tuple(grid)

    def scatter_max(self, x: Any, index: Any, src: Any, dim: int) -> Any:
        """A copy of `x` where each place that `index` names along `dim` has taken the largest of what `src` sends."""
        out = x.copy()
        self.library.maximum.at(out, self._along(index, dim), src[tuple([slice(n) for n in index.shape])])
        return out

    def mask_at(self, like: Any, indices: tuple) -> Any:
        """True at `indices`, False elsewhere, in the shape of `like`."""
        mask = self.library.zeros(like.shape, "bool")
        mask[indices] = True
        return mask
