"""Answers that come after the same time, whatever the work before them met.

A sign-up runs the same statements for every address; but a database takes a little longer over a row that is there
already than over a new one. So nobody is answered earlier than all that is usual.

Invariant: what takes less than `SECONDS` shows as `SECONDS`; what is refused for what was sent is answered at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

SECONDS = 0.03
"""Some five times what a sign-up takes, and not noticed by whoever sent it."""


@contextlib.asynccontextmanager
async def answered() -> AsyncIterator[None]:
    """Ends no earlier than so long after it began, unless it fails."""
    waiting = asyncio.ensure_future(asyncio.sleep(SECONDS))
    try:
        yield
        await waiting
    finally:
        waiting.cancel()
