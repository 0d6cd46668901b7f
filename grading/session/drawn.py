"""Beside the student's code: draws the tape of an observation. What comes of it is the student's word, not ours."""

from collections.abc import Callable

from kindling import tape

MOST_TEXT = 200_000
NOTHING = {"svg": "", "words": ""}


def drawn(observe: Callable[[], object]) -> dict[str, str]:
    """The picture and the steps of a run as texts; empty when nothing was recorded, or more than can be looked at."""
    with tape.record() as recorded:
        observe()
    if not any(node["kind"] == "operator" for node in recorded.nodes):
        return NOTHING
    found = {"svg": recorded.to_svg(), "words": recorded.to_text()}
    return found if sum(map(len, found.values())) <= MOST_TEXT else NOTHING
