# -*- coding: utf-8 -*-
"""One word for everything you do here: python do.py learn|test|soak|site|grade|bench|check

It makes the environment .venv from requirements.lock (every package checked by its hash) and runs the
command in it. It needs Python and nothing else, and carries on where an interrupted run stopped. The
syntax is plain on purpose: an old Python must be able to read this file to be told what to do.
"""

from __future__ import print_function

import errno
import hashlib
import json
import os
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "Scripts", "python.exe") if os.name == "nt" else os.path.join(VENV, "bin", "python")
LOCK = os.path.join(ROOT, "requirements.lock")
STAMP = os.path.join(VENV, "kindling-ready.json")
OLDEST, NEWEST = (3, 11), (3, 14)
UNMARKED = "not oracle and not browser and not sandbox and not pyodide and not soak"

# command: (what it does, groups of requirements.lock it needs, what it runs in the environment)
COMMANDS = {
    "learn": ("open the course in JupyterLab", ["course"], [["-m", "course.cli", "learn"]]),
    "test": ("run the tests", ["course", "test"], [["-m", "pytest", "-m", UNMARKED]]),
    "soak": ("run the long tests", ["course", "test"], [["-m", "pytest", "-m", "soak"]]),
    "site": ("build the site", ["course", "site"], [["-m", "course.site", "build"]]),
    "grade": ("grade the class", ["course"], [["-m", "course.cli", "class", "grade", "day_001"]]),
    "bench": ("compare speeds side by side", ["course"], [[os.path.join("benchmarks", "run.py")]]),
    "check": (
        "look for what has drifted apart",
        ["course", "test"],
        [
            ["-m", "ruff", "check", "."],
            ["-m", "ruff", "format", "--check", "."],
            ["-m", "pytest", "-q", os.path.join("tests", "house", "test_drift.py")],
            ["-m", "course.cli", "author", "check"],
        ],
    ),
    "setup": ("only make the environment; name the groups", [], []),
}

DISK_WORDS = ("no space left", "os error 28", "disk quota", "file too large", "not enough space on the disk")
NETWORK_WORDS = (
    "connection refused",
    "failed to establish a new connection",
    "name resolution",
    "dns error",
    "error sending request",
    "timed out",
    "network is unreachable",
    "max retries exceeded",
    "failed to fetch",
    "proxyerror",
    "tunnel error",
)


class Stop(Exception):
    """Ends the run with one sentence: what happened and what to do."""


