"""pyproject.toml is the truth: the lock and the conda file must say the same."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course.lock import LEFT_OUT, groups

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()
PIN = re.compile(r"^# for: (.+)\n(\S+?)==(\S+)(?: ; (.+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M)
CARD = {"jupyterlab", "ipywidgets", "numpy", "cupy", "matplotlib", "nbgrader"}


def wanted(group: str) -> list[Requirement]:
    """What pyproject.toml asks for directly in one of the lock's groups."""
    extras = PROJECT["project"]["optional-dependencies"]
    lines = {"core": PROJECT["project"]["dependencies"]} | extras | PROJECT["dependency-groups"]
    return [Requirement(line) for line in lines[group]]


def pins() -> list[tuple[set[str], Requirement]]:
    """The lock's pins, each with the groups that it is for."""
    found = []
    for needs, name, version, marker, _ in PIN.findall(LOCK):
        found.append((set(needs.split()), Requirement(f"{name}=={version}" + (f" ; {marker}" if marker else ""))))
    return found


def test_every_line_of_the_lock_is_understood():
    rest = PIN.sub("", LOCK)
    assert [line for line in rest.splitlines() if not line.startswith("#")] == []
    assert set().union(*(needs for needs, _ in pins())) == set(groups(PROJECT))


def test_the_lock_has_no_addresses():
    assert "://" not in LOCK
    assert "@" not in LOCK
    assert not re.search(r"^\s*--(?!hash)", LOCK, re.M)


def test_the_oracle_is_not_in_the_lock():
    assert {"torch"} == LEFT_OUT
    assert [pin.name for _, pin in pins() if pin.name in ("torch", "triton")] == []


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize(
    "system, platform, machine",
    [
        ("Linux", "linux", "x86_64"),
        ("Linux", "linux", "aarch64"),
        ("Darwin", "darwin", "arm64"),
        ("Windows", "win32", "AMD64"),
    ],
)
def test_the_lock_meets_pyproject(python, system, platform, machine):
    here = default_environment() | {
        "python_version": python,
        "python_full_version": python + ".1",
        "platform_system": system,
        "sys_platform": platform,
        "platform_machine": machine,
    }
    applies = [(needs, pin) for needs, pin in pins() if pin.marker is None or pin.marker.evaluate(here)]
    for group in groups(PROJECT):
        for want in wanted(group):
            if want.marker and not want.marker.evaluate(here):
                continue
            have = [pin for needs, pin in applies if group in needs and same(pin, want)]
            assert len(have) == 1, f"{want} for {group}: {have}"
            assert want.specifier.contains(str(have[0].specifier).removeprefix("=="))


def test_the_build_backend_is_in_the_lock():
    setup = {canonicalize_name(want.name) for want in wanted("setup")}
    backend = {canonicalize_name(Requirement(line).name) for line in PROJECT["build-system"]["requires"]}
    assert backend <= setup


def test_conda_file_says_the_same():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = {ranges(Requirement(line)) for line in entries if isinstance(line, str) and line != "pip"}
    by_pip = {ranges(Requirement(line)) for entry in entries if isinstance(entry, dict) for line in entry["pip"]}
    python = Requirement("python" + PROJECT["project"]["requires-python"])
    rest = wanted("core") + wanted("course") + [want for want in wanted("setup") if want.name != "uv"]
    assert conda == {ranges(want) for want in [python, *rest]}
    assert by_pip == {ranges(want) for want in wanted("gpu")}
    assert {name.split("-")[0] for name, *_ in conda | by_pip} >= CARD


def same(one: Requirement, other: Requirement) -> bool:
    return canonicalize_name(one.name) == canonicalize_name(other.name)


def ranges(want: Requirement) -> tuple:
    """A requirement as data that can be compared."""
    return canonicalize_name(want.name), str(want.specifier), frozenset(want.extras), str(want.marker or "")
