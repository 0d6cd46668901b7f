"""Lesson 06, exercises 1 to 3 as data; their answers are in `lesson.md`."""

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
            "pow-brackets",
            "`x ** n - 1` takes the power first and then takes 1 away from it. Put the new exponent in brackets.",
            (
                "def pow_rule(g, x, n): return g * n * x ** n - 1",
                "def pow_rule(g, x, n): return g * (n * x ** n - 1)",
                "def pow_rule(g, x, n): return n * x ** n - 1",
            ),
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
        Misconception(
            "g-added",
            "g is added to the local gradient. The two are multiplied: g times the local gradient.",
            (
                "def add_rule(g, x, y): return g + 1, g + 1\n"
                "def mul_rule(g, x, y): return g + y, g + x\n"
                "def pow_rule(g, x, n): return g + n * x ** (n - 1)",
            ),
        ),
        Misconception(
            "add-looks-at-inputs",
            "The inputs do not matter to an addition: whatever they are, when x grows by 1, x + y grows by 1.",
            ("def add_rule(g, x, y): return g * x, g * y", "def add_rule(g, x, y): return g * y, g * x"),
        ),
        Misconception(
            "add-shares-g",
            "g is not shared out. Each input alone makes the sum grow by 1, so each gets the whole of g.",
            ("def add_rule(g, x, y): return g / 2, g / 2",),
        ),
    ),
    hints=(
        "Every rule has the form `g * local`. Find `local` first: let one input grow a little, hold the other still, "
        "and see how many times as much the result grows.",
        "Try it with numbers. `3 * 2` is 6 and `3.1 * 2` is 6.2: x grew by 0.1, and the product by 0.2. That is twice "
        "as much, and 2 is y. Then `3 + 2` is 5 and `3.1 + 2` is 5.1.",
    ),
    worked="The rule of another operation, `x * x * y`. Say x is 3, y is 2, and g = 5 arrives.\n\n"
    "First x, and y is held still. At 3, x * x grows 2 * x = 6 times as fast as x. The result has the factor y as "
    "well, so its local gradient for x is 2 * x * y = 12.\n\n"
    "Then y, and x is held still. The result is y times 9, so it grows x * x = 9 times as fast as y.\n\n"
    "Last, each of the two times g: 60 for x and 45 for y.\n\n"
    "```python\ndef example_rule(g, x, y):\n    return g * 2 * x * y, g * x * x\n\n\n"
    "example_rule(5.0, 3.0, 2.0)  # (60.0, 45.0)\n```",
    why="An operation knows only its own inputs. g brings it the news from the rest of the graph, and multiplying the "
    "two is the chain rule. Addition multiplies by 1, so g passes through unchanged. Multiplication hands each side g "
    "times the other factor. That is why it must keep its inputs until backward: they are called saved tensors.\n\n"
    "The usual way to write a rule is one line of products that names no case apart. It then works for single numbers "
    "and for whole tables, as your checks did.",
)


# -- 2: where paths meet -----------------------------------------------------------------------------------------------


def arrivals_inputs(rng):
    """Lists of (name, gradient) in order of arrival; equal gradients, a single one and none at all are among them."""
    lists = [[("x", 4.0)], [("x", 4.0), ("x", 3.0)], [("x", 2.0), ("y", 6.0), ("x", 5.0), ("x", 3.0)]]
    lists += [[("w", 2.0)] * 3, [("a", 0.0), ("b", -1.0), ("a", 2.0)], []]
    lists += [[(name, rng.integers(-9, 9, shape) / 4) for name in "xyxzx"] for shape in ((3,), (2, 2))]
    return [case("collect", arrivals=[(name, tensor(g)) for name, g in arrivals]) for arrivals in lists]


def watch_collect(ns, case):
    arrivals = case["given"]["arrivals"]
    result = values(ns["collect"](arrivals), "the result")
    return {**result, **state(**{"the gradients in arrivals": [gradient for _, gradient in arrivals]})}


GATHER = "def collect(arrivals):\n    total = {{}}\n    for name, g in arrivals: {}\n    return total"

