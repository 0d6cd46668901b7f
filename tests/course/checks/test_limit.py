"""The time limit: an endless loop ends, a quick answer is not disturbed, and Stop stays Stop."""

import _thread
import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from course.checks.limit import TimeUp, limited

ROOT = Path(__file__).parents[3]


def endless():
    while True:
        pass


def test_an_endless_loop_ends():
    start = time.perf_counter()
    with pytest.raises(TimeUp, match="0.2 seconds"):
        limited(endless, 0.2)
    assert time.perf_counter() - start < 2


@pytest.mark.skipif(os.name == "nt", reason="needs a shell that can ignore interrupts")
def test_an_endless_loop_ends_where_interrupts_are_ignored():
    program = """
from course.checks.limit import TimeUp, limited
try:
    limited(lambda: [None for _ in iter(int, 1)], 0.2)
except TimeUp:
    print("ended")
"""
    command = ["sh", "-c", 'trap "" INT; exec "$0" -c "$1"', sys.executable, program]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=20, cwd=ROOT)
    assert done.stdout == "ended\n"


def test_an_answer_that_swallows_exceptions_ends_too():
    def stubborn():
        while True:
            with contextlib.suppress(Exception):
                endless()

    with pytest.raises(TimeUp):
        limited(stubborn, 0.1)


def test_a_quick_call_is_not_disturbed_later():
    for _ in range(20):
        assert limited(lambda: 5, 0.02) == 5
    time.sleep(0.05)


def test_the_race_at_the_very_end_never_leaks_an_interrupt():
    def as_long_as_the_limit():
        end = time.perf_counter() + 0.01
        while time.perf_counter() < end:
            pass

    for _ in range(60):
        with contextlib.suppress(TimeUp):
            limited(as_long_as_the_limit, 0.01)
        time.sleep(0.001)


def test_stop_is_not_taken_for_the_limit():
    def stopped():
        _thread.interrupt_main()
        endless()

    with pytest.raises(KeyboardInterrupt):
        limited(stopped, 30)


def test_outside_the_main_thread_there_is_no_limit():
    done = []
    thread = threading.Thread(target=lambda: done.append(limited(lambda: time.sleep(0.05), 0.01)))
    thread.start()
    thread.join()
    assert done == [None]
