"""The recorder: what it writes down, and that neither the program nor its memory notices."""

import doctest
import gc
import weakref

import pytest

import kindling as torch
from kindling import tape
from kindling.engine import observers
from kindling.tape import recorder
from kindling.tape import tape as tape_module
from tests.tape.conftest import LINE_FIT, run_cell


@pytest.mark.parametrize("module", [tape, recorder, tape_module], ids=["tape", "recorder", "tape.tape"])
def test_the_examples_in_the_docs_are_true(module: object) -> None:
    results = doctest.testmod(module)
    assert results.attempted and not results.failed


def labels(t: tape.Tape, kind: str) -> list[str]:
    return [node["label"] for node in t.nodes if node["kind"] == kind]


def steps(t: tape.Tape, phase: str) -> list[dict]:
    return [step for step in t.steps if step["phase"] == phase]


def test_nodes_edges_and_steps_of_a_line_fit(line_fit: tape.Tape) -> None:
    assert labels(line_fit, "leaf") == ["w", "b"]
    assert labels(line_fit, "constant") == ["x", "target"]
    assert labels(line_fit, "operator") == ["mul", "add", "sub", "pow(·, 2)"]
    assert [node.get("name") for node in line_fit.nodes if node["kind"] == "operator"] == [None, "y", None, "loss"]
    label = [node["label"] for node in line_fit.nodes]
    assert [(label[e["from"]], label[e["to"]], e["input"]) for e in line_fit.edges][:4] == [
        ("w", "mul", 0),
        ("x", "mul", 1),
        ("mul", "add", 0),
        ("b", "add", 1),
    ]
    assert [step["phase"] for step in line_fit.steps][:4] == ["forward"] * 4
    assert {label[s["node"]]: s["grad"] for s in steps(line_fit, "accumulate")} == {"w": "-18", "b": "-6"}
    assert all(step["before"] is None for step in steps(line_fit, "accumulate"))


def test_shape_dtype_and_value_of_each_node() -> None:
    t, _ = run_cell("a = torch.ones(2, 3, requires_grad=True)\ns = (a * 2).sum(dim=1)\n")
    facts = [(n["label"], n["shape"], n["dtype"], n["value"]) for n in t.nodes]
    assert facts[0] == ("a", [2, 3], "float32", "[[1, 1, 1], [1, 1, 1]]")
    assert facts[2] == ("sum(dim=1)", [2], "float32", "[6, 6]")


def test_the_line_and_the_expression_in_it(line_fit: tape.Tape) -> None:
    source = next(node["source"] for node in line_fit.nodes if node["op"] == "mul")
    assert (source["file"], source["line"], source["text"]) == ("cell", 5, "y = w * x + b")
    assert source["text"][slice(*source["columns"])] == "w * x"


def test_columns_count_characters_not_bytes() -> None:
    t, _ = run_cell("größe = torch.tensor(1.0, requires_grad=True)\nπ = größe + größe * größe\n")
    source = next(node["source"] for node in t.nodes if node["op"] == "mul")
    assert source["text"][slice(*source["columns"])] == "größe * größe"


def test_a_second_backward_accumulates() -> None:
    t, _ = run_cell("w = torch.tensor(3.0, requires_grad=True)\nfor _ in range(2):\n    (w * w).backward()\n")
    sums = [(s["before"], s["incoming"], s["grad"], s["run"]) for s in steps(t, "accumulate")]
    assert sums == [(None, "6", "6", 1), ("6", "6", "12", 2)]
    assert "w had grad 6. 6 arrives and is added: grad is now 12." in t.to_text()


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("w.grad = None", "cleared"),
        ("torch.optim.SGD([w], lr=0.1).zero_grad()", "cleared"),
        ("w.grad.zero_()", "set to 0."),
        ("w.grad = torch.tensor(0.0)", "set to 0."),
    ],
)
def test_clearing_a_gradient_is_a_step_with_its_line(line: str, becomes: str) -> None:
    code = f"w = torch.tensor(3.0, requires_grad=True)\n(w * w).backward()\n{line}\n(w * w).backward()\n"
    t, _ = run_cell(code)
    assert f"The grad of w is {becomes}" in t.to_text()
    assert [s["before"] for s in steps(t, "accumulate")] == [None, None if becomes == "cleared" else "0"]
    assert [s["source"]["text"] for s in t.steps if "source" in s] == [line]
    assert [s.get("source") for s in t.replay().steps] == [s.get("source") for s in t.steps]


def test_other_data_is_a_step_with_its_line() -> None:
    line = "w.data = torch.tensor(5.0)"
    t, _ = run_cell(f"w = torch.tensor(3.0, requires_grad=True)\ny = w * w\n{line}\n")
    assert "w is written in place: its value is now 5." in t.to_text()
    assert [s["source"]["text"] for s in t.steps if "source" in s] == [line]


