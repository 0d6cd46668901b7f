"""The widget in a live JupyterLab: what the player does reaches the kernel, and a replay comes back."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
CELLS = [
    """\
import kindling as torch
from kindling import tape
w = torch.tensor(2.0, requires_grad=True)
with tape.record() as t:
    loss = (w * 3 - 10) ** 2
    loss.backward()
shown = t.widget()
shown""",
    "print(shown.step, shown.selected, t.nodes[shown.selected]['op'])\nshown.step = 1\nshown.selected = 0",
]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab with one notebook."""
    for needed in ("jupyterlab", "anywidget", "ipykernel"):
        pytest.importorskip(needed, reason=f"{needed} is not installed")
    cells = [
        {"cell_type": "code", "id": f"c{i}", "source": code, "metadata": {}, "outputs": [], "execution_count": None}
        for i, code in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "n.ipynb").write_text(json.dumps(notebook))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--port={port}", "--IdentityProvider.token=", "--ServerApp.password="]
    options += [
        f"--ServerApp.root_dir={tmp_path}",
        "--ServerApp.allow_root=True",
        f"--LabApp.app_settings_dir={ROOT / 'course' / 'lab'}",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "lib"), "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    with (tmp_path / "log").open("w") as log:
        command = [sys.executable, "-m", "jupyterlab", *options]
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(120):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/lab/tree/n.ipynb"
    finally:
        server.kill()
        server.wait()


def test_step_and_choice_reach_the_kernel_and_a_replay_comes_back(lab: str, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(lab)
    cells = page.locator(".jp-CodeCell")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)  # what is run earlier may be lost
    cells.first.locator(".cm-content").click(timeout=90_000)
    page.keyboard.press("Shift+Enter")
    page.wait_for_function("document.querySelector('figure.ktape')?.ktape", timeout=90_000)
    page.get_by_role("button", name="‹ Back").click()
    page.locator('figure .n[aria-label^="sub"]').click()
    page.get_by_label("What to change").select_option(label="gradient")
    page.get_by_label("New numbers").fill("0")
    page.get_by_role("button", name="Replay").click()
    page.wait_for_selector(".two figure", timeout=60_000)
    assert "w: gradient -24 in the run, 0 in the replay." in page.locator(".differences").inner_text()
    page.get_by_role("button", name="Back to the run").click()
    page.locator('figure .n[aria-label^="mul"]').first.click()
    page.get_by_label("What to change").first.select_option(label="rule for input")
    page.get_by_label("New rule").fill("")
    page.get_by_label("New rule").press_sequentially("g * add")  # letters that are commands to JupyterLab
    page.keyboard.press("Enter")
    page.get_by_text("the rule g * add cannot be used").wait_for(timeout=60_000)
    page.get_by_label("New rule").fill("g * 1")
    page.keyboard.press("Enter")
    page.get_by_text("w: gradient -24 ≈ -24 in the run, -8 ≠ -24 in the replay.").wait_for(timeout=60_000)
    page.get_by_role("button", name="Back to the run").click()
    assert page.locator(".two figure").count() == 0
    page.locator('figure .n[aria-label^="sub"]').click()
    cells.nth(1).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    step, selected, op = cells.nth(1).locator(".jp-OutputArea-output").inner_text(timeout=30_000).split()
    assert (int(step), op) == (6, "sub") and int(selected) > 0
    page.wait_for_function(
        "(({ step, selected }) => step === 1 && !selected)(document.querySelector('figure').ktape.now())"
    )
    assert errors == []
    page.close()
