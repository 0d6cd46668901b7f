"""The class's own settings: `class.toml` in the class folder, so that no class needs a fork (docs/instructors.md)."""

import importlib
import math
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from grading.errors import Refused
from grading.sandbox import BUBBLEWRAP, KINDS

FILE = "class.toml"
MOST_VARIANTS = 50


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    cell_seconds: float = 10.0
    submission_seconds: float = 150.0
    restarts: int = 3
    workers: int = 0  # 0: one for each core


@dataclass(frozen=True)
class Late:
    """Who decides on lateness: nbgrader's own plugin by `penalty_method`, or a plugin class of the instructor's."""

    penalty_method: str = "none"
    plugin: str = ""


@dataclass(frozen=True)
class Settings:
    """One class. What is not in the file has the value that stands here."""

    db_url: str = ""
    exchange: str = ""
    sandbox: str = BUBBLEWRAP
    drop: tuple[str, ...] = ()
    extras: tuple[Path, ...] = ()
    points: dict[str, float] = field(default_factory=dict)
    variants: int = 1
    limits: Limits = Limits()
    late: Late = Late()


def read(file: Path) -> Settings:
    """The settings in a file, or the usual ones where there is no file; Refused with a sentence for each mistake."""
    if not file.is_file():
        return Settings()
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{file} is not TOML: {error}.") from None
    wrong: list[str] = []
    made = {name: _READERS[name](value, file.parent, wrong) for name, value in found.items() if name in _READERS}
    wrong += _unknown("", found, list(_READERS))
    if wrong:
        raise Refused("\n".join(f"{file.name}: {sentence}" for sentence in wrong))
    return Settings(**made)


def _unknown(table: str, found: dict, known: list[str]) -> list[str]:
    place = f" in [{table}]" if table else ""
    return [f"there is no setting {name}{place}; there are {', '.join(known)}." for name in found if name not in known]


def _db_url(value, folder: Path, wrong: list[str]) -> str:
    if type(value) is not str or "://" not in value:
        wrong.append('db_url must be an address such as "postgresql+psycopg://user@host/gradebook".')
    return value


def _exchange(value, folder: Path, wrong: list[str]) -> str:
    if type(value) is not str or not Path(value).is_absolute():
        wrong.append('exchange must be a folder\'s whole path, as in exchange = "/srv/nbgrader/exchange".')
    return value


def _sandbox(value, folder: Path, wrong: list[str]) -> str:
    if value not in KINDS:
        wrong.append(f"sandbox must be one of {', '.join(KINDS)}, not {value!r}.")
    return value


def _texts(value, name: str, example: str, wrong: list[str]) -> list[str]:
    if type(value) is not list or not all(type(item) is str and item for item in value):
        wrong.append(f"{name} must be a list of texts, as in {name} = [{example}].")
        return []
    return value


def _drop(value, folder: Path, wrong: list[str]) -> tuple[str, ...]:
    return tuple(_texts(value, "drop", '"05_shapes"', wrong))


def _extras(value, folder: Path, wrong: list[str]) -> tuple[Path, ...]:
    """Folders of private lessons, absolute or from the class folder on."""
    found = [(folder / Path(text).expanduser()).resolve() for text in _texts(value, "extras", '"~/private"', wrong)]
    for path in found:
        if not any(path.glob("*/*/exercises.py")):
            wrong.append(f"extras: {path} holds no ASSIGNMENT/LESSON/exercises.py.")
    return tuple(found)


def _points(value, folder: Path, wrong: list[str]) -> dict[str, float]:
    if type(value) is not dict:
        wrong.append('points must be a table, as in [points] and below it "06.mul_rule" = 2.')
        return {}
    for name, points in value.items():
        if type(points) not in (int, float) or not math.isfinite(points) or not 0 <= points <= 1000:
            wrong.append(f"the points of {name} must be a number from 0 to 1000, not {points!r}.")
    return value


def _variants(value, folder: Path, wrong: list[str]) -> int:
    if type(value) is not int or not 1 <= value <= MOST_VARIANTS:
        wrong.append(f"variants must be a whole number from 1 to {MOST_VARIANTS}, not {value!r}.")
    return value


def _limits(value, folder: Path, wrong: list[str]) -> Limits:
    return _table(value, "limits", Limits, _limit, wrong)


def _limit(name: str, value) -> str:
    least = {"restarts": 0, "workers": 0}.get(name, 0.1)
    whole = name in ("restarts", "workers")
    if type(value) is not int and (whole or type(value) is not float) or not least <= value <= 86_400:
        return f"limits.{name} must be a {'whole ' if whole else ''}number from {least} to 86400, not {value!r}."
    return ""


def _late(value, folder: Path, wrong: list[str]) -> Late:
    made = _table(value, "late", Late, _policy, wrong)
    if made.plugin and not wrong:
        try:
            load_plugin(made.plugin, folder)
        except Refused as reason:
            wrong.append(str(reason))
    return made


def _policy(name: str, value) -> str:
    if name == "penalty_method" and value not in ("none", "zero"):
        return f'late.penalty_method must be "none" or "zero", not {value!r}.'
    if name == "plugin" and (type(value) is not str or "." not in value.strip(".")):
        return 'late.plugin must name a class, as in "policy.TenPercentADay" for policy.py beside class.toml.'
    return ""


def load_plugin(name: str, folder: Path) -> type:
    """The instructor's plugin class; its module may lie in the class folder."""
    module, _, kind = name.rpartition(".")
    sys.path.insert(0, str(folder))
    try:
        return getattr(importlib.import_module(module), kind)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise Refused(f"late.plugin {name} could not be loaded: {error}.") from None
    finally:
        sys.path.remove(str(folder))


def _table(value, name: str, kind: type, check: Callable[[str, object], str], wrong: list[str]):
    known = [item.name for item in fields(kind)]
    if type(value) is not dict:
        wrong.append(f"{name} must be a table: a line [{name}], and below it {', '.join(known)}.")
        return kind()
    found = [check(key, item) for key, item in value.items() if key in known]
    found = [*filter(None, found), *_unknown(name, value, known)]
    wrong += found
    return kind() if found else kind(**value)


_READERS = {
    "db_url": _db_url,
    "exchange": _exchange,
    "sandbox": _sandbox,
    "drop": _drop,
    "extras": _extras,
    "points": _points,
    "variants": _variants,
    "limits": _limits,
    "late": _late,
}
