"""From a clean clone to the lesson in a real browser: what a newcomer sees, and how long it takes."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course.learn import is_free

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 45


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """The committed repository, as a newcomer gets it."""
    place = tmp_path_factory.mktemp("clone") / "kindling"
    subprocess.run(["git", "clone", "--quiet", ROOT, place], check=True)
    return place


@pytest.fixture
def course(clone):
    """A function that starts the course with these arguments, and gives its address; all are stopped in the end."""
    started = []

    def start(*arguments):
        command = [sys._base_executable, "do.py", "learn", "--no-browser", *arguments]
        wanted = ("PATH", "HOME", "LANG", "PIP_", "UV_", "SSL_")  # what reaches the package index, and nothing else
        environment = {name: value for name, value in os.environ.items() if name.startswith(wanted)}
        program = subprocess.Popen(
            command, cwd=clone, env=environment, stdout=-1, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        started.append(program)
        said = ""
        for line in program.stdout:
            said += line
            if address := re.search(r"http://127\.0\.0\.1:\S+", line):
                return address[0], said, program
        pytest.fail(f"no address:\n{said}")

    yield start
    for program in started:
        program.terminate()
        program.communicate(timeout=120)


def test_newcomer_reaches_the_lesson(course, browser, clone, record_property):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    errors = []
    page.on("request", lambda request: errors.append(request.url) if "//127.0.0.1:" not in request.url else None)
    started = time.monotonic()
    address, said, _ = course()
    page.goto(address)
    page.locator("h1", has_text="Start here").wait_for(timeout=60_000)
    page.locator(".jp-Notebook a", has_text="06 Autograd").click()
    page.locator(".jp-Notebook:visible h1", has_text="Autograd").wait_for(timeout=60_000)
    page.wait_for_function("document.querySelectorAll('.jp-Spinner').length === 0", timeout=60_000)
    seconds = time.monotonic() - started
    print(f"clean clone to the lesson's heading: {seconds:.1f} s")
    record_property("seconds", seconds)
    if folder := os.environ.get("KINDLING_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/lesson.png")
    assert "Ready after" in said
    assert page.locator(".Toastify__toast").count() == 0, "no prompt for news"
    assert [url for url in errors if not url.startswith(("data:", "blob:"))] == []
    assert (clone / "work/day_001/06_autograd.ipynb").exists()
    assert seconds < LIMIT


def test_starting_again(course, clone):
    """A second start keeps the student's bytes, takes the next port and says so; Ctrl-C and kill stop the server."""
    _, _, first = course()
    mine = clone / "work/day_001/06_autograd.ipynb"
    mine.write_text(mine.read_text() + "\n\n")
    kept = mine.read_bytes()
    address, said, second = course()
    assert "Setting up" not in said
    assert "is taken by another program, so JupyterLab is on port" in said
    assert mine.read_bytes() == kept
    os.killpg(second.pid, signal.SIGINT)
    assert "your notebooks are as you last saved them" in second.communicate(timeout=120)[0]
    assert second.returncode == 0
    first.terminate()
    first.communicate(timeout=120)
    assert is_free(int(re.search(r":(\d+)/", address)[1]))


def test_the_command_is_at_hand_in_a_cell(course, clone):
    """`!kindling reset 06`, as the start page says."""
    course()
    code = "import shutil, course.learn; print(shutil.which('kindling', path=course.learn.environment('')['PATH']))"
    python = clone / ".venv/bin/python"
    found = subprocess.run([python, "-c", code], stdout=-1, text=True).stdout.strip()
    assert Path(found) == clone / ".venv/bin/kindling"
    done = subprocess.run([found, "reset", "06"], cwd=clone / "work/day_001", stdout=-1, text=True)
    assert re.search(r"is fresh again\. What you had is in 06_autograd\.backup-\S+\.ipynb\.", done.stdout)
