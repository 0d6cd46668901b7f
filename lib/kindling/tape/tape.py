"""A recorded run as plain data, and the ways to show it.

Schema 1, as :meth:`Tape.to_json` gives it. Readers ignore keys they do not know; keys marked "optional" may be absent.

``schema``  1
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
    ``value``          the values, shortened, or null when they were not seen
    ``requires_grad``  whether gradients flow to it
    optional ``name``     the variable that held the result
    optional ``grad``     a leaf's gradient when it was first seen; absent means none
    optional ``outputs``  ``[{"shape", "dtype", "value"}]`` and optional ``name`` when there are several results; the
                          keys above are the first's
    optional ``before``   true: the node was made before the recording began
    optional ``module``   path of the module whose forward made it, such as ``layers.0``
    optional ``left_out`` how many nodes this one stands for, in a summary

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
    optional ``numeric``  the gradient that arrives, by finite differences, to stand beside ``grad``
    optional ``passes``   what the node's rules gave: ``[{"to", "grad"}]``, one for each input that wants a gradient
    optional ``kept``     bytes that nodes keep for backward after this step
    optional ``merged``   how many steps this one stands for, in a summary

optional ``question``   what the reader is asked to find out
optional ``left_out``   ``{"nodes", "steps"}`` that came after the recording was full
optional ``untracked``  how many operators ran without leaving a node
"""

import copy
import os
from typing import Any

from . import drawing, story

SCHEMA = 1


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

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.edges: list[dict[str, int]] = []
        self.steps: list[dict[str, Any]] = []
        self.extra: dict[str, Any] = {}

    def ask(self, question: str) -> "Tape":
        """Write a question above the picture, which then opens just before the backward; returns the tape itself."""
        self.extra["question"] = question
        return self

    def to_json(self) -> dict[str, Any]:
        """The tape as plain data, schema 1."""
        data = {"schema": SCHEMA, "nodes": self.nodes, "edges": self.edges, "steps": self.steps, **self.extra}
        return copy.deepcopy(data)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Tape":
        """The tape that `to_json` wrote."""
        if data.get("schema") != SCHEMA:
            raise ValueError(f"this tape has schema {data.get('schema')!r}; this Kindling reads schema {SCHEMA}")
        made, data = cls(), copy.deepcopy(data)
        made.nodes, made.edges, made.steps = data["nodes"], data["edges"], data["steps"]
        made.extra = {key: value for key, value in data.items() if key not in ("schema", "nodes", "edges", "steps")}
        return made

    def to_html(self) -> str:
        """A fragment for any page: picture, step slider and text; it fetches nothing."""
        return drawing.html(self.to_json())

    def to_svg(self) -> str:
        """The picture after the last step, as a file of its own."""
        return drawing.picture(self.to_json())

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
