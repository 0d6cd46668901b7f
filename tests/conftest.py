"""What tests of several parts share: one real Chromium, for which no host but this machine exists."""

import re
import shutil

import pytest
from hypothesis import settings

settings.register_profile("kindling", deadline=None)  # a busy machine is no failure
settings.load_profile("kindling")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
# Requests of workers escape playwright's eyes, but not this: a name that is not this machine is not found.
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"


def pytest_ignore_collect(collection_path, config):
    """A file of which every test would be deselected by its mark is not even imported: that can take seconds."""
    if collection_path.suffix == ".py":
        mark = re.search(r"^pytestmark = pytest\.mark\.(\w+)", collection_path.read_text("utf-8"), re.MULTILINE)
        if mark and re.search(rf"\bnot {mark[1]}\b", config.option.markexpr):
            return True
    return None


@pytest.fixture(scope="session")
def browser():
    """One for the whole run: playwright cannot start a second beside it."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, ALONE])
        yield chromium
        chromium.close()
