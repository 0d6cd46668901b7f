"""A recorded run as plain data, and the ways to show it.

Schema 2, as :meth:`Tape.to_json` gives it. Readers ignore keys they do not know; keys marked "optional" may be absent.

``schema``  2
``engine``  ``kindling``, or ``torch`` for a run of PyTorch itself
``nodes``   in topological order (everything a node reads from comes before it); each has

    ``id``             its place in the list
    ``kind``           ``leaf`` (requires grad, made by no recorded operator), ``constant`` (a tensor that does not
                       require grad) or ``operator``
    ``label``          what the drawing writes: the variable's name, or the operator with its plain arguments
    ``op``             the operator's name; null unless ``kind`` is ``operator``
    ``source``         ``{"file", "line", "text"}`` of the user's code, or null; optional ``columns`` ``[start, end]``:
                       the expression in ``text`` that made the node
    ``shape``          list of sizes, or null when unknown
    ``dtype``          such as ``float32``, or null
    ``device``         such as ``cpu``, or null
    ``value``          the values, shortened, or null when they were not seen
    ``requires_grad``  whether gradients flow to it
    optional ``stats``    of more than 40 numbers: ``{"min", "max", "mean", "histogram"}``, the last as ten counts;
                          ``nan``: how many are not a number; ``sampled``: true when not all numbers were looked at
    optional ``name``     the variable that held the result
    optional ``grad``     a leaf's gradient when it was first seen; absent means none
    optional ``outputs``  ``[{"shape", "dtype", "value"}]`` and optional ``name`` when there are several results; the
                          keys above are the first's
    optional ``inputs``   of an operator: what its declaration calls its inputs, in order
    optional ``saved``    of an operator: what it keeps for backward, ``[{"name", "shape", "dtype", "bytes", "of"}]``;
                          ``of``: the node whose result it is, or null
    optional ``formula``  of an operator: by the name of the input, its gradient rule, ``g`` being what arrives
    optional ``version``  how often the memory of the result had been written
    optional ``in_place`` true: the operator wrote into memory that was there before
    optional ``view_of``  the node whose memory it shares
    optional ``group``    the innermost group it belongs to
    optional ``module``   path of the module whose forward made it, such as ``layers.0``
    optional ``error``    of the last operator: the exception that it raised, type and first line; its shape is null
    optional ``edited``   true: a replay was told another value or rule
    optional ``parameter`` true: the leaf is an ``nn.Parameter``
    optional ``before``   true: the node was made before the recording began
    optional ``left_out`` how many nodes this one stands for, in a summary

``groups``  calls of modules, in order of entry: ``{"id", "parent", "kind": "module", "label", "type", "path"}``;
            ``parent`` is null for the outermost, whose path is empty
``edges``   ``{"from", "to", "input"}``: the result of node ``from`` is input number ``input`` of node ``to``;
            optional ``output``: which result, 0 when absent
``steps``   what happened, in order; each has ``phase``, ``node`` and ``grad``

    ``forward``     the node was made; on a leaf or constant: the program wrote to it, and ``value`` is new, or,
                    without ``value``, its gradient is now ``grad`` (null: cleared)
    ``backward``    ``grad`` arrived at the node, null when its rule gave none; on a leaf: it was handed to
                    ``autograd.grad`` and not stored
    ``accumulate``  ``incoming`` arrived at a leaf that had ``before`` (null: no gradient yet); ``grad`` is the sum
    optional ``run``      number of the backward run, from 1
    optional ``value``    see ``forward``
    optional ``source``   the user's line that wrote or cleared, as a node's
    optional ``numeric``  the gradient that arrives, by finite differences, to stand beside ``grad``
    optional ``passes``   what the node's rules gave: ``[{"to", "grad"}]``, one for each input that wants a gradient;
                          optional ``input``: its name; optional ``rule``: ``6 × 3 = 18``, for single numbers;
                          optional ``sum``: where ``grad`` has a larger shape than the input, what arrives
                          there; null where it meets others and is too large to be known alone
    optional ``error``    the node's rule raised: the exception's type and first line
    optional ``hooked``   true: hooks of the program's run at this node
    optional ``lost``     true: the program had let go of the leaf, so its gradient is nobody's
    optional ``kept``     bytes that nodes keep for backward after this step
    optional ``freed``    bytes that this step gave back
    optional ``merged``   how many steps this one stands for, in a summary

``source``  the user's lines around what ran, by file: ``{file: {"first": number of the first, "lines": [...]}}``
``notes``   sentences about what was sampled or left out

optional ``question``   what the reader is asked to find out
optional ``left_out``   ``{"nodes", "steps"}`` that came after the recording was full
optional ``untracked``  how many operators ran without leaving a node
"""

import copy
import os
from typing import Any

from . import drawing, export, page, png, story
from .telling import Telling
from .values import SAMPLE

