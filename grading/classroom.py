"""Where the class lives: nbgrader's course directory, its configuration and gradebook address, and the class seed."""

import contextlib
import hashlib
import json
import os
import secrets
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grading.settings import FILE, Settings, load_plugin, read

HOME = Path(__file__).resolve().parent
FOLDER = HOME / "class"


@dataclass(frozen=True)
class Classroom:
    """One class. `db_url` overrides the SQLite gradebook in its folder."""

    root: Path = FOLDER
    db_url: str = ""

    @property
    def database(self) -> str:
        """The address of nbgrader's gradebook."""
        named = self.db_url or os.environ.get("KINDLING_GRADEBOOK", "") or self.settings.db_url
        return named or f"sqlite:///{self.root / 'gradebook.db'}"

    @cached_property
    def settings(self) -> Settings:
        """What class.toml says; Refused with a sentence for each mistake in it."""
        return read(self.root / FILE)

    @cached_property
    def config(self):
        """nbgrader's configuration of this class."""
        from traitlets.config import Config

        config = Config()
        configure(config, self)
        return config

    def has_gradebook(self) -> bool:
        """Whether there is a gradebook to ask; a database that is reached by an address may be made at any time."""
        prefix = "sqlite:///"
        return not self.database.startswith(prefix) or Path(self.database[len(prefix) :]).is_file()

    def gradebook(self):
        """nbgrader's gradebook, opened, and made where there is none; close it or use it in `with`."""
        from nbgrader.api import Gradebook  # takes seconds to load

        with tools_on_path():
            return Gradebook(self.database, self.config.CourseDirectory.course_id)

    def folder(self, step: str, assignment: str, student: str = ".") -> Path:
        """nbgrader's folder of one step: source, release, submitted, autograded or feedback."""
        return self.root / step / student / assignment

    def notebooks(self, step: str, assignment: str) -> dict[str, dict]:
        """The notebooks of an assignment in `source` or `release`, by name."""
        paths = sorted(self.folder(step, assignment).glob("*.ipynb"))
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}

    def students(self, assignment: str, step: str = "submitted") -> list[str]:
        """Who has handed something in (or, for another step, who has got that far)."""
        folder = self.root / step
        found = folder.iterdir() if folder.is_dir() else []
        return sorted(path.name for path in found if (path / assignment).is_dir() and not path.name.startswith("."))

    # -- the class seed ------------------------------------------------------------------------------------------------

    @property
    def seed_file(self) -> Path:
        """The one secret: from it come the inputs of the hidden checks."""
        return self.root / "secret.json"

    def make_seed(self) -> bool:
        """Make the class seed unless there is one; say whether it was made now."""
        self.root.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"schema": 1, "seed": secrets.token_hex(32)}) + "\n"
        try:
            fd = os.open(self.seed_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return False
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
        return True

    def seed(self, variant: int = 0) -> bytes:
        """The class seed, or what follows from it for another variant of the checks."""
        with contextlib.suppress(OSError):
            os.chmod(self.seed_file, 0o600)
        seed = bytes.fromhex(json.loads(self.seed_file.read_text(encoding="utf-8"))["seed"])
        return hashlib.sha256(seed + bytes([variant])).digest() if variant else seed

    def seed_hash(self) -> str:
        """What is kept with each mark: enough to tell two seeds apart, nothing to compute one from."""
        return hashlib.sha256(b"kindling class seed\0" + self.seed()).hexdigest()[:16]


def configure(config, classroom: Classroom) -> None:
    """Set up nbgrader for a class: its own commands and formgrader read this through the class's nbgrader_config.py."""
    config.CourseDirectory.root = str(classroom.root.resolve())
    config.CourseDirectory.course_id = "kindling"
    if classroom.settings.exchange:
        config.Exchange.root = classroom.settings.exchange
    config.CourseDirectory.db_url = classroom.database
    # What a student writes is shown in formgrader: markup in it is cleaned.
    config.HTMLExporter.sanitize_html = True
    # Feedback is one self-contained page without a foreign request.
    config.GenerateFeedback.exporter_class = "grading.reports.FeedbackExporter"
    config.FeedbackExporter.template_name = "kindling"
    config.FeedbackExporter.extra_template_basedirs = [str(HOME / "templates")]
    late = classroom.settings.late
    config.LateSubmissionPlugin.penalty_method = late.penalty_method
    if late.plugin:
        config.AssignLatePenalties.plugin_class = load_plugin(late.plugin, classroom.root)


@contextlib.contextmanager
def tools_on_path():
    """nbgrader starts `alembic` by name when it makes a gradebook: let it find the one beside this Python."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before
