"""Rows for the operators of `ops/math`, `ops/softmax`, joining and losses; `samples` adds them to its table."""

from typing import Any

import numpy as np


def rows(Row: Any, S: Any, real: Any, positive: Any, complex_: Any, strided: Any, unary: Any, binary: Any) -> dict:
    """The rows, made with the helpers of `samples`."""

    def between(*shape: int, seed: int = 0) -> np.ndarray:
        return np.asarray(np.tanh(real(*shape, seed=seed)) * 0.9)

    def apart(*shape: int, seed: int = 0) -> np.ndarray:
        return np.asarray(np.round(real(*shape, seed=seed) * 3) + 0.3)

    def flags(*shape: int) -> np.ndarray:
        return real(*shape) > 0

    truth = [S(flags(2, 3), ~flags(2, 3)), S(flags(3), flags(2, 1))]
    bits = [S(np.array([6, 3]), np.array([3, 5])), S(np.array([6, 3]), 2), *truth]
    inside = {"sigmoid": real, "reciprocal": positive, "rsqrt": positive, "square": real, "exp2": real, "expm1": real}
    inside |= {"log1p": positive, "log2": positive, "log10": positive, "tan": between, "sinh": real, "cosh": real}
    table = {name: Row(unary(make)) for name, make in inside.items()}
    table |= {name: Row(unary(between)) for name in ("asin", "acos", "atan")}
    table |= {name: Row(unary(apart, complex_too=False)) for name in ("floor", "ceil", "trunc")}
    return table | _softmax_and_losses(Row, S, real, complex_, strided) | {
        "erf": Row(unary(complex_too=False)),
        "round": Row([*unary(apart, complex_too=False), S(real(2, 3), decimals=1)]),
        "to_device": Row([S(real(2, 3), "cpu", "cpu"), S(complex_(2), "cpu", "cpu")], lambda lib: lambda x, device, back: x.clone()),
        "isinf": Row([*unary(), S(np.array([np.nan, np.inf, 0.0]))]),
        "atan2": Row([S(positive(2, 3), positive(3, seed=1)), S(positive(2, 1), positive(3)), S(strided(positive(2, 3)), positive())]),
        "remainder": Row([S(apart(2, 3), positive(3) + 1), S(apart(2, 3), 2.0), S(strided(apart(2, 3)), positive() + 1)]),
        "fmod": Row([S(apart(2, 3), positive(3) + 1), S(apart(2, 3), 2.0), S(strided(apart(2, 3)), positive() + 1)]),
        "clamp_numbers": Row([S(real(2, 3), -0.5, 0.5), S(real(2, 3), min=0.1), S(strided(real(2, 3)), max=0), S(real(), -1, 1)], lambda lib: lib.clamp),
        "logical_and": Row(truth),
        "logical_or": Row(truth),
        "logical_xor": Row(truth),
        "bitwise_and": Row(bits, dtypes=False),
        "bitwise_or": Row(bits, dtypes=False),
        "bitwise_xor": Row(bits, dtypes=False),
        "bitwise_not": Row([S(np.array([6, -3])), S(flags(2, 3))], dtypes=False),
        "masked_fill": Row([S(real(2, 3), flags(2, 3), 2.0), S(real(2, 3), flags(3), real()), S(strided(real(2, 3)), flags(2, 1), 0), S(complex_(2, 3), flags(2, 3), complex_())], lambda lib: lambda x, mask, value: x.masked_fill(mask, value)),
    }  # fmt: skip


def _softmax_and_losses(Row: Any, S: Any, real: Any, complex_: Any, strided: Any) -> dict:
    functions = lambda name: lambda lib: getattr(lib.nn.functional, name)
    classes = np.array([0, 2, 1, 2])
    losses = [
        S(real(4, 3), classes),
        S(real(4, 3), classes, reduction="sum"),
        S(real(4, 3), classes, reduction="none"),
        S(real(4, 3), classes, ignore_index=2),
        S(real(3), np.array(1)),
        S(real(2, 3, 2), np.array([[0, 2], [1, 1]])),
    ]
    return {
        "softmax": Row([S(real(2, 3), 1), S(real(2, 3, 4), -2), S(real(), 0), S(strided(real(2, 3)), 0), S(real(0, 3), 1)], dtypes=False),
        "log_softmax": Row([S(real(2, 3), 1), S(real(2, 3, 4), -2), S(real(), 0), S(strided(real(2, 3)), 0)], dtypes=False),
        "logsumexp": Row([S(real(2, 3), 1), S(real(2, 3, 4), (0, -1), True), S(strided(real(2, 3)), 0), S(complex_(2, 3), 1)], dtypes=False),
        "stack": Row([S([real(2, 3), real(2, 3, seed=1)]), S([real(2), real(2, seed=1)], -1), S([strided(real(2, 3)), real(2, 3)], 1), S([real(2), complex_(2)])]),
        "layer_norm_over": Row([S(real(2, 3), real(3), real(3, seed=1), (3,)), S(real(2, 3, 2), None, None, (3, 2)), S(strided(real(2, 3)), real(3), None, (3,), 0.1)], lambda lib: lambda x, w, b, shape, eps=1e-5: lib.nn.functional.layer_norm(x, shape, w, b, eps), dtypes=False),
        "nll_loss": Row(losses, functions("nll_loss"), dtypes=False),
        "cross_entropy_classes": Row(losses, functions("cross_entropy"), dtypes=False),
    }  # fmt: skip
