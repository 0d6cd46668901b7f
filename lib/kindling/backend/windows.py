"""Sliding windows: convolution and its two adjoints, for any number of dimensions.

Each image is unfolded into columns, one column for each place of the kernel, so that convolution is a matrix product.
Padding, stride and dilation are tuples with one entry for each spatial dimension.
"""

from itertools import product
from math import prod
from typing import Any


def output_size(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool = False) -> int:
    """In how many places a kernel fits; with `ceil` also a last one that hangs over the end."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    places = (room + stride - 1 if ceil else room) // stride + 1
    if ceil and (places - 1) * stride >= size + padding:
        places -= 1
    return places


def _places(size: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple) -> tuple:
    return tuple(output_size(*each) for each in zip(size, kernel, stride, padding, dilation, strict=True))


def _reach(start: int, step: int, count: int) -> slice:
    """The `count` places that one kernel element visits."""
    return slice(start, start + step * (count - 1) + 1, step)


def _visits(kernel: tuple, places: tuple, stride: tuple, dilation: tuple) -> list[tuple]:
    """For each kernel element, in row order, the index of the input elements it meets."""
    return [
        tuple(_reach(k * d, s, n) for k, d, s, n in zip(offset, dilation, stride, places, strict=True))
        for offset in product(*map(range, kernel))
    ]


def _padded(self: Any, x: Any, padding: tuple, fill: Any = 0) -> Any:
    if not any(padding):
        return x
    shape = (*x.shape[:2], *(n + 2 * p for n, p in zip(x.shape[2:], padding, strict=True)))
    out = self.library.full(shape, fill, x.dtype)
    out[(..., *(slice(p, p + n) for n, p in zip(x.shape[2:], padding, strict=True)))] = x
    return out


def _columns(image: Any, visits: list[tuple], buffer: Any) -> Any:
    """Unfold one image (channels, ...) into `buffer` (channels, kernel elements, ...places)."""
    for k, visit in enumerate(visits):
        buffer[:, k] = image[(slice(None), *visit)]
    return buffer


class Windows:
    """What `Arrays` can do with sliding windows."""

    library: Any

    def convolve(self: Any, x: Any, weight: Any, stride: tuple, padding: tuple, dilation: tuple, groups: int) -> Any:
        """x (N, C, ...) with weight (O, C / groups, ...): result (N, O, ...places)."""
        kernel = weight.shape[2:]
        places = _places(x.shape[2:], kernel, stride, padding, dilation)
        visits = _visits(kernel, places, stride, dilation)
        n, c, o = x.shape[0], x.shape[1], weight.shape[0]
        flat = weight.reshape(groups, o // groups, c // groups * prod(kernel))
        out = self.library.empty((n, groups, o // groups, prod(places)), x.dtype)
        buffer = self.library.empty((c, len(visits), *places), x.dtype)
        for image, result in zip(_padded(self, x, padding), out, strict=True):
            columns = _columns(image, visits, buffer).reshape(groups, -1, prod(places))
            self.library.matmul(flat, columns, out=result)
        return out.reshape(n, o, *places)

    def convolve_input(
        self: Any, g: Any, weight: Any, shape: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int
    ) -> Any:
        """The adjoint in `x`: g (N, O, ...places) sent back to an input of `shape`."""
        kernel, places = weight.shape[2:], g.shape[2:]
        visits = _visits(kernel, places, stride, dilation)
        n, c, o = shape[0], shape[1], weight.shape[0]
        flat = weight.reshape(groups, o // groups, c // groups * prod(kernel)).swapaxes(1, 2)
        outer = (n, c, *(size + 2 * p for size, p in zip(shape[2:], padding, strict=True)))
        out = self.library.zeros(outer, g.dtype)
        for gradient, image in zip(g.reshape(n, groups, o // groups, -1), out, strict=True):
            columns = self.library.matmul(flat, gradient).reshape(c, len(visits), *places)
            for k, visit in enumerate(visits):
                image[(slice(None), *visit)] += columns[:, k]
        return out[(..., *(slice(p, p + size) for size, p in zip(shape[2:], padding, strict=True)))]

    def convolve_weight(
        self: Any, g: Any, x: Any, shape: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int
    ) -> Any:
        """The adjoint in `weight`: what each kernel element of `shape` met, weighted by g."""
        places = g.shape[2:]
        visits = _visits(shape[2:], places, stride, dilation)
        n, c, o = x.shape[0], x.shape[1], shape[0]
        out = self.library.zeros((groups, o // groups, c // groups * len(visits)), g.dtype)
        buffer = self.library.empty((c, len(visits), *places), x.dtype)
        for gradient, image in zip(g.reshape(n, groups, o // groups, -1), _padded(self, x, padding), strict=True):
            columns = _columns(image, visits, buffer).reshape(groups, -1, prod(places))
            out += self.library.matmul(gradient, columns.swapaxes(1, 2))
        return out.reshape(shape)

    def slide_max(
        self: Any, x: Any, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, ceil: bool
    ) -> tuple[Any, Any]:
        """The largest element under each place of the kernel, and its index in the flattened input."""
        sizes = x.shape[2:]
        places = tuple(output_size(*each, ceil) for each in zip(sizes, kernel, stride, padding, dilation, strict=True))
        lowest = -self.library.inf if x.dtype.kind in "fV" else self.library.iinfo(x.dtype).min
        hang = tuple(max(0, (n - 1) * s + (k - 1) * d + 1 - size - p) for n, s, k, d, size, p in
                     zip(places, stride, kernel, dilation, sizes, padding, strict=True))  # fmt: skip
        grown = _padded(self, x, tuple(max(p, h) for p, h in zip(padding, hang, strict=True)), lowest)
        start = tuple(max(p, h) - p for p, h in zip(padding, hang, strict=True))
        numbers = self.library.arange(prod(sizes), dtype="int64").reshape(1, 1, *sizes)
        numbers = _padded(self, numbers, tuple(max(p, h) for p, h in zip(padding, hang, strict=True)), -1)
        best = index = None
        for visit in _visits(kernel, places, stride, dilation):
            where = (..., *(slice(v.start + s, v.stop + s, v.step) for v, s in zip(visit, start, strict=True)))
            values, here = grown[where], numbers[where]
            if best is None:
                best, index = values.copy(), self.library.broadcast_to(here, values.shape).copy()
                continue
            better = ((values > best) | ((values != values) & (best == best)) | (index < 0)) & (here >= 0)
            best[better], index[better] = values[better], self.library.broadcast_to(here, values.shape)[better]
        return best, index
