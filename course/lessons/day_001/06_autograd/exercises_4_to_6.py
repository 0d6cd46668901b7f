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
                LOOP.format("f(x + step) - f(x)"),
            ),
        ),
        Misconception(
            "wrong-width",
            "Look at what you divide by. How far is it from x - eps to x + eps? Put that width in brackets.",
            (
                LOOP.format("(f(x + step) - f(x - step)) / eps"),
                LOOP.format("(f(x + step) - f(x - step)) / 2 * eps"),
                LOOP.format("(f(x + step) - f(x - step)) / 2"),
                LOOP.format("f(x + step) - f(x - step)"),
            ),
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
            "step-kept",
            "The first number is right. When the next one moves, those before it are still moved too: begin each time "
            "with a new step.",
            (
                "def numeric_gradient(f, x, eps):\n"
                "    found, step = torch.zeros_like(x), torch.zeros_like(x)\n"
                "    for i in range(len(x)):\n"
                "        step[i] = eps\n"
                "        found[i] = (f(x + step) - f(x - step)) / (2 * eps)\n"
                "    return found",
            ),
        ),
        Misconception(
            "a-list",
            "The numbers are right, but they are in a Python list. Asked for is a tensor like x.",
            tuple(
                "def numeric_gradient(f, x, eps):\n"
                "    steps = torch.eye(len(x), dtype=x.dtype) * eps\n"
                f"    return [{number} for step in steps]"
                for number in (
                    "(f(x + step) - f(x - step)) / (2 * eps)",
                    "((f(x + step) - f(x - step)) / (2 * eps)).item()",
                )
            ),
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
        "For good_eps look into the list of errors for float32: take the eps of a row where the error is small.",
    ),
    worked="One number, measured by hand: the second of three, with a step of 0.5.\n\n"
    "f is x[0] * x[1] * x[1] + x[2], and x is [5, 3, 1]. A step of 0.5 up makes it [5, 3.5, 1], where f is 62.25. A "
    "step of 0.5 down makes it [5, 2.5, 1], where f is 32.25. f has grown by 30, and from 2.5 to 3.5 it is 1 wide: "
    "the measured gradient is 30.\n\n"
    "```python\ndef f(x):\n    return x[0] * x[1] * x[1] + x[2]\n\n\n"
    "x = torch.tensor([5.0, 3.0, 1.0])\nup, down = x.clone(), x.clone()\nup[1] += 0.5\ndown[1] -= 0.5\n\n"
    "float(f(up) - f(down)) / 1.0  # 30.0\n```\n\n"
    "Yours does this for each number of x in turn.",
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
            "wrong-step",
            "The very first step is not lr * w.grad long. Leave lr as it is given: the broken loop is right in its "
            "first round.",
            (
                fit_with(CLEAR, LOSS, BACK, "with torch.no_grad(): w -= w.grad"),
                *(
                    fit_with(*clear, LOSS, BACK, STEP, before=f"lr = lr / {part}")
                    for part in (2, 4, 5, 10, 100, 1000)
                    for clear in ((), (CLEAR,))
                ),
            ),
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
            "zero-grad",
            "zero_grad() belongs to optimisers and models; a tensor has none. For one tensor write `w.grad = None`.",
            (
                fit_with("w.zero_grad()", LOSS, BACK, STEP),
                fit_with(LOSS, "w.zero_grad()", BACK, STEP),
                fit_with(LOSS, BACK, STEP, "w.zero_grad()"),
            ),
        ),
        Misconception(
            "wrong-return",
            "Look at the return. It stands behind the loop, no deeper than `for`, and it gives back w.",
            (
                fit_with(CLEAR, LOSS, BACK, STEP, "return w"),
                fit_with(CLEAR, LOSS, BACK, STEP, after="return loss"),
                fit_with(CLEAR, LOSS, BACK, STEP, after="return w.grad"),
                fit_with(CLEAR, LOSS, BACK, STEP, after="return"),
            ),
        ),
    ),
    hints=(
        "Run the broken loop above with one step and look at `w.grad`. Then with two. What does the second backward() "
        "find there, and what does it do with it?",
        "One line is missing: it makes w.grad empty again. Where in the round may it stand? Not between backward() and "
        "the step that uses the gradient.",
    ),
    worked="Another loop with the same illness. It wants the gradient of speed * seconds for two different times, and "
    "those are 3 and 5.\n\n"
    "```python\nspeed = torch.tensor(2.0, requires_grad=True)\nfound = []\nfor seconds in (3.0, 5.0):\n"
    "    (speed * seconds).backward()\n    found.append(speed.grad.item())\n\nfound  # [3.0, 8.0]\n```\n\n"
    "The first is right. The second is 8, which is 3 + 5: backward() found the 3 of the first round in speed.grad and "
    "added to it. With a line that empties speed.grad, at the start of each round, the loop finds 3 and 5:\n\n"
    "```python\nspeed = torch.tensor(2.0, requires_grad=True)\nfound = []\nfor seconds in (3.0, 5.0):\n"
    "    speed.grad = None\n    (speed * seconds).backward()\n    found.append(speed.grad.item())\n\n"
    "found  # [3.0, 5.0]\n```",
    why="backward() adds to .grad, it does not replace. Inside one graph this is what makes shared tensors right; over "
    "several rounds it would mix old gradients with new ones. So every training loop clears them once a round: before "
    "backward(), or after the step.\n\n"
    "With an optimiser the line is called `optimizer.zero_grad()`. Not clearing has its use as well: run backward() on "
    "several small batches, then take one step, and it is as if the batch had been large.",
)


