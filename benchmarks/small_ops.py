"""Chains of 1,000 operations on 8 elements, forward and backward: what each operation costs beside its arithmetic.

Each library runs in a process of its own, on one thread, in turns (so that a busy machine slows both); the best of all
rounds counts. Microseconds per operation, and Kindling's as a ratio to PyTorch's.
"""

import json
import sys
import time
from collections.abc import Callable

LENGTH, ROUNDS, TURNS = 1000, 15, 4


def chains(torch: object) -> dict[str, tuple[Callable, bool]]:
    """Name, one step of the chain, and whether the second operand needs a gradient too."""
    return {
        "add": (lambda y, c: y + c, False),
        "mul": (lambda y, c: y * c, False),
        "add, both gradients": (lambda y, c: y + c, True),
        "mul, both gradients": (lambda y, c: y * c, True),
        "mul by a number": (lambda y, c: y * 1.0001, False),
        "tanh": (lambda y, c: torch.tanh(y), False),
        "no_grad add": (lambda y, c: y + c, None),
    }


def measure(name: str) -> dict[str, float]:
    """The best time per operation of every chain, in microseconds."""
    torch = __import__(name)
    if name == "torch":
        torch.set_num_threads(1)
    found = {}
    for chain, (step, both) in chains(torch).items():
        found[chain] = min(_once(torch, step, both) for _ in range(ROUNDS)) / LENGTH * 1e6
    return found


def _once(torch: object, step: Callable, both: bool | None) -> float:
    x = torch.ones(8, requires_grad=both is not None)
    c = torch.full((8,), 1.0001, requires_grad=bool(both))
    start = time.perf_counter()
    y = x
    for _ in range(LENGTH):
        y = step(y, c)
    if both is not None:
        y.sum().backward()
    return time.perf_counter() - start


def rows() -> list[tuple[str, float, float, float]]:
    """Chain, Kindling's microseconds, PyTorch's, and the ratio."""
    from run import in_own_process

    best: dict[str, dict[str, float]] = {"kindling": {}, "torch": {}}
    for _ in range(TURNS):
        for library in best:
            for chain, value in in_own_process(__file__, library).items():
                best[library][chain] = min(value, best[library].get(chain, value))
    return [
        (chain, ours, best["torch"][chain], ours / best["torch"][chain]) for chain, ours in best["kindling"].items()
    ]


TITLE = "1,000 operations on 8 elements, forward + backward (µs per operation)"

if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
