"""Lesson 06, exercises 4 to 6 as data; their answers are in `lesson.md`."""

import kindling as torch
from course.checks.codec import tensor
from course.checks.exercise import Exercise, Misconception, case
from course.checks.observe import state, values

# -- 4: measure it -----------------------------------------------------------------------------------------------------


def numeric_inputs(rng):
    """Wide steps, so that every way to measure gives another number; then a narrow one; then the step for float32."""
    given = [("(x * x * x).sum()", [2.0], 0.5), ("(x * x * x).sum()", [2.0, 3.0], 0.5)]
    given += [("x[0] * x[1] * x[1] * x[1]", [3.0, 2.0], 0.25)]
    given += [("(x * x * x).sum() * x[0]", rng.integers(2, 12, 3) / 4, eps) for eps in (0.5, 0.001)]
    cases = [case("numeric_gradient", f=f, x=tensor(x, "float64"), eps=eps) for f, x, eps in given]
    return [*cases, case("good_eps")]


def watch_numeric(ns, case):
    given = case["given"]
    if given:
        f = eval("lambda x: " + given["f"], {"torch": torch})
        result = ns["numeric_gradient"](f, given["x"], given["eps"])
        # float32 from torch.tensor([...]) of the right numbers is no mistake here
        result = result.double() if isinstance(result, torch.Tensor) else result
        return {**values(result, "the gradient"), **state(x=given["x"])}

    def cube_slopes(eps, dtype):
        x = torch.tensor([1.1, 2.3, 3.7], dtype=dtype)
        up, down = x + eps, x - eps
        return ((up * up * up - down * down * down) / (2 * eps)).double()

    eps, exact = float(ns["good_eps"]()), 3 * torch.tensor([1.1, 2.3, 3.7]).double() ** 2
    wide = cube_slopes(eps, torch.float64)
    rounding = ((cube_slopes(eps, torch.float32) - wide).abs() / exact).max().item()
    width = ((wide - exact).abs() / exact).max().item()
    sizes = {True: "small", False: "large"}
    return {"the error of rounding": sizes[rounding < 2e-3], "the error of the wide step": sizes[width < 2e-2]}


LOOP = (
    "def numeric_gradient(f, x, eps):\n"
    "    found = torch.zeros_like(x)\n"
    "    for i in range(len(x)):\n"
    "        step = torch.zeros_like(x)\n"
    "        step[i] = eps\n"
    "        found[i] = {}\n"
    "    return found"
)

