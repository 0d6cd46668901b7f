"""Pyodide for pages that run code: which files, where they lie, and how they come there.

`python -m course.site.pyodide fetch` takes Pyodide's own files from npm. The wheels that it names in its lock file are
accepted from any source, but only with the hash that stands there: from a folder or archive that is named, else from a
package on the Python index that carries genuine ones. Nothing of this is ever in git; a site built without it lacks
the button that runs code, and nothing else.
"""

import argparse
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

VERSION = "314.0.3"  # not the newest: 314.0.6 lists other hashes under the same file names
LOCK = "pyodide-lock.json"
CORE = {
    LOCK: "c963d22858f6bcb8f41586a2142f03905ab370c88ea22a86a2736e95fac2a8f3",
    "pyodide.mjs": "5cfc46f5dcbaf2a16f26e2363f441873eb424762609cc03db00d6a2ace4d00e5",
    "pyodide.asm.mjs": "1a9775427ef6e8abaa7db88ece0515422d1886915ae5c9093776410c865dfd8d",
    "pyodide.asm.wasm": "e7f8fac36f8bf11085309cbc5c829b3ec3057c18bf1d73b05a6741612d63cdbf",
    "python_stdlib.zip": "444c770dfd75a32097fc0a7d5c1413fd3140601f49c3a1f2e9af0376fcd124b4",
}
PACKAGES = ["numpy"]  # what the library and the checks import
CARRIER = "open_webui==0.12.4"  # only the wheels inside it are used, and only those that the lock file names


class CannotFetch(Exception):
    """One sentence for a person: what is missing and what to do."""


def home() -> Path:
    """The folder that holds Pyodide's files."""
    named = os.environ.get("KINDLING_PYODIDE")
    return Path(named) if named else Path.home() / ".cache" / "kindling" / "pyodide" / VERSION


def wanted(folder: Path) -> dict[str, str]:
    """Each file's name and SHA-256; the wheels are known once the lock file is there."""
    files = dict(CORE)
    if is_right(folder / LOCK, CORE[LOCK]):
        known, names = json.loads((folder / LOCK).read_text())["packages"], list(PACKAGES)
        for name in names:  # grows by what they depend on
            names += [other for other in known[name]["depends"] if other not in names]
            files[known[name]["file_name"]] = known[name]["sha256"]
    return files


def missing(folder: Path) -> dict[str, str]:
    """The files that are not there, or not the right ones."""
    return {name: digest for name, digest in wanted(folder).items() if not is_right(folder / name, digest)}


def is_right(file: Path, digest: str) -> bool:
    """True if the file is there and has this SHA-256."""
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest


def accept(folder: Path, files: Iterator[tuple[str, bytes]]) -> None:
    """Keep those of the files that are missing and have the right hash."""
    gaps = missing(folder)
    for name, data in files:
        if hashlib.sha256(data).hexdigest() == gaps.get(name):
            part = folder / f".{name}.part"
            part.write_bytes(data)
            part.replace(folder / name)


def files_in(source: Path, names: set[str]) -> Iterator[tuple[str, bytes]]:
    """The files of these names in a folder, a wheel or a .tgz."""
    if source.is_dir():
        found = (file for file in sorted(source.rglob("*")) if file.name in names and file.is_file())
        yield from ((file.name, file.read_bytes()) for file in found)
    elif source.suffix == ".tgz":
        with tarfile.open(source) as archive:
            found = (part for part in archive if Path(part.name).name in names and part.isfile())
            yield from ((Path(part.name).name, archive.extractfile(part).read()) for part in found)
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            found = (name for name in archive.namelist() if Path(name).name in names)
            yield from ((Path(name).name, archive.read(name)) for name in found)


def fetch(folder: Path, sources: list[Path] = ()) -> None:
    """Bring every missing file, from the named sources first."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        for _ in range(2):  # the first look may bring the lock file, which names the rest
            accept(folder, files_in(source, set(missing(folder))))
    with tempfile.TemporaryDirectory() as place:
        if set(missing(folder)) & set(CORE):
            print(f"Fetching Pyodide {VERSION} from npm (6 MB) ...", flush=True)
            take(folder, [program("npm"), "pack", "--silent", f"pyodide@{VERSION}"], Path(place))
        if missing(folder):
            print(f"Fetching {', '.join(missing(folder))}, which travels inside {CARRIER} (106 MB) ...", flush=True)
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
            take(folder, [*pip, CARRIER], Path(place))
    if missing(folder):
        raise CannotFetch(f"These files could not be had with the right hash: {', '.join(missing(folder))}.")


def take(folder: Path, command: list[str], place: Path) -> None:
    """Run a command that leaves archives in `place`, and accept what is in them."""
    ran = subprocess.run(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ran.returncode:
        raise CannotFetch(f"`{' '.join(command[-2:])}` failed; its last words:\n{ran.stdout[-1000:]}")
    for archive in sorted(place.iterdir()):
        accept(folder, files_in(archive, set(missing(folder))))


def program(name: str) -> str:
    """The path of a program that must be there."""
    found = shutil.which(name)
    if found is None:
        raise CannotFetch(f"This needs {name}, which is not on this machine: install Node.js and try again.")
    return found


def bundle(root: Path) -> bytes:
    """The library, the checks and what runs cells, with the lessons' check data, as one zip: no lesson is in it."""
    patterns = ["lib/kindling/**/*", "course/__init__.py", "course/checks/**/*.py", "day_*/checks/*.json"]
    patterns += ["course/site/__init__.py", "course/site/cells.py", "course/data.py", "course/plots/*.py"]
    patterns += ["assets/data/*"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted({file for pattern in patterns for file in root.glob(pattern)}):
            if file.is_file() and "__pycache__" not in file.parts:
                name = file.relative_to(root / "lib" if file.is_relative_to(root / "lib") else root)
                # the same bytes for the same files, whenever and wherever it is made
                archive.writestr(zipfile.ZipInfo(name.as_posix()), file.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m course.site.pyodide", description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=["fetch", "where"])
    parser.add_argument("--from", dest="sources", type=Path, nargs="*", default=[], help="folders, wheels or .tgz")
    arguments = parser.parse_args()
    try:
        if arguments.command == "fetch":
            fetch(home(), arguments.sources)
        print(home())
    except (CannotFetch, OSError) as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
