"""A second independent hand's plausible wrong answers of the first three exercises, written unseen."""

ANSWERS = {
    "06.mul_rule": [
        (
            "In a multiplication the gradient of x is g times x, and that of y is g times y.",
            "mul-swapped",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return g, g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    grad_x = g * x
    grad_y = g * y
    return grad_x, grad_y


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    grad_x = g * n * x ** (n - 1)
    return grad_x
''',
        ),
        (
            "The rule is only the local gradient; g is forgotten in the power, where school's formula has no g.",
            "no-upstream",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return g, g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    grad_x = g * y
    grad_y = g * x
    return grad_x, grad_y


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    return n * x ** (n - 1)
''',
        ),
        (
            "Addition works like multiplication: g times the input itself.",
            "add-looks-at-inputs",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    grad_x = g * x
    grad_y = g * y
    return grad_x, grad_y


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    grad_x = g * y
    grad_y = g * x
    return grad_x, grad_y


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    grad_x = g * n * x ** (n - 1)
    return grad_x
''',
        ),
        (
            "x ** n - 1 is the same as x ** (n - 1).",
            "pow-brackets",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return g, g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    grad_x = g * y
    grad_y = g * x
    return grad_x, grad_y


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    grad_x = g * n * x ** n - 1
    return grad_x
''',
        ),
        (
            "The local gradients of an addition are 1 and 1, so the rule returns just 1 and 1.",
            "no-upstream",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    grad_x = 1
    grad_y = 1
    return grad_x, grad_y


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    grad_x = g * y
    grad_y = g * x
    return grad_x, grad_y


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    grad_x = g * n * x ** (n - 1)
    return grad_x
''',
        ),
        (
            "The square has the gradient 2 * x, so the power has n * x.",
            None,
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return g, g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    grad_x = g * y
    grad_y = g * x
    return grad_x, grad_y


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    local = n * x
    return g * local
''',
        ),
        (
            "g can be multiplied in place first and then be used again for the other input.",
            None,
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return g, g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    grad_x = g
    grad_x *= y
    grad_y = g * x
    return grad_x, grad_y


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    grad_x = g * n * x ** (n - 1)
    return grad_x
''',
        ),
        (
            "All rules return the local gradients alone, the caller multiplies by g.",
            "no-upstream",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return torch.ones_like(x), torch.ones_like(y)


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    return y, x


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    return n * x ** (n - 1)
''',
        ),
        (
            "The exponent goes down by one, but n need not stand in front.",
            "pow-factor-lost",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return g, g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    grad_x = g * y
    grad_y = g * x
    return grad_x, grad_y


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    grad_x = g * x ** (n - 1)
    return grad_x
''',
        ),
        (
            "The product rule of school: both parts are added into one gradient that both inputs get.",
            None,
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return g, g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    grad = g * y + g * x
    return grad, grad


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    grad_x = g * n * x ** (n - 1)
    return grad_x
''',
        ),
    ],
    "06.fan_out": [
        (
            "The first tensor can go into the dictionary and += then only changes the dictionary's entry.",
            "written-in-place",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    totals = {}
    for name, gradient in arrivals:
        if name in totals:
            totals[name] += gradient
        else:
            totals[name] = gradient
    return totals
''',
        ),
        (
            "Assigning to the same key again adds up by itself.",
            "overwritten",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    result = {}
    for name, grad in arrivals:
        result[name] = grad
    return result
''',
        ),
        (
            "A missing key of a dictionary counts as 0.",
            "no-entry-yet",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    grads = {}
    for name, grad in arrivals:
        grads[name] = grads[name] + grad
    return grads
''',
        ),
        (
            "The first time a name comes one only has to make its slot with 0.",
            "one-case-lost",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    totals = {}
    for name, gradient in arrivals:
        if name not in totals:
            totals[name] = torch.zeros_like(gradient)
        else:
            totals[name] = totals[name] + gradient
    return totals
''',
        ),
        (
            "The names are always x and y, as in the example.",
            "names-fixed",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    grads = {"x": 0, "y": 0}
    for name, gradient in arrivals:
        if name == "x":
            grads["x"] = grads["x"] + gradient
        elif name == "y":
            grads["y"] = grads["y"] + gradient
    return grads
''',
        ),
        (
            "The return belongs to the loop's block.",
            "returns-too-early",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    totals = {}
    for name, gradient in arrivals:
        if name in totals:
            totals[name] = totals[name] + gradient
        else:
            totals[name] = gradient
        return totals
''',
        ),
        (
            "Collecting means keeping all gradients of a name in a list.",
            "listed",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    collected = {}
    for name, gradient in arrivals:
        if name not in collected:
            collected[name] = []
        collected[name].append(gradient)
    return collected
''',
        ),
        (
            "Where paths meet the gradients are multiplied.",
            "not-added",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    totals = {}
    for name, gradient in arrivals:
        if name in totals:
            totals[name] = totals[name] * gradient
        else:
            totals[name] = gradient
    return totals
''',
        ),
        (
            "A sum of numbers with item() is as good as a tensor.",
            None,
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    totals = {}
    for name, gradient in arrivals:
        totals[name] = totals.get(name, 0) + gradient.item()
    return totals
''',
        ),
        (
            "One running total is enough; it is not started again for another name.",
            None,
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    result = {}
    total = 0
    for name, gradient in arrivals:
        total = total + gradient
        result[name] = total
    return result
''',
        ),
    ],
    "06.sum_to": [
        (
            "Only missing axes need a sum; axes of size 1 are forgotten.",
            "ones-forgotten",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    while g.ndim > len(shape):
        g = g.sum(dim=0)
    return g
''',
        ),
        (
            "An axis of size 1 is summed away without keepdim.",
            "wrong-axes",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    while g.ndim > len(shape):
        g = g.sum(dim=0)
    for i in range(len(shape)):
        if shape[i] == 1:
            g = g.sum(dim=i)
    return g
''',
        ),
        (
            "Axes of size 1 can be treated first, with the places of shape, although g still has more axes.",
            "wrong-end",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    for axis, size in enumerate(shape):
        if size == 1:
            g = g.sum(dim=axis, keepdim=True)
    while g.ndim > len(shape):
        g = g.sum(dim=0)
    return g
''',
        ),
        (
            "At most one axis is missing, so an if is enough.",
            "some-shapes",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    if g.ndim > len(shape):
        g = g.sum(dim=0)
    for axis in range(len(shape)):
        if shape[axis] == 1:
            g = g.sum(dim=axis, keepdim=True)
    return g
''',
        ),
        (
            "Either axes are missing or axes have size 1, never both.",
            "some-shapes",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    if g.ndim > len(shape):
        for i in range(g.ndim - len(shape)):
            g = g.sum(dim=0)
    else:
        for i in range(g.ndim):
            if shape[i] == 1:
                g = g.sum(dim=i, keepdim=True)
    return g
''',
        ),
        (
            "g.sum changes g itself.",
            "unchanged",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    missing = g.ndim - len(shape)
    for i in range(missing):
        g.sum(dim=0)
    for i in range(len(shape)):
        if shape[i] == 1:
            g.sum(dim=i, keepdim=True)
    return g
''',
        ),
        (
            "The missing axes are 0, 1, 2, ... and keep these numbers while they are summed away.",
            "axes-move-up",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    missing = g.ndim - len(shape)
    for axis in range(missing):
        g = g.sum(dim=axis)
    for axis in range(len(shape)):
        if shape[axis] == 1:
            g = g.sum(dim=axis, keepdim=True)
    return g
''',
        ),
        (
            "Both axes get keepdim=True, also the missing ones.",
            "wrong-axes",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    missing = g.ndim - len(shape)
    for axis in range(missing):
        g = g.sum(dim=axis, keepdim=True)
    for axis in range(len(shape)):
        if shape[axis] == 1:
            g = g.sum(dim=axis + missing, keepdim=True)
    return g
''',
        ),
        (
            "The missing axes are those on the right.",
            "wrong-end",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    while g.ndim > len(shape):
        g = g.sum(dim=-1)
    for axis in range(len(shape)):
        if shape[axis] == 1:
            g = g.sum(dim=axis, keepdim=True)
    return g
''',
        ),
        (
            "After the first axis of size 1 one is done and may return.",
            None,
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    while g.ndim > len(shape):
        g = g.sum(dim=0)
    for axis in range(len(shape)):
        if shape[axis] == 1:
            return g.sum(dim=axis, keepdim=True)
    return g
''',
        ),
    ],
}