NUMERIC = Exercise(
    id="06.numeric",
    title="Exercise 4, measure it",
    points=3,
    tolerance={"the gradient": 1e-6},
    inputs=numeric_inputs,
    observe=watch_numeric,
    misconceptions=(
        Misconception(
            "one-sided",
            "You step to one side only, so the bend of the curve spoils the number. Step to both sides of x.",
            (
                LOOP.format("(f(x + step) - f(x)) / eps"),
                LOOP.format("(f(x) - f(x - step)) / eps"),
                LOOP.format("(f(x + step) - f(x)) / (2 * eps)"),
            ),
        ),
        Misconception(
            "half-width",
            "Twice too large. How far is it from x - eps to x + eps?",
            (LOOP.format("(f(x + step) - f(x - step)) / eps"),),
        ),
        Misconception(
            "no-copy",
            "f is asked twice at the same point, so nothing moves. `a = x` makes no copy of x: use x.clone().",
            (
                "def numeric_gradient(f, x, eps):\n"
                "    found = torch.zeros_like(x)\n"
                "    for i in range(len(x)):\n"
                "        up, down = x, x\n"
                "        up[i] += eps\n"
                "        down[i] -= eps\n"
                "        found[i] = (f(up) - f(down)) / (2 * eps)\n"
                "    return found",
            ),
        ),
        Misconception(
            "not-divided",
            "This is how much f grew, not how fast. Divide by the width of the step.",
            (LOOP.format("f(x + step) - f(x - step)"), LOOP.format("f(x + step) - f(x)")),
        ),
        Misconception(
            "multiplied-by-half",
            "`a / 2 * eps` divides by 2 and then multiplies by eps. Put the width in brackets: (2 * eps).",
            (LOOP.format("(f(x + step) - f(x - step)) / 2 * eps"),),
        ),
        Misconception(
            "all-at-once",
            "All the numbers of x are moved together. Move one, hold the others still, and do so for each in turn.",
            (
                "def numeric_gradient(f, x, eps): return torch.ones_like(x) * (f(x + eps) - f(x - eps)) / (2 * eps)",
                "def numeric_gradient(f, x, eps): return (f(x + eps) - f(x - eps)) / (2 * eps)",
            ),
        ),
        Misconception(
            "not-put-back",
            "x has changed: a number that was moved is not back in its place. Work on a copy, x.clone().",
            (
                "def numeric_gradient(f, x, eps):\n"
                "    found = torch.zeros_like(x)\n"
                "    for i in range(len(x)):\n"
                "        x[i] += eps\n"
                "        up = f(x)\n"
                "        x[i] -= 2 * eps\n"
                "        found[i] = (up - f(x)) / (2 * eps)\n"
                "    return found",
            ),
        ),
        Misconception(
            "turned-round",
            "The sign is wrong. Take the value on the higher side minus the value on the lower side.",
            (LOOP.format("(f(x - step) - f(x + step)) / (2 * eps)"),),
        ),
        Misconception(
            "eps-too-small",
            "Too small for float32: the two values of f agree in nearly all digits, and what is left is rounding.",
            tuple(f"def good_eps(): return {eps}" for eps in (1e-6, 1e-10)),
        ),
        Misconception(
            "eps-too-large",
            "Too large: between the two points the curve bends, and you measure the bend as well.",
            tuple(f"def good_eps(): return {eps}" for eps in (1, 0.5)),
        ),
    ),
    hints=(
        "Begin with one number: f at x + eps, minus f at x - eps, divided by the distance between the two. Then do "
        "this for each number of x in turn while the others stay as they are.",
        "Make a row of zeros, `torch.zeros_like(x)`, and write eps at place i. Add it to x and only number i moves. "
        "For good_eps look at the list above for a row where the error is small.",
        "A worked example, for the second of three numbers:\n\n"
        "```python\nstep = torch.tensor([0.0, eps, 0.0])\nhigher, lower = f(x + step), f(x - step)\n"
        "rise = higher - lower  # over a distance of 2 * eps\n```",
    ),
    why="A step to one side sees the bend of the curve. Steps to both sides see it twice, with opposite signs, and it "
    "cancels. A small eps makes small what is left of the bend. But float32 keeps only about seven digits: when the "
    "two values of f agree in the first six, one digit is left to measure with. Between the two dangers lies a good "
    "eps, for float32 between a thousandth and a hundredth.\n\n"
    "A measured gradient needs two runs of f for each number of x. Autograd needs one run forward and one back for all "
    "of them. So measuring is for checking: `torch.autograd.gradcheck` does it, with float64 numbers.",
)


# -- 5: the loop -------------------------------------------------------------------------------------------------------


def loop_inputs(rng):
    """One round, two rounds, then more on random rows; small rates, so that no loop runs away."""
    fixed = [(1.0, [2.0], [6.0], steps, 0.1) for steps in (1, 2, 3)]
    given = [*fixed, *((0.5, rng.integers(1, 9, 3) / 4, rng.integers(1, 9, 3) / 4, steps, 0.05) for steps in (3, 5))]
    return [
        case("fit", w=tensor(w), x=tensor(x), target=tensor(target), steps=steps, lr=lr)
        for w, x, target, steps, lr in given
    ]


def watch_fit(ns, case):
    given = case["given"]
    w = given["w"].requires_grad_()
    result = ns["fit"](w, given["x"], given["target"], given["steps"], given["lr"])
    return values(result, "w")


def fit_with(*lines: str, before: str = "pass", after: str = "return w") -> str:
    """A training loop made of these lines, each an indented one of the loop's body."""
    body = "\n".join(f"        {line}" for line in lines)
    return f"def fit(w, x, target, steps, lr):\n    {before}\n    for step in range(steps):\n{body}\n    {after}"


CLEAR, LOSS, BACK = "w.grad = None", "loss = ((w * x - target) ** 2).mean()", "loss.backward()"
STEP = "with torch.no_grad(): w -= lr * w.grad"

