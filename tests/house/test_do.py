"""do.py for real: every sentence it has for a machine that is not as it should be, and going on after each."""

import contextlib
import hashlib
import http.server
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "http://127.0.0.1:9/simple"
BACKEND = """
import os, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "kindling_course-0-py3-none-any.whl"
    info = "kindling_course-0.dist-info/"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: kindling-course\\nVersion: 0\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\nRoot-Is-Purelib: true\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "kindling-course"
version = "0"
"""


@pytest.fixture
def house(tmp_path):
    """A small house with the real do.py: one package in its lock, and a command that prints that package's word."""
    place = tmp_path / "a house"
    (place / "benchmarks").mkdir(parents=True)
    shutil.copy(ROOT / "do.py", place)
    (place / "backend.py").write_text(BACKEND)
    (place / "pyproject.toml").write_text(PROJECT)
    (place / "benchmarks" / "run.py").write_text("import probe, sys\nprint(probe.word, sys.argv[1:])\n")
    wheel = tmp_path / "index" / "probe" / "probe-1-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("probe.py", "word = 'hello'\n")
        file.writestr("probe-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: probe\nVersion: 1\n")
        file.writestr("probe-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr("probe-1.dist-info/RECORD", "")
    (wheel.parent / "index.html").write_text(f"<a href='{wheel.name}'>{wheel.name}</a>")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (place / "requirements.lock").write_text(
        f"# for: core course\nprobe==1 \\\n    --hash=sha256:{digest}\n"
        f"# for: site\nnot-there==1 \\\n    --hash=sha256:{digest}\n"
    )
    return place


class Index(http.server.ThreadingHTTPServer):
    """A package index of our own; while it stalls it takes questions and gives no answer."""

    def __init__(self, folder):
        self.asked, self.answering = threading.Event(), threading.Event()
        self.answering.set()
        super().__init__(("127.0.0.1", 0), lambda *given: Answer(*given, directory=str(folder)))
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answer(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.set()
        self.server.answering.wait(60)
        with contextlib.suppress(BrokenPipeError):  # who asked may be gone
            super().do_GET()

    def log_message(self, *words):
        pass


@pytest.fixture
def index(tmp_path, house):
    server = Index(tmp_path / "index")
    yield server
    server.answering.set()
    server.shutdown()


def environment(index_url):
    """A machine's environment with this index and nothing remembered from before."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "KINDLING_"))}
    return kept | {"PIP_INDEX_URL": index_url, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}


def do(house, *words, index_url=NOWHERE, python=(sys._base_executable,), **more):
    command = [*python, "do.py", *words]
    return subprocess.run(command, cwd=house, env=environment(index_url) | more, capture_output=True, text=True)


def test_a_bad_day_and_going_on(house, index):
    """No network, then an interruption, then a false package; then it completes, and the next time takes no time."""
    away = do(house, "bench")
    assert away.returncode == 1
    assert away.stderr.strip().startswith("The packages could not be fetched")
    assert len(away.stderr.strip().splitlines()) == 1
    assert "making the environment: done" in away.stdout

    index.answering.clear()
    command = [sys._base_executable, "do.py", "bench"]
    cut = subprocess.Popen(
        command, cwd=house, env=environment(index.url), stdout=-1, stderr=-1, text=True, start_new_session=True
    )
    assert index.asked.wait(60)
    os.killpg(cut.pid, signal.SIGINT)  # Ctrl-C reaches do.py and pip alike
    said, complaint = cut.communicate(timeout=30)
    assert cut.returncode == 130
    assert complaint.strip() == "Stopped. The same command carries on from here."
    assert "making the environment" not in said, "the environment was there already"

    index.answering.set()
    lock = (house / "requirements.lock").read_text()
    (house / "requirements.lock").write_text("# for: core\nprobe==1 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    wrong = do(house, "bench", index_url=index.url)
    assert wrong.returncode == 1
    assert "A package is not the one that requirements.lock records" in wrong.stderr

    (house / "requirements.lock").write_text(lock)
    whole = do(house, "bench", "--size", "8", index_url=index.url)
    assert whole.returncode == 0, whole.stderr
    assert whole.stdout.splitlines()[-1] == "hello ['--size', '8']"
    assert "making the environment" not in whole.stdout

    started = time.monotonic()
    again = do(house, "bench")
    assert again.stdout == "hello []\n"
    assert time.monotonic() - started < 2


def test_killed_while_the_environment_is_made(house, index):
    command = [sys._base_executable, "do.py", "bench"]
    cut = subprocess.Popen(command, cwd=house, env=environment(index.url), stdout=-1, stderr=-1, start_new_session=True)
    while not (house / ".venv" / "pyvenv.cfg").exists():
        time.sleep(0.01)
    os.killpg(cut.pid, signal.SIGKILL)
    cut.communicate()
    whole = do(house, "bench", index_url=index.url)
    assert whole.returncode == 0, whole.stderr
    assert whole.stdout.splitlines()[-1] == "hello []"


def test_disk_full(house, index, tmp_path):
    """A file system of 30 MB, which a started environment fills."""
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap, for a small file system")
    small = tmp_path / "small"
    small.mkdir()
    room = ["bwrap", "--dev-bind", "/", "/", "--size", "12000000", "--tmpfs", str(small)]
    script = f'cp -r "{house}/." "{small}" && cd "{small}" && exec "{sys._base_executable}" do.py bench'
    done = subprocess.run([*room, "sh", "-c", script], env=environment(index.url), capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.strip().startswith("The disk is full"), done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def pythons():
    """The older Pythons that this machine has, with what makes pyenv give them."""
    versions = ""
    if shutil.which("pyenv"):
        versions = ":".join(subprocess.run(["pyenv", "versions", "--bare"], stdout=-1, text=True).stdout.split())
    for name in ("python2.7", "python3.6", "python3.8", "python3.10"):
        extra = {"PYENV_VERSION": versions} if versions else {}
        found = shutil.which(name)
        works = found and subprocess.run([found, "-c", ""], env=os.environ | extra, stderr=-1).returncode == 0
        missing = pytest.mark.skipif(not works, reason=f"needs {name}")
        yield pytest.param(found, extra, id=name, marks=missing)


@pytest.mark.parametrize("python, extra", list(pythons()))
def test_too_old_a_python(house, python, extra):
    done = do(house, "learn", python=(python,), **extra)
    assert done.returncode == 1
    assert "and Kindling needs Python 3.11 to 3.14" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (house / ".venv").exists()


def test_a_python_without_venv(house, tmp_path):
    # Debian's python3 without python3-venv has no ensurepip; this makes ours like it.
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    done = do(house, "learn", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "came without venv and ensurepip" in done.stderr
    assert not (house / ".venv").exists()


def test_words():
    helped = subprocess.run([sys.executable, ROOT / "do.py", "--help"], capture_output=True, text=True)
    assert helped.returncode == 0
    for word in ("learn", "test", "site", "grade", "bench", "check"):
        assert f"python do.py {word}" in helped.stdout
    unknown = subprocess.run([sys.executable, ROOT / "do.py", "lern"], capture_output=True, text=True)
    assert unknown.returncode == 2
    assert "no command 'lern'" in unknown.stderr


def test_make_has_the_same_words():
    words = ["learn", "test", "site", "grade", "bench", "check"]
    # This test may itself run under make, whose settings would reach the inner one.
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    made = subprocess.run(["make", "-n", *words], cwd=ROOT, env=outside, stdout=-1, text=True)
    assert [line.split("do.py ")[1].strip() for line in made.stdout.splitlines()] == words
