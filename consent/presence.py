"""Says in the database that this process serves, for as long as it does: a restore must not take the place of what is
in use, and whoever looks from outside wants to know.

Invariant: a process that ended in order is gone from there at once; one that was killed is believed for a minute.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from consent import ids
from consent.clock import DAY
from consent.errors import ConsentError
from consent.repeating import Pace, beside
from consent.services import Services
from consent.storage import heartbeats

EVERY_SECONDS = 20


@contextlib.asynccontextmanager
async def serving(services: Services) -> AsyncIterator[None]:
    """Says so, for as long as the block lasts."""
    name = f"{heartbeats.SERVING}{ids.uuid7(services.clock())}"

    async def beat() -> None:
        async with services.database.writing() as writer:
            await heartbeats.beat(writer, services.clock(), name)
            await heartbeats.forget_before(writer, services.clock() - DAY)

    with contextlib.suppress(ConsentError):
        await beat()
    async with beside(beat, Pace(EVERY_SECONDS, EVERY_SECONDS), "it cannot be noted that this process serves"):
        try:
            yield
        finally:
            with contextlib.suppress(ConsentError):
                async with services.database.writing() as writer:
                    await heartbeats.forget(writer, name)
