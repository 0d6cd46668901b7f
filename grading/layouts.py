"""Who handed in which file: read from the names that Moodle, Canvas and nbgrader's exchange give, or from folders."""

import os
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from grading.inbox import Entry, Found
from grading.times import SECRET, STAMP, seconds

MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)")
CANVAS = re.compile(r"(?P<name>[^_]*)_(?P<late>LATE_)?(?P<number>\d+)_\d+_(?P<file>.+)")
EXCHANGE = re.compile(r"(?P<name>.+)\+(?P<assignment>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^+]*)(?:\+[^+]*)?")
PATTERNS = {"exchange": EXCHANGE, "moodle": MOODLE, "canvas": CANVAS}
KINDS = (*PATTERNS, "folder")


@dataclass(frozen=True)
class Owner:
    """Whom a system says that a file is of."""

    name: str
    number: str = ""


@dataclass
class Attempt:
    """What one person handed in at one time; `late` only where the system says so."""

    owner: Owner
    time: float
    files: dict[str, Entry] = field(default_factory=dict)
    stamp: bytes | None = None
    secret: bytes | None = None
    late: bool | None = None


def inbound(inbox: Path) -> Path:
    """nbgrader's exchange may be named by its root or its course: the folder that students write to lies inside."""
    found = [path for pattern in ("inbound", "*/inbound") for path in sorted(inbox.glob(pattern))]
    return found[0] if inbox.is_dir() and len(found) == 1 else inbox


def kind_of(found: Found) -> str:
    """Which system's names most of these are."""
    tops = {entry.parts[0] for entry in found.entries}
    counts = Counter(kind for kind, pattern in PATTERNS.items() for top in tops if pattern.fullmatch(top))
    kind, count = (counts.most_common(1) or [("folder", 0)])[0]
    return kind if 2 * count > len(tops) else "folder"


def attempts(found: Found, kind: str, assignment: str, believe: bool = False) -> list[Attempt]:
    """Everybody's attempts; files that nobody can be named for are added to what was left.

    On a machine where students are users, what another user put into the exchange is left, unless `believe`.
    """
    owned: dict[tuple, list[tuple[str, Entry]]] = defaultdict(list)
    for entry in found.entries:
        place = _exchange(entry, assignment, believe) if kind == "exchange" else _named(entry, kind, assignment)
        if isinstance(place, str):
            found.leave(entry.parts, place)
        else:
            owned[place[:-1]].append((place[-1], entry))
    made: list[Attempt] = []
    for (owner, late, time), files in owned.items():
        made += _apart(owner, late, time, files)
    return made


def _named(entry: Entry, kind: str, assignment: str):
    """Owner, lateness, no time of its own, and the file's name; or why the file is left."""
    top, inner = entry.parts[0], entry.parts[1:]
    packed = any(part.lower().endswith(".zip") for part in entry.parts[:-1])
    if entry.name == SECRET:
        return "not a notebook"
    if entry.name.lower() == STAMP and (packed or kind != "folder"):
        return "a time that only the student says"
    if kind == "folder":
        if not inner:
            return "not in a student's folder, which is one named by their id"
        if any(part != assignment and not part.lower().endswith(".zip") for part in inner[:-1][:1]):
            return f"in a folder that is not {assignment}"
        return Owner(re.sub(r"(?i)\.zip$", "", top)), None, None, entry.name
    match = PATTERNS[kind].fullmatch(top)
    if match is None:
        return f"not a name that {kind.capitalize()} gives"
    name = entry.name if inner else match["file"]
    owner = Owner(match["name"], match["number"])
    if kind == "moodle":
        return owner, None, None, name or entry.name
    return owner, bool(match["late"]), None, re.sub(r"-\d+(?=\.\w+$)", "", name)


def _exchange(entry: Entry, assignment: str, believe: bool):
    match = EXCHANGE.fullmatch(entry.parts[0])
    if match is None or len(entry.parts) != 2:
        return "not a name that nbgrader's exchange gives"
    if match["assignment"] != assignment:
        return f"of another assignment, {match['assignment']}"
    strangers = [] if believe else [name for name in _users(entry.owners) if name != match["name"]]
    if strangers:
        return f"{', '.join(strangers)} put it there"
    return Owner(match["name"]), None, seconds(match["time"]) or 0.0, entry.name


def _users(numbers: frozenset[int]) -> list[str]:
    """The names of users other than ourselves: what we put there we vouch for."""
    if os.name != "posix":
        return []
    import pwd

    made = []
    for number in sorted(numbers - {os.geteuid()}):
        try:
            made.append(pwd.getpwuid(number).pw_name)
        except KeyError:
            made.append(f"user {number}")
    return made


def _apart(owner: Owner, late: bool | None, time: float | None, files: list[tuple[str, Entry]]) -> list[Attempt]:
    """One person's files as attempts: where a name is there several times, the newest go into the newest attempt."""
    stamps = [entry.raw[:200] for name, entry in files if name.lower() == STAMP]
    secrets = [entry.raw[:200] for name, entry in files if name == SECRET]
    ranked: dict[str, list[Entry]] = defaultdict(list)
    for name, entry in files:
        if name.lower() not in (STAMP, SECRET):
            ranked[name.casefold()].append(entry)
    names = {name.casefold(): name for name, _ in files}
    made: list[Attempt] = []
    for name, entries in ranked.items():
        newest_first = sorted(entries, key=lambda entry: entry.modified)[::-1]  # of two at one time the later entry
        for rank, entry in enumerate(newest_first):
            if rank == len(made):
                made.append(Attempt(owner, 0.0, stamp=stamps[-1] if stamps and rank == 0 else None, late=late))
                made[-1].secret = secrets[-1] if secrets else None
            made[rank].files[names[name]] = entry
    for attempt in made:
        said = seconds(attempt.stamp.decode("utf-8", "replace").strip()) if attempt.stamp and time is None else time
        attempt.time = max(entry.modified for entry in attempt.files.values()) if said is None else said
    return made
