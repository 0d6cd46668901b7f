"""The README's picture is what the code draws today."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from kindling.tape import picture

FILE = Path(__file__).parents[2] / "assets" / "tape.svg"


def test_the_picture_is_up_to_date() -> None:
    drawn = picture.picture(picture.example())
    made_again = "python -m kindling.tape.picture assets/tape.svg"
    assert FILE.read_text(encoding="utf-8") == drawn, f"make it again: {made_again}"


def test_the_picture_is_a_file_of_its_own() -> None:
    text = FILE.read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    assert "<script" not in text and "var(" not in text
    assert text.count("http") == 1  # the namespace


def test_a_reader_who_wants_no_motion_sees_the_last_step() -> None:
    style = FILE.read_text(encoding="utf-8").split("<style>")[1].split("</style>")[0]
    still, moving = style.split("@media (prefers-reduced-motion:no-preference)")[:2]
    assert ".f{visibility:hidden}.f10{visibility:visible}" in still and "animation" not in still
    assert "animation" in moving
