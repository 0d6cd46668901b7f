"""A run of real PyTorch on the tape: the same program under Kindling gives the same graph, values and gradients."""

import inspect
import types

import pytest

import kindling
from kindling import tape
from tests.tape import graphs
from tests.tape.conftest import run_cell
from tests.tape.test_truth import LEAF, TWO

pytestmark = pytest.mark.oracle
torch = pytest.importorskip("torch", reason="PyTorch is not installed")

# PyTorch has no node for the view that an index makes to be written through.
DANGLING = {"in_place": {"select"}}
# Inside CopySlices PyTorch hides the operator that wrote: nothing arrives there, nor at the views on the way to it.
HIDDEN = {"view": {"mul(·, 10)", "select", "reshape"}}


@pytest.fixture(scope="module")
def programs() -> types.ModuleType:
    """The corpus with PyTorch in Kindling's place."""
    text = inspect.getsource(graphs).replace("import kindling as torch", "import torch")
    text = "\n".join(line for line in text.splitlines() if "kindling.ops" not in line)
    module = types.ModuleType("graphs_in_pytorch")
    exec(compile(text.replace("import kindling.nn", "import torch.nn"), graphs.__file__, "exec"), module.__dict__)
    return module


def seen(t: tape.Tape, name: str) -> tuple:
    """What both must tell alike, nodes by what they are and what they read."""
    data = t.to_json()
    nodes = [n for n in data["nodes"] if n["op"] not in DANGLING.get(name, ())]
    place = {n["id"]: i for i, n in enumerate(nodes)}
    told = [(n["kind"], n["op"], n.get("name"), n["shape"], n["value"]) for n in nodes]
    edges = [(place[e["from"]], place[e["to"]], e["input"]) for e in data["edges"] if e["to"] in place]
    return told, sorted(edges), steps(data, place, name)


def steps(data: dict, place: dict[int, int], name: str) -> tuple[list, list]:
    """Backward in its order; leaves, which PyTorch serves at once and Kindling in the end, by themselves."""
    hidden = HIDDEN.get(name, set())
    label = [n["label"] if n["label"] in hidden else n["op"] for n in data["nodes"]]
    back = [(place[s["node"]], s["grad"]) for s in data["steps"] if s["phase"] == "backward"
            and (label[s["node"]] not in hidden or place[s["node"]] == 6)]  # fmt: skip
    sums = [(s["run"], place[s["node"]], s["before"], s["grad"]) for s in data["steps"] if s["phase"] == "accumulate"]
    return back, sorted(sums, key=str)


@pytest.mark.parametrize("name", graphs.SMALL)
def test_the_twelve_small_programs(name: str, programs: types.ModuleType) -> None:
    ours, theirs = graphs.ALL[name](), programs.ALL[name]()
    assert theirs.to_json()["engine"] == "torch" and ours.to_json()["engine"] == "kindling"
    assert seen(theirs, name) == seen(ours, name)
    assert theirs.to_svg() and theirs.to_text()


def test_modules_saved_tensors_and_lines(programs: types.ModuleType) -> None:
    ours, theirs = graphs.two_layer_net(), programs.two_layer_net()
    assert theirs.groups == ours.groups
    for mine, other in zip(ours.nodes, theirs.nodes, strict=True):
        assert (mine.get("group"), mine["dtype"], mine["device"]) == (
            other.get("group"),
            other["dtype"],
            other["device"],
        )
        if mine["op"]:
            assert mine["source"]["text"] == other["source"]["text"]
            assert sum(s["bytes"] for s in mine["saved"]) <= sum(s["bytes"] for s in other["saved"])


def test_recording_leaves_no_trace_and_keeps_nothing_alive() -> None:
    import weakref

    w = torch.tensor(3.0, requires_grad=True)
    with tape.record() as t:
        y = (w * w).exp()
        y.backward()
    ref = weakref.ref(y)
    del y
    assert ref() is None and len(t.nodes) == 3
    before = w.grad.item()
    (w * 1).backward()
    assert len(t.steps) == 5 and w.grad.item() == before + 1