TRAINING = Exercise(
    id="06.loop",
    title="Exercise 5, repair the loop",
    points=2,
    inputs=loop_inputs,
    observe=watch_fit,
    misconceptions=(
        Misconception(
            "not-cleared",
            "From the second round on, w.grad still holds the gradients of earlier rounds. Begin each round without.",
            (fit_with(LOSS, BACK, STEP), fit_with(LOSS, BACK, STEP, before=CLEAR)),
        ),
        Misconception(
            "no-gradient-to-use",
            "w has no gradient to step with. Is there a backward(), then a step, and nothing cleared in between?",
            (
                fit_with(LOSS, BACK, CLEAR, STEP),
                fit_with(LOSS, BACK, "w.grad.zero_()", STEP),
                fit_with(CLEAR, LOSS, STEP),
                fit_with(CLEAR, LOSS, BACK),
            ),
        ),
        Misconception(
            "uphill",
            "w walks uphill: the gradient points to where the loss grows. Go the other way.",
            (fit_with(CLEAR, LOSS, BACK, "with torch.no_grad(): w += lr * w.grad"),),
        ),
        Misconception(
            "step-recorded",
            "The step itself is being recorded as part of the calculation. Put it inside `with torch.no_grad():`.",
            (fit_with(CLEAR, LOSS, BACK, "w -= lr * w.grad"),),
        ),
        Misconception(
            "new-tensor",
            "`w = w - ...` makes a new tensor, which collects no gradients. Change w itself, with `w -= ...`.",
            (
                fit_with(CLEAR, LOSS, BACK, "with torch.no_grad(): w = w - lr * w.grad"),
                fit_with(CLEAR, LOSS, BACK, "w = w - lr * w.grad"),
            ),
        ),
        Misconception(
            "no-rate",
            "The whole gradient is taken as the step. Only the part lr of it is wanted: lr * w.grad.",
            (fit_with(CLEAR, LOSS, BACK, "with torch.no_grad(): w -= w.grad"),),
        ),
        Misconception(
            "one-round",
            "Only one round has run. Does the `return` stand inside the loop?",
            (fit_with(CLEAR, LOSS, BACK, STEP, "return w"),),
        ),
        Misconception(
            "loss-once",
            "The loss is computed once, before the loop. Each round needs a new one: w has moved.",
            (
                fit_with(CLEAR, BACK, STEP, before=LOSS),
                fit_with(CLEAR, "loss.backward(retain_graph=True)", STEP, before=LOSS),
            ),
        ),
        Misconception(
            "nothing-to-clear",
            "In the first round w has no gradient yet, so there is nothing to set to 0. `w.grad = None` always works.",
            (fit_with("w.grad.zero_()", LOSS, BACK, STEP),),
        ),
        Misconception(
            "returns-loss",
            "This is the loss. Asked for is w, after the last round.",
            (fit_with(CLEAR, LOSS, BACK, STEP, after="return loss"),),
        ),
    ),
    hints=(
        "Run the broken loop above with one step and look at `w.grad`. Then with two. What does the second backward() "
        "find there, and what does it do with it?",
        "One line is missing: it makes w.grad empty again. Where in the round may it stand? Not between backward() and "
        "the step that uses the gradient.",
        "To clear a gradient, set it to None: the tensor then has no grad yet, as in the beginning. For a tensor "
        "called `speed` it would be\n\n```python\nspeed.grad = None\n```",
    ),
    why="backward() adds to .grad, it does not replace. Inside one graph this is what makes shared tensors right; over "
    "several rounds it would mix old gradients with new ones. So every training loop clears them once a round: before "
    "backward(), or after the step.\n\n"
    "With an optimiser the line is called `optimizer.zero_grad()`. Not clearing has its use as well: run backward() on "
    "several small batches, then take one step, and it is as if the batch had been large.",
)


# -- 6: a result with several numbers ----------------------------------------------------------------------------------


def vector_inputs(rng):
    """A result where each number of x has its own, one where each has a part in all, and one of another length."""
    texts = ("x * x", "x.sum() * x", "torch.cat([x * x, 3 * x])")
    fixed = [(texts[0], [3.0, 2.0], [1.0, 10.0]), (texts[1], [1.0, 2.0], [1.0, 10.0])]
    fixed += [(texts[2], [1.0, 2.0], [0.0, 1.0, 2.0, 0.0])]
    drawn = [(text, rng.integers(1, 9, 3) / 4, rng.integers(-9, 9, 3) / 4) for text in texts[:2]]
    cases = [case("weighted_gradient", f=f, x=tensor(x), weights=tensor(weights)) for f, x, weights in [*fixed, *drawn]]
    cases += [case("gradient_of_one", f=f, x=tensor(fixed[0][1]), i=i) for f in texts[:2] for i in (1, 0)]
    return [*cases, *(case("gradient_of_one", f=f, x=tensor(rng.integers(1, 9, 3) / 4), i=2) for f in texts)]