FAN_OUT = Exercise(
    id="06.fan_out",
    title="Exercise 2, where paths meet",
    points=2,
    inputs=arrivals_inputs,
    observe=watch_collect,
    misconceptions=(
        Misconception(
            "overwritten",
            "Only the last gradient is left. Every path counts, so the earlier ones must not be written over.",
            (
                "def collect(arrivals): return dict(arrivals)",
                GATHER.format("total[name] = g * 1"),
            ),
        ),
        Misconception(
            "one-case-lost",
            "There are two cases, a new name and one that came before. In one of them what arrives is lost.",
            (
                GATHER.format("total.setdefault(name, g)"),
                GATHER.format("total[name] = total[name] + g if name in total else 0"),
                GATHER.format("total[name] = total[name] + g if name in total else g * 0"),
            ),
        ),
        Misconception(
            "not-added",
            "These gradients come by different paths, and each path makes the result grow by its own part: what is it "
            "in all?",
            (
                "def collect(arrivals):\n"
                "    lists = {}\n"
                "    for name, g in arrivals: lists.setdefault(name, []).append(g)\n"
                "    return {name: sum(gs) / len(gs) for name, gs in lists.items()}",
                GATHER.format("total[name] = total[name] * g if name in total else g"),
            ),
        ),
        Misconception(
            "no-entry-yet",
            "The dictionary has nothing under a new name, so there is nothing to add to. Ask first: `name in total`.",
            (GATHER.format("total[name] += g"), GATHER.format("total[name] = total[name] + g")),
        ),
        Misconception(
            "listed",
            "The gradients are sorted by name now, but still in lists. One gradient for each name is wanted.",
            (
                "def collect(arrivals):\n"
                "    lists = {}\n"
                "    for name, g in arrivals: lists.setdefault(name, []).append(g)\n"
                "    return lists",
            ),
        ),
        Misconception(
            "written-in-place",
            "`+=` has written into a tensor that arrived, which others may still need. Make a new one: `a + b`.",
            (
                "def collect(arrivals):\n"
                "    total = {}\n"
                "    for name, g in arrivals:\n"
                "        if name in total: total[name] += g\n"
                "        else: total[name] = g\n"
                "    return total",
            ),
        ),
        Misconception(
            "names-mixed",
            "Gradients of different names are added together. Each name needs a sum of its own.",
            (
                "def collect(arrivals): return {name: sum(g for _, g in arrivals) for name, _ in arrivals}",
                "def collect(arrivals): return sum(g for _, g in arrivals)",
            ),
        ),
        Misconception(
            "names-fixed",
            "x and y were only an example. Take the names from `arrivals`: those that come, whatever they are.",
            (
                "def collect(arrivals):\n"
                "    total = {'x': 0, 'y': 0}\n"
                "    for name, g in arrivals:\n"
                "        if name in total: total[name] = total[name] + g\n"
                "    return total",
            ),
        ),
        Misconception(
            "items",
            "`arrivals` is a list of pairs and no dictionary, so it has no items(). Go through the list itself: "
            "`for name, g in arrivals`.",
            ("def collect(arrivals): return {name: g for name, g in arrivals.items()}",),
        ),
        Misconception(
            "returns-too-early",
            "Only the first pair was looked at. Does the `return` stand inside the loop?",
            (
                "def collect(arrivals):\n"
                "    total = {}\n"
                "    for name, g in arrivals:\n"
                "        total[name] = total.get(name, 0) + g\n"
                "        return total",
            ),
        ),
    ),
    hints=(
        "Go through the list in order. For each pair there are two cases: the name is new, or you have met it before.",
        "`name in total` tells whether a dictionary called `total` has the name already. For a new name, put the "
        "gradient in. For a known one, put in what was there plus what arrives now.",
    ),
    worked="A list of words. For each first letter, how long is the longest word?\n\n"
    "Go through the words in order. A letter that is new gets the length of its first word. For a letter that has an "
    "entry already, the entry and the new length are put together: here the larger of the two stays.\n\n"
    '```python\nlongest = {}\nfor word in ["to", "ask", "tensor", "tape"]:\n    letter = word[0]\n'
    "    if letter in longest:\n        longest[letter] = max(longest[letter], len(word))\n"
    "    else:\n        longest[letter] = len(word)\n\n"
    'longest  # {"t": 6, "a": 3}\n```',
    why="When x grows, the result grows through the first path and through the second as well: the two parts add "
    "up. Along a path gradients are multiplied, where paths meet they are added: that is the whole of backward.\n\n"
    "PyTorch does it in two places. On the way back it adds what arrives at an operation before the operation runs its "
    "rule. And at a leaf it adds to what `.grad` already holds, even if that is from an earlier `backward()`. The "
    "usual short form is `total[name] = total.get(name, 0) + g`.",
)


