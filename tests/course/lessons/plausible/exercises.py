"""Lesson 06, exercises 1 to 3: plausible wrong answers, written from the notebook alone."""

ANSWERS = {
    "06.mul_rule": (
        (
            "The school formula for the power is already the whole answer, so g is left out there",
            "no-upstream",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return g, g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    return g * y, g * x


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    return n * x ** (n - 1)
''',
        ),
        (
            "The gradient of x in x * y uses x itself and that of y uses y",
            "mul-swapped",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    grad_x = g * 1
    grad_y = g * 1
    return grad_x, grad_y


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
            "x ** n - 1 means x to the power n - 1",
            "pow-brackets",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return g, g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    return g * y, g * x


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    grad_x = g * n * x ** n - 1
    return grad_x
''',
        ),
        (
            "In an addition too, g must be multiplied by the input's value",
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
    return g * (n * x ** (n - 1))
''',
        ),
        (
            "A backward rule returns the local gradients; the multiplication by g is done by somebody else",
            "no-upstream",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return 1, 1


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    return y, x


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    return n * x ** (n - 1)
''',
        ),
        (
            "The gradient of each side of an addition is simply 1, because the result grows by 1",
            "no-upstream",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    grad_x = torch.ones_like(x)
    grad_y = torch.ones_like(y)
    return grad_x, grad_y


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    return g * y, g * x


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    return g * n * x ** (n - 1)
''',
        ),
        (
            "Both gradients of an addition are the same g, so returning it once is enough",
            None,
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    return g * y, g * x


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    return g * n * x ** (n - 1)
''',
        ),
        (
            "The power just goes down by one; the factor n is forgotten",
            "pow-factor-lost",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    return g, g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    return g * y, g * x


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    return g * x ** (n - 1)
''',
        ),
        (
            "Computing the gradients into variables is enough, the function hands them back by itself",
            None,
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    grad_x = g
    grad_y = g


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    grad_x = g * y
    grad_y = g * x


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    grad_x = g * n * x ** (n - 1)
''',
        ),
        (
            "The gradient of an input is g times the result of the operation",
            "forward-value",
            '''
def add_rule(g, x, y):
    """The rule of x + y: returns grad_x, grad_y."""
    grad_x = g * (x + y)
    grad_y = g * (x + y)
    return grad_x, grad_y


def mul_rule(g, x, y):
    """The rule of x * y: returns grad_x, grad_y."""
    grad_x = g * (x * y)
    grad_y = g * (x * y)
    return grad_x, grad_y


def pow_rule(g, x, n):
    """The rule of x ** n: returns grad_x."""
    grad_x = g * x ** n
    return grad_x
''',
        ),
    ),
    "06.fan_out": (
        (
            "total[name] += gradient makes a new value, so it does not touch the tensor that arrived",
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
            "Putting each gradient under its name in a dictionary is enough (the last one overwrites the others)",
            "overwritten",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    result = {}
    for name, gradient in arrivals:
        result[name] = gradient
    return result
''',
        ),
        (
            "A dictionary entry that is not there yet counts as 0, so += works from the start",
            "no-entry-yet",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    result = {}
    for name, gradient in arrivals:
        result[name] += gradient
    return result
''',
        ),
        (
            "Collecting means keeping all gradients of a name in a list",
            "listed",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    result = {}
    for name, gradient in arrivals:
        if name not in result:
            result[name] = []
        result[name].append(gradient)
    return result
''',
        ),
        (
            "The names are always x and y, as in the example",
            "names-fixed",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    x = 0
    y = 0
    for name, gradient in arrivals:
        if name == "x":
            x = x + gradient
        if name == "y":
            y = y + gradient
    return {"x": x, "y": y}
''',
        ),
        (
            "A new name first gets 0, and its gradient is then added (but the else branch skips the first one)",
            "one-case-lost",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    result = {}
    for name, gradient in arrivals:
        if name not in result:
            result[name] = 0
        else:
            result[name] = result[name] + gradient
    return result
''',
        ),
        (
            "The return belongs to the body of the loop",
            "returns-too-early",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    result = {}
    for name, gradient in arrivals:
        if name in result:
            result[name] = result[name] + gradient
        else:
            result[name] = gradient
        return result
''',
        ),
        (
            "Gradients are multiplied, by the chain rule, also where they meet",
            "not-added",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    result = {}
    for name, gradient in arrivals:
        if name in result:
            result[name] = result[name] * gradient
        else:
            result[name] = gradient
    return result
''',
        ),
        (
            "Pairs of name and value come with .items(), as from a dictionary",
            "items",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    grads = {}
    for name, grad in arrivals.items():
        grads[name] = grads.get(name, 0) + grad
    return grads
''',
        ),
        (
            "Only one gradient for each name is wanted, so the ones that come later are ignored",
            "one-case-lost",
            '''
def collect(arrivals):
    """The whole gradient of each name, from a list of (name, gradient)."""
    grads = {}
    for name, grad in arrivals:
        if name not in grads:
            grads[name] = grad
    return grads
''',
        ),
    ),
    "06.sum_to": (
        (
            "Only axes missing on the left were stretched; axes of size 1 are forgotten",
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
            "An axis of size 1 is summed over like a missing one, without keepdim",
            "wrong-axes",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    while g.ndim > len(shape):
        g = g.sum(dim=0)
    for i in range(len(shape)):
        if shape[i] == 1 and g.shape[i] != 1:
            g = g.sum(dim=i)
    return g
''',
        ),
        (
            "At most one axis can be missing on the left: an if in place of a while",
            "some-shapes",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    if g.ndim > len(shape):
        g = g.sum(dim=0)
    for i in range(len(shape)):
        if shape[i] == 1:
            g = g.sum(dim=i, keepdim=True)
    return g
''',
        ),
        (
            "Either an axis is missing or an axis has size 1, never both (if / else)",
            "some-shapes",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    if g.ndim > len(shape):
        while g.ndim > len(shape):
            g = g.sum(dim=0)
        return g
    else:
        for i in range(g.ndim):
            if shape[i] == 1:
                g = g.sum(dim=i, keepdim=True)
        return g
''',
        ),
        (
            "Shapes are compared from the left: axis i of g belongs to axis i of shape",
            "wrong-end",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    for i in range(len(shape)):
        if shape[i] == 1:
            g = g.sum(dim=i, keepdim=True)
    while g.ndim > len(shape):
        g = g.sum(dim=0)
    return g
''',
        ),
        (
            "g.sum(...) changes g itself, so the result need not be assigned",
            "unchanged",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    if g.ndim > len(shape):
        for i in range(g.ndim - len(shape)):
            g.sum(dim=0)
    for i in range(len(shape)):
        if shape[i] == 1:
            g.sum(dim=i, keepdim=True)
    return g
''',
        ),
        (
            "It is only a question of the shape, so reshape brings g into it",
            "reshaped",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    if g.shape == shape:
        return g
    return g.reshape(shape)
''',
        ),
        (
            "The two cases of the table are all there is: a row of a table sums axis 0, a column sums axis 1",
            "some-shapes",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    if g.shape == shape:
        return g
    if len(shape) == 1:
        return g.sum(dim=0)
    else:
        return g.sum(dim=1, keepdim=True)
''',
        ),
        (
            "The missing axes are removed in a counted loop over dim=i, although the axes move up after each sum",
            "axes-move-up",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    extra = g.ndim - len(shape)
    for i in range(extra):
        g = g.sum(dim=i)
    for i in range(len(shape)):
        if shape[i] == 1:
            g = g.sum(dim=i, keepdim=True)
    return g
''',
        ),
        (
            "Wherever shapes differ, keepdim=True keeps things in order, also for missing axes",
            "wrong-axes",
            '''
def sum_to(g, shape):
    """The gradient g, summed to the shape of the input it is for."""
    missing = g.ndim - len(shape)
    for i in range(missing):
        g = g.sum(dim=i, keepdim=True)
    for i in range(len(shape)):
        if shape[i] == 1:
            g = g.sum(dim=i + missing, keepdim=True)
    return g
''',
        ),
    ),
}
