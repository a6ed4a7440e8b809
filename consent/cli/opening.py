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
from consent.storage.migrations import migrate, require_current

T = TypeVar("T")


@contextlib.asynccontextmanager
async def opened(*, reads_only: bool = False) -> AsyncIterator[Services]:
    """The service's instruments over the migrated database; nothing runs in the background.

    With `reads_only` nothing is made or migrated and no write lock is asked for: not even a wrong folder is changed.
    """
    settings = from_environment(makes_secret=not reads_only)
    database = await open_database(settings.database, reads_only=reads_only)
    try:
        if reads_only:
            await require_current(database)
        else:
            await migrate(database, clock.now())
        services = assemble(settings, clock.now, database)
        try:
            await services.addresses.open(makes_key=not reads_only)
            yield services
        finally:
            await services.mailer.close()
            await services.guard.close()
    finally:
        await database.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's coroutine to its end."""
    return asyncio.run(work)
