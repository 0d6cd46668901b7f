"""Ten plausible wrong answers per exercise, written from the exercises' text alone.

Each is (what is wrong with it, the answer, the misconception whose sentence it gets, or None). The third part was added
after the first run, when each sentence had been read beside the mistake: it is true of it. A new exercise adds its own.
"""

PLAUSIBLE = {
    "06.mul_rule": (
        (
            "mul: the local gradient alone",
            "def mul_rule(g, x, y): return y, x",
            "no-upstream",
        ),
        (
            "mul: sides swapped",
            "def mul_rule(g, x, y): return g * x, g * y",
            "mul-swapped",
        ),
        (
            "mul: adds g",
            "def mul_rule(g, x, y): return g + y, g + x",
            "g-added",
        ),
        (
            "mul: only one gradient",
            "def mul_rule(g, x, y): return g * y",
            None,
        ),
        (
            "mul: the whole product for both",
            "def mul_rule(g, x, y): return g * x * y, g * x * y",
            "forward-value",
        ),
        (
            "add: passes the inputs",
            "def add_rule(g, x, y): return g * x, g * y",
            "add-looks-at-inputs",
        ),
        (
            "add: ones, g forgotten",
            "def add_rule(g, x, y): return torch.ones_like(x), torch.ones_like(y)",
            "no-upstream",
        ),
        (
            "add: shares g between the two",
            "def add_rule(g, x, y): return g / 2, g / 2",
            "add-shares-g",
        ),
        (
            "pow: exponent not lowered",
            "def pow_rule(g, x, n): return g * n * x**n",
            "pow-exponent-kept",
        ),
        (
            "pow: g forgotten",
            "def pow_rule(g, x, n): return n * x ** (n - 1)",
            "no-upstream",
        ),
    ),
    "06.fan_out": (
        (
            "overwrites",
            "def collect(arrivals):\n    d = {}\n    for name, g in arrivals:\n        d[name] = g\n    return d",
            "overwritten",
        ),
        (
            "adds in place to a tensor that arrived",
            "def collect(arrivals):\n    d = {}\n    for name, g in arrivals:\n        if name in d:\n"
            "            d[name] += g\n        else:\n            d[name] = g\n    return d",
            "written-in-place",
        ),
        (
            "keeps only the first",
            "def collect(arrivals):\n    d = {}\n    for name, g in arrivals:\n        if name not in d:\n"
            "            d[name] = g\n    return d",
            "first-only",
        ),
        (
            "lists instead of sums",
            "def collect(arrivals):\n    d = {}\n    for name, g in arrivals:\n        if name not in d:\n"
            "            d[name] = []\n        d[name].append(g)\n    return d",
            "listed",
        ),
        (
            "returns inside the loop",
            "def collect(arrivals):\n    d = {}\n    for name, g in arrivals:\n"
            "        d[name] = d.get(name, 0) + g\n        return d",
            "returns-too-early",
        ),
        (
            "forgets to return",
            "def collect(arrivals):\n    d = {}\n    for name, g in arrivals:\n        d[name] = d.get(name, 0) + g",
            None,
        ),
        (
            "no key yet: KeyError",
            "def collect(arrivals):\n    d = {}\n    for name, g in arrivals:\n        d[name] += g\n    return d",
            "no-entry-yet",
        ),
        (
            "averages",
            "def collect(arrivals):\n    d, n = {}, {}\n    for name, g in arrivals:\n"
            "        d[name] = d.get(name, 0) + g\n        n[name] = n.get(name, 0) + 1\n"
            "    return {name: d[name] / n[name] for name in d}",
            "average",
        ),
        (
            "multiplies",
            "def collect(arrivals):\n    d = {}\n    for name, g in arrivals:\n"
            "        d[name] = d.get(name, 1) * g\n    return d",
            "multiplied",
        ),
        (
            "one total for all names",
            "def collect(arrivals):\n    total = 0\n    for name, g in arrivals:\n"
            "        total = total + g\n    return total",
            None,
        ),
    ),
    "06.sum_to": (
        (
            "returns g",
            "def sum_to(g, shape): return g",
            "unchanged",
        ),
        (
            "sums everything",
            "def sum_to(g, shape): return g.sum()",
            "all-summed",
        ),
        (
            "reshapes instead of summing",
            "def sum_to(g, shape): return g.reshape(shape)",
            "reshaped",
        ),
        (
            "sums the first axis only once, whatever the shape",
            "def sum_to(g, shape):\n    if g.ndim > len(shape):\n        g = g.sum(dim=0)\n    return g",
            None,
        ),
        (
            "keepdim forgotten",
            "def sum_to(g, shape):\n    while g.ndim > len(shape):\n        g = g.sum(dim=0)\n"
            "    for i in range(len(shape)):\n        if shape[i] == 1:\n            g = g.sum(dim=i)\n"
            "    return g",
            "axis-lost",
        ),
        (
            "forgets the axes of size 1",
            "def sum_to(g, shape):\n    while g.ndim > len(shape):\n        g = g.sum(dim=0)\n    return g",
            "ones-forgotten",
        ),
        (
            "forgets the missing axes",
            "def sum_to(g, shape):\n    for i in range(len(shape)):\n        if shape[i] == 1:\n"
            "            g = g.sum(dim=i, keepdim=True)\n    return g",
            "missing-forgotten",
        ),
        (
            "means instead of sums",
            "def sum_to(g, shape):\n    while g.ndim > len(shape):\n        g = g.mean(dim=0)\n"
            "    for i in range(len(shape)):\n        if shape[i] == 1:\n"
            "            g = g.mean(dim=i, keepdim=True)\n    return g",
            "averaged",
        ),
        (
            "sums the last axes away",
            "def sum_to(g, shape):\n    while g.ndim > len(shape):\n        g = g.sum(dim=-1)\n"
            "    for i in range(len(shape)):\n        if shape[i] == 1:\n"
            "            g = g.sum(dim=i, keepdim=True)\n    return g",
            "wrong-end",
        ),
        (
            "keepdim everywhere",
            "def sum_to(g, shape):\n    extra = g.ndim - len(shape)\n    for i in range(g.ndim):\n"
            "        if i < extra or shape[i - extra] == 1:\n            g = g.sum(dim=i, keepdim=True)\n"
            "    return g",
            "axis-kept",
        ),
    ),
    "06.numeric": (
        (
            "one side",
            "def numeric_gradient(f, x, eps):\n    out = torch.zeros_like(x)\n"
            "    for i in range(len(x)):\n        xp = x.clone()\n        xp[i] += eps\n"
            "        out[i] = (f(xp) - f(x)) / eps\n    return out",
            "one-sided",
        ),
        (
            "both sides, divided by eps",
            "def numeric_gradient(f, x, eps):\n    out = torch.zeros_like(x)\n"
            "    for i in range(len(x)):\n        a = x.clone()\n        b = x.clone()\n"
            "        a[i] += eps\n        b[i] -= eps\n        out[i] = (f(a) - f(b)) / eps\n"
            "    return out",
            "half-width",
        ),
        (
            "all numbers at once",
            "def numeric_gradient(f, x, eps): return (f(x + eps) - f(x - eps)) / (2 * eps)",
            "all-at-once",
        ),
        (
            "writes to x and does not put it back",
            "def numeric_gradient(f, x, eps):\n    out = torch.zeros_like(x)\n"
            "    for i in range(len(x)):\n        x[i] += eps\n        a = f(x)\n        x[i] -= 2 * eps\n"
            "        b = f(x)\n        out[i] = (a - b) / (2 * eps)\n    return out",
            "not-put-back",
        ),
        (
            "copies by name only: the two are one tensor",
            "def numeric_gradient(f, x, eps):\n    out = torch.zeros_like(x)\n"
            "    for i in range(len(x)):\n        a = x\n        b = x\n        a[i] += eps\n"
            "        b[i] -= eps\n        out[i] = (f(a) - f(b)) / (2 * eps)\n    return out",
            "no-copy",
        ),
        (
            "brackets forgotten",
            "def numeric_gradient(f, x, eps):\n    out = torch.zeros_like(x)\n"
            "    for i in range(len(x)):\n        step = torch.zeros_like(x)\n        step[i] = eps\n"
            "        out[i] = (f(x + step) - f(x - step)) / 2 * eps\n    return out",
            "multiplied-by-half",
        ),
        (
            "a list",
            "def numeric_gradient(f, x, eps):\n    out = []\n    for i in range(len(x)):\n"
            "        step = torch.zeros_like(x)\n        step[i] = eps\n"
            "        out.append((f(x + step) - f(x - step)) / (2 * eps))\n    return out",
            None,
        ),
        (
            "sign: lower minus higher",
            "def numeric_gradient(f, x, eps):\n    out = torch.zeros_like(x)\n"
            "    for i in range(len(x)):\n        step = torch.zeros_like(x)\n        step[i] = eps\n"
            "        out[i] = (f(x - step) - f(x + step)) / (2 * eps)\n    return out",
            "turned-round",
        ),
        (
            "the smallest step there is",
            "def good_eps(): return 1e-8",
            "eps-too-small",
        ),
        (
            "a step of 1",
            "def good_eps(): return 1.0",
            "eps-too-large",
        ),
    ),
    "06.loop": (
        (
            "the loop as it was",
            "def fit(w, x, target, steps, lr):\n    for step in range(steps):\n"
            "        loss = ((w * x - target) ** 2).mean()\n        loss.backward()\n"
            "        with torch.no_grad():\n            w -= lr * w.grad\n    return w",
            "not-cleared",
        ),
        (
            "cleared once, before the loop",
            "def fit(w, x, target, steps, lr):\n    w.grad = None\n    for step in range(steps):\n"
            "        loss = ((w * x - target) ** 2).mean()\n        loss.backward()\n"
            "        with torch.no_grad():\n            w -= lr * w.grad\n    return w",
            "not-cleared",
        ),
        (
            "cleared between backward and step",
            "def fit(w, x, target, steps, lr):\n    for step in range(steps):\n"
            "        loss = ((w * x - target) ** 2).mean()\n        loss.backward()\n"
            "        w.grad.zero_()\n        with torch.no_grad():\n            w -= lr * w.grad\n"
            "    return w",
            "no-gradient-to-use",
        ),
        (
            "zero_ before there is a gradient",
            "def fit(w, x, target, steps, lr):\n    for step in range(steps):\n        w.grad.zero_()\n"
            "        loss = ((w * x - target) ** 2).mean()\n        loss.backward()\n"
            "        with torch.no_grad():\n            w -= lr * w.grad\n    return w",
            "nothing-to-clear",
        ),
        (
            "clears the loss, not the gradient",
            "def fit(w, x, target, steps, lr):\n    for step in range(steps):\n        loss = 0\n"
            "        loss = ((w * x - target) ** 2).mean()\n        loss.backward()\n"
            "        with torch.no_grad():\n            w -= lr * w.grad\n    return w",
            "not-cleared",
        ),
        (
            "w = w - ... inside no_grad",
            "def fit(w, x, target, steps, lr):\n    for step in range(steps):\n        w.grad = None\n"
            "        loss = ((w * x - target) ** 2).mean()\n        loss.backward()\n"
            "        with torch.no_grad():\n            w = w - lr * w.grad\n    return w",
            "new-tensor",
        ),
        (
            "no_grad dropped",
            "def fit(w, x, target, steps, lr):\n    for step in range(steps):\n        w.grad = None\n"
            "        loss = ((w * x - target) ** 2).mean()\n        loss.backward()\n"
            "        w -= lr * w.grad\n    return w",
            "step-recorded",
        ),
        (
            "plus instead of minus",
            "def fit(w, x, target, steps, lr):\n    for step in range(steps):\n        w.grad = None\n"
            "        loss = ((w * x - target) ** 2).mean()\n        loss.backward()\n"
            "        with torch.no_grad():\n            w += lr * w.grad\n    return w",
            "uphill",
        ),
        (
            "halves the step instead of clearing",
            "def fit(w, x, target, steps, lr):\n    for step in range(steps):\n"
            "        loss = ((w * x - target) ** 2).mean()\n        loss.backward()\n"
            "        with torch.no_grad():\n            w -= lr * w.grad / 2\n    return w",
            None,
        ),
        (
            "return inside the loop",
            "def fit(w, x, target, steps, lr):\n    for step in range(steps):\n        w.grad = None\n"
            "        loss = ((w * x - target) ** 2).mean()\n        loss.backward()\n"
            "        with torch.no_grad():\n            w -= lr * w.grad\n        return w",
            "one-round",
        ),
    ),
    "06.vector": (
        (
            "backward without weights",
            "def weighted_gradient(f, x, weights):\n    y = f(x)\n    y.backward()\n    return x.grad",
            "needs-one-number",
        ),
        (
            "the sum, weights not used",
            "def weighted_gradient(f, x, weights):\n    y = f(x)\n    y.sum().backward()\n    return x.grad",
            "all-count-one",
        ),
        (
            "weights on the gradient, afterwards",
            "def weighted_gradient(f, x, weights):\n    f(x).sum().backward()\n    return x.grad * weights",
            "weights-too-late",
        ),
        (
            "weights on x, before",
            "def weighted_gradient(f, x, weights):\n    f(x * weights).sum().backward()\n    return x.grad",
            None,
        ),
        (
            "returns what backward returns",
            "def weighted_gradient(f, x, weights):\n    return f(x).backward(weights)",
            "returns-nothing",
        ),
        (
            "weights times the result, not summed",
            "def weighted_gradient(f, x, weights):\n    (f(x) * weights).backward()\n    return x.grad",
            "needs-one-number",
        ),
        (
            "number i of the gradient of the sum",
            "def gradient_of_one(f, x, i):\n    f(x).sum().backward()\n    return x.grad[i]",
            "picked-at-x",
        ),
        (
            "number i of the right gradient",
            "def gradient_of_one(f, x, i):\n    f(x)[i].backward()\n    return x.grad[i]",
            "picked-twice",
        ),
        (
            "f of number i of x",
            "def gradient_of_one(f, x, i):\n    f(x[i]).backward()\n    return x.grad",
            None,
        ),
        (
            "i as the weight",
            "def gradient_of_one(f, x, i):\n    y = f(x)\n    y.backward(torch.ones_like(y) * i)\n    return x.grad",
            None,
        ),
    ),
}
