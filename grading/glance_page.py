"""The class at a glance as one page, readable without scripts, and as CSV files. Without names nobody can be told."""

import ast
import re
import statistics
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from course.checks.show import prose
from grading.asserts import parse
from grading.export import write_csv
from grading.glance import BLANK, OTHER, Exercise, Glance, Student
from grading.similarity import Match, Pair, Place, shared_lines

TEMPLATES = Path(__file__).resolve().parent / "templates"
BINS = 10
HARD, WEAK = 0.5, 0.15
MOST_PAIRS = 30
# How intake's notes go on after the name of a file.
OF_A_FILE = re.compile(
    r"^.* (?=was read as |was handed in as well|is a link and |could not be read \(|is larger than )", re.DOTALL
)
SHADES = 5
OWN_WORDS = {
    BLANK: "Nothing was written, or it is the released text.",
    OTHER: "None of the known misconceptions explains it.",
}


@dataclass(frozen=True)
class Side:
    """One of two answers: its lines, and which of them are in both."""

    label: str
    lines: list[tuple[str, bool]]


def write(glance: Glance, folder: Path) -> Path:
    """Write the page and its CSV files into a folder; the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (columns, rows) in tables(glance).items():
        write_csv(folder / f"{name}.csv", columns, rows)
    page = folder / "index.html"
    page.write_text(html(glance), encoding="utf-8")
    return page


def html(glance: Glance) -> str:
    """The page; all text in it is escaped."""
    jinja = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters["prose"] = lambda text: Markup(prose(text))  # it escapes
    shares = [student.score / glance.points if glance.points else 0.0 for student in glance.students]
    most = max((max(exercise.counts.values(), default=0) for exercise in glance.exercises), default=0)
    return jinja.get_template("glance.html.j2").render(
        glance=glance,
        mean=statistics.fmean(shares),
        median=statistics.median(shares),
        bins=histogram(shares),
        remarks={exercise.place: remark(exercise, len(glance.students)) for exercise in glance.exercises},
        tiles={exercise.place: tiles(exercise, most) for exercise in glance.exercises},
        odd=[(student, reasons(student, glance)) for student in glance.odd],
        pairs=[(pair, labels(pair, glance), list(sides(pair, glance))) for pair in glance.pairs[:MOST_PAIRS]],
    )


def histogram(shares: list[float]) -> list[tuple[str, int]]:
    """How many got how much, in steps of a tenth of the points.

    >>> histogram([0.05, 0.95, 1.0])[::9]
    [('0–10 %', 1), ('90–100 %', 2)]
    """
    counts = [0] * BINS
    for share in shares:
        counts[max(0, min(int(share * BINS + 1e-9), BINS - 1))] += 1
    step = 100 // BINS
    return [(f"{number * step}–{(number + 1) * step} %", count) for number, count in enumerate(counts)]


def remark(exercise: Exercise, students: int) -> str:
    """What to look at in an exercise, in a few words; mostly nothing."""
    if exercise.difficulty is None:
        return "waits for a person"
    if exercise.right == students:
        return "all had it right"
    said = ["hard for this class"] if exercise.difficulty < HARD else []
    if exercise.discrimination is not None and exercise.discrimination < WEAK:
        said.append("strong and weak did alike: is the check or the text unclear?")
    return "; ".join(said)


def tiles(exercise: Exercise, most: int) -> list[tuple[str, str, int, int]]:
    """What students stumbled over: name, sentence, how many, and how dark that is."""
    return [
        (what, exercise.sentences.get(what) or OWN_WORDS.get(what, ""), count, -(-count * SHADES // most))
        for what, count in exercise.counts.most_common()
    ]


def reasons(student: Student, glance: Glance) -> list[str]:
    """Why a submission is odd."""
    said = [hide(note, glance) for note in student.notes]
    if student.late > 0:
        said.append(f"late: {student.late:g} points less")
    if (student.seconds or 0) > glance.slow:
        said.append(f"slow: {student.seconds:g} seconds")
    return said


# -- pairs side by side ------------------------------------------------------------------------------------------------


def labels(pair: Pair, glance: Glance) -> tuple[str, str]:
    """How the two are called on the page."""
    known = {student.name: student.label for student in glance.students}
    return known[pair.first], known[pair.second]


def sides(pair: Pair, glance: Glance):
    """For each answer that is alike: where, how alike, and the two texts. What is worth nothing is left out."""
    students = {student.name: student for student in glance.students}
    first, second = students[pair.first], students[pair.second]
    for place, match in sorted(pair.matches.items(), key=lambda found: -found[1].bits):
        if match.bits > 0:
            yield title(place, glance), match, _side_by_side(first, second, place, match, glance)


def title(place: Place, glance: Glance) -> str:
    """The exercise that an answer belongs to."""
    owners = [e.title for e in glance.exercises if e.place[0] == place[0] and place[1] in e.answers]
    return owners[0] if owners else place[1]


def _side_by_side(first: Student, second: Student, place: Place, match: Match, glance: Glance) -> tuple[Side, Side]:
    texts = [student.answers[place].rstrip() for student in (first, second)]
    texts = texts if glance.named else [hide(without_words(text), glance) for text in texts]
    alike = shared_lines(*texts, glance.released)
    made = [
        Side(student.label, [(line, number in lines) for number, line in enumerate(text.splitlines(), 1)])
        for student, text, lines in zip((first, second), texts, alike, strict=True)
    ]
    return made[0], made[1]


def without_words(source: str) -> str:
    """An answer without its comments and texts, in which names of people stand.

    >>> print(without_words("x = 'Ada'  # by Ada"))
    x = '…'
    """
    tree = parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            node.value = "…"
            node.kind = None
    try:
        return ast.unparse(tree)
    except (RecursionError, ValueError):
        return "# too deep to be shown"


def hide(text: str, glance: Glance) -> str:
    """A text without students' names and file names, unless names are shown."""
    if glance.named:
        return text
    names = sorted((re.escape(s.name) for s in glance.students if len(s.name) > 2), key=len, reverse=True)
    known = {student.name.casefold(): student.label for student in glance.students}
    label = lambda found: known.get(found[0].casefold(), "somebody")  # "mİke" is found by "mike" and folds otherwise
    text = re.sub("|".join(names) or r"(?!)", label, text, flags=re.IGNORECASE)
    return OF_A_FILE.sub("A file ", text)


