"""What lies in a folder or a zip of submissions, read without trust: nothing is unpacked, no path in it is used.

Names are only ever looked at, links are not followed, and what a file unfolds to is counted while it is read.
"""

import contextlib
import io
import os
import stat
import struct
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grading.errors import Refused
from grading.intake import MAX_FILE, plain_name, read_file
from grading.times import SECRET, STAMP

MAX_ENTRIES = 50_000
MAX_DEPTH = 8
LARGEST = 4 * 2**30  # what one inbox may unfold to, or this many times what it takes on the disk:
LARGEST_TIMES = 20
# Of each folder or file at the top, which is one student's: bytes, files that are read, lines about what was left.
SHARE, MOST_FILES, MOST_LINES = 2 * MAX_FILE, 1000, 50
NOTEBOOK = ".ipynb"
OF_THE_SYSTEM = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".kindling")


@dataclass(frozen=True)
class Entry:
    """One file of an inbox: the parts of its path, when it was written, its bytes."""

    parts: tuple[str, ...]
    modified: float
    raw: bytes
    owners: frozenset[int] = frozenset()  # in a folder of this machine: users who could have put it there

    @property
    def name(self) -> str:
        return self.parts[-1]


@dataclass
class Found:
    """What could be read of an inbox, and a line for everything that was left."""

    entries: list[Entry] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)  # those at the top, empty ones too
    system: int = 0  # files that no person wrote
    budget: int = LARGEST
    given: frozenset[str] = frozenset()  # files that came with the assignment, which students hand in again
    bytes: Counter = field(default_factory=Counter)  # of each name at the top
    files: Counter = field(default_factory=Counter)
    lines: Counter = field(default_factory=Counter)

    def leave(self, parts: tuple[str, ...], why: str) -> None:
        self.lines[parts[:1]] += 1
        if self.lines[parts[:1]] <= MOST_LINES:
            self.left.append(f"{shown(parts)}: {why}")
        elif self.lines[parts[:1]] == MOST_LINES + 1:
            self.left.append(f"{shown(parts[:1])}: more was left")

    def room(self, parts: tuple[str, ...]) -> int:
        """How large a file may be, so that nobody takes what is for all."""
        return max(0, min(MAX_FILE, self.budget, SHARE - self.bytes[parts[0]]))

    def take(self, parts: tuple[str, ...], modified: float, raw: bytes, owners: frozenset[int]) -> None:
        """Keep one file that was read."""
        self.budget -= len(raw)
        self.bytes[parts[0]] += len(raw)
        self.entries.append(Entry(parts, modified, raw, owners))


def shown(parts: tuple[str, ...]) -> str:
    """A path fit for a sentence."""
    return "/".join(plain_name(part) for part in parts[:MAX_DEPTH]) or "(no name)"


def read(inbox: Path, given: frozenset[str] = frozenset()) -> Found:
    """Read a folder, or a zip file; of files in it that are `given`, nothing is said."""
    if inbox.is_dir():
        found = Found(budget=LARGEST, given=given)
        _walk(inbox, (), frozenset(), found)
        return found
    if not inbox.is_file():
        raise Refused(f"{inbox} is not a folder and not a zip file.")
    found = Found(budget=max(LARGEST, LARGEST_TIMES * inbox.stat().st_size), given=given)
    with open(inbox, "rb") as file:
        _unzip(file, (), found)
    return found


def wanted(parts: tuple[str, ...], found: Found) -> bool:
    """Whether a file is worth reading: a notebook, a time stamp, a zip; anything else is named as left."""
    if any(part in OF_THE_SYSTEM or part.startswith("._") or part == ".ipynb_checkpoints" for part in parts):
        found.system += 1
        return False
    name = parts[-1].lower()
    if name in (STAMP, SECRET) or name.endswith((NOTEBOOK, ".zip")):
        found.files[parts[0]] += 1
        if found.files[parts[0]] > MOST_FILES:
            found.leave(parts, f"more than {MOST_FILES} files")
        return found.files[parts[0]] <= MOST_FILES
    if not any("/".join(parts[start:]) in found.given for start in range(1, len(parts))):
        found.leave(parts, "not a notebook")
    return False


