"""JupyterHub for a class whose students are users of this machine; docs/hub.md goes through it step by step.

jupyterhub --config grading/hub/jupyterhub_config.py, as root, with the Python that has the course.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BIN = Path(sys.prefix, "bin")
STATE = Path("/srv/jupyterhub")  # what the hub remembers; root's alone

c = get_config()  # noqa: F821 (JupyterHub provides it)

# Only this machine may connect: a web server in front of it speaks TLS with the world.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.db_url = f"sqlite:///{STATE}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")

# Who may log in: the members of these groups, with their password of this machine.
c.JupyterHub.authenticator_class = "pam"
c.LocalAuthenticator.allowed_groups = {"students", "instructors"}
c.PAMAuthenticator.open_sessions = False

# Each works as the user that they are, so the machine itself keeps them apart.
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [str(BIN / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"

# nbgrader in every server finds the exchange through nbgrader_config.py beside this file.
c.Spawner.environment = {
    "JUPYTER_CONFIG_PATH": str(HERE),
    "KINDLING_EXCHANGE": "/srv/nbgrader/exchange",
    "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
}
