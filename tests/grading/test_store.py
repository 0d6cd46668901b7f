"""The journal: what a run wrote before it ended anywhere is read again, whatever a sentence holds."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from grading.marks import Graded, Mark
from grading.store import Journal, read_journal

ENDS = "\u2028 \u2029 \x85 \r \n \x0b \x0c \x1c \x1e"  # what splitlines() takes for the end of a line
TEXTS = st.text(st.sampled_from([*ENDS, "a", '"', "\\", "é", "\x00"]), max_size=12)


def graded(student: str, sentence: str) -> Graded:
    return Graded("day", student, "digest", {}, {"nb": [Mark("one", 1.0, 2.0, sentence)]}, {}, [sentence])


@given(TEXTS)
def test_every_sentence_comes_back(sentence):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        journal = Journal(path)
        for student in ("ada", "bob"):
            journal.add(graded(student, sentence))
        read = read_journal(path)
        assert [(line["student"], *line["notes"], line["marks"]["nb"]["one"][2]) for line in read] == [
            ("ada", sentence, sentence),
            ("bob", sentence, sentence),
        ]
        assert set(Journal(path).last) == {("day", "ada"), ("day", "bob")}


@given(TEXTS, st.integers(0, 2000))
def test_half_a_line_costs_only_itself(sentence, end):
    """However far the last line got before the run was killed, the others and what is added later are whole."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        journal = Journal(path)
        for student in ("ada", "bob"):
            journal.add(graded(student, sentence))
        raw = path.read_bytes()
        left = raw[: raw.index(b"\n") + 1 + end]
        path.write_bytes(left)
        whole = ["ada", "bob"] if left == raw else ["ada"]
        assert [line["student"] for line in read_journal(path)] == whole
        Journal(path).add(graded("cy", sentence))
        assert [line["student"] for line in read_journal(path)][:1] == ["ada"]
        assert [line["student"] for line in read_journal(path)][-1:] == ["cy"]