def test_a_step_of_descent_shows_the_new_value() -> None:
    code = LINE_FIT + "with torch.no_grad():\n    w -= 0.1 * w.grad\n"
    t, _ = run_cell(code)
    assert t.steps[-1]["value"] == "3.8" and t.steps[-1]["phase"] == "forward"
    assert t.extra["untracked"] == 2
    assert "w is written in place: its value is now 3.8." in t.to_text()


def test_writing_in_place_to_a_result_adds_a_node() -> None:
    t, _ = run_cell("w = torch.tensor(3.0, requires_grad=True)\ny = w * 2\ny.add_(1)\ny.backward()\n")
    assert labels(t, "operator") == ["mul(·, 2)", "add(·, 1)"]
    assert [n.get("name") for n in t.nodes] == ["w", "y", "y"]
    assert steps(t, "accumulate")[0]["grad"] == "2"


def test_autograd_grad_leaves_the_leaf_alone() -> None:
    t, scope = run_cell("w = torch.tensor(3.0, requires_grad=True)\ng = torch.autograd.grad(w * w, w)\n")
    assert steps(t, "accumulate") == []
    assert steps(t, "backward")[-1]["grad"] == "6"
    assert "its own grad stays as it was" in t.to_text()
    assert scope["w"].grad is None


def test_double_backward_is_recorded_too() -> None:
    code = (
        "x = torch.tensor(2.0, requires_grad=True)\n"
        "(g,) = torch.autograd.grad(x**3, x, create_graph=True)\n"
        "g.backward()\n"
    )
    t, scope = run_cell(code)
    assert scope["x"].grad.item() == 12
    assert len(labels(t, "operator")) > 1
    assert steps(t, "accumulate")[-1]["grad"] == "12"


def test_several_outputs() -> None:
    t, _ = run_cell(
        "x = torch.tensor([[1.0, 5.0], [7.0, 3.0]], requires_grad=True)\n"
        "top, where = x.max(dim=1)\ntop.sum().backward()\n"
    )
    node = next(n for n in t.nodes if n["op"] == "max")
    assert [out["value"] for out in node["outputs"]] == ["[5, 7]", "[1, 0]"]
    assert node["name"] == "top" and node["outputs"][1]["name"] == "where"
    assert steps(t, "accumulate")[0]["grad"] == "[[0, 1], [1, 0]]"


def test_names_found_in_containers_modules_and_functions() -> None:
    code = (
        "ws = [torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)]\n"
        "by = {'bias': torch.zeros(1, requires_grad=True)}\n"
        "def model(v):\n"
        "    hidden = v * ws[1]\n"
        "    return hidden + by['bias']\n"
        "out = model(ws[0])\n"
        "out.sum()\n"
    )
    t, _ = run_cell(code)
    assert labels(t, "leaf") == ["v", "ws[1]", "by['bias']"]
    assert [n.get("name") for n in t.nodes if n["kind"] == "operator"] == ["hidden", "out", None]


def test_names_of_a_modules_parameters() -> None:
    t, _ = run_cell("model = torch.nn.Linear(2, 1)\nout = model(torch.ones(1, 2))\n")
    assert labels(t, "leaf") == ["model.weight", "model.bias"]


def test_what_was_made_before_the_recording_is_drawn_as_far_as_known() -> None:
    w = torch.tensor(3.0, requires_grad=True)
    y = (w * 2).exp()
    with tape.record() as t:
        loss = y + 1
        loss.backward()
    assert [(n["label"], n.get("before", False)) for n in t.nodes] == [
        ("w", False),
        ("mul", True),
        ("exp", True),
        ("add(·, 1)", False),
    ]
    assert len(steps(t, "backward")) == 3 and len(steps(t, "accumulate")) == 1
    assert t.nodes[3]["name"] == "loss"


def test_a_gradient_from_before_the_recording_is_known() -> None:
    w = torch.tensor(3.0, requires_grad=True)
    (w * w).backward()
    with tape.record() as t:
        (w * 1).backward()
    assert t.nodes[0]["grad"] == "6"
    assert steps(t, "accumulate")[0]["before"] == "6" and steps(t, "accumulate")[0]["grad"] == "7"


def test_draw_shows_the_skeleton_also_after_backward_freed_it() -> None:
    w = torch.tensor(3.0, requires_grad=True)
    y = (w * w).sin()
    before = tape.draw(y).to_json()
    y.backward()
    t = tape.draw(y)
    assert t.edges == before["edges"] and [n["label"] for n in t.nodes] == ["w", "mul", "sin"]
    assert t.nodes[2]["name"] == "y" and t.nodes[1]["value"] is None
    assert t.nodes[0]["grad"] == "-5.467" or t.nodes[0]["grad"].startswith("-5.46")


