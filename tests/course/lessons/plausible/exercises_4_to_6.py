"""Lesson 06, exercises 4 to 6: plausible wrong answers, written from the notebook alone."""

ANSWERS = {
    "06.numeric": (
        (
            "The difference is divided by the step eps, although the width is 2 * eps",
            "wrong-width",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    result = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = eps
        result[i] = (f(x + step) - f(x - step)) / eps
    return result


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "x + eps moves everything, and the formula for one number also works for a row",
            "all-at-once",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    return (f(x + eps) - f(x - eps)) / (2 * eps)


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "x may be changed in place; after the last measurement it need not be put back",
            "not-put-back",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    grad = torch.zeros_like(x)
    for i in range(len(x)):
        x[i] += eps
        up = f(x)
        x[i] -= 2 * eps
        down = f(x)
        grad[i] = (up - down) / (2 * eps)
    return grad


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "A list of numbers is the same as a row like x",
            "a-list",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    gradients = []
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = eps
        gradients.append((f(x + step) - f(x - step)) / (2 * eps))
    return gradients


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "The smaller the step, the better",
            "eps-too-small",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    grad = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = eps
        grad[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return grad


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 1e-8
''',
        ),
        (
            "/ 2 * eps divides by 2 * eps",
            "wrong-width",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    grad = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = eps
        grad[i] = (f(x + step) - f(x - step)) / 2 * eps
    return grad


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "up = x and down = x make two copies of x",
            "no-copy",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    grad = torch.zeros_like(x)
    for i in range(len(x)):
        up = x
        down = x
        up[i] = up[i] + eps
        down[i] = down[i] - eps
        grad[i] = (f(up) - f(down)) / (2 * eps)
    return grad


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "A nudge to one side is a measurement, as at the beginning of the lesson",
            "one-sided",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    grad = torch.zeros_like(x)
    for i in range(len(x)):
        nudged = x.clone()
        nudged[i] += eps
        grad[i] = (f(nudged) - f(x)) / eps
    return grad


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "The step is made once before the loop, so earlier numbers stay nudged",
            "step-kept",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    grad = torch.zeros_like(x)
    step = torch.zeros_like(x)
    for i in range(len(x)):
        step[i] = eps
        grad[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return grad


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "After + eps, a - eps leads to the left side (it only leads back to the middle)",
            "one-sided",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    grad = torch.zeros_like(x)
    moved = x.clone()
    for i in range(len(x)):
        moved[i] += eps
        up = f(moved)
        moved[i] -= eps
        down = f(moved)
        grad[i] = (up - down) / (2 * eps)
    return grad


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
    ),
    "06.loop": (
        (
            "The gradient is cleared with zero_() at the top of each round, also in the first, where there is none",
            "nothing-to-clear",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        w.grad.zero_()
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w
''',
        ),
        (
            "w = w - ... is the same as w -= ..., so w stays the leaf",
            "new-tensor",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w = w - lr * w.grad
        w.grad = None
    return w
''',
        ),
        (
            "Clearing the gradient once before the loop is enough",
            "not-cleared",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    w.grad = None
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w
''',
        ),
        (
            "The gradient is cleared right after backward, before the step uses it",
            "no-gradient-to-use",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        w.grad = None
        with torch.no_grad():
            w -= lr * w.grad
    return w
''',
        ),
        (
            "It overshoots, so the step is too large: a smaller learning rate repairs it",
            "wrong-step",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    lr = lr / 10
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w
''',
        ),
        (
            "zero_grad() is a method of the tensor, as it is of the optimizer",
            "zero-grad",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        w.zero_grad()
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    return w
''',
        ),
        (
            "The loss is what carries the gradient, so its gradient is cleared",
            "not-cleared",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        loss.grad = None
    return w
''',
        ),
        (
            "no_grad stands in the way; the step is written without it",
            "step-recorded",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        w -= lr * w.grad
        w.grad = None
    return w
''',
        ),
        (
            "The gradient is cleared after the loop: the line is indented too little",
            "not-cleared",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
    w.grad = None
    return w
''',
        ),
        (
            "The loss is computed once before the loop, and backward runs again on the same graph",
            "loss-once",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    loss = ((w * x - target) ** 2).mean()
    for step in range(steps):
        w.grad = None
        loss.backward(retain_graph=True)
        with torch.no_grad():
            w -= lr * w.grad
    return w
''',
        ),
    ),
    "06.vector": (
        (
            "The gradient of number i of f(x) is number i of x.grad",
            "picked-at-x",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x of f(x), whose numbers count as much as the weights say."""
    y = f(x)
    y.backward(weights)
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of number i of f(x)."""
    y = f(x)
    y.sum().backward()
    return x.grad[i]
''',
        ),
        (
            "backward returns the gradient",
            "returns-nothing",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x of f(x), whose numbers count as much as the weights say."""
    y = f(x)
    return y.backward(weights)


def gradient_of_one(f, x, i):
    """The gradient at x of number i of f(x)."""
    y = f(x)
    return y[i].backward()
''',
        ),
        (
            "f(x) has as many numbers as x, so the weights for one number have the shape of x",
            "weights-like-x",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x of f(x), whose numbers count as much as the weights say."""
    y = f(x)
    y.backward(weights)
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of number i of f(x)."""
    weights = torch.zeros_like(x)
    weights[i] = 1.0
    f(x).backward(weights)
    return x.grad
''',
        ),
        (
            "Number i of the result depends only on number i of x, so x.grad[i] is returned",
            "picked-at-x",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x of f(x), whose numbers count as much as the weights say."""
    y = f(x)
    y.backward(weights)
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of number i of f(x)."""
    y = f(x)
    y[i].backward()
    return x.grad[i]
''',
        ),
        (
            "The weights can be multiplied onto the gradient of the sum afterwards",
            "weights-too-late",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x of f(x), whose numbers count as much as the weights say."""
    y = f(x)
    y.sum().backward()
    return x.grad * weights


def gradient_of_one(f, x, i):
    """The gradient at x of number i of f(x)."""
    y = f(x)
    y[i].backward()
    return x.grad
''',
        ),
        (
            "The gradient is in the result on which backward was called",
            "returns-nothing",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x of f(x), whose numbers count as much as the weights say."""
    y = f(x)
    y.backward(weights)
    return y.grad


def gradient_of_one(f, x, i):
    """The gradient at x of number i of f(x)."""
    y = f(x)
    y[i].backward()
    return y.grad
''',
        ),
        (
            "backward needs no weights when they are multiplied with the result first",
            "needs-one-number",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x of f(x), whose numbers count as much as the weights say."""
    y = f(x) * weights
    y.backward()
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of number i of f(x)."""
    y = f(x)
    y[i].backward()
    return x.grad
''',
        ),
        (
            "The weighted average is meant: mean in place of sum",
            "averaged",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x of f(x), whose numbers count as much as the weights say."""
    y = f(x)
    result = (y * weights).mean()
    result.backward()
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of number i of f(x)."""
    y = f(x)
    y[i].backward()
    return x.grad
''',
        ),
        (
            "Number i of f(x) is f of number i of x",
            "f-of-one",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x of f(x), whose numbers count as much as the weights say."""
    y = f(x)
    y.backward(weights)
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of number i of f(x)."""
    y = f(x[i])
    y.backward()
    return x.grad
''',
        ),
        (
            "Number i is counted from 1, so it is at place i - 1",
            "wrong-place",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x of f(x), whose numbers count as much as the weights say."""
    y = f(x)
    y.backward(weights)
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of number i of f(x)."""
    weights = torch.zeros(len(f(x)))
    weights[i - 1] = 1
    return weighted_gradient(f, x, weights)
''',
        ),
    ),
}
