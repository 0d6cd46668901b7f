"""A verdict as HTML: self-contained, for light and dark pages, with every meaning in words as well as in colour."""

import re
from html import escape

import numpy as np

from course.checks.codec import TensorData
from course.checks.judge import Verdict
from course.checks.words import kind_text, number_text, numbers, value_text

MOST_CELLS = 64
OFFER = "Shall we do a neighbouring problem together? Here is one, worked out."
WATCH = "What your code did here, as a tape."
MARKS = ((True, "right", "✓"), (False, "not yet", "○"))

# Colours are thin washes over the page's own background, and text is the page's own, so light and dark both work.
STYLE = """<style>
.kindling-check{font-family:var(--jp-content-font-family,system-ui,sans-serif);font-size:var(--jp-content-font-size1,1em);line-height:1.5;
 color:inherit;border:1px solid rgba(128,128,128,.35);border-left:5px solid #c2680a;border-radius:6px;
 background:rgba(214,122,20,.07);padding:.7em 1em;margin:.4em 0;max-width:46em}
.kindling-check.right{border-left-color:#2b8a57;background:rgba(43,138,87,.08)}
.kindling-check.told{border-left-color:#4a7fc1;background:rgba(74,127,193,.08)}
.kindling-check p{margin:.35em 0}
.kindling-check .head{font-weight:650}
.kindling-check .call{white-space:nowrap}
.kindling-check code{font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:.92em;
 background:rgba(128,128,128,.14);color:inherit;border:0;border-radius:3px;padding:.05em .3em}
.kindling-check pre{background:rgba(128,128,128,.12);color:inherit;border-radius:4px;padding:.6em .8em;margin:.5em 0;
 overflow-x:auto;line-height:1.4}
.kindling-check pre code{background:none;padding:0}
.kindling-check .row{display:flex;flex-wrap:wrap;gap:.5em 1.6em;align-items:flex-start;margin:.6em 0}
.kindling-check .row+.row{border-top:1px dashed rgba(128,128,128,.4);padding-top:.6em}
.kindling-check figure{margin:0}
.kindling-check figcaption{font-size:.85em;opacity:.85;margin-bottom:.15em}
.kindling-check table.array{border-collapse:separate;border-spacing:2px;margin:0;border:0;
 font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:.9em;display:inline-table}
.kindling-check table.array td{border:1px solid rgba(128,128,128,.55);border-radius:3px;padding:.15em .5em;
 text-align:right;background:rgba(128,128,128,.06);color:inherit;min-width:2em}
.kindling-check table.array td.off{border:2px solid #c2680a;font-weight:700}
.kindling-check summary{cursor:pointer}
.kindling-check .more{border-top:1px solid rgba(128,128,128,.3);margin-top:.6em;padding-top:.3em}
</style>"""


def card(kind: str, label: str, *parts: str) -> str:
    """A box in the page: `kind` is right, wrong or told."""
    body = "".join(parts)
    return f'{STYLE}<div class="kindling-check {kind}" role="group" aria-label="{escape(label)}">{body}</div>'


def prose(text: str) -> str:
    """Plain text to HTML: blank lines part paragraphs, `code` and fenced blocks are code; all else is escaped."""
    parts = []
    for index, block in enumerate(re.split(r"```(?:python)?\n?", text)):
        if index % 2:
            parts.append(f"<pre><code>{escape(block.rstrip())}</code></pre>")
        else:
            paragraphs = (part.strip() for part in re.split(r"\n\s*\n", block))
            parts += [f"<p>{_inline(part)}</p>" for part in paragraphs if part]
    return "".join(parts)


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def verdict_html(verdict: Verdict, entry: dict, hints: list[str] = (), worked: str = "", tape: str = "") -> str:
    """The whole card of a verdict. A worked example and the tape of the run, as HTML, are there to be opened."""
    if verdict.passed:
        head = f'<p class="head">✓ {escape(entry["title"])}: right</p><p>{escape(verdict.sentence)}</p>'
        why = entry["why"] and f'<div class="more"><p class="head">Why it works</p>{prose(entry["why"])}</div>'
        return card("right", f"{entry['title']}: right", head, why)
    head = f'<p class="head">○ {escape(entry["title"])}: not yet</p>'
    parts = [_progress(verdict), prose(verdict.sentence), _comparison(verdict, entry), *map(_hint, hints)]
    if tape:
        parts.append(f'<details class="more"><summary>{WATCH}</summary>{tape}</details>')
    if worked:
        parts.append(f'<details class="more"><summary>{OFFER}</summary>{prose(worked)}</details>')
    return card("wrong", f"{entry['title']}: not yet", head, *parts)


