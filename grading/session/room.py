"""What is in the one writable place, as long as it is small: remembered with a state, there again when it goes on."""

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


def remember(folder: str) -> dict[str, File | None] | None:
    """The files and folders (None) below a folder; None when there are too many, or too much is in them."""
    found, left = {}, MOST_BYTES
    with contextlib.suppress(OSError, RecursionError):
        for path, facts in _below(folder):
            found[path] = None
            if stat.S_ISREG(facts.st_mode):
                left -= facts.st_size
                if left < 0:
                    return None
                with open(path, "rb") as file:
                    found[path] = File(_mark(facts), file.read())
            if len(found) > MOST_FILES:
                return None
        return found
    return None


def put_back(files: dict[str, File | None] | None, folder: str) -> None:
    """Make the files and folders below a folder what they were, as far as that can be done."""
    if files is None:
        return
    found = []
    with contextlib.suppress(OSError, RecursionError):
        found.extend(_below(folder))
    for path, facts in reversed(found):
        with contextlib.suppress(OSError):
            if path not in files:
                (os.rmdir if stat.S_ISDIR(facts.st_mode) else os.unlink)(path)
    for path, file in files.items():
        with contextlib.suppress(OSError):
            if file is None:
                os.makedirs(path, exist_ok=True)
            elif not os.path.lexists(path) or _mark(os.lstat(path)) != file.mark:
                with open(path, "wb") as again:
                    again.write(file.content)


def _below(folder: str):
    """Path and facts of every folder and file, a folder before what is in it."""
    for inner, folders, names in os.walk(folder):
        for path in (os.path.join(inner, name) for name in folders + names):
            facts = os.lstat(path)
            if stat.S_ISREG(facts.st_mode) or stat.S_ISDIR(facts.st_mode):
                yield path, facts


def _mark(facts: os.stat_result) -> tuple[int, int, int]:
    return facts.st_ino, facts.st_size, facts.st_mtime_ns