SCHEMA = 2
LISTS = ("nodes", "edges", "steps", "groups")


class Tape:
    """What `record()` saw: put it on the last line of a cell and step through it.

    >>> import kindling as torch
    >>> from kindling import tape
    >>> w = torch.tensor(3.0, requires_grad=True)
    >>> with tape.record() as t:
    ...     loss = w * w
    ...     loss.backward()
    >>> [(step["phase"], step["grad"]) for step in t.steps]
    [('forward', None), ('backward', '1'), ('accumulate', '6')]
    """

    def __init__(self, facts: list[tuple] | None = None, engine: str = "kindling") -> None:
        """`facts`: what a recorder notes; nothing is made of them before somebody looks."""
        self.facts = [] if facts is None else facts
        self.counts = {"untracked": 0, "nodes": 0, "steps": 0}  # what ran without leaving a node, what was left out
        self.engine = engine
        self.added: dict[str, Any] = {}
        self.checked: str | None = None  # why it cannot be replayed; empty when it can
        self._told: tuple[int, dict[str, Any]] | None = None

    @property
    def nodes(self) -> list[dict[str, Any]]:
        """Tensors and operators; see the schema."""
        return self._data()["nodes"]

    @property
    def edges(self) -> list[dict[str, int]]:
        """Which result each operator reads."""
        return self._data()["edges"]

    @property
    def steps(self) -> list[dict[str, Any]]:
        """What happened, in order."""
        return self._data()["steps"]

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Calls of modules."""
        return self._data()["groups"]

    @property
    def extra(self) -> dict[str, Any]:
        """What else is to say: a question, how much was left out."""
        data = self._data()
        return {key: data[key] for key in ("question", "left_out", "untracked") if key in data}

    def _data(self) -> dict[str, Any]:
        """Everything as plain data, made again when more was recorded since."""
        if self._told is None or (self.facts and self._told[0] != len(self.facts)):
            told = Telling(self.facts).told()
            data = {"schema": SCHEMA, "engine": self.engine, **{key: getattr(told, key) for key in LISTS}}
            left_out = {what: self.counts[what] for what in ("nodes", "steps")}
            data |= {"source": told.source_lines, "notes": _notes(told.nodes, left_out)}
            if self.counts["untracked"]:
                data["untracked"] = self.counts["untracked"]
            if any(left_out.values()):
                data["left_out"] = left_out
            self._told = len(self.facts), data
        return self._told[1] | self.added

    def ids(self) -> dict[tuple[int, int], int]:
        """The node that shows each result of the recording, by its reference."""
        return Telling(self.facts).told().ids

    def ask(self, question: str) -> "Tape":
        """Write a question above the picture, which then opens just before the backward; returns the tape itself."""
        self.added["question"] = question
        return self

    def to_json(self) -> dict[str, Any]:
        """The tape as plain data, schema 2."""
        return copy.deepcopy(self._data())

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Tape":
        """The tape that `to_json` wrote."""
        if data.get("schema") != SCHEMA:
            raise ValueError(f"this tape has schema {data.get('schema')!r}; this Kindling reads schema {SCHEMA}")
        made = cls(engine=data.get("engine", "kindling"))
        made._told = 0, {"groups": [], "source": {}, "notes": [], **copy.deepcopy(data)}
        return made

    def to_html(self) -> str:
        """A fragment for any page: picture, step slider and text; it fetches nothing."""
        return page.html(self.to_json())

    def to_svg(self) -> str:
        """The picture after the last step, as a file of its own."""
        return drawing.picture(self.to_json())

    def to_png(self, scale: float = 2.0, dark: bool = False) -> bytes:
        """The picture after the last step as PNG, drawn with matplotlib."""
        return png.png(self.to_json(), scale, dark)

    def to_dot(self) -> str:
        """The graph in Graphviz's language."""
        return export.dot(self._data())

    def to_mermaid(self) -> str:
        """The graph in Mermaid's language, for Markdown pages."""
        return export.mermaid(self._data())

    def to_text(self) -> str:
        """The steps as a table of plain text."""
        return story.text(self.to_json())

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What notebooks show; while a notebook is graded, one line of text."""
        if os.environ.get("NBGRADER_EXECUTION"):
            return {"text/plain": story.summary(self.to_json())}
        return {"text/html": self.to_html(), "image/svg+xml": self.to_svg(), "text/plain": self.to_text()}


def _notes(nodes: list[dict[str, Any]], left_out: dict[str, int]) -> list[str]:
    """What was sampled or left out, in sentences."""
    found = []
    if any(node.get("stats", {}).get("sampled") for node in nodes):
        found.append(f"Statistics of large tensors are from about {SAMPLE} of their numbers.")
    if any(left_out.values()):
        more = " and ".join(f"{count:,} {what}" for what, count in left_out.items() if count)
        found.append(f"The recording was full: {more} more are left out.")
    return found