def main(argv):
    """Run one command and return its exit status."""
    if not argv or argv[0] not in COMMANDS:
        return usage(argv)
    about, groups, runs = COMMANDS[argv[0]]
    arguments = argv[1:]
    if argv[0] == "setup":
        groups, arguments = arguments or ["course"], []
    try:
        require_python()
        prepare(groups)
        if argv[0] == "learn":
            add_gpu()
        return run_all(runs, arguments)
    except Stop as stop:
        print("\n" + str(stop), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command carries on from here.", file=sys.stderr)
        return 130
    except EnvironmentError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        print("\n" + disk_full(), file=sys.stderr)
        return 1


def usage(argv):
    """Say which commands there are."""
    if argv and argv[0] not in ("-h", "--help", "help"):
        print("do.py has no command %r. These it has:\n" % argv[0], file=sys.stderr)
    for name in ("learn", "test", "soak", "site", "grade", "bench", "check", "setup"):
        print("  python do.py %-6s %s" % (name, COMMANDS[name][0]))
    return 0 if argv and argv[0] in ("-h", "--help", "help") else 2


def require_python():
    """Stop with a sentence if this Python is too old, too new, or cannot make an environment."""
    here = "%d.%d" % sys.version_info[:2]
    wanted = "%d.%d to %d.%d" % (OLDEST + NEWEST)
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        better = other_python()
        advice = "run `%s do.py ...` instead" % better if better else "install one of those and run do.py with it"
        raise Stop("This is Python %s and Kindling needs Python %s, so %s." % (here, wanted, advice))
    if not (has_module("ensurepip") and has_module("venv")):
        sentence = (
            "This Python %s came without venv and ensurepip, which make the environment: install them (on Debian "
            "and Ubuntu: apt install python%s-venv) and run the same command again."
        )
        raise Stop(sentence % (here, here))


def has_module(name):
    """True if this Python can import the module."""
    import importlib.util

    return importlib.util.find_spec(name) is not None


def other_python():
    """The name of a fitting Python on PATH, newest first, or None."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = "python3.%d" % minor
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            program = os.path.join(folder, name)
            # pyenv leaves a name on PATH for versions it does not have switched on: ask it.
            if succeeds([program, "-c", ""]):
                return name
    return None


def succeeds(command):
    """True if the program exists and ends well; it prints nothing."""
    try:
        with open(os.devnull, "w") as hole:
            return subprocess.call(command, stdout=hole, stderr=hole) == 0
    except OSError:
        return False


def prepare(groups):
    """Bring .venv up to requirements.lock for these groups; quick when it already is."""
    ready = read_stamp()
    groups = sorted(set(["core", "setup"] + list(groups)) | set(ready.get("groups", [])))
    if ready.get("groups") == groups:
        return
    started = time.time()
    if ready:
        print("Adding to the environment in .venv what this needs.")
    else:
        print("Setting up Kindling in .venv (once; a second start takes no time).")
    if not venv_works():
        step("making the environment", [sys.executable, "-m", "venv", "--clear", VENV])
    install(groups)
    write_stamp(groups)
    print("Ready after %.0f s.\n" % (time.time() - started))
    sys.stdout.flush()


def wanted_stamp():
    """What the environment must have been made from: the lock, the package's own data, this place."""
    key = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            key.update(file.read())
    return {"made_from": key.hexdigest(), "at": VENV}


def read_stamp():
    """The stamp of a complete environment, or {} if it is incomplete, older or moved."""
    try:
        with open(STAMP) as file:
            stamp = json.load(file)
    except (IOError, OSError, ValueError):
        return {}
    fresh = os.path.exists(PYTHON) and all(stamp.get(key) == value for key, value in wanted_stamp().items())
    return stamp if fresh else {}


def write_stamp(groups):
    """Say that the environment is complete; written last, and whole or not at all."""
    with open(STAMP + ".new", "w") as file:
        json.dump(dict(wanted_stamp(), groups=groups), file)
    os.replace(STAMP + ".new", STAMP)


def venv_works():
    """True if .venv has a fitting Python, at this place, with pip in it."""
    code = "import sys, pip; print(sys.prefix); print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.check_output([PYTHON, "-c", code], stderr=subprocess.STDOUT).decode().split("\n")
    except (OSError, subprocess.CalledProcessError):
        return False
    return (
        os.path.realpath(answer[0].strip()) == os.path.realpath(VENV)
        and answer[1].strip() == "%d.%d" % (sys.version_info[:2])
    )


def install(groups):
    """Install the locked packages of the groups by uv, or by pip where uv cannot be had or fails; then Kindling."""
    here = os.path.join(VENV, "requirements.txt")
    bring = os.path.join(VENV, "requirements-uv.txt")
    packages = write_pins(here, lambda name, needs: bool(set(groups) & set(needs)))
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"]
    uv = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON]
    title = "installing %d packages" % packages
    done = False
    has_uv = write_pins(bring, lambda name, needs: name == "uv")
    if has_uv and attempt("getting the installer", pip + ["--require-hashes", "-r", bring]):
        done = attempt(title, uv + ["--require-hashes", "-r", here])
    if not done:
        step(title + " with pip", pip + ["--require-hashes", "-r", here])
    own = ["--no-build-isolation", "--no-deps", "--editable", ROOT]
    if not (done and attempt("installing Kindling itself", uv + own)):
        step("installing Kindling itself with pip", pip + own)


def write_pins(path, keep):
    """Write the chosen pins of requirements.lock, with their hashes, to path; return how many."""
    chosen, count, keeping, needs = [], 0, False, []
    with open(LOCK) as file:
        for line in file:
            if line.startswith("# for: "):
                needs = line[len("# for: ") :].split()
            elif line[:1] not in " #\n":
                keeping = keep(line.split("==")[0], needs)
                count += keeping
            if keeping and not line.startswith("#"):
                chosen.append(line)
    with open(path, "w") as file:
        file.writelines(chosen)
    return count


