"""Records a run, lays its graph out, draws it, and steps through it.

>>> import kindling as torch
>>> from kindling import tape
>>> w = torch.tensor(3.0, requires_grad=True)
>>> with tape.record() as t:
...     loss = (w * 2 - 1) ** 2
...     loss.backward()

`t` on the last line of a cell draws it; `t.to_text()` tells it. `tape.draw(loss)` draws what is behind a tensor.
`tape.measure(t, function)` lays measured gradients beside those that the rules gave.
"""

from .measuring import measure
from .recorder import draw, record
from .tape import Tape

__all__ = ["Tape", "draw", "measure", "record"]
