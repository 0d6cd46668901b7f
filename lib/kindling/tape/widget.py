"""The player as a widget of a live notebook, in step with Python; anywidget is loaded when one is made."""

import ast
import math
from functools import cache
from typing import Any

from . import drawing, page, style
from .compare import compare
from .measuring import measure
from .replay import replay
from .tape import Tape

QUICK = 100_000  # facts gone through to measure gradients while somebody waits: about a second


def widget(tape: Tape) -> Any:
    """The player with traits `step`, `selected`, `opened`; its inspector asks what if numbers or rules were others.

    Raises:
        ImportError: anywidget is not installed.
    """
    made = drawing.scene(tape.to_json())
    shown = sorted(made.open - {0})
    return _class()(tape, html=page.figure(made), step=page.first_step(made.data, made.told), opened=shown)


def answer(tape: Tape, edits: list[dict[str, str]]) -> dict[str, str]:
    """What a replay with some nodes changed gives, beside the tape: as HTML, or why there is none.

    An edit has the `node`, the `text`, and `what` that is for: `values`, `grads`, or `rules` and then the `input`.
    """
    told: dict[str, dict[int, Any]] = {"values": {}, "grads": {}, "rules": {}}
    try:
        for edit in edits:
            node, text = int(edit["node"]), edit["text"]
            if edit["what"] == "rules":
                told["rules"].setdefault(node, {})[edit["input"]] = text
            else:
                told[edit["what"]][node] = _numbers(text)
        run, again = tape, replay(tape, **told)
        if told["rules"]:  # a wrong rule shows by measured gradients
            run, again = _measured(tape), measure(again, QUICK)
        return {"html": compare(run, again, ("the run", "the replay")).to_html()}
    except (ValueError, SyntaxError, RuntimeError, TypeError) as error:
        return {"error": str(error)}


def _measured(tape: Tape) -> Tape:
    """The same run with measured gradients; the one that is looked at stays without."""
    run = Tape(tape.facts, tape.engine)
    run.counts = tape.counts
    return measure(run, QUICK)


def _numbers(text: str) -> Any:
    """A number or nested lists of numbers, as somebody types them."""
    words = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
    if text.strip().lower() in words:
        return words[text.strip().lower()]
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        raise ValueError(f"write a number such as 0.5, or a list such as [1, 2]; this is neither: {text}") from None


@cache
def _class() -> type:
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ImportError("widget() needs anywidget, which is not installed: pip install anywidget") from error

    class TapeWidget(anywidget.AnyWidget):
        """Steps through a tape; `step`, `selected` and `opened` (groups) follow the player, and move it."""

        _esm = page.script() + style.file("widget.js")
        html = traitlets.Unicode().tag(sync=True)
        live = traitlets.Bool(True).tag(sync=True)
        step = traitlets.Int(0).tag(sync=True)
        selected = traitlets.Int(None, allow_none=True).tag(sync=True)
        opened = traitlets.List(traitlets.Int()).tag(sync=True)

        def __init__(self, tape: Tape, **traits: Any) -> None:
            super().__init__(**traits)
            self.tape = tape
            self.on_msg(lambda _, asked, __: self.send(answer(self.tape, asked["edits"])))

        def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
            """The live view, and for places without a kernel the tape as it shows itself."""
            live, about = super()._repr_mimebundle_(**kwargs)
            fixed = self.tape._repr_mimebundle_()
            return ({**live, **fixed}, about) if len(fixed) > 1 else (fixed, {})  # alone while a notebook is graded

    return TapeWidget


Tape.widget = widget  # here, because the other way round imports would go in a circle
