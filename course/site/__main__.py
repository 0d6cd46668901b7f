"""`python -m course.site build` and `serve`."""

import argparse
import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from course.site.build import OUT, CannotBuild, build


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m course.site", description="The course as pages to read.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (("build", "write the pages"), ("serve", "show the written pages on this machine")):
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument("--out", type=Path, default=OUT, help="the pages' folder (default: %(default)s)")
        command.add_argument("--port", type=int, default=8000, help="where to show them (default: %(default)s)")
    commands.choices["build"].add_argument("--serve", action="store_true", help="then show them on this machine")
    arguments = parser.parse_args()
    try:
        if arguments.command == "build":
            print(f"The site is ready: {build(arguments.out).as_uri()}", flush=True)
        if arguments.command == "serve" or arguments.serve:
            serve(arguments.out, arguments.port)
    except CannotBuild as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        print()


def serve(folder: Path, port: int) -> None:
    """Show a built site on this machine until Ctrl-C."""
    if not (folder / "index.html").is_file():
        raise CannotBuild(f"There is no site in {folder} yet: run `python -m course.site build` first.")
    try:
        pages = server(folder, port)
    except OSError as reason:
        raise CannotBuild(f"Port {port} cannot be had ({reason.strerror}): name another with --port.") from None
    with pages:
        print(
            f"\nKindling's pages are open at\n\n    http://127.0.0.1:{port}/\n\nStop it here with Ctrl-C.", flush=True
        )
        pages.serve_forever()


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of this folder for this machine only; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Quiet, directory=folder))


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".js": "text/javascript"}
    extensions_map[".wasm"] = "application/wasm"

    def log_message(self, *_) -> None:
        """Say nothing."""


if __name__ == "__main__":
    main()
