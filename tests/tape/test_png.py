"""The picture as PNG: the same places as the SVG, and a sentence where matplotlib is missing."""

import struct
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from kindling.tape import Tape
from kindling.tape.png import png
from tests.tape import graphs


def size(image: bytes) -> tuple[int, int]:
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", image[16:24])


@pytest.mark.parametrize("name", ["in_place", "two_layer_net"])
@pytest.mark.parametrize("dark", [False, True])
def test_as_large_as_the_svg(name: str, dark: bool) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    t = graphs.ALL[name]()
    svg = ElementTree.fromstring(t.to_svg())
    wide, high = size(png(t.to_json(), scale=2, dark=dark))
    assert wide == pytest.approx(2 * float(svg.get("width")), abs=2)
    assert high == pytest.approx(2 * float(svg.get("height")), abs=2)


def test_a_large_graph_stays_an_image_that_can_be_shown() -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    assert max(size(png(graphs.gpt().to_json()))) <= 6000


def test_without_matplotlib_a_sentence(line_fit: Tape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match="draws with matplotlib, which is not installed"):
        png(line_fit.to_json())
