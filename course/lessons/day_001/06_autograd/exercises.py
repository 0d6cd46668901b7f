"""Lesson 06, the exercises as data; their answers are in `lesson.md`."""

from course.checks.codec import tensor
from course.checks.exercise import Exercise, Misconception, case
from course.checks.observe import state, values


def rules_inputs(rng):
    """Single numbers first, where every wrong model gives another result; then rows and tables of quarters."""
    cases = []
    for shape in ((), (3,), (2, 2)):
        g, x, y = (tensor(number if shape == () else rng.integers(2, 12, shape) / 4) for number in (5.0, 3.0, 2.0))
        cases += [case("add_rule", g=g, x=x, y=y), case("mul_rule", g=g, x=x, y=y)]
        cases += [case("pow_rule", g=g, x=x, n=n) for n in ((2,) if shape == () else (3, 0.5, -1))]
    return cases


def watch_rules(ns, case):
    given = case["given"]
    names = ["grad_x", "grad_y"] if "y" in given else ["grad_x"]
    tensors = {name: value for name, value in given.items() if name != "n"}
    result = ns[case["call"]](*given.values())
    return {**values(result, *names), **state(**tensors)}


RULES = Exercise(
    id="06.mul_rule",
    title="Exercise 1, three rules",
    points=3,
    inputs=rules_inputs,
    observe=watch_rules,
    misconceptions=(
        Misconception(
            "no-upstream",
            "This is the local gradient alone. Multiply it by g, the gradient that arrives.",
            (
                "def add_rule(g, x, y): return torch.ones_like(x), torch.ones_like(y)\n"
                "def mul_rule(g, x, y): return y, x\n"
                "def pow_rule(g, x, n): return n * x ** (n - 1)",
                "def add_rule(g, x, y): return 1, 1",
                "def add_rule(g, x, y): return 1.0, 1.0",
            ),
        ),
        Misconception(
            "add-passes-zero",
            "Addition lets the whole gradient through. When x grows by 1, x + y grows by 1 as well: is that 0?",
            (
                "def add_rule(g, x, y): return g * 0, g * 0",
                "def add_rule(g, x, y): return 0, 0",
                "def add_rule(g, x, y): return 0.0, 0.0",
            ),
        ),
        Misconception(
            "mul-swapped",
            "The two factors have changed places. When x grows by 1, x * y grows by y: so what does grad_x need?",
            ("def mul_rule(g, x, y): return g * x, g * y",),
        ),
        Misconception(
            "pow-exponent-kept",
            "The factor n is there, but the exponent is still n. In the gradient it is one lower.",
            ("def pow_rule(g, x, n): return g * n * x ** n",),
        ),
        Misconception(
            "pow-factor-lost",
            "The exponent is lower by one, but the old exponent must come down in front as a factor.",
            ("def pow_rule(g, x, n): return g * x ** (n - 1)",),
        ),
        Misconception(
            "forward-value",
            "This is g times the operation's value. The question is another one: how much does that value grow with x?",
            (
                "def add_rule(g, x, y): return g * (x + y), g * (x + y)\n"
                "def mul_rule(g, x, y): return g * x * y, g * x * y\n"
                "def pow_rule(g, x, n): return g * x ** n",
            ),
        ),
    ),
    hints=(
        "Every rule has the form `g * local`. Find `local` first: let one input grow by 1, hold the other still, and "
        "see by how much the result grows.",
        "Try it with numbers. `3 * 2` is 6 and `4 * 2` is 8: x grew by 1, and the product grew by 2, which is y. Then "
        "`3 + 2` is 5 and `4 + 2` is 6.",
        "A worked example, the rule of `x * x * y`. Its local gradient is `2 * x * y` for x and `x * x` for y:\n\n"
        "```python\ndef example_rule(g, x, y):\n    return g * 2 * x * y, g * x * x\n```\n\n"
        "Yours look the same and have fewer factors.",
    ),
    why="An operation knows only its own inputs. g brings it the news from the rest of the graph, and multiplying the "
    "two is the chain rule. Addition multiplies by 1, so g passes through unchanged. Multiplication hands each side g "
    "times the other factor. That is why it must keep its inputs until backward: they are called saved tensors.\n\n"
    "The usual way to write a rule is one line of products that names no case apart. It then works for single numbers "
    "and for whole tables, as your checks did.",
)

EXERCISES = [RULES]
