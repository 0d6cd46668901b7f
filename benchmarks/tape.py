"""What recording costs: the whole `with tape.record()` block of three real programs, over the same without recording.

python benchmarks/tape.py
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TITLE = "A recorded step over the same step alone, ms"
PROGRAMS = ("digits_mlp", "lenet", "lstm", "gpt")
TIMES = 40


class Nothing:
    """A recording that is off."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


def fastest(program: Callable, context: type, tape: Any) -> float:
    """Milliseconds between the start and the end of the program's `with` block."""
    found = []

    class Timed(context):
        def __enter__(self) -> Any:
            self.start = perf_counter()
            return super().__enter__()

        def __exit__(self, *error: Any) -> None:
            super().__exit__(*error)
            found.append(perf_counter() - self.start)

    kept, tape.record = tape.record, Timed
    try:
        for _ in range(TIMES):
            program()
    finally:
        tape.record = kept
    return 1000 * min(found)


def measure() -> dict[str, tuple[float, float]]:
    """The times with and without recording."""
    sys.path[:0] = [str(ROOT / "lib"), str(ROOT)]
    from kindling import tape
    from tests.tape import graphs

    return {
        name: (fastest(graphs.ALL[name], tape.record, tape), fastest(graphs.ALL[name], Nothing, tape))
        for name in PROGRAMS
    }


def rows() -> list[tuple[str, float, float, float]]:
    from run import in_own_process

    times = in_own_process(__file__, "kindling")
    return [(name, recorded, alone, recorded / alone) for name, (recorded, alone) in times.items()]


if __name__ == "__main__":
    times = measure()
    if len(sys.argv) > 1:
        print(json.dumps(times))
    else:
        print(TITLE)
        for name, (recorded, alone) in times.items():
            print(f"  {name:28} {recorded:8.2f}  {alone:8.2f}  {recorded / alone:6.2f}")
