"""Runs the cells of a notebook in one namespace, much as a kernel does, and says what came out as plain data."""

import ast
import builtins
import inspect
import io
import linecache
import random
import re
import sys
import traceback
import types

import numpy as np

MAX_TEXT = 20_000
MOST_MAGICS, MOST_READ = 100, 400_000  # lines that are no Python, and characters that are read to find them
MAGIC = re.compile(r"(?:[\w.]+(?:, *[\w.]+)* *= *)?[%!?]")  # `files = !ls` too
AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
PROMPT = re.compile(r"^( *)(?:>>>|\.\.\.)(?: |$)", re.MULTILINE)
OTHER_LANGUAGE = re.compile(r"\s*%%(?!time|capture|prun)")


class Bounded(io.TextIOBase):
    """A text stream that keeps the first characters and counts the rest."""

    def __init__(self):
        self.kept, self.size = [], 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.size < MAX_TEXT:
            self.kept.append(text[: MAX_TEXT - self.size])
        self.size += len(text)
        return len(text)

    def text(self) -> str:
        """What was written, with a line about what was left out."""
        more = self.size - MAX_TEXT
        return clean("".join(self.kept)) + (f"\n... {more} more characters" if more > 0 else "")


class Notebook:
    """The namespace of one submission."""

    def __init__(self, seed: int):
        self.module = types.ModuleType("__main__")
        self.module.__dict__.update(__builtins__=builtins, display=display, get_ipython=Shell, input=ask)
        sys.modules["__main__"] = self.module
        random.seed(seed)
        np.random.seed(seed % 2**32)
        kindling = sys.modules.get("kindling")
        if hasattr(kindling, "manual_seed"):
            kindling.manual_seed(seed)

    @property
    def names(self) -> dict:
        """The names that the cells have defined."""
        return self.module.__dict__

    def run(self, source: str, name: str) -> dict:
        """Run one cell; its output, the value of its last line and its error come back as text."""
        out, err, value, error = Bounded(), Bounded(), None, None
        sys.stdout, sys.stderr = out, err
        try:
            value = self._execute(source, name)
        except BaseException as raised:  # SystemExit and KeyboardInterrupt are a cell's error here, not our end
            error = describe(raised, name)
        return {"stdout": out.text(), "stderr": err.text(), "value": value, "error": error}

    def _execute(self, source: str, name: str) -> str | None:
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        tree = parse(source, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        self._run(compile(tree, name, "exec", AWAIT))
        if last is None or source.rstrip().endswith(";"):
            return None
        result = self._run(compile(ast.Expression(last.value), name, "eval", AWAIT))
        return None if result is None else clean(repr(result)[:MAX_TEXT])

    def _run(self, code: types.CodeType):
        result = eval(code, self.names)
        if code.co_flags & inspect.CO_COROUTINE:  # an `await` outside of functions, as notebooks allow it
            import asyncio  # seldom needed

            return asyncio.run(result)
        return result


def parse(source: str, name: str) -> ast.Module:
    """The syntax tree of a cell; what is for IPython alone (`%magic`, `!command`, `help?`) is passed over."""
    if OTHER_LANGUAGE.match(source):
        return ast.parse("", name)
    source = PROMPT.sub(r"\1", source) if source.lstrip().startswith(">>> ") else source
    lines, error = source.split("\n"), None
    for _ in range(min(MOST_MAGICS, MOST_READ // (len(source) + 1)) or 1):
        try:
            return ast.parse("\n".join(lines), name)
        except SyntaxError as wrong:
            error, at = error or wrong, (wrong.lineno or 1) - 1
            if at >= len(lines) or not _is_magic(lines[at]):
                break
            lines[at] = lines[at][: len(lines[at]) - len(lines[at].lstrip())] + "pass"
    raise error


def _is_magic(line: str) -> bool:
    return bool(MAGIC.match(line.lstrip())) or line.rstrip().endswith("?")


class Shell:
    """What `get_ipython()` gives: it takes every magic and does nothing."""

    def __init__(self):
        self.config = {}

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **options: None


def ask(prompt: object = "") -> str:
    """What `input` can do without anybody there: say so."""
    raise EOFError("nobody answers input() while a notebook is graded")


def display(*things, **_) -> None:
    """What `display` can do without a front end: print."""
    for thing in things:
        print(repr(thing))


def describe(error: BaseException, name: str) -> dict:
    """An exception as text: type, message, the lines of the cell that led to it, and the first of them by number."""
    kind = clean(type(error).__name__)
    try:
        message = clean(str(error)[:2000])
    except BaseException:
        message = ""
    step = from_cell(error.__traceback__, name)
    try:
        lines = "".join(traceback.format_exception(type(error), error, step, limit=-8))
    except BaseException:
        lines = f"{kind}: {message}"
    line = step.tb_lineno if step and step.tb_frame.f_code.co_filename == name else 0
    return {"type": kind, "message": message, "traceback": clean(lines[-MAX_TEXT:]), "line": line}


def from_cell(trace, name: str):
    """A traceback from its first line in the cell on: what comes before is ours."""
    step = trace
    while step is not None and step.tb_frame.f_code.co_filename != name:
        step = step.tb_next
    return step or trace


def clean(text: str) -> str:
    """Text that can be written down: lone surrogates become question marks."""
    return str(text).encode("utf-8", "replace").decode("utf-8")
