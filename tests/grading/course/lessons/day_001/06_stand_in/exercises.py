"""Three small exercises on plain numbers and arrays, for the tests of the grader."""

from course.checks.exercise import Exercise, Misconception, case
from course.checks.observe import printed, state, values


def numbers(rng):
    return [case("double", x=3.0), *(case("double", x=float(rng.uniform(-9, 9))) for _ in range(4))]


def watch_number(ns, case):
    return values(ns["double"](case["given"]["x"]), "result")


def arrays(rng):
    return [case("normed", a=rng.normal(size=shape)) for shape in ((3,), (2, 4), (5, 5))]


def watch_array(ns, case):
    a = case["given"]["a"]
    return {**values(ns["normed"](a), "result"), **state(a=a)}


def words(rng):
    return [case("greet", name=name) for name in ("Ada", "".join(chr(97 + int(n)) for n in rng.integers(0, 26, 12)))]


def watch_words(ns, case):
    _, seen = printed(lambda: ns["greet"](case["given"]["name"]))
    return seen


EXERCISES = [
    Exercise(
        id="06.double",
        title="Twice",
        points=2,
        inputs=numbers,
        observe=watch_number,
        misconceptions=(Misconception("squares", "This is x times x.", ("def double(x): return x * x",)),),
        hints=("Add x to itself.",),
        why="Twice x is x + x.",
    ),
    Exercise(
        id="06.normed",
        title="Length one",
        points=4,
        inputs=arrays,
        observe=watch_array,
        misconceptions=(Misconception("by-sum", "This divides by the sum.", ("def normed(a): return a / a.sum()",)),),
        hints=("Divide by the length.",),
        why="Dividing by the length leaves the direction.",
    ),
    Exercise(
        id="06.greet",
        title="A greeting",
        points=6,
        inputs=words,
        observe=watch_words,
        misconceptions=(
            Misconception("no-comma", "A comma is missing.", ("def greet(name): print('Hello ' + name)",)),
        ),
        hints=("Print it.",),
        why="Printing is not returning.",
    ),
]
