"""A base image made of this machine's own files, for tests that may ask no registry."""

import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

from grading.containers import NEEDED

NAME = "localhost/kindling-test-base"
TOOLS = ("sh", "env", "chmod", "mkdir", "rm", "ln")
PYTHON = f"usr/local/lib/python{sys.version_info[0]}.{sys.version_info[1]}"
LEFT = re.compile(
    r"/(__pycache__|tests?|idlelib|tkinter|ensurepip|site-packages|dist-packages|EXTERNALLY-MANAGED)(/|$)"
)


def make(engine: str, folder: Path) -> str | None:
    """Put the base into an engine; why it cannot run containers, or None."""
    file = folder / "base.tar"
    with tarfile.open(file, "w") as tar:
        programs = [Path(sys._base_executable), *(Path(shutil.which(tool)) for tool in TOOLS)]
        for path, place in zip(programs, ["local/bin/python", *(f"bin/{tool}" for tool in TOOLS)], strict=True):
            tar.add(path.resolve(), f"usr/{place}")
        tree = [*_library(), *_packages()]
        for path, place in tree:
            tar.add(path, place, recursive=False)
        for path, place in _shared([path.resolve() for path in programs] + [p for p, _ in tree if ".so" in p.suffixes]):
            tar.add(path, place)
        for name, target in (("bin", "usr/bin"), (f"{PYTHON}/dist-packages", "site-packages")):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
        for name in ("tmp", "etc"):
            made = tarfile.TarInfo(name)
            made.type, made.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(made)
    for words in (["import", str(file), NAME], ["run", "--rm", "--network=none", "--memory=64m", *LIMITS, NAME, "env"]):
        done = subprocess.run([engine, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            return (done.stderr.strip().splitlines() or ["it gives no reason"])[-1]
    return None


LIMITS = ("--ulimit=nproc=256:256", "--ulimit=nofile=1024:1024")


def _library() -> list[tuple[Path, str]]:
    root = Path(sysconfig.get_path("stdlib"))
    found = [(path, path.relative_to(root)) for path in sorted(root.rglob("*")) if path.is_file()]
    return [(path.resolve(), f"{PYTHON}/{name}") for path, name in found if not LEFT.search(f"/{name}")]


def _packages() -> list[tuple[Path, str]]:
    """What the recipe installs, so that pip finds all of it in place; and pip."""
    wanted, found = list(NEEDED), {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = distribution(name)
            needs = [Requirement(text) for text in found[name].requires or ()]
            wanted += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    files = [(Path(one.locate_file(file)), file) for one in found.values() for file in one.files]
    code = "import pip, pathlib; print(pathlib.Path(pip.__file__).parent)"
    pip = Path(subprocess.run([sys._base_executable, "-c", code], capture_output=True, text=True).stdout.strip())
    files += [(path, path.relative_to(pip.parent)) for path in sorted(pip.rglob("*"))]
    kept = [(path, name) for path, name in files if path.is_file() and ".." not in Path(name).parts]
    return [(path, f"{PYTHON}/site-packages/{name}") for path, name in kept if "__pycache__" not in str(name)]


def _shared(binaries: list[Path]) -> list[tuple[Path, str]]:
    """The shared libraries of the system that they load, all in one folder, and the loader."""
    said = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, text=True, check=False).stdout
    libraries = dict(re.findall(r"^\s+(\S+) => (/\S+) ", said, re.MULTILINE))
    outside = {name: path for name, path in libraries.items() if "-packages" not in path}
    loaders = set(re.findall(r"^\s+/(\S+/ld-\S+) ", said, re.MULTILINE))
    found = [(Path(path).resolve(), f"usr/lib/{name}") for name, path in outside.items()]
    return found + [(Path("/", name).resolve(), name) for name in loaders]
