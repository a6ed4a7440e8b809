"""Work that is done again and again beside the service, until the service ends.

Invariant: whatever one round meets, the next one comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

from consent.errors import ConsentError

log = logging.getLogger(__name__)


class Pace(NamedTuple):
    """When the work is done: after `first` seconds, and again `every` so many."""

    first: float
    every: float


@contextlib.asynccontextmanager
async def beside(
    work: Callable[[], Awaitable[object]], pace: Pace, what: str, beat: Callable[[], None] = lambda: None
) -> AsyncIterator[None]:
    """Does the work for as long as the block lasts; `what` says in the log what failed: `nothing can be swept now`.

    `beat` is called at the beginning, and after each round that was done to its end.
    """
    beat()
    task = asyncio.create_task(_again_and_again(work, pace, what, beat))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _again_and_again(
    work: Callable[[], Awaitable[object]], pace: Pace, what: str, beat: Callable[[], None]
) -> None:
    await asyncio.sleep(pace.first)
    while True:
        try:
            await work()
            beat()
        except ConsentError as error:
            log.warning("%s: %s", what, error.detail)
        except Exception:  # work that died would never be done again
            log.exception("%s", what)
        await asyncio.sleep(pace.every)
