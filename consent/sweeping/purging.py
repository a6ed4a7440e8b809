"""Takes old rows away, a few in each transaction, so that nobody waits long for it.

Invariant: a rehearsal runs the very statements, in one transaction that is rolled back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

from consent.services import Services
from consent.storage.database import Writer

AT_ONCE = 1000
"""Rows that one transaction deletes."""
EVERYTHING = 1 << 62

Purge = Callable[[Writer, int, int], Awaitable[int]]
"""Deletes rows from before an instant, at most so many; gives how many."""


class Rehearsed(Exception):
    """Ends a transaction that must leave nothing behind."""


async def purge(services: Services, way: Purge, before: int, *, is_dry: bool) -> int:
    """How many went, or would go."""
    at_once = EVERYTHING if is_dry else AT_ONCE
    gone, last = 0, at_once
    with contextlib.suppress(Rehearsed):
        while last == at_once:
            async with services.database.writing() as writer:
                last = await way(writer, before, at_once)
                gone += last
                if is_dry:
                    raise Rehearsed
    return gone
