"""Times as nbgrader writes and reads them: UTC, without saying so once they are read."""

import contextlib
from datetime import UTC, datetime

LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
STAMP = "timestamp.txt"
SECRET = "submission_secret.txt"  # by which nbgrader's exchange gives feedback to whoever handed in, and to nobody else


def read_time(text: str | None) -> datetime | None:
    """The time in a timestamp file, or None when it cannot be read."""
    if not text:
        return None
    from nbgrader.utils import parse_utc  # takes seconds to load

    with contextlib.suppress(ValueError, OverflowError, TypeError):
        return parse_utc(text)
    return None


def seconds(text: str | None) -> float | None:
    """The same as seconds since 1970."""
    found = read_time(text)
    return None if found is None else found.replace(tzinfo=UTC).timestamp()


def _moment(at: float) -> datetime:
    """A file may be of any time: of those before 1970 and after 9999 the nearest that can be written."""
    return datetime.fromtimestamp(min(max(at, 0.0), LATEST), UTC)


def written(at: float) -> str:
    """Seconds since 1970 as a timestamp file says them."""
    return _moment(at).strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def label(at: float) -> str:
    """The same as part of a folder's name."""
    return _moment(at).strftime("%Y-%m-%d_%H%M%S")