def watch_vector(ns, case):
    f = eval("lambda x: " + case["given"]["f"], {"torch": torch})
    x = case["given"]["x"].requires_grad_()
    last = case["given"].get("weights", case["given"].get("i"))
    return values(ns[case["call"]](f, x, last), "the gradient")


VECTOR = Exercise(
    id="06.vector",
    title="Exercise 6, a result with several numbers",
    points=2,
    inputs=vector_inputs,
    observe=watch_vector,
    misconceptions=(
        Misconception(
            "needs-one-number",
            "backward() begins at a single number, and this result has several. Tell it how much each one counts.",
            (
                "def weighted_gradient(f, x, weights):\n    f(x).backward()\n    return x.grad\n"
                "def gradient_of_one(f, x, i):\n    f(x).backward()\n    return x.grad",
            ),
        ),
        Misconception(
            "all-count-one",
            "Every number of the result counts once here. Use the weights: backward() takes them in its brackets.",
            ("def weighted_gradient(f, x, weights):\n    f(x).sum().backward()\n    return x.grad",),
        ),
        Misconception(
            "weights-too-late",
            "The weights belong to the numbers of the result. Afterwards, at x, their shares are already mixed.",
            (
                "def weighted_gradient(f, x, weights):\n    f(x).sum().backward()\n    return weights * x.grad",
                "def weighted_gradient(f, x, weights):\n    f(x).sum().backward()\n    return x.grad * weights",
            ),
        ),
        Misconception(
            "averaged",
            "mean() divides by how many there are. The weights alone say how much each number counts.",
            ("def weighted_gradient(f, x, weights):\n    (weights * f(x)).mean().backward()\n    return x.grad",),
        ),
        Misconception(
            "returns-nothing",
            "backward() itself returns None: it writes the gradient into x.grad. Return that.",
            (
                "def weighted_gradient(f, x, weights): return f(x).backward(weights)\n"
                "def gradient_of_one(f, x, i): return f(x)[i].backward()",
            ),
        ),
        Misconception(
            "weights-applied-twice",
            "The weights are used twice: in backward() and again on the gradient.",
            ("def weighted_gradient(f, x, weights):\n    f(x).backward(weights)\n    return weights * x.grad",),
        ),
        Misconception(
            "picked-at-x",
            "You pick number i of x's gradient. Wanted is the whole gradient of number i of the result: pick earlier.",
            ("def gradient_of_one(f, x, i):\n    f(x).sum().backward()\n    return x.grad[i]",),
        ),
        Misconception(
            "picked-twice",
            "You have picked number i of the result, and then one number of its gradient too. Return all of x.grad.",
            ("def gradient_of_one(f, x, i):\n    f(x)[i].backward()\n    return x.grad[i]",),
        ),
        Misconception(
            "all-numbers",
            "This is the gradient of all the numbers together. Only number i of the result should count.",
            ("def gradient_of_one(f, x, i):\n    f(x).sum().backward()\n    return x.grad",),
        ),
        Misconception(
            "wrong-place",
            "This is the gradient of another number of the result. Python counts places from 0, and so does i.",
            ("def gradient_of_one(f, x, i):\n    f(x)[i - 1].backward()\n    return x.grad",),
        ),
    ),
    hints=(
        "Compute `f(x)` first, and give it a name. Then think: which numbers should the walk back begin with?",
        "`result.backward(weights)` begins the walk with the weights as g. For one number alone there is a shorter "
        "way: `result[i]` is a single number, so its backward() needs nothing.",
        "A worked example, for a result of two numbers, where the second counts three times as much:\n\n"
        "```python\nx = torch.tensor([1.0, 2.0], requires_grad=True)\nresult = x * 10\n"
        "result.backward(torch.tensor([1.0, 3.0]))\nx.grad  # [10., 30.]\n```",
    ),
    why="Every rule multiplies by the g that arrives, so somebody must provide the first g. For a single number "
    "PyTorch takes 1. For several it asks you: the weights are that first g. They give the gradient of "
    "`(weights * result).sum()`, in one walk back.\n\n"
    "A weight of 1 at one place and 0 elsewhere picks one number of the result. In the books the table of all these "
    "gradients is called the Jacobian, and a walk back computes weights times that table: a vector-Jacobian product.",
)

EXERCISES = [NUMERIC, TRAINING, VECTOR]
