"""A time limit around the student's code, where threads exist: a timer that interrupts the main thread."""

import contextlib


class TimeUp(Exception):
    """The student's code used up its time; the message says how much that was."""


def limited(call, seconds: float | None):
    """What the call returns; `TimeUp` if it takes longer. No limit without threads, or outside the main one."""
    import threading

    if seconds is None or threading.current_thread() is not threading.main_thread():
        return call()
    clock = _Clock(seconds)
    # One frame holds the call and the end of the clock: wherever between them the interrupt arrives, it is caught here.
    try:
        with _listening():
            try:
                clock.start()
                return call()
            finally:
                clock.stop()
    except KeyboardInterrupt:
        if not clock.fired:
            raise  # the student pressed Stop
        raise TimeUp(f"{seconds:g} second{'s' if seconds != 1 else ''}") from None


@contextlib.contextmanager
def _listening():
    """A process that was started in the background ignores interrupts, the timer's too: listen to them for a while."""
    import signal

    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


class _Clock:
    """Fires at most once, and never after `stop` has returned."""

    def __init__(self, seconds: float):
        import threading

        self.lock, self.stopped, self.fired = threading.Lock(), False, False
        self.timer = threading.Timer(seconds, self.fire)
        self.timer.daemon = True

    def start(self) -> None:
        with contextlib.suppress(RuntimeError):  # "can't start new thread": Pyodide
            self.timer.start()

    def fire(self) -> None:
        import _thread

        with self.lock:
            if not self.stopped:
                self.fired = True
                _thread.interrupt_main()

    def stop(self) -> None:
        import time

        self.timer.cancel()
        with self.lock:
            self.stopped = True
        if self.fired:
            time.sleep(0.01)  # an interrupt still under way arrives here, and not later