# -- 6: a result with several numbers ----------------------------------------------------------------------------------


def vector_inputs(rng):
    """Results in which the numbers of x mix, of the same length as x, shorter and longer: nothing fits by chance."""
    mixed, scaled = "x.cumsum(0)", "x.sum() * x"
    shorter, longer = "x.reshape(-1, 2).sum(1)", "torch.cat([x * x, 3 * x])"
    fixed = [(mixed, [3.0, 2.0], [1.0, 10.0]), (scaled, [1.0, 2.0], [1.0, 10.0])]
    fixed += [(shorter, [1.0, 2.0, 3.0, 4.0], [1.0, 10.0]), (longer, [1.0, 2.0], [0.0, 1.0, 2.0, 0.0])]
    drawn = [(text, rng.integers(1, 9, 3) / 4, rng.integers(-9, 9, 3) / 4) for text in (mixed, scaled)]
    cases = [case("weighted_gradient", f=f, x=tensor(x), weights=tensor(weights)) for f, x, weights in [*fixed, *drawn]]
    cases += [case("gradient_of_one", f=f, x=tensor(x), i=i) for f, x, _ in fixed[:3] for i in (1, 0)]
    last = [(shorter, 1), (longer, 2)]
    return [*cases, *(case("gradient_of_one", f=f, x=tensor(rng.integers(1, 9, 4) / 4), i=i) for f, i in last)]


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
            "The gradient of x is multiplied by the weights. They belong to the numbers of f(x): at x it is too late, "
            "there the shares are mixed.",
            tuple(
                f"def weighted_gradient(f, x, weights):\n    f(x).{back}\n    return {product}"
                for back in ("sum().backward()", "backward(weights)")
                for product in ("weights * x.grad", "x.grad * weights")
            ),
        ),
        Misconception(
            "averaged",
            "mean() divides by how many there are. The weights alone say how much each number counts.",
            ("def weighted_gradient(f, x, weights):\n    (weights * f(x)).mean().backward()\n    return x.grad",),
        ),
        Misconception(
            "returns-nothing",
            "None came back. backward() itself returns nothing, and f(x) keeps no gradient: the leaf x does. Return "
            "x.grad.",
            (
                "def weighted_gradient(f, x, weights): return f(x).backward(weights)\n"
                "def gradient_of_one(f, x, i): return f(x)[i].backward()",
            ),
        ),
        Misconception(
            "weights-like-x",
            "f(x) may have more or fewer numbers than x. For each number of f(x) one weight is needed: make them like "
            "f(x).",
            (
                "def gradient_of_one(f, x, i):\n"
                "    weights = torch.zeros_like(x)\n"
                "    weights[i] = 1\n"
                "    f(x).backward(weights)\n"
                "    return x.grad",
            ),
        ),
        Misconception(
            "f-of-one",
            "f is given one number of x alone. Number i of f(x) may need the others too: compute f(x), then pick.",
            ("def gradient_of_one(f, x, i):\n    f(x[i]).backward()\n    return x.grad",),
        ),
        Misconception(
            "picked-at-x",
            "You pick one number of x.grad. Every number of x may have a part in number i of f(x): pick from f(x), and "
            "return all of x.grad.",
            (
                "def gradient_of_one(f, x, i):\n    f(x).sum().backward()\n    return x.grad[i]",
                "def gradient_of_one(f, x, i):\n    f(x)[i].backward()\n    return x.grad[i]",
            ),
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
    ),
    worked="x is [3, 2]. From it come two numbers: the product, 6, and the sum, 5. The sum is to count ten times as "
    "much as the product.\n\n"
    "The product alone has the gradient [2, 3] at x: each factor gets the other one. The sum alone has the gradient "
    "[1, 1]. Once the first and ten times the second make [2 + 10, 3 + 10].\n\n"
    "```python\nx = torch.tensor([3.0, 2.0], requires_grad=True)\n"
    "result = torch.stack([x[0] * x[1], x.sum()])\nresult.backward(torch.tensor([1.0, 10.0]))\n\n"
    "x.grad.tolist()  # [12.0, 13.0]\n```",
    why="Every rule multiplies by the g that arrives, so somebody must provide the first g. For a single number "
    "PyTorch takes 1. For several it asks you: the weights are that first g. They give the gradient of "
    "`(weights * result).sum()`, in one walk back.\n\n"
    "A weight of 1 at one place and 0 elsewhere picks one number of the result. In the books the table of all these "
    "gradients is called the Jacobian, and a walk back computes weights times that table: a vector-Jacobian product.",
)

EXERCISES = [NUMERIC, TRAINING, VECTOR]