def _walk(folder: Path, above: tuple[str, ...], owners: frozenset[int], found: Found) -> None:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        if not above:
            raise Refused(f"{folder} could not be read: {error.strerror}.") from None
        found.leave(above, f"could not be read ({error.strerror})")
        return
    for entry in entries:
        parts = (*above, entry.name)
        if len(found.entries) >= MAX_ENTRIES:
            raise Refused(f"There are more than {MAX_ENTRIES} files below {folder}: is this the right folder?")
        if entry.is_symlink():
            found.leave(parts, "a link, not followed")
        elif entry.is_dir():
            found.folders.add(parts[0])
            if len(parts) > MAX_DEPTH:
                found.leave(parts, "too deep")
            else:
                _walk(Path(entry.path), parts, owners | {entry.stat(follow_symlinks=False).st_uid}, found)
        elif not entry.is_file():
            found.leave(parts, "not a file")
        elif wanted(parts, found):
            raw = read_file(Path(entry.path), found.left, found.room(parts))
            if raw is not None:
                said = entry.stat(follow_symlinks=False)
                _keep(parts, said.st_mtime, raw, found, owners | {said.st_uid})


def _keep(
    parts: tuple[str, ...], modified: float, raw: bytes, found: Found, owners: frozenset[int] = frozenset()
) -> None:
    """Keep a file, or what is in it when a student handed in a zip."""
    if parts[-1].lower().endswith(".zip"):
        _unzip(io.BytesIO(raw), parts, found, modified)
    else:
        found.take(parts, modified, raw, owners)


def _unzip(file, above: tuple[str, ...], found: Found, handed_in: float | None = None) -> None:
    """Read the files of a zip; a zip in a zip is opened once, deeper ones are named as left.

    What a student packed was handed in when the system says so (`handed_in`), not when it says so itself.
    """
    whole = handed_in is None
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, struct.error) as error:
        if whole:
            raise Refused(f"This is not a zip file that can be read: {error}.") from None
        found.leave(above, "a zip that cannot be read")
        return
    with archive:
        infos = archive.infolist()
        if len(infos) > MAX_ENTRIES and whole:
            raise Refused(f"The zip holds {len(infos)} files; more than {MAX_ENTRIES} are not read.")
        if len(infos) > MAX_ENTRIES:
            found.leave(above, f"a zip of {len(infos)} files")
            return
        for info in infos:
            _one_of_zip(archive, info, above, found, handed_in)


def _one_of_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, above, found: Found, handed_in: float | None) -> None:
    whole = handed_in is None
    inner = PurePosixPath(info.filename.replace("\\", "/")).parts
    parts = (*above, *inner)
    if not inner or inner[0] == "/" or ".." in inner or len(parts) > MAX_DEPTH:
        found.leave(parts, "a path that is not used")
        return
    if whole and (info.is_dir() or len(inner) > 1):
        found.folders.add(inner[0])
    if info.is_dir():
        return
    if stat.S_ISLNK(info.external_attr >> 16):
        found.leave(parts, "a link, not followed")
        return
    if not wanted(parts, found):
        return
    if not whole and parts[-1].lower().endswith(".zip"):
        found.leave(parts, "a zip in a zip")
        return
    raw = _read_info(archive, info, parts, found)
    if raw is not None:
        _keep(parts, _time_of(info) if handed_in is None else handed_in, raw, found)


def _read_info(archive: zipfile.ZipFile, info: zipfile.ZipInfo, parts, found: Found) -> bytes | None:
    """The bytes of one entry, counted while they come: what a zip says of itself is not believed."""
    most = found.room(parts)
    try:
        with archive.open(info) as file:
            raw = file.read(most + 1)
    except Exception as error:  # each way of packing raises types of its own on damaged data
        found.leave(parts, f"could not be read ({type(error).__name__})")
        return None
    if len(raw) > most:
        found.budget -= len(raw) if most == MAX_FILE else 0
        found.leave(parts, f"larger than {most // 2**20} MB when unpacked")
        return None
    return raw


def _time_of(info: zipfile.ZipInfo) -> float:
    """When an entry was written, in this machine's time zone; a zip knows no other."""
    with contextlib.suppress(ValueError, OverflowError):
        return time.mktime((*info.date_time, 0, 0, -1))
    return 0.0
