"""All benchmarks side by side with PyTorch: `python do.py bench`, or this file with an environment that has both.

python benchmarks/run.py [name ...] [--json FILE]
"""

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


def in_own_process(script: str, library: str) -> dict:
    """What `script` prints as JSON for one library, in a fresh interpreter on one thread."""
    environment = {**os.environ, **ONE_THREAD}
    return json.loads(
        subprocess.run([sys.executable, script, library], env=environment, check=True, stdout=subprocess.PIPE).stdout
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    # The others compare with something else than PyTorch, and are programs of their own.
    every = sorted(p.stem for p in HERE.glob("*.py") if "\ndef rows(" in p.read_text("utf-8"))
    parser.add_argument("names", nargs="*", default=every)
    parser.add_argument("--json", type=Path, help="write the rows here too")
    options = parser.parse_args()
    if importlib.util.find_spec("torch") is None:
        print(
            "PyTorch is not in this environment, so there is nothing to compare with. "
            "Install the project's `torch` extra."
        )
        return 2
    results = {}
    for name in options.names:
        module = importlib.import_module(name)
        print(module.TITLE)
        print(f"  {'':28} kindling   PyTorch   ratio")
        results[name] = module.rows()
        for label, ours, theirs, ratio in results[name]:
            print(f"  {label:28} {ours:8.2f}  {theirs:8.2f}  {ratio:6.2f}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.exit(main())
