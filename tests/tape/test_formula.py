"""Every gradient rule can be told in words, from its own source or from the operator's docstring."""

import pytest

import kindling.nn
import kindling.ops.decompose  # noqa: F401  declares svd
from kindling.ops.declare import OPERATORS
from kindling.tape import formula

WITH_RULES = [name for name, op in OPERATORS.items() if op.rules or op.joint]
EXPECTED = {
    "mul": {"input": "g * other", "other": "g * input"},
    "matmul": {"input": "g @ other^T", "other": "input^T @ g"},
    "mse_loss": {"input": "g * 2 * (input - target) / n", "target": "its opposite"},
    "layer_norm_over": {"input": "s * (g' - mean(g') - n * mean(n * g'))", "weight": "g * n", "bias": "g"},
    "nll_loss": {"input": "-g * share at the class"},
}


def told(name: str) -> dict[str, str]:
    op = OPERATORS[name]
    return formula.of(op, op.plan((True,) if op.variadic else (True,) * len(op.inputs)))


@pytest.mark.parametrize("name", WITH_RULES)
def test_every_rule_is_told(name):
    op = OPERATORS[name]
    assert set(told(name)) == (set(op.inputs) if op.joint else set(op.rules))
    assert all(told(name).values())


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_told(name):
    assert told(name) == EXPECTED[name]
