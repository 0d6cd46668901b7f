"""The small files of the one writable place: remembered with a state that is held, there again when it is woken."""

import contextlib
import os
import stat
from dataclasses import dataclass

MOST_FILES, MOST_BYTES = 200, 8 * 2**20


@dataclass
class File:
    """One file as it was; `mark` changes when it is written to."""

    mark: tuple[int, int, int]
    content: bytes


def remember(folder: str) -> dict[str, File] | None:
    """The files below a folder; None when there are too many, or too much is in them."""
    found, left = {}, MOST_BYTES
    with contextlib.suppress(OSError, RecursionError):
        for path in _files(folder):
            facts = os.lstat(path)
            left -= facts.st_size
            if len(found) == MOST_FILES or left < 0:
                return None
            with open(path, "rb") as file:
                found[path] = File(_mark(facts), file.read())
        return found
    return None


def put_back(files: dict[str, File] | None, folder: str) -> None:
    """Make the files below a folder what they were, as far as that can be done."""
    if files is None:
        return
    with contextlib.suppress(OSError, RecursionError):
        for path in [path for path in _files(folder) if path not in files]:
            os.unlink(path)
    for path, file in files.items():
        with contextlib.suppress(OSError):
            if os.path.lexists(path) and _mark(os.lstat(path)) == file.mark:
                continue
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as again:
                again.write(file.content)


def _files(folder: str):
    for inner, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(inner, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                yield path


def _mark(facts: os.stat_result) -> tuple[int, int, int]:
    return facts.st_ino, facts.st_size, facts.st_mtime_ns
