"""The tape on Python 3.14, which Pyodide brings: the same names, lines and formulas as on the Python that runs this."""

import json
from pathlib import Path
from typing import Any

import pytest

from kindling.tape import bytecode
from tests.pyodide.test_pyodide import outputs, printed
from tests.tape import graphs, test_schema

pytestmark = pytest.mark.pyodide
__all__ = ["outputs"]
RUNS = [name for name in graphs.ALL if name != "gpt"]  # its erf is scipy's, which is not there
SAME = ("label", "name", "source", "formula", "group", "in_place", "view_of")

PROBE = """
import io, runpy, sys
{files}
sys.argv, sys.stdin = ["/probe.py", "/bytecode.py"], io.StringIO({names!r})
try:
    runpy.run_path("/probe.py", run_name="__main__")
except SystemExit as end:
    print(sys.version_info[:2], end.code)
"""
CORPUS = """
import json, sys
{files}
sys.path.insert(0, "/")
import graphs
print(json.dumps({{name: graphs.ALL[name]().to_json() for name in {runs}}}))
"""


def writing(**files: str) -> str:
    return "\n".join(f"open('/{name}.py', 'w').write({text!r})" for name, text in files.items())


def test_names_are_read_from_its_bytecode(outputs: Any) -> None:
    files = writing(probe=test_schema.PROBE.read_text(), bytecode=Path(bytecode.__file__).read_text())
    (found,) = outputs(PROBE.format(files=files, names=test_schema.NAMES))
    assert printed(found).split("\n")[-2:] == ["(3, 14) False", ""]


def test_the_corpus_is_recorded_alike(outputs: Any) -> None:
    (found,) = outputs(CORPUS.format(files=writing(graphs=Path(graphs.__file__).read_text()), runs=RUNS))
    there = json.loads(printed(found))
    for name in RUNS:
        here = json.loads(json.dumps(graphs.ALL[name]().to_json()))
        for node, other in zip(here["nodes"], there[name]["nodes"], strict=True):
            assert [node.get(key) for key in SAME] == [other.get(key) for key in SAME], (name, node["id"])
        assert here["edges"] == there[name]["edges"] and here["source"] == there[name]["source"]