def add_gpu():
    """Add the packages for an NVIDIA GPU where a driver answers; without them the course runs all the same."""
    ready = read_stamp()
    if "gpu" in ready["groups"] or os.environ.get("KINDLING_GPU") == "0":
        return
    if not succeeds(["nvidia-smi", "--list-gpus"]):
        return
    print("An NVIDIA GPU answers: adding the packages that use it (set KINDLING_GPU=0 to do without).")
    try:
        prepare(["gpu"])
    except Stop as stop:
        print("%s\nGoing on without the GPU." % stop)


def step(title, command):
    """Run one step of the set-up; stop with a sentence if it fails."""
    code, output = watch(title, command)
    if code:
        raise Stop(explain(title, output))


def attempt(title, command):
    """Run a step that has a second way; False if it failed for a reason that the second way may not have."""
    code, output = watch(title, command)
    if code and is_disk_full(output):
        raise Stop(disk_full())
    return code == 0


def watch(title, command):
    """Run a command, counting the seconds aloud; return its exit status and what it printed."""
    environment = dict(os.environ, PYTHONNOUSERSITE="1")
    for name in ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"):
        environment.pop(name, None)
    # uv has its own names for the index and the certificates that a person chose for pip or for the system.
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    for ours, theirs in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_CERT", "SSL_CERT_FILE")):
        if ours in environment:
            environment.setdefault(theirs, environment[ours])
    started, lines = time.time(), []
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    reader = threading.Thread(target=lambda: lines.extend(child.stdout))
    reader.daemon = True
    reader.start()
    try:
        tell(title, started, child)
    except BaseException:
        child.terminate()
        raise
    reader.join()
    return child.wait(), b"".join(lines).decode("utf-8", "replace")


def tell(title, started, child):
    """Print the step and, while it lasts, its seconds: in place on a terminal, now and then in a log."""
    live, next_line = sys.stdout.isatty(), 2
    while child.poll() is None:
        passed = time.time() - started
        if live:
            sys.stdout.write("\r  %s ... %d s " % (title, passed))
        elif passed >= next_line:
            sys.stdout.write("  %s ... %d s\n" % (title, passed))
            next_line += 8
        sys.stdout.flush()
        time.sleep(0.1)
    result = "done" if child.returncode == 0 else "did not work"
    sys.stdout.write("%s  %s: %s (%.1f s)\n" % ("\r" if live else "", title, result, time.time() - started))
    sys.stdout.flush()


def explain(title, output):
    """One sentence for what a failed step printed."""
    if is_disk_full(output):
        return disk_full()
    if any(word in output.lower() for word in NETWORK_WORDS):
        return (
            "The packages could not be fetched, because the package index does not answer: connect to the network "
            "(or check its proxy and index settings) and run the same command again; it carries on from here."
        )
    if "do not match the hashes" in output.lower() or "hash mismatch" in output.lower():
        return (
            "A package is not the one that requirements.lock records, so it was not installed: "
            "try another network or mirror."
        )
    tail = "\n".join(output.strip().split("\n")[-15:])
    return "The step '%s' failed; its last words follow, and the same command tries it again.\n\n%s" % (title, tail)


def is_disk_full(output):
    """True if a child said so, or if next to nothing is left: ensurepip hides the reason of its end."""
    import shutil

    return any(word in output.lower() for word in DISK_WORDS) or shutil.disk_usage(ROOT).free < 5000000


def disk_full():
    """The sentence for a full disk."""
    return (
        "The disk is full, so the set-up could not be finished: free about 2 GB and run the same command again; "
        "it carries on from here."
    )


def run_all(runs, arguments):
    """Run the command's programs one after the other; the arguments go to the last. Stops at the first failure."""
    for number, run in enumerate(runs):
        last = number == len(runs) - 1
        command = [PYTHON] + run + (arguments if last else [])
        sys.stdout.flush()
        if last and os.name == "posix":
            os.chdir(ROOT)
            os.execv(PYTHON, command)
        code = subprocess.call(command, cwd=ROOT)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
