"""A bare engine, and a small log to alter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from consent.services import Services
from consent.storage.database import Database
from consent.storage.engines import open_database
from tests import acts
from tests.acts import REFUSED
from tests.clock import SetClock
from tests.reading import verified
from tests.running import notice_of, running

RECORDS = 12


@pytest.fixture
async def services(migrated_url: str, clock: SetClock) -> AsyncIterator[Services]:
    """As everywhere, on a clone of a migrated database: those of `database_url` are empty here."""
    async with running(migrated_url, clock=clock) as opened:
        yield opened


@pytest.fixture
async def log(services: Services) -> Services:
    """A service whose log has twelve records, shown to be in order."""
    drafts = [acts.draft(notice_of(services), REFUSED, page="https://www.miaminewtimes.com/a") for _ in range(RECORDS)]
    await asyncio.gather(*map(services.recorder.give, drafts))
    assert await verified(services) == RECORDS
    return services


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An engine over a database with one table of the test's own, `things (name UNIQUE, number, raw)`."""
    opened = await open_database(database_url)
    async with opened.writing() as writer:
        await writer.execute(
            "CREATE TABLE things (name TEXT PRIMARY KEY, number BIGINT, raw BYTEA, CHECK (number > 0))"
        )
    yield opened
    await opened.close()


@pytest.fixture
async def tables(migrated_url: str) -> AsyncIterator[Database]:
    """An engine over a database that has every table, all of them empty."""
    opened = await open_database(migrated_url)
    yield opened
    await opened.close()
