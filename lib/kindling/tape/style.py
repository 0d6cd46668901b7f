"""Colours and style sheet of everything a tape draws."""

from functools import cache
from pathlib import Path

# name: (light, dark); every pair of text and ground reaches WCAG AA, every line 3:1 (tests/tape/test_drawing.py)
PALETTE = {
    "paper": ("#ffffff", "#15181d"),
    "ink": ("#1b2027", "#e8ebf0"),
    "soft": ("#525b66", "#a9b2be"),
    "edge": ("#828b97", "#727c89"),
    "rule": ("#d5dae0", "#363d47"),
    "leaf": ("#0b5cab", "#7fbaff"),
    "leaf-fill": ("#eaf3fc", "#13263b"),
    "op": ("#5f41ad", "#bfa8ff"),
    "op-fill": ("#f4f0fc", "#231d37"),
    "constant": ("#626b76", "#98a2ae"),
    "constant-fill": ("#f5f6f8", "#1e2228"),
    "grad": ("#a63a00", "#ffae73"),
    "grad-fill": ("#fff0e2", "#3b2212"),
    "group": ("#5a6b62", "#8fa89b"),
    "group-fill": ("#f3f7f4", "#1a201e"),
    "write": ("#9c1f8a", "#f29be3"),
    "keep": ("#0f6e56", "#5fd0ad"),
    "bad": ("#b3123c", "#ff8fa6"),
    "bad-fill": ("#fdeaef", "#3d1520"),
}


def sheet() -> str:
    """The style of a fragment; the page's own choice of light or dark wins over the system's, paper is always light."""
    light, dark = (";".join(f"--kt-{name}:{pair[i]}" for name, pair in PALETTE.items()) for i in (0, 1))
    return (
        f".ktape{{{light}}}@media screen and (prefers-color-scheme:dark){{.ktape{{{dark}}}}}"
        f"@media screen{{[data-theme=light] .ktape,[data-jp-theme-light=true] .ktape{{{light}}}"
        f"[data-theme=dark] .ktape,[data-jp-theme-light=false] .ktape{{{dark}}}}}{file('player.css')}"
    )


def standalone(more: str = "") -> str:
    """The style of a file of its own: with plain colours, which every viewer of SVG knows, in light and dark."""
    css = file("player.css").split("/* page")[0] + more
    light, dark = (_with_colours(css, column) for column in (0, 1))
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"


def _with_colours(css: str, column: int) -> str:
    for name, pair in PALETTE.items():
        css = css.replace(f"var(--kt-{name})", pair[column])
    return css


@cache
def file(name: str) -> str:
    """The text of a file that lies beside this one."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
