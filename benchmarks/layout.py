"""How long a tape takes to lay out: three families of graphs at three sizes, best of three, in milliseconds.

Run `PYTHONPATH=lib python benchmarks/layout.py`.
"""

import random
import time
from collections.abc import Callable

from kindling.tape.layout import layout

Edges = list[tuple[int, int]]
SIZES = {50: 2.0, 500: 15.0, 5000: 200.0}  # nodes: the time that we allow


def random_fan_in(count: int) -> Edges:
    """Every node reads from one to three of those before it, mostly near ones, now and then far ones."""
    rng = random.Random(0)
    return [
        (max(0, node - 1 - int(rng.expovariate(0.3))), node)
        for node in range(1, count)
        for _ in range(rng.randint(1, 3))
    ]


def one_weight(count: int) -> Edges:
    """A recurrent network: node 0 is the weight that every step reads."""
    return [edge for node in range(2, count) for edge in ((0, node), (node - 1, node))]


def skip_to_every_layer(count: int) -> Edges:
    """Every layer reads from the one before it and from the first result."""
    return [(node - 1, node) for node in range(1, count)] + [(1, node) for node in range(3, count)]


def skip_round_every_layer(count: int) -> Edges:
    """Every layer reads from the one before it and from the one before that."""
    return [(node - 1, node) for node in range(1, count)] + [(node - 2, node) for node in range(2, count)]


FAMILIES: list[Callable[[int], Edges]] = [random_fan_in, one_weight, skip_to_every_layer, skip_round_every_layer]


def main() -> None:
    print(f"{'nodes':>6} {'limit':>7}", *(f"{family.__name__:>23}" for family in FAMILIES))
    for count, limit in SIZES.items():
        times = []
        for family in FAMILIES:
            sizes, edges = [(84.0 + 7 * (node % 9), 67.0) for node in range(count)], family(count)
            best = float("inf")
            for _ in range(3):
                start = time.perf_counter()
                layout(sizes, edges)
                best = min(best, time.perf_counter() - start)
            times.append(1000 * best)
        print(f"{count:6} {limit:7.1f}", *(f"{ms:23.2f}" for ms in times))


if __name__ == "__main__":
    main()
