"""A class of made-up students: answers that people wrote alone, some copied and disguised, and marks for all."""

import ast
import builtins
import copy
import json
import random

import kindling as torch
from course.checks.judge import Verdict
from grading import writeup
from grading.assignment import Assignment
from grading.classroom import Classroom
from grading.intake import rebuild
from grading.marks import Graded, Mark
from grading.runner import Played
from grading.session.drawn import drawn
from grading.store import Store
from tests.grading import classes

# Each list: ways to write one part. A student takes one of each.
LENGTH = [
    "def {size}({a}):\n    {t} = 0.0\n    for {v} in {a}.ravel():\n        {t} += {v} ** 2\n    return {t} ** 0.5",
    "def {size}({a}):\n    return np.sqrt(np.sum({a} * {a}))",
    "def {size}({a}):\n    return np.linalg.norm({a})",
    "def {size}({a}):\n    {t}, {i} = 0, 0\n    {v} = list({a}.ravel())\n    while {i} < len({v}):\n"
    "        {t} = {t} + {v}[{i}] * {v}[{i}]\n        {i} += 1\n    return np.sqrt({t})",
    "def {size}({a}):\n    return sum({v} * {v} for {v} in {a}.flatten().tolist()) ** 0.5",
    "{size} = lambda {a}: ({a} ** 2).sum() ** 0.5",
]
TAKE = [
    "",
    "    {a} = np.asarray({a}, dtype=float)\n",
    "    if {a}.size == 0:\n        return {a}\n",
    "    {a} = {a} + 0.0\n",
    "    {i} = {a}.ndim\n    if {i} < 1:\n        {a} = {a}.reshape(1)\n",
    "    try:\n        {a} = {a}.astype(float)\n    except AttributeError:\n        {a} = np.array({a})\n",
]
CHECK = [
    "",
    "    if {n} == 0:\n        return {a}\n",
    "    if not {a}.any():\n        raise ValueError('empty')\n",
    "    {n} = {n} if {n} > 1e-12 else 1.0\n",
    "    assert {n} != 0, 'no direction'\n",
    "    {n} = max({n}, 1e-9)\n",
]
DIVIDE = [
    "    return {a} / {n}",
    "    {r} = np.array([{v} / {n} for {v} in {a}.ravel()])\n    return {r}.reshape({a}.shape)",
    "    {r} = {a}.copy()\n    {r} /= {n}\n    return {r}",
    "    {r} = np.empty_like({a})\n    for {i} in np.ndindex({a}.shape):\n        {r}[{i}] = {a}[{i}] / {n}\n"
    "    return {r}",
    "    {r} = 1.0 / {n}\n    return np.multiply({a}, {r})",
    "    return np.divide({a}, {n}, out=np.zeros_like({a}), where={n} > 0)",
]
WORDS = [
    "    print('Hello, ' + {n} + '!')",
    "    print(f'Hello, {{{n}}}!')",
    "    print('Hello, %s!' % {n})",
    "    {r} = ['Hello,', {n} + '!']\n    print(' '.join({r}))",
    "    {r} = 'Hello, '\n    for {v} in {n}:\n        {r} += {v}\n    {r} += '!'\n    print({r})",
    "    print('Hello, {{}}!'.format({n}))",
]
CLEAN = [
    "",
    "    {n} = {n}.strip()\n",
    "    if not {n}:\n        {n} = 'you'\n",
    "    {n} = {n} or 'somebody'\n",
    "    {t} = len({n})\n    if {t} == 0:\n        return\n",
    "    {n} = ''.join({v} for {v} in {n} if {v} != ' ')\n",
]
NAMES = {
    "size": ["size", "length", "norm", "mag"],
    "a": ["a", "x", "arr", "vec"],
    "t": ["total", "s", "acc", "t"],
    "v": ["v", "item", "e", "value"],
    "i": ["i", "k", "idx", "j"],
    "n": ["n", "d", "l", "scale"],
    "r": ["out", "res", "result", "r"],
}


def alone(rng: random.Random) -> dict[str, str]:
    """The answers of somebody who worked alone."""
    names = {part: rng.choice(words) for part, words in NAMES.items()}
    size, take, check, divide, clean, words = map(rng.choice, (LENGTH, TAKE, CHECK, DIVIDE, CLEAN, WORDS))
    normed = f"{size}\n\ndef normed({{a}}):\n{take}    {{n}} = {{size}}({{a}})\n{check}{divide}".format(**names)
    return {
        "double": f"def double({names['a']}):\n    return {rng.choice(['2 *', '2.0 *'])} {names['a']}",
        "normed": normed,
        "greet": f"def greet({names['n']}):\n" + (clean + words).format(**names),
    }


