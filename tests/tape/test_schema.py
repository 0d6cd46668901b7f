"""What schema 2 tells of each node and step, beyond what a drawing of the graph needs."""

import doctest
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

import kindling as torch
import kindling.nn as nn
from kindling import tape
from kindling.tape import bytecode, formula, recorder
from tests.tape import graphs
from tests.tape.conftest import run_cell


def node(t: tape.Tape, op: str) -> dict:
    return next(n for n in t.nodes if n["op"] == op)


@pytest.mark.parametrize("module", [bytecode, formula], ids=["bytecode", "formula"])
def test_the_examples_are_true(module) -> None:
    found = doctest.testmod(module)
    assert found.attempted and not found.failed


@pytest.mark.parametrize("name", graphs.ALL)
def test_the_corpus_is_plain_data_in_order(name: str) -> None:
    data = graphs.ALL[name]().to_json()
    assert json.loads(json.dumps(data)) == data
    assert data["schema"] == 2 and data["engine"] == "kindling" and data["source"]
    assert [n["id"] for n in data["nodes"]] == list(range(len(data["nodes"])))
    assert all(e["from"] < e["to"] for e in data["edges"])
    assert all(g["parent"] is None or g["parent"] < g["id"] for g in data["groups"])
    for n in data["nodes"]:
        assert n["kind"] != "operator" or len(n["inputs"]) > max(
            (e["input"] for e in data["edges"] if e["to"] == n["id"]), default=-1
        )
        assert n.get("group", 0) in range(max(len(data["groups"]), 1))
        assert all(s["of"] is None or s["of"] <= n["id"] for s in n.get("saved", ()))


def test_groups_are_calls_of_modules() -> None:
    t = graphs.digits_mlp()
    told = [(g["parent"], g["kind"], g["label"], g["type"], g["path"]) for g in t.groups]
    assert told[:2] == [
        (None, "module", "model: DigitsNet", "DigitsNet", ""),
        (0, "module", "fc1: Linear", "Linear", "fc1"),
    ]
    assert [n["group"] for n in t.nodes if n["op"] in ("linear", "relu")] == [1, 0, 2, 0, 3]
    assert "group" not in node(t, "cross_entropy") and node(t, "linear")["module"] == "fc1"
    steps = graphs.lstm().groups
    assert [g["label"] for g in steps].count("cell: LSTMCell") == 12


def test_only_the_last_operator_of_a_call_gets_the_name_of_its_result() -> None:
    named = {n["name"]: n["op"] for n in graphs.digits_mlp().nodes if n["op"] and n.get("name")}
    assert named == {"x": "relu", "loss": "cross_entropy"}
    code = "model = nn.Sequential(nn.Linear(1, 1), nn.Tanh())\nfor _ in range(2):\n    y = model(torch.ones(1))\n"
    t, _ = run_cell(code, nn=torch.nn)
    assert [(n["op"], n.get("name")) for n in t.nodes if n["op"]] == [("linear", None), ("tanh", "y")] * 2


def test_statistics_of_large_arrays() -> None:
    x = torch.arange(100.0).requires_grad_()
    with tape.record() as t:
        y = x * 2
        z = torch.cat([y, x * float("nan")]).repeat(10) if hasattr(torch.Tensor, "repeat") else torch.cat([y] * 10)
    assert node(t, "mul")["stats"] == {"min": 0, "max": 198, "mean": 99, "histogram": [10] * 10}
    assert "stats" not in run_cell("a = torch.ones(3, requires_grad=True) * 2\n")[0].nodes[-1]
    big = torch.ones(100, 100, requires_grad=True)
    with tape.record() as t:
        w = big * 3
    assert z.shape and w.shape and t.nodes[1]["stats"]["sampled"] and t.nodes[1]["stats"]["max"] == 3
    assert t.to_json()["notes"] == ["Statistics of large tensors are from about 500 of their numbers."]


def test_what_is_saved_and_how_many_bytes() -> None:
    t = graphs.diamond()
    assert node(t, "exp")["saved"] == [{"name": "out", "shape": [], "dtype": "float32", "bytes": 4, "of": 2}]
    assert node(t, "pow")["saved"] == [{"name": "input", "shape": [], "dtype": "float32", "bytes": 4, "of": 1}]
    assert node(t, "mul")["saved"] == [] and max(step["kept"] for step in t.steps) == 8
    assert sum(step.get("freed", 0) for step in t.steps) == 8 and t.steps[-1]["kept"] == 0


def test_what_a_function_saves() -> None:
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, number):
            ctx.save_for_backward(number)
            return number * number

        @staticmethod
        def backward(ctx, g):
            return 2 * g * ctx.saved_tensors[0]

    x = torch.ones(3, requires_grad=True)
    with tape.record() as t:
        Square.apply(x).sum().backward()
    assert node(t, "Square")["saved"] == [{"name": "number", "shape": [3], "dtype": "float32", "bytes": 12, "of": 0}]
    assert node(t, "Square")["inputs"] == ["number"]