def test_draw_of_a_very_deep_graph_keeps_to_its_limit() -> None:
    y = torch.tensor(1.0, requires_grad=True)
    for _ in range(recorder.MAX_NODES + 100):
        y = y * 1.0
    t = tape.draw(y)
    assert len(t.nodes) == recorder.MAX_NODES
    assert t.nodes[-1]["name"] == "y"


def test_draw_of_a_leaf_and_of_a_constant() -> None:
    w, c = torch.tensor(3.0, requires_grad=True), torch.tensor([1, 2])
    assert [(n["kind"], n["label"]) for n in tape.draw(w).nodes] == [("leaf", "w")]
    assert [(n["kind"], n["value"]) for n in tape.draw(c).nodes] == [("constant", "[1, 2]")]


def test_a_full_recording_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MAX_NODES", 10)
    monkeypatch.setattr(recorder, "MAX_STEPS", 15)
    t, scope = run_cell(
        "w = y = torch.tensor(2.0, requires_grad=True)\nfor _ in range(20): y = y * 0.9\ny.backward()\n"
    )
    assert len(t.nodes) == 10 and len(t.steps) <= 15
    assert "the recording was full" in t.to_text()
    assert abs(scope["w"].grad.item() - 0.9**20) < 1e-6


def test_recording_changes_no_result() -> None:
    code = (
        "W = torch.tensor([[0.3, -0.7], [1.1, 0.2]], requires_grad=True)\n"
        "for i in range(3):\n"
        "    loss = (torch.tanh(W @ torch.tensor([1.0, float(i)])) ** 2).sum()\n"
        "    loss.backward()\n"
        "    with torch.no_grad():\n"
        "        W -= 0.1 * W.grad\n"
        "versions = W._version, loss._version\n"
    )
    plain: dict = {"torch": torch}
    exec(code, plain)
    _, scope = run_cell(code)
    assert plain["W"].tolist() == scope["W"].tolist()
    assert plain["W"].grad.tolist() == scope["W"].grad.tolist()
    assert plain["versions"] == scope["versions"]


def test_the_graph_is_freed_by_reference_counts_although_it_was_recorded() -> None:
    def run() -> tuple[weakref.ref, weakref.ref]:
        w = torch.tensor(3.0, requires_grad=True)
        y = w * w
        z = y.exp()
        return weakref.ref(y), weakref.ref(z.grad_fn)

    gc.disable()
    try:
        with tape.record() as t:
            refs = run()
            assert [ref() for ref in refs] == [None, None]
        assert len(t.nodes) == 3
    finally:
        gc.enable()


def test_a_deleted_variable_is_gone_while_its_function_still_runs() -> None:
    with tape.record():
        w = torch.tensor(3.0, requires_grad=True)
        y = w * w
        z = y + 1
        ref = weakref.ref(y)
        del y, z
        assert ref() is None
    assert w.grad is None


def test_the_user_may_hold_a_frames_locals() -> None:
    with tape.record():
        w = torch.tensor(3.0, requires_grad=True)
        mine = locals()
        w * w
        w * w
        assert mine["w"] is w


def test_recording_ends_also_when_the_program_fails() -> None:
    w = torch.tensor(3.0, requires_grad=True)
    with pytest.raises(ZeroDivisionError), tape.record() as t:
        y = w * w
        y / (1 / 0)
    assert observers == []
    assert t.nodes[1]["name"] == "y"


def test_a_backward_that_fails_leaves_a_readable_tape() -> None:
    code = (
        "w = torch.tensor(3.0, requires_grad=True)\ny = w * w\ny.backward()\n"
        "try:\n    y.backward()\nexcept RuntimeError:\n    pass\n"
    )
    t, _ = run_cell(code)
    assert steps(t, "backward")[-1]["run"] == 2
    assert len(steps(t, "accumulate")) == 1
    assert t.to_text()


def test_json_round_trip_and_unknown_schema(line_fit: tape.Tape) -> None:
    data = line_fit.ask("Why is the gradient of w three times that of b?").to_json()
    assert tape.Tape.from_json(data).to_json() == data
    with pytest.raises(ValueError, match="schema 3"):
        tape.Tape.from_json({**data, "schema": 3})


def test_bundle_for_notebooks_and_silence_while_graded(line_fit: tape.Tape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    assert list(line_fit._repr_mimebundle_()) == ["text/html", "image/svg+xml", "text/plain"]
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    bundle = line_fit._repr_mimebundle_()
    assert list(bundle) == ["text/plain"] and "\n" not in bundle["text/plain"]


def test_long_values_are_shortened() -> None:
    t, _ = run_cell("big = torch.ones(1000, 1000, requires_grad=True)\ny = big * 2\n")
    assert t.nodes[0]["value"].startswith("[[1, 1, 1, 1, 1, 1, …]")
    assert len(t.nodes[0]["value"]) <= 60
