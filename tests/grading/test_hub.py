"""A class on JupyterHub: the day goes out, is worked on, comes back, is graded, and everybody gets their own feedback.

With users of this machine, the hub's example configuration, and nbgrader's exchange.
"""

import contextlib
import copy
import tempfile
from pathlib import Path

import pytest

from grading.classroom import Classroom
from tests.grading import hubs
from tests.grading.classes import DAY, solved

pytestmark = pytest.mark.sandbox

LESSON = "06_autograd"
NAMES = ("kindling-teacher", "kindling-ada", "kindling-bob")


@pytest.fixture(scope="module")
def place():
    """A folder that every user may pass through; pytest closes its own to others."""
    with tempfile.TemporaryDirectory(prefix="kindling-hub-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def people(place):
    """A teacher and two students, with homes that nobody else may enter."""
    if reason := hubs.why_not():
        pytest.skip(reason)
    with contextlib.ExitStack() as held:
        held.enter_context(hubs.group())
        yield [held.enter_context(hubs.User(name, place / "home")) for name in NAMES]


@pytest.fixture(scope="module")
def exchange(place, people):
    """As docs/hub.md makes it."""
    made = place / "exchange"
    made.mkdir()
    made.chmod(0o1777)
    return made


@pytest.fixture(scope="module")
def kindling(people, exchange):
    """`kindling class ...` as the teacher does it."""
    room = people[0].home / "class"
    people[0].run("mkdir", room)
    people[0].run("tee", room / "class.toml", input=f'exchange = "{exchange}"\n')

    def run(*words, code: int = 0) -> str:
        done = people[0].run("python", "-m", "course.cli", "class", words[0], DAY, *words[1:], "--class", room)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return run


def checks(notebook: dict) -> list[str]:
    """The code cells up to the first check."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    first = next(n for n, cell in enumerate(code) if cell["metadata"].get("nbgrader", {}).get("points"))
    return [cell["source"] for cell in code[: first + 1]]


def answered(notebook: dict, right: dict, count: int) -> dict:
    """A copy with the first `count` answers right."""
    made = copy.deepcopy(notebook)
    places = [n for n, cell in enumerate(made["cells"]) if cell["metadata"].get("nbgrader", {}).get("solution")]
    for place in places[:count]:
        made["cells"][place]["source"] = right["cells"][place]["source"]
    return made


@pytest.fixture(scope="module")
def term(people, place, exchange, kindling):
    """The whole round; what the teacher was told, and the two servers."""
    teacher, ada, bob = people
    told = [kindling("release", "--no-kit")]
    state = place / "state"
    state.mkdir(mode=0o700)
    right = solved(Classroom(teacher.home / "class"), LESSON)
    with hubs.hub(state, exchange) as address:
        servers = [hubs.Server(address, user, state / "log") for user in (ada, bob)]
        for server, count in zip(servers, (1, 0), strict=True):
            server.assignments("fetch", assignment_id=DAY)
            notebook = server.read(f"{DAY}/{LESSON}.ipynb")
            server.save(f"{DAY}/{LESSON}.ipynb", answered(notebook, right, count))
        seen = [server.run(f"{DAY}/{LESSON}.ipynb", checks(server.read(f"{DAY}/{LESSON}.ipynb"))) for server in servers]
        for server in servers:
            server.assignments("submit", assignment_id=DAY)
        _impersonate(bob, exchange)
        told += [kindling("collect", code=1), kindling("grade"), kindling("feedback")]
        for server in servers:
            server.assignments("fetch_feedback", assignment_id=DAY)
        yield told, servers, seen


def _impersonate(bob: hubs.User, exchange: Path) -> None:
    """Hand something in under ada's name."""
    forged = exchange / "kindling" / "inbound" / f"{NAMES[1]}+{DAY}+2099-01-01 00:00:00 UTC"
    assert bob.run("cp", "-r", DAY, forged).returncode == 0


def pages(user: hubs.User) -> list[Path]:
    return sorted((user.home / DAY / "feedback").rglob("*.html"))


def test_the_check_in_the_students_notebook_speaks(term):
    _, _, (ada, bob) = term
    assert "kindling-check right" in ada[-1]
    assert "kindling-check wrong" in bob[-1]


def test_the_teacher_is_told_what_happened(term):
    released, collected, graded, returned = term[0]
    assert "Students fetch it from" in released
    assert "2 submissions taken in" in collected
    assert f"{NAMES[2]} put it there" in collected
    assert "not a notebook" not in collected
    assert "2 graded" in graded
    assert "2 students fetch theirs from" in returned


def test_everybody_has_their_own_marks(term, people):
    with Classroom(people[0].home / "class").gradebook() as book:
        ada, bob = (book.find_submission(DAY, name).score for name in NAMES[1:])
    assert ada > bob == 0


def test_everybody_has_their_own_feedback(term, people):
    _, ada, bob = people
    mine, other = (pages(user)[0].read_text() for user in (ada, bob))
    assert len(pages(ada)) == len(pages(bob)) == 1
    assert mine != other
    assert "<script" not in mine


def test_nobody_reads_what_is_another_persons(term, people, exchange):
    teacher, ada, bob = people
    theirs = [*pages(ada), ada.home / DAY / f"{LESSON}.ipynb", teacher.home / "class" / "gradebook.db"]
    theirs += [
        teacher.home / "class" / "secret.json",
        exchange / "kindling" / "inbound",
        exchange / "kindling" / "feedback",
    ]
    for path in theirs:
        assert path.exists()
        said = bob.run("ls" if path.is_dir() else "cat", path)
        assert said.returncode != 0, path
        assert "Permission denied" in said.stderr
    _, servers, _ = term
    assert servers[1].session.get(f"{servers[0].url}/api/contents/").status_code in (403, 404)


def test_nobody_takes_the_exchange_away(term, people, exchange):
    assert people[2].run("mv", exchange / "kindling", exchange / "mine").returncode != 0
    assert people[2].run("rm", "-r", exchange / "kindling" / "outbound" / DAY).returncode != 0
