"""Opens what a command needs, and closes it again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from consent import clock
from consent.services import Services, assemble
from consent.settings import from_environment
from consent.storage.engines import open_database
from consent.storage.migrations import migrate

T = TypeVar("T")


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[Services]:
    """The service's instruments over the migrated database; nothing runs in the background."""
    settings = from_environment()
    database = await open_database(settings.database)
    try:
        await migrate(database, clock.now())
        yield assemble(settings, clock.now, database)
    finally:
        await database.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's coroutine to its end."""
    return asyncio.run(work)
