"""The one place that reads the time. Tests give a clock they can set.

Invariant: an instant is an int of milliseconds since 1970 UTC; text is RFC 3339 with milliseconds and `Z`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

HOUR, DAY = 3_600_000, 86_400_000
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)

Clock = Callable[[], int]
"""Gives the instant now."""


def now() -> int:
    """Milliseconds since 1970 UTC, from the system's clock."""
    return time.time_ns() // 1_000_000


def ticks() -> float:
    """Seconds that only go forward, from no particular beginning: for how long something takes."""
    return time.perf_counter()


@lru_cache(maxsize=64)  # a group of records shares its instants
def text(instant: int) -> str:
    """`2026-11-22T10:00:00.123Z`."""
    moment = datetime.fromtimestamp(instant // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{instant % 1000:03d}Z"


def parse(words: str) -> int:
    """The instant of an RFC 3339 text.

    Raises:
        ValueError: not RFC 3339, no offset, or outside the years 1970 to 9999.
    """
    if not _RFC_3339.fullmatch(words):  # fromisoformat takes more: weeks, no offset, even NUL at the end
        raise ValueError("a time needs a date, a T, a time and an offset")
    moment = datetime.fromisoformat(words.upper())
    instant = round(moment.timestamp() * 1000)
    if instant < 0:
        raise ValueError("a time before 1970")
    return instant
