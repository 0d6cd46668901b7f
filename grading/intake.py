"""Rebuilds what a student handed in on the notebook that was released.

Nothing here raises on a student's file, follows a link or writes to it. Whatever had to be healed becomes a note, one
plain sentence to the student. What comes out is the released notebook with the student's code in its places.
"""

import ast
import contextlib
import json
import os
import re
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path

MAX_FILE = 128 * 2**20  # it takes up to 16 times as much memory when it is read
MOST_SEARCHED, MOST_NAMED = 50, 5
MAX_CELLS = 10_000
MAX_SOURCE = 5 * 2**20
MAX_ITEMS = 4 * 10**6  # of a notebook's JSON, each of which takes some 100 bytes when it is read
MAX_PARSED = 200_000  # characters of a cell whose syntax we look at: a tree takes 400 bytes for each
CODE, TEXT = "code", "markdown"


@dataclass(frozen=True)
class Cell:
    """One cell of a rebuilt notebook. `released` is the skeleton's own cell, None for one that the student added."""

    kind: str
    source: str
    grade_id: str | None = None
    identity: str | None = None
    released: dict | None = None

    @property
    def nbgrader(self) -> dict:
        """nbgrader's metadata of the released cell."""
        return (self.released or {}).get("metadata", {}).get("nbgrader", {})

    @property
    def answer(self) -> bool:
        """Whether the student's text counts here."""
        return bool(self.nbgrader.get("solution"))

    @property
    def locked(self) -> bool:
        """Whether only the released text counts here."""
        return not self.answer and bool(self.nbgrader.get("grade") or self.nbgrader.get("locked"))


@dataclass
class Rebuilt:
    """A submission on its skeleton."""

    cells: list[Cell]
    notes: list[str] = field(default_factory=list)
    missing: bool = False


def rebuild(skeleton: dict, raw: bytes | None) -> Rebuilt:
    """Put the student's notebook (the bytes of its file, None when there is none) onto the released one."""
    pristine = released_cells(skeleton)
    if raw is None:
        return Rebuilt(pristine, ["This notebook was not handed in."], missing=True)
    notes: list[str] = []
    try:
        return Rebuilt(_match(pristine, read_cells(raw, notes), notes), notes)
    except Exception as error:  # a fault of ours must not cost a student the other notebooks
        return Rebuilt(pristine, [*notes, f"This notebook could not be read ({type(error).__name__}): ask for a look."])


def released_cells(skeleton: dict) -> list[Cell]:
    """The cells of the released notebook."""
    return [
        Cell(
            cell["cell_type"], text_of(cell), cell["metadata"].get("nbgrader", {}).get("grade_id"), cell.get("id"), cell
        )
        for cell in skeleton["cells"]
    ]


# -- from bytes to cells -----------------------------------------------------------------------------------------------


def read_cells(raw: bytes, notes: list[str]) -> list[Cell]:
    """The cells in a notebook file, as many as can be made out."""
    text = _decode(raw, notes)
    if _items(text) > MAX_ITEMS:
        notes.append("The file holds far more than a notebook does and was not read: ask for a look.")
        return []
    found = _parsed(text)
    if found is None and "\n<<<<<<< " in text:
        text = _one_side(text)
        found = _parsed(text)
        notes.append("Git has left two versions in the file: the first one was taken.")
    if found is None:
        found = {"cells": _salvage(text)}
        notes.append(f"The file is damaged: {len(found['cells'])} cells could be read from it.")
    cells = [cell for cell in map(_student_cell, _cell_list(found)) if cell is not None]
    if len(cells) > MAX_CELLS:
        notes.append(f"Only the first {MAX_CELLS} of {len(cells)} cells were read.")
    return _within_size(cells[:MAX_CELLS], notes)