def test_an_error_gives_the_partial_graph() -> None:
    w = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError), tape.record() as t:
        (w * 2) @ torch.ones(3)
    assert t.nodes[-1]["op"] == "matmul" and t.nodes[-1]["error"].startswith("RuntimeError: ")
    assert [e["from"] for e in t.edges if e["to"] == t.nodes[-1]["id"]] == [1, 2]


def test_bfloat16_and_a_run_that_cannot_be_replayed() -> None:
    w = torch.ones(2, dtype=torch.bfloat16, requires_grad=True)
    with tape.record() as t:
        (w * 3).sum().backward()
    assert (t.nodes[1]["dtype"], t.nodes[1]["value"]) == ("bfloat16", "[3, 3]")
    with pytest.raises(RuntimeError, match="a run of PyTorch itself"):
        t.replay(values={0: 1.0})


@pytest.mark.parametrize("name", ["digits_mlp", "lenet", "gpt", "lstm", "tree"])
def test_real_programs_draw(name: str, programs: types.ModuleType) -> None:
    t = programs.ALL[name]()
    assert len(t.nodes) > 10 and t.groups and any(s["phase"] == "accumulate" for s in t.steps)


WRITES = [
    ("w[1:] -= 1", True, "w is written in place: its value is now [1, 1]."),
    ("w.data -= 1", False, "w is written in place: its value is now [0, 1]."),
    ("w.data[0] = 5", False, "w is written in place: its value is now [5, 2]."),
    ("w.data = w.data * 3", False, "w is written in place: its value is now [3, 6]."),
    ("w.grad.data.zero_()", False, "The grad of w is set to [0, 0]."),
    ("w.grad = None", False, "The grad of w is cleared: it has none again."),
]


@pytest.mark.parametrize(("line", "under_no_grad", "says"), WRITES)
def test_a_write_is_told_with_its_line_and_changes_no_program(line: str, under_no_grad: bool, says: str) -> None:
    code = f"w = torch.tensor([1.0, 2.0], requires_grad=True)\n(w * w).sum().backward()\n{line}\n"
    if under_no_grad:
        code = code.replace(line, f"with torch.no_grad():\n    {line}")
    t, _ = run_cell(code, torch=torch)
    assert says in t.to_text()
    assert {s["source"]["text"].strip() for s in t.steps if "source" in s} == {line}


def test_inference_mode_is_no_error() -> None:
    code = (
        "w = torch.ones(2, requires_grad=True)\nwith torch.inference_mode():\n    y = w * 2\n"
        "    model = torch.nn.Linear(2, 1)\n    z = model(y)[0]\n"
    )
    t, scope = run_cell(code, torch=torch)
    assert not scope["z"].requires_grad and t.extra["untracked"] > 2


def test_parameters_that_the_recording_saw_being_made_have_names() -> None:
    t, _ = run_cell("model = torch.nn.Linear(1, 1)\nmodel(torch.ones(1, 1)).sum().backward()\n", torch=torch)
    assert [n["label"] for n in t.nodes if n["kind"] == "leaf"] == ["model.weight", "model.bias"]


def test_a_function_of_somebodys_with_several_results() -> None:
    t, scope = run_cell(LEAF + TWO, torch=torch)
    assert scope["x"].grad == 21
    assert [n["label"] for n in t.nodes] == ["x", "Two", "mul"]
    assert "x had no grad yet. 21 arrives and becomes its grad." in t.to_text()


def test_a_rule_that_fails_is_told() -> None:
    with pytest.raises(RuntimeError), tape.record() as t:
        exec("x = torch.ones((), requires_grad=True)\ny = x * x\ny.backward()\ny.backward()\n", {"torch": torch})
    assert t.steps[-1]["error"].startswith("RuntimeError: Trying to backward through the graph a second time")


@pytest.mark.parametrize("engine", [torch, kindling], ids=["PyTorch", "Kindling"])
def test_a_leaf_that_takes_the_memory_of_one_that_is_gone(engine: types.ModuleType) -> None:
    code = "for k in range(4):\n    w = torch.tensor(float(k), requires_grad=True)\n    (w * w).backward()\n    del w\n"
    t, _ = run_cell(code, torch=engine)
    assert [n["value"] for n in t.nodes if n["kind"] == "leaf"] == ["0", "1", "2", "3"]
    assert [s["before"] for s in t.steps if s["phase"] == "accumulate"] == [None] * 4
