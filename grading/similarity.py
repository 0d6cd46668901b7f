"""Students whose answers are alike in how they are built; names, numbers, texts, comments and order do not count.

An answer becomes the runs of eight nodes that its syntax tree has, without those of the released text. Two answers are
alike when they share most of their runs. That is worth the more the fewer others are alike as well, so an answer that
everybody must write alike is worth nothing; and a pair is listed when all that it shares is worth more than what some
pair of a class of this size would reach by chance.
"""

import ast
import builtins
import math
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from grading.asserts import parse

RUN = 8
MOST_TOKENS = 20_000
ALIKE = 0.75
FIXED = frozenset(dir(builtins))  # names that a copyist cannot change

Run = tuple[str, ...]
Place = tuple[str, str]  # a notebook, and the grade_id of an answer in it


@dataclass(frozen=True)
class Match:
    """One answer of a pair: how much of it is shared (0 to 1), by how many students, and what that is worth in bits."""

    share: float
    students: int
    bits: float


@dataclass(frozen=True)
class Pair:
    """Two students and where they are alike."""

    first: str
    second: str
    matches: dict[Place, Match]

    @property
    def bits(self) -> float:
        """What all of it is worth: one in two to this power would be alike by chance."""
        return sum(match.bits for match in self.matches.values())


def runs_of(source: str) -> dict[Run, set[int]]:
    """The runs of an answer, each with the lines it stands on; nothing of what Python cannot read.

    >>> one = runs_of("def f(a): return [b * 2 for b in a if b]  # twice")
    >>> one.keys() == runs_of("def g(x): return [y*3 for y in x if y]").keys()
    True
    """
    found: dict[Run, set[int]] = defaultdict(set)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a student's "\d"
        body = parse(source).body
    for part in _parts(body):
        tokens = _tokens(part)
        for start in range(max(1, len(tokens) - RUN + 1)):
            here = tokens[start : start + RUN]
            found[tuple(token for token, _ in here)] |= {line for _, line in here if line}
    return found


def _parts(body: list[ast.stmt]) -> Iterable[list[ast.AST]]:
    """Each function's body and what stands outside of functions, so that their order does not matter."""
    plain, left = [], list(body)
    while left:
        part = left.pop(0)
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            yield part.body
        elif isinstance(part, ast.ClassDef):
            left[:0] = part.body
        elif not isinstance(part, ast.Import | ast.ImportFrom):
            plain.append(part)
    if plain:
        yield plain


def _tokens(body: list[ast.AST]) -> list[tuple[str, int]]:
    """The nodes of a tree in the order of the text, each with its line; texts that nobody uses are comments."""
    made, stack, line = [], body[::-1], 0
    while stack and len(made) < MOST_TOKENS:
        node = stack.pop()
        if isinstance(node, ast.expr_context) or _is_comment(node):
            continue
        line = getattr(node, "lineno", line)
        made.append((_token(node), line))
        hidden = {"annotation", "returns", "type_comment"}
        for name, value in reversed(list(ast.iter_fields(node))):
            children = value if isinstance(value, list) else [value]
            if name not in hidden:
                stack += [child for child in reversed(children) if isinstance(child, ast.AST)]
    return made


def _is_comment(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _token(node: ast.AST) -> str:
    kind = type(node).__name__
    if isinstance(node, ast.Name) and node.id in FIXED:
        return node.id
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    if isinstance(node, ast.keyword):
        return f"{node.arg}="
    return "Assign" if kind == "AnnAssign" else kind


def pairs(answers: dict[Place, dict[str, str]], released: str, count: int) -> list[Pair]:
    """The pairs among `count` students, the strangest first; `answers` are by place and student."""
    found: dict[tuple[str, str], dict[Place, Match]] = defaultdict(dict)
    usual = runs_of(released).keys()
    for place, texts in answers.items():
        runs = {student: frozenset(runs_of(text)).difference(usual) for student, text in sorted(texts.items())}
        for both, match in _matches({student: mine for student, mine in runs.items() if mine}, count).items():
            found[both][place] = match
    made = [Pair(*both, matches) for both, matches in found.items()]
    by_chance = math.log2(max(2, math.comb(count, 2)))
    return sorted((pair for pair in made if pair.bits > by_chance), key=lambda p: (-p.bits, p.first, p.second))


def _matches(runs: dict[str, frozenset[Run]], count: int) -> dict[tuple[str, str], Match]:
    """Who is alike in one answer; students who wrote the same are compared once."""
    same = defaultdict(list)
    for student, mine in runs.items():
        same[mine].append(student)
    shares, friends = {}, Counter()
    for one, other in [(mine, mine) for mine in same] + list(combinations(same, 2)):
        share = 2 * len(one & other) / (len(one) + len(other))
        if share >= ALIKE:
            shares[one, other] = share
            friends[one] += len(same[other])
            friends[other] += len(same[one]) if one is not other else 0
    owners = Counter(run for mine in runs.values() for run in mine)
    made = {}
    for (one, other), share in shares.items():
        group = max(2, (friends[one] + friends[other]) / 2)
        bits = math.log2(max(count - 1, 1) / (group - 1)) if count > group else 0.0
        # A long answer is many choices: eight unusual nodes that agree are one more, if nearly everything agrees.
        unusual = sum(owners[run] <= max(2, count // 8) for run in one & other) if bits else 0
        bits += unusual / RUN * (share - ALIKE) / (1 - ALIKE)
        everyone = combinations(same[one], 2) if one is other else [(a, b) for a in same[one] for b in same[other]]
        made |= {tuple(sorted(both)): Match(share, round(group), bits) for both in everyone}
    return made


def shared_lines(first: str, second: str, released: str) -> tuple[set[int], set[int]]:
    """The lines of two answers that take part in what they share."""
    usual, one, other = runs_of(released).keys(), runs_of(first), runs_of(second)
    both = (one.keys() & other.keys()) - usual
    return tuple(set().union(*(found[run] for run in both)) for found in (one, other))
