"""Lesson 06: further wrong answers, written beside the misconceptions."""

ANSWERS = {
    "06.mul_rule": (
        (
            "mul: the local gradient alone",
            "no-upstream",
            """
def mul_rule(g, x, y): return y, x
""",
        ),
        (
            "mul: adds g",
            "g-added",
            """
def mul_rule(g, x, y): return g + y, g + x
""",
        ),
        (
            "mul: only one gradient",
            None,
            """
def mul_rule(g, x, y): return g * y
""",
        ),
        (
            "mul: the whole product for both",
            "forward-value",
            """
def mul_rule(g, x, y): return g * x * y, g * x * y
""",
        ),
        (
            "add: shares g between the two",
            "add-shares-g",
            """
def add_rule(g, x, y): return g / 2, g / 2
""",
        ),
        (
            "pow: exponent not lowered",
            "pow-exponent-kept",
            """
def pow_rule(g, x, n): return g * n * x**n
""",
        ),
    ),
    "06.fan_out": (
        (
            "forgets to return",
            None,
            """
def collect(arrivals):
    d = {}
    for name, g in arrivals:
        d[name] = d.get(name, 0) + g
""",
        ),
        (
            "averages",
            "not-added",
            """
def collect(arrivals):
    d, n = {}, {}
    for name, g in arrivals:
        d[name] = d.get(name, 0) + g
        n[name] = n.get(name, 0) + 1
    return {name: d[name] / n[name] for name in d}
""",
        ),
        (
            "one total for all names",
            "names-mixed",
            """
def collect(arrivals):
    total = 0
    for name, g in arrivals:
        total = total + g
    return total
""",
        ),
    ),
    "06.sum_to": (
        (
            "sums everything",
            "all-summed",
            """
def sum_to(g, shape): return g.sum()
""",
        ),
        (
            "sums the first axis only once, whatever the shape",
            "some-shapes",
            """
def sum_to(g, shape):
    if g.ndim > len(shape):
        g = g.sum(dim=0)
    return g
""",
        ),
        (
            "keepdim forgotten",
            "wrong-axes",
            """
def sum_to(g, shape):
    while g.ndim > len(shape):
        g = g.sum(dim=0)
    for i in range(len(shape)):
        if shape[i] == 1:
            g = g.sum(dim=i)
    return g
""",
        ),
        (
            "forgets the missing axes",
            "missing-forgotten",
            """
def sum_to(g, shape):
    for i in range(len(shape)):
        if shape[i] == 1:
            g = g.sum(dim=i, keepdim=True)
    return g
""",
        ),
        (
            "means instead of sums",
            "not-summed",
            """
def sum_to(g, shape):
    while g.ndim > len(shape):
        g = g.mean(dim=0)
    for i in range(len(shape)):
        if shape[i] == 1:
            g = g.mean(dim=i, keepdim=True)
    return g
""",
        ),
        (
            "sums the last axes away",
            "wrong-end",
            """
def sum_to(g, shape):
    while g.ndim > len(shape):
        g = g.sum(dim=-1)
    for i in range(len(shape)):
        if shape[i] == 1:
            g = g.sum(dim=i, keepdim=True)
    return g
""",
        ),
    ),
    "06.numeric": (
        (
            "sign: lower minus higher",
            "turned-round",
            """
def numeric_gradient(f, x, eps):
    out = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = eps
        out[i] = (f(x - step) - f(x + step)) / (2 * eps)
    return out
""",
        ),
        (
            "a step of 1",
            "eps-too-large",
            """
def good_eps(): return 1.0
""",
        ),
    ),
    "06.loop": (
        (
            "cleared between backward and step",
            "no-gradient-to-use",
            """
def fit(w, x, target, steps, lr):
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        w.grad.zero_()
        with torch.no_grad():
            w -= lr * w.grad
    return w
""",
        ),
        (
            "plus instead of minus",
            "uphill",
            """
def fit(w, x, target, steps, lr):
    for step in range(steps):
        w.grad = None
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w += lr * w.grad
    return w
""",
        ),
        (
            "halves the step instead of clearing",
            "wrong-step",
            """
def fit(w, x, target, steps, lr):
    for step in range(steps):
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad / 2
    return w
""",
        ),
        (
            "return inside the loop",
            "wrong-return",
            """
def fit(w, x, target, steps, lr):
    for step in range(steps):
        w.grad = None
        loss = ((w * x - target) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        return w
""",
        ),
    ),
    "06.vector": (
        (
            "the sum, weights not used",
            "all-count-one",
            """
def weighted_gradient(f, x, weights):
    y = f(x)
    y.sum().backward()
    return x.grad
""",
        ),
        (
            "weights on x, before",
            None,
            """
def weighted_gradient(f, x, weights):
    f(x * weights).sum().backward()
    return x.grad
""",
        ),
        (
            "returns what backward returns",
            "returns-nothing",
            """
def weighted_gradient(f, x, weights):
    return f(x).backward(weights)
""",
        ),
        (
            "i as the weight",
            None,
            """
def gradient_of_one(f, x, i):
    y = f(x)
    y.backward(torch.ones_like(y) * i)
    return x.grad
""",
        ),
    ),
}