def _decode(raw: bytes, notes: list[str]) -> str:
    found = json.detect_encoding(raw)
    if not found.startswith("utf-8"):
        notes.append(f"The file is not in UTF-8; it was read as {found[:6].upper()}.")
        return raw.decode(found, "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.append("The file is not in UTF-8; it was read as Latin-1.")
        return raw.decode("latin-1")


def _items(text: str) -> int:
    """How many things a JSON text holds, about; what stands inside texts is only told apart where that matters."""
    count = sum(map(text.count, "[{,"))
    if count <= MAX_ITEMS:
        return count
    bare = re.sub(r'"[^"]*"?', "", re.sub(r"\\.", "", text, flags=re.DOTALL))
    return sum(map(bare.count, "[{,"))


def _parsed(text: str):
    """What a JSON text says; None when it is none."""
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(text)
    return None


def _one_side(text: str) -> str:
    """A text that git could not merge, without its marks and with the first version of each place."""
    kept, inside, first = [], False, True
    for line in text.splitlines(keepends=True):
        if line.startswith("<<<<<<< "):
            inside, first = True, True
        elif inside and line.startswith(("=======", "||||||| ")):
            first = False
        elif inside and line.startswith(">>>>>>> "):
            inside = False
        elif first or not inside:
            kept.append(line)
    return "".join(kept)


def _salvage(text: str) -> list:
    """The whole cells at the start of a notebook that is cut off or damaged."""
    found, decoder = [], json.JSONDecoder()
    start = re.search(r'"cells"\s*:\s*\[', text)
    position = start.end() if start else len(text)
    while match := re.compile(r"[\s,]*(?=\{)").match(text, position):
        try:
            cell, position = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            break
        found.append(cell)
    return found


def _cell_list(found) -> list:
    if isinstance(found, dict) and isinstance(found.get("worksheets"), list):  # notebooks of version 3
        sheets = [sheet.get("cells") for sheet in found["worksheets"] if isinstance(sheet, dict)]
        return [cell for cells in sheets if isinstance(cells, list) for cell in cells]
    cells = found.get("cells") if isinstance(found, dict) else None
    return cells if isinstance(cells, list) else []


def text_of(cell: dict) -> str:
    """The text of a cell, stored as one string or as a list of lines."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    return source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\0", "")


def _student_cell(cell) -> Cell | None:
    if not isinstance(cell, dict):
        return None
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    identity = cell.get("id")
    return Cell(
        CODE if cell.get("cell_type") == CODE else TEXT,
        text_of(cell),
        grade_id if isinstance(grade_id, str) else None,
        identity if isinstance(identity, str) else None,
    )


def _within_size(cells: list[Cell], notes: list[str]) -> list[Cell]:
    size = 0
    for number, cell in enumerate(cells):
        size += len(cell.source)
        if size > MAX_SOURCE:
            notes.append(f"The text of the notebook is too long; only its first {number} cells were read.")
            return cells[:number]
    return cells


# -- from cells to the skeleton ----------------------------------------------------------------------------------------


def _match(pristine: list[Cell], cells: list[Cell], notes: list[str]) -> list[Cell]:
    """The skeleton's cells with the student's text, and the student's other cells where they stood."""
    claims = _claims(pristine, cells, notes)
    placed: dict[int, list[Cell]] = {}
    behind = -1  # the skeleton cell after which a cell of the student's own stands
    own: dict[int, list[Cell]] = {}
    for number, cell in enumerate(cells):
        place = claims.get(number)
        if place is None:
            own.setdefault(behind, []).append(cell)
        else:
            behind = place
            placed.setdefault(place, []).append(cell)
    rebuilt = [*own.get(-1, [])]
    for place, released in enumerate(pristine):
        rebuilt += _fill(released, placed.get(place, []), notes)
        rebuilt += own.get(place, [])
    return rebuilt


def _claims(pristine: list[Cell], cells: list[Cell], notes: list[str]) -> dict[int, int]:
    """Which of the student's cells stands for which of the skeleton's: by grade_id, cell id, text, defined names."""
    by_grade = {cell.grade_id: place for place, cell in enumerate(pristine) if cell.grade_id}
    by_identity = {cell.identity: place for place, cell in enumerate(pristine) if cell.identity}
    by_text = {(cell.kind, cell.source): place for place, cell in enumerate(pristine)}
    claims = {}
    for number, cell in enumerate(cells):
        place = by_grade.get(cell.grade_id)
        if place is None:
            place = by_identity.get(cell.identity)
        if place is None:
            place = by_text.get((cell.kind, cell.source))
        if place is not None:
            claims[number] = place
    _claim_by_names(pristine, cells, claims, notes)
    return claims


def _claim_by_names(pristine: list[Cell], cells: list[Cell], claims: dict[int, int], notes: list[str]) -> None:
    taken = set(claims.values())
    left = [(place, released) for place, released in enumerate(pristine) if released.answer and place not in taken]
    own = [n for n, cell in enumerate(cells) if left and n not in claims and cell.kind == CODE]
    names = {number: defined_names(cells[number].source) for number in own}
    for place, released in left:
        wanted = defined_names(released.source)
        for number in own:
            if number not in claims and wanted & names[number]:
                claims[number] = place
                said = f"Your answer {released.grade_id} had lost its label and was found by the names it defines."
                notes.append(said)
                wanted -= names[number]


def defined_names(source: str) -> set[str]:
    """The functions, classes and variables that a cell defines at its top level."""
    if len(source) > MAX_PARSED:
        return set()
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names = {part.name for part in body if isinstance(part, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)}
    for part in body:
        if isinstance(part, ast.Assign):
            names |= {target.id for target in part.targets if isinstance(target, ast.Name)}
    return names


def _fill(released: Cell, found: list[Cell], notes: list[str]) -> list[Cell]:
    """What stands in one place of the skeleton: the released text, or the student's when that counts here."""
    if released.locked:
        if any(cell.source.strip() != released.source.strip() for cell in found):
            notes.append(f"The locked cell {released.grade_id} was changed; the released text was used.")
        return [released]
    if released.kind == TEXT and not released.answer:
        return [released]
    edited = [cell for cell in found if cell.source.strip() != released.source.strip()]
    if not found and released.answer:
        notes.append(f"Your answer {released.grade_id} is missing; the released text was used.")
    if len(edited) > 1:
        notes.append(f"There are {len(edited)} cells for {released.grade_id or 'one cell'}; they ran in your order.")
    elif len(found) > 1 and released.grade_id:
        notes.append(f"The cell {released.grade_id} is there {len(found)} times; the one you changed was used.")
    if any(cell.kind != released.kind for cell in found) and released.answer:
        notes.append(f"Your answer {released.grade_id} was a cell of another type; it was read as {released.kind}.")
    if not edited:
        return [released]
    before = [replace(cell, kind=released.kind, grade_id=None, identity=None) for cell in edited[:-1]]
    return [*before, replace(released, source=edited[-1].source)]


# -- from a folder to bytes --------------------------------------------------------------------------------------------


@dataclass
class Files:
    """What a submission's folder holds: bytes per notebook of the assignment, a time stamp, notes."""

    notebooks: dict[str, bytes]
    timestamp: str | None
    modified: float | None
    notes: list[str]


def read_folder(folder: Path, names: dict[str, set[str]]) -> Files:
    """Read a submitted folder; `names` maps each notebook of the assignment to the grade_ids in it."""
    notes: list[str] = []
    regular = _regular_files(folder, notes)
    notebooks = {path for path in regular if path.suffix.lower() == ".ipynb"}
    found: dict[str, bytes] = {}
    for name in names:
        path = folder / f"{name}.ipynb"
        if path in notebooks:
            notebooks.discard(path)
            raw = read_file(path, notes)
            if raw is not None:
                found[name] = raw
    left = _searched(notebooks, notes)
    _find_renamed(left, names, found, notes)
    notes += [f"{plain_name(path.name)} was handed in as well, and not graded." for path in left[:MOST_NAMED]]
    stamp = folder / "timestamp.txt"
    raw = read_file(stamp, notes) if stamp in regular else None
    times = [path.lstat().st_mtime for path in regular]
    return Files(found, raw[:200].decode("utf-8", "replace").strip() if raw else None, max(times, default=None), notes)


def _regular_files(folder: Path, notes: list[str]) -> set[Path]:
    regular = set()
    if folder.is_symlink() or folder.parent.is_symlink():
        notes.append("The folder is a link and was not followed.")
        return regular
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return regular
    for entry in entries[:1000]:
        if entry.is_symlink():
            notes.append(f"{plain_name(entry.name)} is a link and was not followed.")
        elif entry.is_file(follow_symlinks=False):
            regular.add(Path(entry.path))
    return regular


def _searched(others: set[Path], notes: list[str]) -> list[Path]:
    """Notebooks under other names that are looked into, the small ones first: together no more than one may be."""
    kept, size = [], 0
    for path in sorted(others, key=lambda path: (path.lstat().st_size, path)):
        size += path.lstat().st_size
        if size <= MAX_FILE and len(kept) < MOST_SEARCHED:
            kept.append(path)
    if len(kept) < len(others):
        notes.append(f"{len(others) - len(kept)} notebooks of other names were not looked at.")
    return sorted(kept)


def _find_renamed(left: list[Path], names: dict[str, set[str]], found: dict[str, bytes], notes: list[str]) -> None:
    """Notebooks under another name, such as `06_autograd (1).ipynb`, recognised by name or by the labels in them."""
    for name, grade_ids in names.items():
        if name in found:
            continue
        for path in left:
            raw = read_file(path, notes)
            if raw is None or not (_same_name(path.stem, name) or any(_holds(raw, label) for label in grade_ids)):
                continue
            found[name] = raw
            notes.append(f"{plain_name(path.name)} was read as {name}.ipynb.")
            left.remove(path)
            break


def _same_name(stem: str, name: str) -> bool:
    shortened = re.sub(r"(?i)(\s*\(\d+\)|[-_ ]*copy\d*|^copy of )", "", stem).strip()
    return shortened.casefold() == name.casefold()


def _holds(raw: bytes, label: str) -> bool:
    return f'"{label}"'.encode() in raw


def read_file(path: Path, notes: list[str], most: int = MAX_FILE) -> bytes | None:
    """The bytes of a regular file that is not too large; never through a link."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return None
            raw = file.read(most + 1)
    except OSError as error:
        notes.append(f"{plain_name(path.name)} could not be read ({error.strerror}).")
        return None
    if len(raw) > most:
        notes.append(f"{plain_name(path.name)} is larger than {most // 2**20} MB and was not read.")
        return None
    return raw


def plain_name(name: str) -> str:
    """A file name fit for a sentence."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:100]