# -- tables ------------------------------------------------------------------------------------------------------------


def tables(glance: Glance) -> dict[str, tuple[list[str], list[dict]]]:
    """The CSV files: name, columns and rows."""
    made = {
        "students": [_student(student, glance) for student in glance.students],
        "exercises": [_exercise(exercise, glance) for exercise in glance.exercises],
        "misconceptions": [
            {"notebook": e.place[0], "exercise": e.place[1], "misconception": what, "students": count}
            for e in glance.exercises
            for what, count in e.counts.most_common()
        ],
        "similar": [row for pair in glance.pairs for row in _similar(pair, glance)],
    }
    empty = {
        "misconceptions": ["notebook", "exercise", "misconception", "students"],
        "similar": ["first", "second", "pair_bits", "notebook", "exercise", "share", "students_alike", "bits"],
    }
    return {name: (list(rows[0]) if rows else empty[name], rows) for name, rows in made.items()}


def _student(student: Student, glance: Glance) -> dict:
    row = {"student": student.label, "score": student.score, "max_score": glance.points, "seconds": student.seconds}
    row["odd"] = "; ".join(reasons(student, glance))
    for (notebook, grade_id), score in student.scores.items():
        row[f"{notebook} {grade_id}"] = score
    return row


def _exercise(exercise: Exercise, glance: Glance) -> dict:
    notebook, grade_id = exercise.place
    row = {"notebook": notebook, "exercise": grade_id, "title": exercise.title, "points": exercise.points}
    row |= {"right": exercise.right, "students": len(glance.students)}
    return row | {"difficulty": exercise.difficulty, "discrimination": exercise.discrimination}


def _similar(pair: Pair, glance: Glance) -> list[dict]:
    first, second = labels(pair, glance)
    return [
        {"first": first, "second": second, "pair_bits": round(pair.bits, 1), "notebook": notebook, "exercise": name}
        | {"share": round(match.share, 2), "students_alike": match.students, "bits": round(match.bits, 1)}
        for (notebook, name), match in pair.matches.items()
    ]
