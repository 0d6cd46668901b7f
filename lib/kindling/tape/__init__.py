"""Records a run, lays its graph out, draws it, and steps through it.

>>> import kindling as torch
>>> from kindling import tape
>>> w = torch.tensor(3.0, requires_grad=True)
>>> with tape.record() as t:
...     loss = (w * 2 - 1) ** 2
...     loss.backward()

`t` on the last line of a cell draws it; `t.to_text()` tells it. `tape.draw(loss)` draws what is behind a tensor.
`t.measure()` lays measured gradients beside those that the rules gave; `t.replay(...)` runs it again with something
changed. `@tape.record()` records a function, and after `%load_ext kindling.tape` the cell magic `%%tape` a cell.
`tape.summary(model, input)` lists a model's modules. Real PyTorch, where it is imported, is recorded too.
"""

from .compare import compare
from .magic import load_ipython_extension
from .measuring import measure
from .recorder import draw, record
from .replay import replay
from .summary import summary
from .tape import Tape
from .widget import widget

__all__ = ["Tape", "compare", "draw", "load_ipython_extension", "measure", "record", "replay", "summary", "widget"]