# -- 3: back to the input's shape --------------------------------------------------------------------------------------


def shapes_inputs(rng):
    """Gradients as tables of fixed numbers for every sort of stretching, then larger ones at random."""
    table = [[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]
    cases = [case("sum_to", g=tensor([1.0, 2.0]), shape=())]
    cases += [case("sum_to", g=tensor(table), shape=shape) for shape in ((3,), (2, 1), (1, 3), (2, 3), ())]
    cases += [case("sum_to", g=tensor([[5.0, 7.0]]), shape=shape) for shape in ((1, 2), (2,))]
    for large, small in (((2, 2, 2), (2,)), ((2, 3, 2), (3, 1)), ((3, 2, 2), (1, 2, 1)), ((2, 2, 3), (2, 3))):
        cases.append(case("sum_to", g=tensor(rng.integers(-9, 9, large) / 4), shape=small))
    return cases


def watch_sum_to(ns, case):
    g, shape = case["given"]["g"], case["given"]["shape"]
    return {**values(ns["sum_to"](g, shape), "the gradient"), **state(g=g)}


ONES = "for axis, size in enumerate(shape): g = g.sum(axis, keepdim=True) if size == 1 else g"

UNBROADCAST = Exercise(
    id="06.sum_to",
    title="Exercise 3, back to the input's shape",
    points=3,
    inputs=shapes_inputs,
    observe=watch_sum_to,
    misconceptions=(
        Misconception(
            "unchanged",
            "g still has the shape of the result: nothing was added up. Or was it, and not kept? g.sum(...) makes a "
            "new tensor and leaves g as it is.",
            ("def sum_to(g, shape): return g * 1",),
        ),
        Misconception(
            "all-summed",
            "Everything is summed to one number. Sum only along the axes that were stretched.",
            (
                "def sum_to(g, shape): return g.sum()",
                "def sum_to(g, shape): return g.sum() if tuple(g.shape) != tuple(shape) else g",
                "def sum_to(g, shape): return torch.ones(shape) * g.sum()",
            ),
        ),
        Misconception(
            "not-summed",
            "A number that was used several times gets the sum of all its shares: not their average, not one of them.",
            (
                "def sum_to(g, shape):\n"
                "    for _ in range(g.ndim - len(shape)): g = g.mean(0)\n"
                "    for axis, size in enumerate(shape): g = g.mean(axis, keepdim=True) if size == 1 else g\n"
                "    return g",
                "def sum_to(g, shape):\n"
                "    for _ in range(g.ndim - len(shape)): g = g[0]\n"
                "    for k, size in enumerate(shape): g = g[(slice(None),) * k + (slice(1),)] if size == 1 else g\n"
                "    return g * 1",
            ),
        ),
        Misconception(
            "wrong-end",
            "The two shapes are lined up at the left. They belong together at the right: missing axes are the first.",
            (
                "def sum_to(g, shape):\n"
                "    for _ in range(g.ndim - len(shape)): g = g.sum(-1)\n"
                f"    {ONES}\n"
                "    return g",
                f"def sum_to(g, shape):\n    {ONES}\n    while g.ndim > len(shape): g = g.sum(0)\n    return g",
                f"def sum_to(g, shape):\n    {ONES}\n    while g.ndim > len(shape): g = g.sum(-1)\n    return g",
            ),
        ),
        Misconception(
            "wrong-axes",
            "The right numbers, but not the right axes. An axis of size 1 stays, with `keepdim=True`; an axis that the "
            "input does not have goes.",
            (
                *(
                    "def sum_to(g, shape):\n"
                    "    for _ in range(g.ndim - len(shape)): g = g.sum(0)\n"
                    f"    for axis in {axes}: g = g.sum(axis) if shape[axis] == 1{besides} else g\n"
                    "    return g"
                    for axes in ("range(len(shape))", "reversed(range(len(shape)))")
                    for besides in ("", " and g.shape[axis] != 1")
                ),
                "def sum_to(g, shape):\n"
                "    extra = g.ndim - len(shape)\n"
                "    for axis in range(extra): g = g.sum(axis, keepdim=True)\n"
                "    for axis, size in enumerate(shape): g = g.sum(extra + axis, keepdim=True) if size == 1 else g\n"
                "    return g",
            ),
        ),
        Misconception(
            "ones-forgotten",
            "Axes that are missing are dealt with. An axis of size 1 was stretched too: sum along it as well.",
            ("def sum_to(g, shape):\n    for _ in range(g.ndim - len(shape)): g = g.sum(0)\n    return g * 1",),
        ),
        Misconception(
            "missing-forgotten",
            "Axes of size 1 are dealt with. g may also have axes that the input lacks: sum those away first.",
            (
                "def sum_to(g, shape):\n"
                "    for axis, size in enumerate(shape):\n"
                "        if len(shape) == g.ndim and size == 1: g = g.sum(axis, keepdim=True)\n"
                "    return g * 1",
                "def sum_to(g, shape):\n"
                "    for axis, size in enumerate(shape): g = g.sum(axis, keepdim=True) if size == 1 else g\n"
                "    return g * 1",
            ),
        ),
        Misconception(
            "reshaped",
            "Arranging the numbers anew is not enough: there are too many of them. Add up those that belong together.",
            ("def sum_to(g, shape): return g.reshape(shape)", "def sum_to(g, shape): return g.view(shape)"),
        ),
        Misconception(
            "some-shapes",
            "This works for some shapes only. Several axes can be missing, several can have size 1, and both can come "
            "together.",
            (
                f"def sum_to(g, shape):\n    if g.ndim > len(shape): g = g.sum(0)\n    {ONES}\n    return g",
                "def sum_to(g, shape): return g.sum(0) if g.ndim > len(shape) else g",
                "def sum_to(g, shape):\n"
                "    if g.ndim > len(shape):\n"
                "        while g.ndim > len(shape): g = g.sum(0)\n"
                "        return g\n"
                f"    {ONES}\n"
                "    return g",
                "def sum_to(g, shape):\n"
                "    if tuple(g.shape) == tuple(shape): return g\n"
                "    return g.sum(0) if len(shape) == 1 else g.sum(1, keepdim=True)",
            ),
        ),
        Misconception(
            "axes-move-up",
            "After `g.sum(dim=0)` the other axes move up one place: axis 1 is axis 0 now. So which one is next?",
            (
                "def sum_to(g, shape):\n"
                "    for i in range(g.ndim - len(shape)): g = g.sum(i)\n"
                f"    {ONES}\n"
                "    return g",
                "def sum_to(g, shape):\n    for i in range(g.ndim - len(shape)): g = g.sum(i)\n    return g",
            ),
        ),
    ),
    hints=(
        "Write the two shapes below each other, lined up at the right. Where the lower one has nothing, or a 1 under a "
        "larger number, the input was stretched. Along exactly those axes g is summed.",
        "Two steps. First the axes that the input lacks: they stand in front, `g.ndim - len(shape)` of them. Then, "
        "where `shape` has a 1, sum along that axis and keep it: `keepdim=True`.",
    ),
    worked="One case, from the shape (2, 5, 4) back to (5, 1). Below each other, lined up at the right:\n\n"
    "```\n2  5  4\n   5  1\n```\n\n"
    "Under the 2 stands nothing: that axis is missing, so sum along it, and it goes. Under the 5 stands a 5: nothing "
    "to do. Under the 4 stands a 1: sum along this axis, and keep it.\n\n"
    "```python\ng = torch.ones(2, 5, 4)\ng = g.sum(dim=0)  # now (5, 4)\n"
    "g = g.sum(dim=1, keepdim=True)\n\ntuple(g.shape)  # (5, 1)\n```\n\n"
    "Yours finds out from the two shapes how often to sum, and along which axes.",
    why="Stretching uses one number in many places, and where paths meet, gradients are added. So this is the last "
    "exercise again: summing along an axis adds the shares of every place the number went to. A gradient always has "
    "the shape of its tensor.\n\n"
    "PyTorch has your function as `g.sum_to_size(shape)`. In Kindling no rule does it itself: the engine does it "
    "after every rule, so `add_rule` can go on returning `g, g`.",
)

EXERCISES = [RULES, FAN_OUT, UNBROADCAST]
