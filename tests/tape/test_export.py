"""Text for other tools, and the table of a model."""

import doctest
import re
import shutil
import subprocess
import sys

import pytest

import kindling as torch
from kindling import tape
from kindling.tape import export
from tests.tape import graphs

summarising = sys.modules["kindling.tape.summary"]


@pytest.mark.parametrize("module", [export, summarising], ids=["export", "summary"])
def test_the_examples_are_true(module) -> None:
    found = doctest.testmod(module)
    assert found.attempted and not found.failed


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's dot is not installed")
@pytest.mark.parametrize("name", graphs.ALL)
def test_dot_reads_what_we_write(name: str) -> None:
    t = graphs.ALL[name]()
    plain = subprocess.run(["dot", "-Tplain"], input=t.to_dot(), text=True, capture_output=True, check=True).stdout
    assert plain.count("\nnode ") == len(t.nodes) and plain.count("\nedge ") == len(t.edges)


def test_dot_names_shapes_and_quotes() -> None:
    by = {'a "b"': torch.ones(2, requires_grad=True)}
    with tape.record() as t:
        y = by['a "b"'] * 2
    assert y.shape == (2,)
    assert 'n1 [label="mul(·, 2) (y) [2]", shape=ellipse];' in t.to_dot()
    assert r'label="by[\'a \"b\"\'] [2]"' in t.to_dot().replace("'", r"\'")


def test_mermaid_has_every_node_edge_and_module() -> None:
    t = graphs.two_layer_net()
    text = t.to_mermaid()
    assert text.startswith("flowchart TD\n")
    assert len(re.findall(r"^ +n\d+[\[(]", text, re.M)) == len(t.nodes)
    assert len(re.findall(r"^ +n\d+ --> n\d+$", text, re.M)) == len(t.edges)
    assert text.count("subgraph ") == len(t.groups) == len(re.findall(r"^ +end$", text, re.M))
    assert 'subgraph g1["0: Linear"]' in text


def test_a_model_as_a_table() -> None:
    torch.manual_seed(0)
    model = graphs.DigitsNet()
    model.fc1.bias.requires_grad_(False)
    model.fc2.train(False)
    found = tape.summary(model, torch.rand(5, 64))
    rows = {row.path: row for row in found.rows}
    assert rows["fc1"] == ("fc1", "Linear", "[5, 64]", 64 * 64 + 64, 64 * 64)
    assert found.parameters == sum(p.numel() for p in model.parameters()) == found.trainable + 64
    assert [n["op"] for n in found.tape.nodes if n["op"]] == ["linear", "relu", "linear", "relu", "linear"]
    assert model.training and not model.fc2.training and model.fc1.training
    assert "<th" in found._repr_html_() and "6,570" in found._repr_html_() and "6,570" in repr(found)


def test_shared_parameters_count_once_and_calls_are_counted() -> None:
    layer = torch.nn.Linear(3, 3)
    found = tape.summary(torch.nn.Sequential(layer, layer), torch.ones(1, 3))
    assert found.parameters == 12 and found.rows[1].output == "[1, 3] × 2"


class Noise(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.rand(2)


def test_the_random_stream_is_put_back() -> None:
    torch.manual_seed(1)
    expected = torch.rand(1).item()
    torch.manual_seed(1)
    tape.summary(Noise(), torch.ones(1, 2))
    assert torch.rand(1).item() == expected
