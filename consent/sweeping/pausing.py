"""Ends the pauses of newsletters that are over.

Invariant: each ends once, and whoever was told that the reader had left is told of it.
"""

from __future__ import annotations

from consent import ids, owing
from consent.services import Services
from consent.storage import subscribers
from consent.sweeping.purging import AT_ONCE, EVERYTHING


async def resume(services: Services, now: int, *, is_dry: bool) -> int:
    """Ends the pauses that are over, each in a transaction of its own, and gives how many."""
    at_once = EVERYTHING if is_dry else AT_ONCE
    resumed, last = 0, at_once
    while last == at_once:
        async with services.database.reading() as reader:
            over = await subscribers.pauses_over(reader, now, at_once)
        resumed += len(over) if is_dry else sum([await _resume_one(services, site, id_, now) for site, id_ in over])
        last = len(over)
    return resumed


async def _resume_one(services: Services, site: str, id_: bytes, now: int) -> bool:
    """Whether it is ended now; mailing providers took the reader off at the pause, and have to be told."""
    async with services.database.writing() as writer:
        subscriber = await subscribers.end_pause(writer, site, id_, now)
        if subscriber is None:
            return False
        about: dict[str, object] = {"subscriber": ids.uuid_text(id_)}
        await owing.owe_event(writer, site=site, at=now, event="subscriber.changed", about=about, key=subscriber.key)
    return True
