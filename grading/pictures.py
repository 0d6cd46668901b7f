"""Pictures that came out of a student's process: only the shapes and texts that a tape is made of are kept."""

from html import escape
from xml.etree import ElementTree

from kindling.tape import style

SVG = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "g", "rect", "path", "text", "tspan", "circle", "title", "desc"}
ATTRIBUTES = {"x", "y", "cx", "cy", "r", "rx", "d", "width", "height", "viewBox", "transform", "class", "text-anchor"}
ATTRIBUTES |= {"role", "aria-label"}
DEEPEST = 16


def safe(svg: str) -> str:
    """The picture without anything that could act, fetch or style; empty when it is none.

    >>> safe('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script><rect onclick="2" width="3"/></svg>')
    '<svg><rect width="3" /></svg>'
    """
    if "<!" in svg or "<?" in svg:  # no entities, which may unfold to anything
        return ""
    try:
        root = ElementTree.fromstring(svg)
    except (ElementTree.ParseError, ValueError, RecursionError):
        return ""
    if root.tag != f"{SVG}svg":
        return ""
    return ElementTree.tostring(_kept(root, DEEPEST), encoding="unicode")


def _kept(part: ElementTree.Element, deeper: int) -> ElementTree.Element:
    about = {name: value for name, value in part.attrib.items() if name in ATTRIBUTES}
    made = ElementTree.Element(part.tag.removeprefix(SVG), about)
    made.text, made.tail = part.text, part.tail
    for child in part if deeper else ():
        if child.tag.startswith(SVG) and child.tag.removeprefix(SVG) in TAGS:
            made.append(_kept(child, deeper - 1))
    return made


def figure(svg: str, words: str) -> str:
    """The picture and its steps in words, to be opened; empty when there is no picture."""
    picture = safe(svg)
    if not picture:
        return ""
    told = f'<details><summary>Every step in words</summary><pre tabindex="0">{escape(words)}</pre></details>'
    drawn = f'<figure class="tape" tabindex="0" aria-label="The tape">{picture}</figure>'
    return f"<style>{style.standalone()}</style>{drawn}{told}"