def _hint(text: str) -> str:
    return f'<div class="more">{prose(text)}</div>'


def _progress(verdict: Verdict) -> str:
    """Which of several functions are right already."""
    if len(verdict.calls) < 2:
        return ""
    marks = {right: f'<span role="img" aria-label="{words}">{sign}</span>' for right, words, sign in MARKS}
    parts = (
        f'<span class="call">{marks[right]} <code>{escape(name)}</code></span>' for name, right in verdict.calls.items()
    )
    return f"<p>{' &nbsp; '.join(parts)}</p>"


def _comparison(verdict: Verdict, entry: dict) -> str:
    """What went in, then expected beside yours, drawn as small arrays."""
    if verdict.case is None:
        return ""
    rows = "".join(_pair(*pair) for pair in _pairs(verdict.name, verdict.expected, verdict.got))
    if not rows:
        return ""
    given = entry["cases"][verdict.case]["given"]
    return f'<div class="row">{"".join(_figure(name, value) for name, value in given.items())}</div>{rows}'


def _pairs(name: str, expected, got) -> list[tuple]:
    """A name with what was expected and what came; of two dictionaries, an entry for each of their names."""
    if type(expected) is dict and type(got) is dict:
        return [(f"{name} at {key}", expected[key], got[key]) for key in expected if key in got]
    return [(name, expected, got)]


def _pair(name: str, expected, got) -> str:
    if not _drawable(expected):
        return ""
    off = _off(expected, got)
    if off is not None and not off.any():
        return ""  # the numbers agree: the sentence says what else differs
    drawn = _figure(f"{name} expected", expected) + _figure(f"{name} yours", got, off)
    return f'<div class="row">{drawn}</div>'


def _off(expected, got) -> np.ndarray | None:
    """Where two arrays of one shape differ."""
    if not _drawable(got) or numbers(got).shape != numbers(expected).shape:
        return None
    with np.errstate(all="ignore"):
        return np.array(~np.isclose(numbers(got), numbers(expected), rtol=1e-5, atol=1e-5, equal_nan=True))


def _drawable(value) -> bool:
    return type(value) in (TensorData, np.ndarray) and numbers(value).dtype.kind in "fiub" and numbers(value).ndim <= 2


def _figure(caption: str, value, off=None) -> str:
    """A value under its name."""
    return f"<figure><figcaption>{escape(caption)}</figcaption>{_drawn(caption, value, off)}</figure>"


def _drawn(caption: str, value, off) -> str:
    value = np.array(value) if type(value) in (bool, int, float) else value
    if not _drawable(value):
        return f"<code>{escape(value_text(value))}</code>"
    array = numbers(value)
    if array.size > MOST_CELLS or array.size == 0:
        return f"<code>{escape(value_text(value) if array.size else f'{kind_text(value)}, empty')}</code>"
    off = np.zeros(array.shape, bool) if off is None else off
    rows, marks = np.atleast_2d(array), np.atleast_2d(off)
    body = "".join(f"<tr>{''.join(map(_cell, row, mark))}</tr>" for row, mark in zip(rows, marks, strict=True))
    return f'<table class="array" aria-label="{escape(caption)}">{body}</table>'


def _cell(value, off) -> str:
    mark = ' class="off" title="differs"' if off else ""
    return f"<td{mark}>{number_text(value.item())}</td>"
