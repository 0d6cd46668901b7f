"""Runs a lesson's cells where there is no Jupyter: one namespace, outputs as plain data.

A page runs it inside Pyodide; it runs in every Python. An output is `{"data": {mime type: text}}`,
`{"text": ..., "stream": "stdout" | "stderr"}` or `{"error": traceback}`.
"""

import ast
import contextlib
import io
import linecache
import sys
import traceback
import types
from collections.abc import Callable


class Cells:
    """One reader's session. `emit(number, output)` is called with each output as it comes."""

    def __init__(self, emit: Callable[[int, dict], None]):
        self.events = types.SimpleNamespace(register=lambda event, function: None)
        self._emit, self._number = emit, 0
        main = sys.modules["__main__"] = types.ModuleType("__main__")  # functions of cells belong there
        self.user_ns = vars(main)
        _stand_in_for_ipython(self)

    def run(self, number: int, source: str) -> bool:
        """Run one cell; False if it ended with an error."""
        self._number, name = number, f"<cell {number}>"
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        streams = contextlib.ExitStack()
        streams.enter_context(contextlib.redirect_stdout(_Stream(self, "stdout")))
        streams.enter_context(contextlib.redirect_stderr(_Stream(self, "stderr")))
        with streams:
            try:
                self._execute(source, name)
            except BaseException as error:  # a cell may also raise SystemExit
                self.emit({"error": told(error, name)})
                return False
        return True

    def _execute(self, source: str, name: str) -> None:
        """Run the statements; show the value of the last one if it is an expression."""
        tree = ast.parse(source, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), self.user_ns)
        if last is not None and not source.rstrip().endswith(";"):
            value = eval(compile(ast.Expression(last.value), name, "eval"), self.user_ns)
            if value is not None:
                self.user_ns["_"] = value
                self.display(value)

    def display(self, *values: object, raw: bool = False) -> None:
        """Show values as their own methods say; with `raw` they are dicts of mime types already."""
        for value in values:
            if not raw and hasattr(type(value), "_ipython_display_"):
                value._ipython_display_()
            else:
                self.emit({"data": value if raw else pictured(value)})

    def emit(self, output: dict) -> None:
        """Send an output of the running cell."""
        self._emit(self._number, output)


class _Stream(io.TextIOBase):
    def __init__(self, cells: Cells, name: str):
        self.cells, self.name = cells, name

    def write(self, text: str) -> int:
        if text:
            self.cells.emit({"text": text, "stream": self.name})
        return len(text)


def pictured(value: object) -> dict[str, str]:
    """A value as a dict of mime types."""
    if hasattr(type(value), "_repr_mimebundle_"):
        found = value._repr_mimebundle_()
        return found[0] if isinstance(found, tuple) else found
    html = {"text/html": value._repr_html_()} if hasattr(type(value), "_repr_html_") else {}
    return {"text/plain": repr(value), **html}


def told(error: BaseException, name: str) -> str:
    """The traceback from the user's cell on."""
    step = error.__traceback__
    while step is not None and step.tb_frame.f_code.co_filename != name:
        step = step.tb_next
    return "".join(traceback.format_exception(type(error), error, step))


def _stand_in_for_ipython(cells: Cells) -> None:
    """Under IPython's name, the two functions of it that lessons and checks call."""
    shell = types.ModuleType("IPython")
    shell.get_ipython = lambda: cells
    shell.display = types.ModuleType("IPython.display")
    shell.display.display = cells.display
    sys.modules.update({"IPython": shell, "IPython.display": shell.display})
