"""Lesson 06, exercises 1 to 3: correct answers that do not look like the reference."""

ANSWERS = {
    "06.mul_rule": (
        # a list instead of a tuple, and named steps
        """
def add_rule(g, x, y):
    grad = g.clone()
    return [grad, grad]

def mul_rule(g, x, y):
    grads = []
    for other in (y, x):
        grads.append(other * g)
    return grads

def pow_rule(g, x, n):
    local = n * x ** (n - 1)
    return local * g
""",
        # functions and methods instead of operators
        """
def add_rule(g, x, y):
    return torch.mul(g, 1), torch.mul(g, 1.0)

def mul_rule(g, x, y):
    return torch.mul(g, y), x.mul(g)

def pow_rule(g, x, n):
    return x.pow(n - 1).mul(n).mul(g)
""",
        # names bound to lambdas, and a division instead of a lower exponent
        """
add_rule = lambda g, x, y: (g, g)
mul_rule = lambda g, x, y: (g * (x * y) / x, g * (x * y) / y)
pow_rule = lambda g, x, n: g * n * (x ** n) / x
""",
        # asks autograd itself
        """
def ask(g, make, *inputs):
    leaves = [value.clone().requires_grad_() for value in inputs]
    make(*leaves).backward(g)
    return [leaf.grad for leaf in leaves]

def add_rule(g, x, y):
    return tuple(ask(g, lambda x, y: x + y, x, y))

def mul_rule(g, x, y):
    return tuple(ask(g, lambda x, y: x * y, x, y))

def pow_rule(g, x, n):
    return ask(g, lambda x: x ** n, x)[0]
""",
        # through numpy and back
        """
import numpy as np

def add_rule(g, x, y):
    return torch.tensor(g.numpy() * np.float32(1)), torch.tensor(g.numpy() * np.float32(1))

def mul_rule(g, x, y):
    return torch.tensor(g.numpy() * y.numpy()), torch.tensor(g.numpy() * x.numpy())

def pow_rule(g, x, n):
    return torch.tensor(np.float32(n) * g.numpy() * x.numpy() ** np.float32(n - 1))
""",
        # objects that can be called, default arguments, a helper that serves all three
        """
class Rule:
    def __init__(self, *local):
        self.local = local

    def __call__(self, g, x, y=None):
        grads = tuple(g * part(x, y) for part in self.local)
        return grads if len(grads) > 1 else grads[0]

add_rule = Rule(lambda x, y: torch.ones_like(x), lambda x, y: torch.ones_like(y))
mul_rule = Rule(lambda x, y: y, lambda x, y: x)
pow_rule = Rule(lambda x, n: n * torch.exp((n - 1) * torch.log(x)))
""",
        # Lambdas in place of def, method calls in place of operators
        """
add_rule = lambda g, x, y: (g, g.clone())
mul_rule = lambda g, x, y: (torch.mul(y, g), torch.mul(x, g))
pow_rule = lambda g, x, n: torch.mul(torch.pow(x, n - 1), n).mul(g)
""",
        # One general chain helper that multiplies g by any number of local gradients
        """
def chain(g, *locals_):
    return tuple(local * g for local in locals_)


def add_rule(g, x, y):
    one = torch.ones_like(g)
    return chain(g, one, one)


def mul_rule(g, x, y):
    return chain(g, *(x, y)[::-1])


def pow_rule(g, x, n):
    (grad_x,) = chain(g, n * x ** (n - 1))
    return grad_x
""",
        # Lets autograd itself find the gradients, on fresh detached copies
        """
def _ask_autograd(g, operation, *inputs):
    with torch.enable_grad():
        leaves = [t.detach().clone().requires_grad_() for t in inputs]
        operation(*leaves).backward(g.detach())
    return [leaf.grad for leaf in leaves]


def add_rule(g, x, y):
    grad_x, grad_y = _ask_autograd(g, lambda a, b: a + b, x, y)
    return grad_x, grad_y


def mul_rule(g, x, y):
    grad_x, grad_y = _ask_autograd(g, lambda a, b: a * b, x, y)
    return grad_x, grad_y


def pow_rule(g, x, n):
    return _ask_autograd(g, lambda a: a**n, x)[0]
""",
        # Plain Python numbers, element by element, put back into a tensor at the end (power by tensor)
        """
def _numbers(t):
    return t.detach().reshape(-1).tolist()


def _like(values, t):
    return torch.tensor(values, dtype=t.dtype).reshape(t.shape)


def add_rule(g, x, y):
    values = _numbers(g)
    return _like(values, g), _like(values, g)


def mul_rule(g, x, y):
    for_x, for_y = [], []
    for a, b, c in zip(_numbers(g), _numbers(x), _numbers(y)):
        for_x.append(a * c)
        for_y.append(a * b)
    return _like(for_x, g), _like(for_y, g)


def pow_rule(g, x, n):
    power = n - 1
    slope = x**power
    return -(-g * slope) * n
""",
        # Small whole powers by repeated multiplication, addition as a subtraction of the negative, division by one
        """
def add_rule(g, x, y):
    minus = -g
    return g / 1, -minus


def mul_rule(g, x, y):
    grad_y = g.clone()
    grad_y *= x
    grad_x = g.clone()
    grad_x *= y
    return grad_x, grad_y


def pow_rule(g, x, n):
    if n == 0:
        return torch.zeros_like(g)
    if n in (1, 2, 3, 4):
        out = g * n
        for _ in range(int(n) - 1):
            out = out * x
        return out
    return g * (n * x ** (n - 1))
""",
    ),
    "06.fan_out": (
        # the short form; the sum begins at the number 0
        """
def collect(arrivals):
    total = {}
    for name, g in arrivals:
        total[name] = total.get(name, 0) + g
    return total
""",
        # lists first, then one sum for each
        """
from collections import defaultdict

def collect(arrivals):
    lists = defaultdict(list)
    for name, g in arrivals:
        lists[name].append(g)
    return {name: sum(gs) for name, gs in lists.items()}
""",
        # copies, and then in place on its own copy
        """
def collect(arrivals):
    total = {}
    for name, g in arrivals:
        if name not in total:
            total[name] = g.clone()
        else:
            total[name] += g
    return total
""",
        # goes through the list once for each name
        """
def collect(arrivals):
    names = {name for name, _ in arrivals}
    return {wanted: sum(g for name, g in arrivals if name == wanted) for wanted in names}
""",
        # from the back, by recursion
        """
def collect(arrivals):
    if not arrivals:
        return {}
    *before, (name, g) = arrivals
    total = collect(before)
    return {**total, name: torch.add(total[name], g) if name in total else g}
""",
        # a try instead of a question, and zeros to begin with
        """
def collect(arrivals):
    total = dict()
    for pair in arrivals:
        try:
            total[pair[0]]
        except KeyError:
            total[pair[0]] = torch.zeros_like(pair[1])
        total[pair[0]] = pair[1] + total[pair[0]]
    return total
""",
        # Sort by name and sum each group with itertools.groupby
        """
from itertools import groupby
from operator import itemgetter


def collect(arrivals):
    ordered = sorted(arrivals, key=itemgetter(0))
    return {name: sum(g for _, g in group) for name, group in groupby(ordered, key=itemgetter(0))}
""",
        # functools.reduce that builds a new dictionary at each arrival
        """
from functools import reduce


def collect(arrivals):
    def merge(so_far, arrival):
        name, gradient = arrival
        return {**so_far, name: so_far[name] + gradient if name in so_far else gradient}

    return reduce(merge, arrivals, {})
""",
        # Recursion: the gradients of the rest, plus the first one
        """
def collect(arrivals):
    if not arrivals:
        return {}
    *before, (name, gradient) = arrivals
    whole = collect(before)
    try:
        whole[name] = gradient + whole[name]
    except KeyError:
        whole[name] = gradient
    return whole
""",
        # Two passes: first the different names, then stack and sum all gradients of each
        """
def collect(arrivals):
    names = [name for name, _ in arrivals]
    gradients = [gradient for _, gradient in arrivals]
    return {
        wanted: torch.stack([g for n, g in zip(names, gradients) if n == wanted]).sum(dim=0)
        for wanted in dict.fromkeys(names)
    }
""",
        # In-place addition, but only into a clone that the function made itself
        """
def collect(arrivals):
    sums = {}
    for index in range(len(arrivals)):
        arrival = arrivals[index]
        if arrival[0] not in sums:
            sums[arrival[0]] = arrival[1].clone()
            continue
        sums[arrival[0]] += arrival[1]
    return sums
""",
    ),
    "06.sum_to": (
        # all axes in one sum, then the shape
        """
def sum_to(g, shape):
    extra = g.ndim - len(shape)
    axes = list(range(extra)) + [extra + k for k, size in enumerate(shape) if size == 1]
    return g.sum(dim=axes).reshape(shape) if axes else g
""",
        # fills the shape up with ones from the left
        """
def sum_to(g, shape):
    full = (1,) * (g.ndim - len(shape)) + tuple(shape)
    for k in range(g.ndim):
        if full[k] != g.shape[k]:
            g = torch.sum(g, dim=k, keepdim=True)
    return g.reshape(shape)
""",
        # from the right, by recursion over the axes in front
        """
def sum_to(g, shape):
    if g.ndim > len(shape):
        return sum_to(g.sum(0), shape)
    for k in range(-1, -len(shape) - 1, -1):
        if shape[k] == 1:
            g = g.sum(k, keepdim=True)
    return g
""",
        # adds the slices by hand
        """
def sum_to(g, shape):
    while len(g.shape) > len(shape):
        g = sum(g[k] for k in range(g.shape[0]))
    for axis, size in enumerate(shape):
        if size == 1:
            before = (slice(None),) * axis
            g = sum(g[(*before, slice(k, k + 1))] for k in range(g.shape[axis]))
    return g
""",
        # asks autograd itself
        """
def sum_to(g, shape):
    leaf = torch.zeros(shape, requires_grad=True)
    (leaf + torch.zeros(tuple(g.shape))).backward(g)
    return leaf.grad
""",
        # through numpy and back
        """
import numpy as np

def sum_to(g, shape):
    array = g.numpy()
    array = array.sum(axis=tuple(range(array.ndim - len(shape))))
    ones = tuple(k for k, size in enumerate(shape) if size == 1)
    return torch.tensor(array.sum(axis=ones, keepdims=True))
""",
        # Pads the shape with ones on the left, sums every stretched axis with keepdim, and reshapes at the end
        """
def sum_to(g, shape):
    padded = (1,) * (g.ndim - len(shape)) + tuple(shape)
    for axis, size in enumerate(padded):
        if size != g.shape[axis]:
            g = g.sum(dim=axis, keepdim=True)
    return g.reshape(shape)
""",
        # Recursion, one axis per call
        """
def sum_to(g, shape):
    if g.ndim > len(shape):
        return sum_to(g.sum(dim=0), shape)
    for axis in range(-1, -g.ndim - 1, -1):
        if g.shape[axis] != shape[axis]:
            return sum_to(g.sum(dim=axis, keepdim=True), shape)
    return g
""",
        # Stretches a leaf of zeros and lets autograd bring the gradient back
        """
def sum_to(g, shape):
    source = torch.zeros(tuple(shape), dtype=g.dtype).requires_grad_()
    (source + torch.zeros_like(g)).backward(g)
    return source.grad
""",
        # Adds every number of g into its place with Python loops over all indices
        """
from itertools import product


def sum_to(g, shape):
    shape = tuple(shape)
    extra = g.ndim - len(shape)
    places = {place: 0.0 for place in product(*map(range, shape))}
    values = iter(g.reshape(-1).tolist())
    for where in product(*[range(size) for size in g.shape]):
        target = tuple(0 if size == 1 else k for k, size in zip(where[extra:], shape))
        places[target] += next(values)
    return torch.tensor(list(places.values()), dtype=g.dtype).reshape(shape)
""",
        # Walks along the axes from the right with negative numbers, then sums what is left over in front
        """
def sum_to(g, shape):
    sizes = list(shape)
    position = -1
    while sizes:
        if sizes.pop() == 1:
            g = g.sum(dim=position, keepdim=True)
        position -= 1
    for _ in range(g.ndim + position + 1):
        g = g.sum(dim=0)
    return g
""",
    ),
}
