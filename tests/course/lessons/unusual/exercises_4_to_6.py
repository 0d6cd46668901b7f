"""Lesson 06, exercises 4 to 6: correct answers that do not look like the reference."""

ANSWERS = {
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
        # The rows of an identity matrix are the directions; a list comprehension measures along each
        """
def numeric_gradient(f, x, eps):
    directions = torch.eye(len(x), dtype=x.dtype) * eps
    return torch.tensor([float(f(x + d) - f(x - d)) / eps / 2 for d in directions], dtype=x.dtype)


def good_eps():
    return 2.0**-7
""",
        # Plain Python lists, with a new tensor for each call of f
        """
def numeric_gradient(f, x, eps):
    numbers = x.tolist()

    def at(k, move):
        return float(f(torch.tensor(numbers[:k] + [numbers[k] + move] + numbers[k + 1 :], dtype=x.dtype)))

    slopes = [(at(k, eps) - at(k, -eps)) / (2 * eps) for k in range(len(numbers))]
    return torch.tensor(slopes, dtype=x.dtype)


def good_eps():
    eps_of_float32 = 2.0**-23
    return eps_of_float32 ** (1 / 3)
""",
        # Nudges x itself in place but always puts the remembered number back
        """
def numeric_gradient(f, x, eps):
    out = x.detach().clone()
    with torch.no_grad():
        for k in range(x.shape[0]):
            before = x[k].item()
            try:
                x[k] = before + eps
                right = float(f(x))
                x[k] = before - eps
                left = float(f(x))
            finally:
                x[k] = before
            out[k] = (right - left) / (eps + eps)
    return out


good_eps = lambda: 1e-2
""",
        # The mean of the slope to the right and the slope to the left
        """
def numeric_gradient(f, x, eps):
    here = f(x)
    answer = x * 0
    for k, _ in enumerate(x):
        nudge = torch.where(torch.arange(len(x)) == k, torch.ones_like(x), torch.zeros_like(x)) * eps
        to_the_right = (f(x + nudge) - here) / eps
        to_the_left = (here - f(x - nudge)) / eps
        answer[k] = (to_the_right + to_the_left) / 2
    return answer


def good_eps():
    return 1 / 64
""",
        # A sum over both signs, each weighted by its sign; the step that is measured best is chosen by trying
        """
def numeric_gradient(f, x, eps):
    total = torch.zeros_like(x)
    for sign in (+1, -1):
        for k in range(len(x)):
            moved = x.clone()
            moved[k] = moved[k] + sign * eps
            total[k] = total[k] + sign * f(moved)
    return total * (0.5 / eps)


def good_eps():
    candidates = (0.1, 0.01, 0.001, 0.0001, 0.00001)

    def worst(eps):
        errors = []
        for tenth in range(10, 41):
            x = torch.tensor(tenth / 10)
            up, down = x + eps, x - eps
            slope = ((up * up * up - down * down * down) / (2 * eps)).item()
            exact = 3 * (tenth / 10) ** 2
            errors.append(abs(slope / exact - 1))
        return max(errors)

    return min(candidates, key=worst)
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
        # torch.autograd.grad returns the gradient directly, so nothing piles up in w.grad
        """
def fit(w, x, target, steps, lr):
    for _ in range(steps):
        (slope,) = torch.autograd.grad((w * x - target).pow(2).mean(), [w])
        with torch.no_grad():
            w.sub_(slope * lr)
    return w
""",
        # An SGD optimizer does the step and the clearing
        """
def fit(w, x, target, steps, lr):
    walker = torch.optim.SGD([w], lr=lr)
    for _ in range(steps):
        walker.zero_grad()
        ((target - w * x) ** 2).mean().backward()
        walker.step()
    return w
""",
        # A while loop that counts down and zeroes the old gradient only where there is one
        """
def fit(w, x, target, steps, lr):
    while steps > 0:
        steps = steps - 1
        if w.grad is not None:
            w.grad.zero_()
        off = w * x - target
        (off * off).mean().backward()
        with torch.no_grad():
            w += w.grad * -lr
    return w
""",
        # Each round works on a fresh leaf; the result is copied into w
        """
def fit(w, x, target, steps, lr):
    for _ in range(steps):
        fresh = w.detach().clone().requires_grad_()
        distance = fresh * x - target
        (distance**2).mean().backward()
        with torch.no_grad():
            w.copy_(fresh - lr * fresh.grad)
    return w
""",
        # The old gradient stays in w.grad, and each step uses only what has been added in this round
        """
def fit(w, x, target, steps, lr):
    seen = 0.0
    for _ in range(steps):
        ((w * x - target) ** 2).mean().backward()
        with torch.no_grad():
            held = w.grad.clone()
            w -= lr * (held - seen)
        seen = held
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
        # A weighted sum is a single number; indexing gives a single number too
        """
def weighted_gradient(f, x, weights):
    (weights * f(x)).sum().backward()
    return x.grad


def gradient_of_one(f, x, i):
    f(x)[i].backward()
    return x.grad
""",
        # torch.autograd.grad, with the weights as grad_outputs; nothing is stored in x.grad
        """
def weighted_gradient(f, x, weights):
    return torch.autograd.grad(f(x), x, grad_outputs=weights)[0]


def gradient_of_one(f, x, i):
    return torch.autograd.grad(f(x)[i], x)[0]
""",
        # One number after the other: the leaf adds up the weighted gradients by itself
        """
def weighted_gradient(f, x, weights):
    for k in range(len(weights)):
        (f(x)[k] * weights[k]).backward()
    return x.grad


def gradient_of_one(f, x, i):
    for k, number in enumerate(f(x)):
        if k == i:
            number.backward()
    return x.grad
""",
        # A scalar product of results and weights; the single number by weights from a comparison
        """
def weighted_gradient(f, x, weights):
    (f(x) @ weights).backward()
    return x.grad


def gradient_of_one(f, x, i):
    y = f(x)
    one_hot = torch.tensor([1.0 if k == i else 0.0 for k in range(len(y))], dtype=y.dtype)
    y.backward(gradient=one_hot)
    return x.grad
""",
        # All rows of the Jacobian with retain_graph, on a private leaf, then their weighted sum
        """
def _rows(f, x):
    leaf = x.detach().clone().requires_grad_()
    y = f(leaf)
    rows = []
    for k in range(y.shape[0]):
        leaf.grad = None
        y[k].backward(retain_graph=True)
        rows.append(leaf.grad.clone())
    return rows


def weighted_gradient(f, x, weights):
    return sum(row * weight for row, weight in zip(_rows(f, x), weights))


def gradient_of_one(f, x, i):
    return _rows(f, x)[i]
""",
    ),
}
