"""Starts JupyterLab on the student's folder and says where it is."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

from course.work import START, WORK

SETTINGS = Path(__file__).resolve().parent / "lab"
FIRST_PORT = 8888
PATIENCE = 120


class CannotStart(Exception):
    """One sentence for a person: what happened and what to do."""


def choose_port(wanted: int | None) -> int:
    """The port that was asked for, else the first free one from 8888 on; says so when it is another than usual."""
    if wanted is not None:
        if not is_free(wanted):
            raise CannotStart(
                f"Port {wanted} is taken by another program: name another with --port, "
                "or leave --port out and a free one is found."
            )
        return wanted
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        if is_free(port):
            if port != FIRST_PORT:
                print(f"Port {FIRST_PORT} is taken by another program, so JupyterLab is on port {port}.")
            return port
    raise CannotStart(
        f"No port from {FIRST_PORT} to {FIRST_PORT + 99} is free: stop a program, or name a port with --port."
    )


def is_free(port: int) -> bool:
    """True if a server can listen on this port of this machine."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def lab_command(work: Path, port: int) -> list[str]:
    """JupyterLab with the course's settings; the user's own workspaces elsewhere stay out of it."""
    settings = {
        "LabApp.app_settings_dir": SETTINGS,
        "LabApp.default_url": f"/lab/tree/{START}",
        "LabApp.workspaces_dir": work / ".kindling" / "workspaces",
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": work,
    }
    command = [sys.executable, "-m", "jupyterlab", f"--config={SETTINGS / 'jupyter_lab_config.json'}"]
    command += [f"--{name}={value}" for name, value in settings.items()]
    # In a container one is often root; the server listens on this machine only and asks for a token.
    return command + (["--allow-root"] if os.name == "posix" and os.geteuid() == 0 else [])


def environment(token: str) -> dict[str, str]:
    """What JupyterLab is told by its environment, where other users of the machine cannot read the token."""
    # So that `!kindling ...` in a cell is the command of this very environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return dict(os.environ, JUPYTER_TOKEN=token, PATH=path)


def learn(port: int | None, browser: bool, work: Path = WORK) -> int:
    """Run JupyterLab until it is stopped; return its exit status."""
    port, token = choose_port(port), secrets.token_hex(16)
    log = work / ".kindling" / "jupyter.log"
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background: kernels must still hear Stop
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with log.open("w") as lines:
        server = subprocess.Popen(lab_command(work, port), env=environment(token), stdout=lines, stderr=lines)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # a kill stops everything as Ctrl-C does
        try:
            wait_until_up(server, port, log)
            announce(f"http://127.0.0.1:{port}/lab/tree/{START}?token={token}", browser)
            return server.wait()
        except KeyboardInterrupt:
            print("\nStopping JupyterLab; your notebooks are as you last saved them.", flush=True)
            return 0
        finally:
            stop(server)


def stop(server: subprocess.Popen) -> None:
    """End the server; one that hangs on a kernel that is just starting is not waited for long."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until_up(server: subprocess.Popen, port: int, log: Path) -> None:
    """Wait for the server's first answer, counting the seconds aloud."""
    # A proxy that is set for the internet must not be asked for this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    started, told = time.monotonic(), 0
    while server.poll() is None and time.monotonic() - started < PATIENCE:
        try:
            opener.open(f"http://127.0.0.1:{port}/api", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        passed = int(time.monotonic() - started)
        if passed >= told + 2:
            told = passed
            print(f"Starting JupyterLab ... {passed} s", flush=True)
    server.terminate()
    last = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
    raise CannotStart(f"JupyterLab did not start; its last words follow, all of them are in {log}.\n\n{last}")


def announce(address: str, browser: bool) -> None:
    """Print the address, and open it where there is a screen."""
    print(f"\nKindling is open at\n\n    {address}\n\nStop it here with Ctrl-C.", flush=True)
    on_screen = (
        os.name == "nt" or sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if browser and on_screen:
        webbrowser.open(address)