def test_a_graph_that_is_dropped_gives_its_bytes_back() -> None:
    x = torch.ones(1000, requires_grad=True)
    with tape.record() as t:
        y = x.exp()
        z = x.sin()
        del y
        z.sum()
    assert [step["kept"] for step in t.steps] == [4000, 4000, 4000]


def test_writing_in_place_and_views() -> None:
    t = graphs.in_place()
    told = {n["label"]: (n.get("in_place"), n.get("version"), n.get("view_of")) for n in t.nodes if n["op"]}
    assert told == {
        "mul(·, 2)": (None, None, None),
        "add(·, 1)": (True, 1, None),
        "mul": (True, 2, None),
        "select(dim=0, index=0)": (None, 2, 3),
        "copy_slices": (True, 3, None),
        "sum": (None, None, None),
    }
    t = graphs.view()
    assert [(n["op"], n.get("view_of")) for n in t.nodes if "view_of" in n] == [
        ("reshape", 1),
        ("select", 2),
        ("reshape", 5),
    ]


def test_formulas_are_the_declarations_own() -> None:
    t = graphs.in_place()
    assert node(t, "mul")["formula"] == {"input": "g * other"}
    assert next(n for n in t.nodes if n["label"] == "mul")["formula"] == {"input": "g * other", "other": "g * input"}
    assert node(graphs.two_layer_net(), "linear")["formula"]["weight"] == "g.T @ input"


def test_what_is_passed_is_told_with_numbers() -> None:
    t = graphs.line_fit()
    shares = [share for step in t.steps for share in step.get("passes", ())]
    assert {"to": 2, "grad": "-6", "input": "input", "rule": "-6 × 1 = -6"} in shares
    assert {"to": 0, "grad": "-18", "input": "input", "rule": "-6 × 3 = -18"} in shares
    assert not any("rule" in share for step in graphs.in_place().steps for share in step.get("passes", ()))


FAILS = {
    "shapes": ("a @ torch.ones(4)", "matmul", "RuntimeError: "),
    "broadcast": ("a + torch.ones(2, 4)", "add", "RuntimeError: The size of tensor a (3)"),
    "a leaf written": ("a.add_(1)", "add", "RuntimeError: a leaf Variable that requires grad"),
    "a function of their own": ("Broken.apply(a)", "Broken", "ZeroDivisionError: "),
}


