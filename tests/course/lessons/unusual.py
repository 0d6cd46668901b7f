"""For every exercise, correct answers that do not look like the reference. A new exercise adds its own."""

UNUSUAL = {
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
    ),
    "06.numeric": (
        # copies that are moved in place
        """
def numeric_gradient(f, x, eps):
    result = torch.zeros_like(x)
    for k in range(x.shape[0]):
        up, down = x.clone(), x.clone()
        up[k] += eps
        down[k] -= eps
        result[k] = (f(up) - f(down)) / (up[k] - down[k])
    return result

def good_eps():
    return 1e-3
""",
        # the rows of a unit table as steps; plain numbers in a list
        """
def numeric_gradient(f, x, eps):
    steps = torch.eye(len(x), dtype=x.dtype) * eps
    return torch.tensor([((f(x + s) - f(x - s)) / eps / 2).item() for s in steps], dtype=x.dtype)

good_eps = lambda: 2 ** -8
""",
        # moves x itself and puts it back
        """
def numeric_gradient(f, x, eps):
    slopes = []
    for k in range(len(x)):
        before = x[k].item()
        x[k] = before + eps
        higher = f(x).item()
        x[k] = before - eps
        lower = f(x).item()
        x[k] = before
        slopes.append((higher - lower) / (2 * eps))
    return torch.tensor(slopes)

def good_eps():
    return torch.tensor(0.003)
""",
        # the average of the two one-sided slopes
        """
def numeric_gradient(f, x, eps):
    result = torch.zeros_like(x)
    for k in range(len(x)):
        step = torch.where(torch.arange(len(x)) == k, eps, 0.0).to(x.dtype)
        right, left = (f(x + step) - f(x)) / eps, (f(x) - f(x - step)) / eps
        result[k] = (right + left) / 2
    return result

def good_eps():
    return 0.05
""",
        # through numpy
        """
import numpy as np

def numeric_gradient(f, x, eps):
    def value(array):
        return float(f(torch.tensor(array)))
    array = x.numpy().copy()
    rows = [np.eye(len(array))[k] * eps for k in range(len(array))]
    return torch.tensor(np.array([(value(array + r) - value(array - r)) / (2 * eps) for r in rows]))

def good_eps():
    return np.float32(0.001)
""",
    ),
    "06.loop": (
        # cleared after the step, with zeros
        """
def fit(w, x, target, steps, lr):
    for _ in range(steps):
        loss = ((target - x * w) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w.sub_(w.grad, alpha=lr)
        w.grad.zero_()
    return w
""",
        # asks for the gradient, so that none is kept
        """
def fit(w, x, target, steps, lr):
    for _ in range(steps):
        (g,) = torch.autograd.grad(((w * x - target) ** 2).mean(), w)
        with torch.no_grad():
            w -= lr * g
    return w
""",
        # a new leaf each round
        """
def fit(w, x, target, steps, lr):
    while steps > 0:
        w = w.detach().requires_grad_()
        ((w * x - target) ** 2).mean().backward()
        w, steps = w - lr * w.grad, steps - 1
    return w
""",
        # the optimiser does it
        """
def fit(w, x, target, steps, lr):
    optimizer, loss_of = torch.optim.SGD([w], lr=lr), torch.nn.MSELoss()
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(w * x, target).backward()
        optimizer.step()
    return w
""",
        # the gradient by hand, no graph at all
        """
def fit(w, x, target, steps, lr):
    with torch.no_grad():
        w = w.clone()
        for _ in range(steps):
            w = w - lr * (2 * (w * x - target) * x).sum() / len(x)
    return w
""",
        # keeps the old sum and takes only what is new
        """
def fit(w, x, target, steps, lr):
    before = torch.zeros_like(w)
    for _ in range(steps):
        loss = (w * x - target).pow(2).sum() / len(target)
        loss.backward()
        new = w.grad - before
        before = w.grad.clone()
        w.data = w.data - lr * new
    return w
""",
    ),
    "06.vector": (
        # the weighted sum is a single number
        """
def weighted_gradient(f, x, weights):
    (weights * f(x)).sum().backward()
    return x.grad

def gradient_of_one(f, x, i):
    y = f(x)
    y.backward(torch.eye(len(y))[i])
    return x.grad
""",
        # asks for gradients instead of reading .grad
        """
def weighted_gradient(f, x, weights):
    return torch.autograd.grad(f(x), x, weights)[0]

def gradient_of_one(f, x, i):
    return torch.autograd.grad(f(x)[i], [x])[0].clone()
""",
        # gradient= by name, weights 0 and 1 by a comparison
        """
def weighted_gradient(f, x, weights):
    y = f(x)
    y.backward(gradient=weights)
    return x.grad.clone()

def gradient_of_one(f, x, i):
    y = f(x)
    one = (torch.arange(y.numel()) == i).float()
    y.backward(gradient=one)
    return x.grad
""",
        # one walk for each number of the result, added up
        """
def gradient_of_one(f, x, i):
    leaf = x.detach().clone().requires_grad_()
    f(leaf)[i].backward()
    return leaf.grad

def weighted_gradient(f, x, weights):
    return sum(weights[i] * gradient_of_one(f, x, i) for i in range(len(weights)))
""",
        # a product of tables instead of a sum, and a loop over what counts
        """
def weighted_gradient(f, x, weights):
    total = weights @ f(x)
    total.backward()
    return x.grad

def gradient_of_one(f, x, i):
    for place, number in enumerate(f(x)):
        if place == i:
            number.backward(retain_graph=True)
    return x.grad
""",
    ),
}
