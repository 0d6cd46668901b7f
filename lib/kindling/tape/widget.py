"""The player as a widget of a live notebook, in step with Python; anywidget is loaded when one is made."""

import ast
import math
from collections.abc import Iterator
from contextlib import contextmanager
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
    first, places = page.first_step(made.data, made.told), Places(made)
    start = {"step": first, "opened": shown, **places.follows("step", first, None, shown)}
    return _class()(tape, places, html=page.figure(made), **start)


class Places:
    """The steps, nodes and groups of a player, and what follows when one of them is set; the script does the same."""

    def __init__(self, made: drawing.Scene) -> None:
        self.acts = [frame.node for frame in made.told]
        self.home = {item: group.number for group in made.groups for item in group.items}

    def check(self, name: str, value: Any) -> Any:
        """The value, when there is such a step, node or group.

        Raises:
            ValueError: there is not.
        """
        if name == "step" and value not in range(len(self.acts)):
            raise ValueError(f"there is no step {value}: steps go from 0 to {len(self.acts) - 1}")
        if name == "selected" and value is not None and value not in self.home:
            raise ValueError(f"there is no node {value}: nodes are numbered as in `nodes`, groups -1, -2, ...")
        if name == "opened":
            if unknown := [group for group in value if -group not in self.home]:
                raise ValueError(f"there is no group {unknown[0]}")
            return sorted({g for group in value for g in (group, *self._around(-group))})
        return value

    def follows(self, name: str, step: int, selected: int | None, opened: list[int]) -> dict[str, Any]:
        """What else is to be set, if anything: a step selects what acts, groups open around what is selected."""
        if name == "step":
            return {"selected": self.acts[step]} if self.acts[step] >= 0 else {}
        around = [] if selected is None else self._around(selected)
        if name == "selected":
            return {"opened": sorted({*opened, *around})}
        shut = [group for group in around if group not in opened]
        return {"selected": -shut[-1]} if shut else {}

    def _around(self, item: int) -> list[int]:
        """The groups that hold an item, the innermost first."""
        found = []
        while self.home[item]:
            item = -self.home[item]
            found.append(-item)
        return found


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
    except Exception as error:  # whatever it was: somebody waits for a word
        return {"error": str(error) or type(error).__name__}


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
        told = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        told = None
    if not _numeric(told):
        raise ValueError(f"write a number such as 0.5, or a list such as [1, 2]; this is neither: {text}")
    return told


def _numeric(told: Any) -> bool:
    """Whether it is a number or lists of them."""
    return all(map(_numeric, told)) if isinstance(told, (list, tuple)) else isinstance(told, (int, float, complex))


def _needed() -> tuple[Any, Any]:
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ImportError("widget() needs anywidget, which is not installed: pip install anywidget") from error
    return anywidget, traitlets


@contextmanager
def _led(widget: Any) -> Iterator[None]:
    """Nothing follows by itself from what is set in here."""
    widget.led = True
    try:
        yield
    finally:
        widget.led = False


@cache
def _class() -> type:
    anywidget, traitlets = _needed()

    class TapeWidget(anywidget.AnyWidget):
        """Steps through a tape; `step`, `selected` and `opened` (groups) follow the player, and move it."""

        _esm = page.script() + style.file("widget.js")
        html = traitlets.Unicode().tag(sync=True)
        step = traitlets.Int(0).tag(sync=True)
        selected = traitlets.Int(None, allow_none=True).tag(sync=True)
        opened = traitlets.List(traitlets.Int()).tag(sync=True)

        def __init__(self, tape: Tape, places: Places, **traits: Any) -> None:
            self.tape, self.places, self.led = tape, places, False
            with _led(self):
                super().__init__(**traits)
            self.on_msg(lambda _, asked, __: self.send({**answer(self.tape, asked["edits"]), "id": asked["id"]}))

        @traitlets.validate("step", "selected", "opened")
        def _check(self, proposal: Any) -> Any:
            return self.places.check(proposal["trait"].name, proposal["value"])

        @traitlets.observe("step", "selected", "opened")
        def _follow(self, change: Any) -> None:
            if self.led:
                return
            with _led(self):
                for name, value in self.places.follows(change["name"], self.step, self.selected, self.opened).items():
                    self.set_trait(name, value)

        def set_state(self, sync_data: dict[str, Any]) -> None:
            with _led(self):  # by the player, which tells all that follows
                super().set_state(sync_data)

        def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
            return _both(*super()._repr_mimebundle_(**kwargs), self.tape._repr_mimebundle_())

    return TapeWidget


def _both(live: dict[str, Any], about: dict[str, Any], fixed: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The live view, and for places without a kernel the tape as it shows itself."""
    return ({**live, **fixed}, about) if len(fixed) > 1 else (fixed, {})  # alone while a notebook is graded


Tape.widget = widget  # here, because the other way round imports would go in a circle
