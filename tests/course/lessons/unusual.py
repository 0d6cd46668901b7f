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
}
