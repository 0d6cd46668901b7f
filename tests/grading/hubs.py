"""A JupyterHub with users of this machine, and what a person does in it: for the test of a class that works there."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "grading" / "hub" / "jupyterhub_config.py"
GROUP = "kindling-class"
COURSE = {"course_id": "kindling"}
CODE = os.pathsep.join([str(ROOT / "lib"), str(ROOT)])
CONFIG = """
load_subconfig({example!r})
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_port = {ports[1]}
c.JupyterHub.db_url = "sqlite:///{state}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{state}/secret"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.pid_file = "{state}/proxy.pid"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.LocalAuthenticator.allowed_groups = {{"{group}"}}
c.Spawner.environment["KINDLING_EXCHANGE"] = "{exchange}"
"""


def proxy() -> str | None:
    """The proxy that JupyterHub needs, on PATH or in node_modules of the checkout."""
    return shutil.which("configurable-http-proxy") or shutil.which(
        "configurable-http-proxy", path=str(ROOT / "node_modules" / ".bin")
    )


def why_not() -> str | None:
    """Why there can be no hub on this machine."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "making users needs root on Linux"
    if shutil.which("useradd") is None or shutil.which("chpasswd") is None:
        return "useradd and chpasswd are not installed"
    try:
        import jupyterhub  # noqa: F401
    except ImportError:
        return "jupyterhub is not installed"
    if proxy() is None:
        return "configurable-http-proxy is not installed"
    code = "import jupyterhub, nbgrader, course, kindling"
    env = {**os.environ, "PYTHONPATH": CODE}
    try:
        subprocess.run(
            [sys.executable, "-c", code], user=65534, group=65534, extra_groups=[], env=env, cwd="/", check=True
        )
    except (OSError, subprocess.CalledProcessError):  # not allowed to start it, or not to read what it imports
        return "another user cannot run this Python, or cannot read this checkout"
    return None


class User:
    """A user of this machine, for as long as the block lasts."""

    def __init__(self, name: str, homes: Path):
        self.name, self.password = name, secrets.token_hex(8)
        self.home = homes / name

    def __enter__(self) -> "User":
        command = ["useradd", "--create-home", "--home-dir", self.home, "--groups", GROUP, "--shell", "/bin/sh"]
        subprocess.run([*command, self.name], check=True)
        subprocess.run(["chpasswd"], input=f"{self.name}:{self.password}", text=True, check=True)
        self.home.chmod(0o700)
        return self

    def __exit__(self, *_) -> None:
        subprocess.run(["userdel", "--remove", self.name], capture_output=True, check=True)

    def run(self, *command: object, **how) -> subprocess.CompletedProcess:
        """Run a command as this user."""
        path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
        env = {"HOME": str(self.home), "PATH": path, "PYTHONPATH": CODE, "USER": self.name, **how.pop("env", {})}
        return subprocess.run(
            [str(word) for word in command],
            **{"user": self.name, "group": self.name, "extra_groups": [GROUP], "env": env, "cwd": self.home, **how},
            capture_output=True,
            text=True,
        )


@contextlib.contextmanager
def group():
    """The group of those who may log in."""
    subprocess.run(["groupadd", GROUP], check=True)
    try:
        yield
    finally:
        subprocess.run(["groupdel", GROUP], check=True)


@contextlib.contextmanager
def hub(state: Path, exchange: Path):
    """The address of a hub that runs with the example's configuration."""
    ports = free_ports(3)
    config = state / "config.py"
    facts = {"example": str(EXAMPLE), "ports": ports, "state": state, "proxy": proxy(), "group": GROUP}
    config.write_text("c = get_config()\n" + CONFIG.format(exchange=exchange, **facts))
    command = [sys.executable, "-m", "jupyterhub", "--config", str(config)]
    with open(state / "log", "w") as log:
        env = {**os.environ, "PYTHONPATH": CODE}
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=state, env=env)
        try:
            address = f"http://127.0.0.1:{ports[0]}"
            wait(lambda: _answers(ports[0]) and process.poll() is None, state / "log")
            yield address
        finally:
            process.terminate()
            process.wait(30)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [server.getsockname()[1] for server in held]
    finally:
        for server in held:
            server.close()


def _answers(port: int) -> bool:
    import requests

    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"http://127.0.0.1:{port}/hub/api", timeout=5).ok
    return False


def wait(ready, log: Path, seconds: float = 60.0) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, log.read_text()[-3000:]
        time.sleep(0.2)


class Server:
    """A person's own Jupyter server: logged in with name and password, as a browser would."""

    def __init__(self, address: str, user: User, log: Path):
        import requests

        self.user, self.session, self.hub = user, requests.Session(), f"{address}/hub"
        self.session.get(f"{self.hub}/login")
        form = {"username": user.name, "password": user.password, "_xsrf": self.session.cookies["_xsrf"]}
        self.session.post(f"{self.hub}/login", data=form, allow_redirects=False).raise_for_status()
        xsrf = next(cookie.value for cookie in self.session.cookies if cookie.name == "_xsrf")
        me = f"{self.hub}/api/users/{user.name}"
        said = self.session.post(f"{me}/tokens", headers={"X-XSRFToken": xsrf, "Referer": f"{self.hub}/home"}, json={})
        said.raise_for_status()
        self.session.cookies.clear()
        self.session.headers["Authorization"] = f"token {said.json()['token']}"
        self.session.post(f"{me}/server").raise_for_status()
        wait(lambda: self.session.get(me).json()["servers"].get("", {}).get("ready"), log)
        self.url = f"{address}/user/{user.name}"

    def assignments(self, action: str = "", **what) -> list[dict]:
        """What nbgrader's list of assignments in JupyterLab shows, after one of its buttons was pressed."""
        if action:
            said = self.session.post(f"{self.url}/assignments/{action}", json={**COURSE, **what})
        else:
            said = self.session.get(f"{self.url}/assignments", params=COURSE)
        said.raise_for_status()
        found = said.json()
        assert found["success"], found
        return found["value"]

    def read(self, path: str) -> dict:
        """A notebook."""
        return self.session.get(f"{self.url}/api/contents/{path}").json()["content"]

    def save(self, path: str, notebook: dict) -> None:
        """Save a notebook."""
        body = {"type": "notebook", "content": notebook}
        self.session.put(f"{self.url}/api/contents/{path}", json=body).raise_for_status()

    def run(self, path: str, sources: list[str]) -> list[str]:
        """Run cells in a kernel of this notebook; the text of what each shows."""
        import websocket

        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        kernel = self.session.post(f"{self.url}/api/sessions", json=body).json()["kernel"]["id"]
        address = f"{self.url}/api/kernels/{kernel}/channels".replace("http", "ws", 1)
        header = {"Authorization": self.session.headers["Authorization"]}
        with contextlib.closing(websocket.create_connection(address, header=header, timeout=60)) as line:
            return [self._cell(line, source) for source in sources]

    def _cell(self, line, source: str) -> str:
        ident, shown = secrets.token_hex(8), []
        header = {"msg_id": ident, "msg_type": "execute_request", "username": "", "session": "s", "version": "5.3"}
        content = {"code": source, "silent": False, "allow_stdin": False}
        line.send(
            json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"})
        )
        while True:
            message = json.loads(line.recv())
            if message["parent_header"].get("msg_id") != ident:
                continue
            shown.append(json.dumps(message["content"]))
            if message["header"]["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return "\n".join(shown)
