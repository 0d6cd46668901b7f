"""A second independent hand's plausible wrong answers of exercises 4 to 6, written unseen."""

ANSWERS = {
    "06.numeric": [
        (
            "The width is eps, also with a step to both sides.",
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
            "All numbers of x can be moved at once with x + eps.",
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
            "x is moved in place to the right and to the left, and nobody has to put it back.",
            "not-put-back",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    grad = torch.zeros_like(x)
    for i in range(len(x)):
        x[i] += eps
        right = f(x)
        x[i] -= 2 * eps
        left = f(x)
        grad[i] = (right - left) / (2 * eps)
    return grad


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "The smaller the step the better, so the smallest of the list.",
            "eps-too-small",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    result = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = eps
        result[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return result


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.00000001
''',
        ),
        (
            "/ 2 * eps divides by 2 * eps.",
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
            "One step to the right is enough.",
            "one-sided",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    grad = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = eps
        grad[i] = (f(x + step) - f(x)) / eps
    return grad


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "A Python list of the measured numbers is a fine result.",
            "a-list",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    grads = []
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = eps
        grads.append(((f(x + step) - f(x - step)) / (2 * eps)).item())
    return grads


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "plus = x makes a copy of x.",
            "no-copy",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    grad = torch.zeros_like(x)
    for i in range(len(x)):
        plus = x
        minus = x
        plus[i] = plus[i] + eps
        minus[i] = minus[i] - eps
        grad[i] = (f(plus) - f(minus)) / (2 * eps)
    return grad


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.01
''',
        ),
        (
            "The step is made once before the loop; setting the next place moves only that place.",
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
            "The best step is read from the float64 list.",
            "eps-too-small",
            '''
def numeric_gradient(f, x, eps):
    """The gradient of f at x, measured: one number for each number of x."""
    result = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = eps
        result[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return result


def good_eps():
    """A step for float32 numbers between 1 and 4."""
    return 0.00001
''',
        ),
    ],
    "06.loop": [
        (
            "w.grad.zero_() at the start of each round, as if there were a gradient from the beginning.",
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
            "The gradient is set to zero right after backward, before the step uses it.",
            "no-gradient-to-use",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        w.grad.zero_()
        with torch.no_grad():
            w -= lr * w.grad
    return w
''',
        ),
        (
            "Clearing the gradient once before the loop is enough.",
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
            "A new w from w - lr * w.grad starts with an empty gradient and is otherwise the same w.",
            "new-tensor",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w = w - lr * w.grad
    return w
''',
        ),
        (
            "The gradient is cleared by setting it to the number 0.",
            None,
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = 0
    return w
''',
        ),
        (
            "no_grad is not needed once the gradient is cleared.",
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
            "The gradient is cleared after the loop, when all steps are done.",
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
            "Gradients add up, so dividing by the number of rounds repairs it.",
            None,
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad / (step + 1)
    return w
''',
        ),
        (
            "Setting a variable that came from w.grad to None clears w.grad.",
            "not-cleared",
            '''
def fit(w, x, target, steps, lr):
    """Walk w downhill for some steps; returns w."""
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        grad = w.grad
        with torch.no_grad():
            w -= lr * grad
        grad = None
    return w
''',
        ),
        (
            "return w stands in the loop, after the first step.",
            "wrong-return",
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
    ],
    "06.vector": [
        (
            "The one gradient of f(x)[i] is place i of the gradient of the sum.",
            "picked-at-x",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x when each number of f(x) counts as much as its weight."""
    y = f(x)
    y.backward(weights)
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of f(x)[i] alone."""
    y = f(x)
    y.sum().backward()
    return x.grad[i]
''',
        ),
        (
            "The one-hot weights have the shape of x.",
            "weights-like-x",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x when each number of f(x) counts as much as its weight."""
    y = f(x)
    y.backward(weights)
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of f(x)[i] alone."""
    weights = torch.zeros_like(x)
    weights[i] = 1.0
    f(x).backward(weights)
    return x.grad
''',
        ),
        (
            "backward returns the gradient.",
            "returns-nothing",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x when each number of f(x) counts as much as its weight."""
    return f(x).backward(weights)


def gradient_of_one(f, x, i):
    """The gradient at x of f(x)[i] alone."""
    return f(x)[i].backward()
''',
        ),
        (
            "The gradient stands in the grad of the result y.",
            "returns-nothing",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x when each number of f(x) counts as much as its weight."""
    y = f(x)
    y.backward(weights)
    return y.grad


def gradient_of_one(f, x, i):
    """The gradient at x of f(x)[i] alone."""
    f(x)[i].backward()
    return x.grad
''',
        ),
        (
            "The weights are multiplied onto the finished gradient of the sum.",
            "weights-too-late",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x when each number of f(x) counts as much as its weight."""
    y = f(x)
    y.sum().backward()
    return x.grad * weights


def gradient_of_one(f, x, i):
    """The gradient at x of f(x)[i] alone."""
    f(x)[i].backward()
    return x.grad
''',
        ),
        (
            "f(x[i]) is the same as f(x)[i].",
            "f-of-one",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x when each number of f(x) counts as much as its weight."""
    y = f(x)
    y.backward(weights)
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of f(x)[i] alone."""
    y = f(x[i])
    y.backward()
    return x.grad
''',
        ),
        (
            "backward can be called on a result with several numbers, weights multiplied before, no sum.",
            "needs-one-number",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x when each number of f(x) counts as much as its weight."""
    y = f(x) * weights
    y.backward()
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of f(x)[i] alone."""
    f(x)[i].backward()
    return x.grad
''',
        ),
        (
            "The weights belong to the numbers of x, so they are multiplied in before f.",
            None,
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x when each number of f(x) counts as much as its weight."""
    y = f(x * weights)
    y.sum().backward()
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of f(x)[i] alone."""
    f(x)[i].backward()
    return x.grad
''',
        ),
        (
            "The result of f always has two numbers, as in the example.",
            None,
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x when each number of f(x) counts as much as its weight."""
    y = f(x)
    y.backward(weights)
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of f(x)[i] alone."""
    if i == 0:
        weights = torch.tensor([1.0, 0.0])
    else:
        weights = torch.tensor([0.0, 1.0])
    return weighted_gradient(f, x, weights)
''',
        ),
        (
            "Weighted means averaged: mean in place of sum.",
            "averaged",
            '''
def weighted_gradient(f, x, weights):
    """The gradient at x when each number of f(x) counts as much as its weight."""
    loss = (f(x) * weights).mean()
    loss.backward()
    return x.grad


def gradient_of_one(f, x, i):
    """The gradient at x of f(x)[i] alone."""
    f(x)[i].backward()
    return x.grad
''',
        ),
    ],
}