class Broken(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x / (1 // 0)


@pytest.mark.parametrize("case", FAILS)
def test_an_operator_that_fails_is_marked(case: str) -> None:
    code, op, words = FAILS[case]
    scope = {"a": torch.ones(2, 3, requires_grad=True), "torch": torch, "Broken": Broken}
    with pytest.raises((RuntimeError, ZeroDivisionError)), tape.record() as t:
        exec(f"b = a * 2\n{code}", scope)
    last = t.nodes[-1]
    assert (last["op"], last["shape"]) == (op, None) and last["error"].startswith(words)
    assert all(t.nodes[e["from"]]["shape"] for e in t.edges if e["to"] == last["id"])
    assert "name" in t.nodes[1] and t.to_text() and t.to_svg()


def test_an_error_that_the_program_handles_leaves_no_mark() -> None:
    a = torch.ones(2, 3, requires_grad=True)
    with tape.record() as t:
        with suppress(RuntimeError):
            a @ torch.ones(4)
        a * 2
    assert [n["op"] for n in t.nodes] == [None, "mul"] and not any("error" in n for n in t.nodes)


def test_an_error_of_the_programs_own_leaves_no_mark() -> None:
    with pytest.raises(KeyError), tape.record() as t:
        torch.ones(2, requires_grad=True) * 2
        raise KeyError
    assert not any("error" in n for n in t.nodes)


def test_nothing_listens_when_off_and_nothing_is_made_before_somebody_looks(monkeypatch) -> None:
    monkeypatch.setattr(recorder.Tape, "_data", lambda self: pytest.fail("looked at"))
    assert recorder.observers == []
    t = graphs.line_fit()
    assert recorder.observers == [] and len(t.facts) > 10


def test_lines_of_files_are_those_around_cells_whole() -> None:
    code = "# a comment\nw = torch.tensor(2.0, requires_grad=True)\nw * 2\n\n# the end\n"
    t, _ = run_cell(code)
    assert t.to_json()["source"] == {"cell": {"first": 1, "lines": code.splitlines()}}
    data = graphs.line_fit().to_json()["source"]["graphs.py"]
    assert len(data["lines"]) <= 400 and "y = w * x + b" in "\n".join(data["lines"])
    node = graphs.line_fit().nodes[2]["source"]
    assert data["lines"][node["line"] - data["first"]] == node["text"]


NAMES = """
y = t * 2                                -> y
a, b = t * 2, t + 3                      -> a b
a, b, c = t * 2, abs(-4), t + 1          -> a c
a, b = t.two()                           -> a/b
y = f(t)                                 -> y
y = g(t)                                 -> h
y = t.m(1, k=2)                          -> y
o.sub.x = t * 1                          -> o.sub.x
ls[i] = t * 1                            -> ls[i]
d['k'] = t * 1                           -> d['k']
a = b = t * 1                            -> a
(y := t * 1)                             -> y
t.m()                                    -> -
y = (t * 2).m()                          -> - y
y = abs(1) + (t * 2)                     -> - y
y = t; y += t                            -> y
y = t.T                                  -> y
ls.append(t * 2)                         -> -
q = [t * 2 for _ in range(2)]            -> - -
y = t * 2 if i else t + 1                -> y
"""
PROBE = Path(__file__).parent / "names_probe.py"


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_names_are_read_from_the_bytecode_of_every_python(python: str) -> None:
    found = python_of(python)
    if found is None:
        pytest.skip(f"Python {python} is not installed")
    run = subprocess.run([found, str(PROBE), bytecode.__file__], input=NAMES, text=True, capture_output=True)
    assert run.returncode == 0, run.stdout + run.stderr


def python_of(version: str) -> str | None:
    """An interpreter of that version: our own, or one that a version manager keeps."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return sys.executable
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return next((str(p) for p in sorted(kept.glob(f"{version}.*/bin/python"))), None)


def test_a_leaf_says_whether_it_is_a_parameter() -> None:
    linear, w = nn.Linear(2, 1), torch.tensor(2.0, requires_grad=True)
    with tape.record() as t:
        (linear(torch.ones(2)) * w).sum().backward()
    found = {node["label"]: node.get("parameter", False) for node in t.nodes if node["kind"] == "leaf"}
    assert found == {"linear.weight": True, "linear.bias": True, "w": False}


def test_what_fails_stands_in_its_module() -> None:
    linear = nn.Sequential(nn.ReLU(), nn.Linear(2, 1))
    with pytest.raises(RuntimeError), tape.record() as t:
        linear(torch.ones(3))
    node = t.nodes[-1]
    assert "error" in node and node["module"] == "1" and t.groups[node["group"]]["type"] == "Linear"


def test_a_gradient_larger_than_its_input_is_shown_with_its_sum() -> None:
    row = torch.tensor([1.0, 2.0], requires_grad=True)
    with tape.record() as t:
        (row + torch.ones(3, 2)).sum().backward()
    share = next(step["passes"][0] for step in t.steps if step["node"] == 2 and step.get("passes"))
    assert share["sum"] == "[3, 3]" and share["grad"] == "[[1, 1], [1, 1], [1, 1]]"
    assert "It passes [3, 3], summed to shape [2] on to row." in t.to_text()


def test_the_sum_of_a_large_gradient_is_what_arrives_unless_others_arrive_too() -> None:
    row, both = torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
    with tape.record() as t:
        ((row + torch.ones(600, 2)).sum() + (both + torch.ones(600, 2)).sum() + both.sum()).backward()
    shares = {t.nodes[s["to"]]["label"]: s["sum"] for step in t.steps for s in step.get("passes", ()) if "sum" in s}
    assert shares == {"row": "[600, 600]", "both": None}
    assert "It passes [600, 600], summed to shape [2] on to row." in t.to_text()
    assert "It passes a gradient, summed to shape [2] on to both." in t.to_text()


def test_a_long_value_ends_behind_a_whole_number() -> None:
    with tape.record() as t:
        (torch.arange(24.0, requires_grad=True).reshape(4, 6) / 7) * 1
    assert t.nodes[2]["value"] == "[[0, 0.1429, 0.2857, 0.4286, 0.5714, 0.7143], [0.8571, …]]"


def test_a_step_that_wrote_names_the_line() -> None:
    steps = graphs.no_grad().to_json()["steps"]
    assert {step["source"]["text"].strip() for step in steps if "value" in step} == {"w -= 0.01 * w.grad"}
    cleared = {step["source"]["text"].strip() for step in steps if "source" in step and "value" not in step}
    assert cleared == {"w.grad = None"}
    optimised = graphs.digits_mlp().to_json()["steps"]
    assert {step["source"]["text"].strip() for step in optimised if "value" in step} == {"optimizer.step()"}


def test_a_rule_does_not_tell_of_a_factor_that_was_not_given() -> None:
    weight = torch.ones(3, 2, requires_grad=True)
    with tape.record() as t:
        nn.functional.embedding(torch.tensor([0, 1]), weight)
        nn.functional.embedding(torch.tensor([0, 1]), weight, scale_grad_by_freq=True)
    plain, scaled = (node["formula"]["weight"] for node in t.nodes if node["op"] == "embedding")
    assert plain == "each row gets the sum of the g of its uses" and scaled.endswith("times `scale`")


def test_a_gradient_is_never_minus_zero() -> None:
    x = torch.tensor([0.0, -1.0], requires_grad=True)
    with tape.record() as t:
        (x * -0.0).sum().backward()
    assert {step["grad"] for step in t.steps if step["phase"] == "accumulate"} == {"[0, 0]"}
