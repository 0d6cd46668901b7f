"""The tape in the feedback: drawn beside the student's code, so on the page it may only be shapes and texts."""

import pytest

from grading import engine, pictures, reports
from tests.grading import classes
from tests.grading.test_class import LESSON, ROOT

XMLNS = 'xmlns="http://www.w3.org/2000/svg"'
HOSTILE = {
    "script": f"<svg {XMLNS}><script>alert(1)</script><text>kept</text></svg>",
    "a handler": f'<svg {XMLNS} onload="alert(1)"><g onclick="alert(1)"><text>kept</text></g></svg>',
    "a style": f'<svg {XMLNS}><style>@import "http://x"</style><text style="fill:url(http://x)">kept</text></svg>',
    "a link": f'<svg {XMLNS}><a href="javascript:alert(1)"/><text>kept</text></svg>',
    "an image": f'<svg {XMLNS}><image href="http://x"/><use href="#x"/><text>kept</text></svg>',
    "foreign": f'<svg {XMLNS}><foreignObject><b xmlns="http://www.w3.org/1999/xhtml">x</b></foreignObject><text>kept</text></svg>',
    "an animation": f'<svg {XMLNS}><text>kept<set attributeName="href" to="javascript:alert(1)"/></text></svg>',
    "the end of the figure": f"<svg {XMLNS}><text>kept&lt;/svg&gt;&lt;script&gt;alert(1)&lt;/script&gt;</text></svg>",
    "another language": f'<svg {XMLNS}><h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script><text>kept</text></svg>',
}
REFUSED = {
    "no picture": "<html><script>alert(1)</script></html>",
    "not XML": "<svg",
    "nothing": "",
    "entities": f'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg {XMLNS}>&a;</svg>',
    "no text": f"<svg {XMLNS}><text>\x00</text></svg>",
}
FORGOT = (
    "def fit(w, x, target, steps, lr):\n    for step in range(steps):\n        loss = ((w * x - target) ** 2).mean()\n"
    "        loss.backward()\n        with torch.no_grad(): w -= lr * w.grad\n    return w"
)


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_acts_is_kept(name):
    made = pictures.safe(HOSTILE[name])
    assert "kept" in made
    for word in ("<script", "onload", "onclick", "href", "style", "<image", "<use", "foreign", "<set", "http"):
        assert word not in made


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_left_out(name):
    assert pictures.figure(REFUSED[name], "words") == ""


def test_a_very_deep_one_is_cut_off():
    made = pictures.safe(f"<svg {XMLNS}>" + "<g>" * 40_000 + "<text>deep</text>" + "</g>" * 40_000 + "</svg>")
    assert 10 < made.count("<g") < 20


@pytest.mark.sandbox
def test_the_tape_of_the_example_that_fails(tmp_path):
    """With its steps in words; none where all is right, where only a hidden input fails, or where it does not end."""
    classroom = classes.released_class(tmp_path / "class", ROOT)
    right = classes.solved(classroom, LESSON)
    answers = {
        "forgot": FORGOT,
        "hidden": "def fit(w, x, target, steps, lr):\n    if x.numel() == 1:\n"
        + classes.answer(right, "06_loop")["source"]
        .partition("\n")[2]
        .replace("\n", "\n    ")
        .replace("    ", "        ", 1)
        + "\n    return w",
        "endless": FORGOT.replace("    return w", "    while True: pass"),
    }
    for student, answer in answers.items():
        classes.hand_in(classroom, student, classes.with_answers(right, loop=answer), f"{LESSON}.ipynb")
    engine.grade(classroom, classes.DAY)
    made = {page.parts[-3]: page for page in reports.feedback(classroom, classes.DAY, answers)}
    text = {student: page.read_text() for student, page in made.items()}
    assert [student for student in text if "<svg" in text[student]] == ["forgot"]
    assert "-19.2" in text["forgot"] and "becomes its grad" in text["forgot"]
    assert "not given away" in text["hidden"]
    assert "<script" not in text["forgot"]