class _Renamed(ast.NodeTransformer):
    """Every name of the author's own is another one."""

    def __init__(self, kept: set[str]):
        self.kept = kept

    def _name(self, name: str) -> str:
        return name if name in self.kept or name.startswith("__") else f"my_{name}_2"

    def visit_Name(self, node):
        return ast.Name(self._name(node.id), node.ctx)

    def visit_arg(self, node):
        return ast.arg(self._name(node.arg))

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        node.name = self._name(node.name)
        return node


def renamed(source: str) -> str:
    """With other names for all that is the student's own."""
    kept = {"normed", "double", "greet", "np", *dir(builtins)}
    return ast.unparse(_Renamed(kept).visit(ast.parse(source)))


def reordered(source: str) -> str:
    """With the functions in the opposite order."""
    return "\n\n\n".join(ast.unparse(part) for part in reversed(ast.parse(source).body))


def remarked(source: str) -> str:
    """With comments, a docstring, blank lines and other texts."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body.insert(0, ast.Expr(ast.Constant("I thought long about this.")))
    lines = ast.unparse(tree).splitlines()
    return "\n".join(f"{line}  # step {number}\n" for number, line in enumerate(lines))


DISGUISES = (renamed, reordered, remarked)


def answers_of_a_class(count: int = 40, seed: int = 1) -> tuple[dict[str, dict[str, str]], set[tuple[str, str]]]:
    """The answers of each student, and the pairs of which one copied in a disguise."""
    rng = random.Random(seed)
    answers = {f"student{number:02}": alone(rng) for number in range(count)}
    planted = set()
    for number, disguise in enumerate(DISGUISES if count >= 40 else ()):
        first, second = f"student{3 + number:02}", f"student{20 + number:02}"
        answers[second] = {name: disguise(source) for name, source in answers[first].items()}
        planted.add((first, second))
    return answers, planted


def grade(classroom: Classroom, answers: dict[str, dict[str, str]], lessons=classes.LESSONS, ability=None) -> None:
    """Write marks for a class as if its answers had been judged: right, or one of the misconceptions."""
    rng = random.Random(1)
    assignment = Assignment.load(classroom, classes.DAY, lessons)
    with Store(classroom) as store:
        for student, texts in answers.items():
            able = rng.gauss(0.7, 0.25) if ability is None else ability
            store.save(_graded(assignment, student, texts, able, rng))


def _graded(assignment: Assignment, student: str, texts: dict[str, str], ability: float, rng: random.Random) -> Graded:
    notebooks, marks, notes = {}, {}, []
    for name, skeleton in assignment.skeletons.items():
        asked = assignment.questions[name]
        handed_in = copy.deepcopy(skeleton)
        for cell in handed_in["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            text = texts.get(grade_id.removesuffix("_answer").partition("_")[2])
            if grade_id.endswith("_answer") and text:
                cell["source"] = text
        rebuilt = rebuild(skeleton, writeup_bytes(handed_in))
        verdicts = {grade_id: _verdict(question, ability, rng) for grade_id, question in asked.items()}
        played = Played(tapes={grade_id: drawn(_small_run) for grade_id in asked})
        notebooks[name] = writeup.notebook(skeleton, rebuilt, played, verdicts, asked)
        marks[name] = [
            Mark(key, question.points * verdicts[key].passed, question.points, verdicts[key].sentence)
            for key, question in asked.items()
        ]
        for mark in marks[name]:
            mark.misconception = verdicts[mark.grade_id].misconception_id
    if rng.random() < 0.1:
        notes.append("The file is damaged: 12 cells could be read from it.")
    facts = {"seconds": round(rng.lognormvariate(0, 0.6), 2), "seed": assignment.seed_hash, "checks": assignment.checks}
    return Graded(
        assignment.name, student, student, notebooks, marks, {n: set() for n in notebooks}, notes, None, facts
    )


def _small_run() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * 3).sum().backward()


def writeup_bytes(notebook: dict) -> bytes:
    """A notebook as its file."""
    return json.dumps(notebook).encode()


def _verdict(question, ability: float, rng: random.Random) -> Verdict:
    if rng.random() < ability:
        return question.judge(question.entry["expected"])
    known = question.entry["misconceptions"]
    if rng.random() < 0.2:
        return question.judge([{"exception": {"type": "NameError", "message": "name 'y' is not defined"}}] * 99)
    return question.judge(known[int(rng.random() ** 2 * len(known))]["observations"])
