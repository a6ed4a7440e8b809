"""Repeats a trip whose transaction gave way to another one.

Invariant: only what was rolled back whole is repeated; whoever asked is told of it when it happens again and again.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from consent.errors import Stale, Unavailable

ATTEMPTS = 5
P = ParamSpec("P")
T = TypeVar("T")


def insists(trip: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The trip, tried again when two transactions waited for each other and this one was ended for it."""

    @functools.wraps(trip)
    async def tried(*args: P.args, **named: P.kwargs) -> T:
        for _ in range(ATTEMPTS):
            with contextlib.suppress(Stale):
                return await trip(*args, **named)
        raise Unavailable("too much happens at once here: try it again in a moment")

    return tried
