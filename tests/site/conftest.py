"""The built site, a server for it, and a browser that can reach no other host."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def build_site():
    """A function that builds a site by the command, as a reader does."""
    for needed in ("sphinx", "myst_nb", "pydata_sphinx_theme", "ipykernel"):
        pytest.importorskip(needed, reason="the `site` extra is not installed")

    def build(out, **environment):
        path = os.pathsep.join([str(ROOT / "lib"), str(ROOT), os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, "-m", "course.site", "build", "--out", out]
        environment = {**os.environ, "PYTHONPATH": path, **environment}
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return out

    return build


@pytest.fixture(scope="session")
def site(build_site, tmp_path_factory):
    """The folder of the site."""
    return build_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def address(site):
    """The address of a server for the site."""
    from course.site.__main__ import server

    with server(site, 0) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{pages.server_port}/"
        pages.shutdown()


@pytest.fixture
def visit(browser, address):
    """Open a page of the site, or an address; in the end nothing may have been asked of others or logged as wrong."""
    contexts, wrong = [], []

    def watch(request):
        if not request.url.startswith((address, "file:", "data:", "blob:")):
            wrong.append(f"asks for {request.url}")

    def open_page(page="index.html", **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.on("request", watch)
        context.on("console", lambda message: wrong.append(message.text) if message.type != "log" else None)
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        opened = context.new_page()
        opened.goto(page if "://" in page else address + page)
        return opened

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
