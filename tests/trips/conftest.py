"""The log that the exported files of these tests are of, two sites that go together, a service that mails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from consent.services import Services
from tests import acts
from tests.acts import REFUSED, SITE
from tests.clock import SetClock
from tests.conftest import ENGINES
from tests.mail.smtp_server import Postbox, serving
from tests.reading import erase
from tests.running import notice_of, publish
from tests.trips.exported import RECORDS, SUBJECT
from tests.trips.going_together import PARTNER, file
from tests.trips.posting import posting


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """Nothing here is about migrating, so that each test's database is a clone of one that is migrated."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url


@pytest.fixture
async def log(services: Services, clock: SetClock) -> Services:
    """A log over one tile: 200 records at once, the rest later; every tenth of one subject; one erased."""
    for count in (200, RECORDS - 200):
        subjects = [SUBJECT if place % 10 == 0 else acts.new_id() for place in range(count)]
        drafts = [acts.draft(notice_of(services), REFUSED, subject=subject) for subject in subjects]
        await asyncio.gather(*map(services.recorder.give, drafts))
        clock.forward(10_000)
    await erase(services, 280)
    return services


@pytest.fixture
async def sites(services: Services) -> Services:
    """Both sites published, each naming the other."""
    await publish(services, file())
    await publish(services, file(PARTNER, SITE))
    return services


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    """A mail server."""
    async with serving() as taking:
        yield taking


@pytest.fixture
async def post(database_url: str, clock: SetClock, postbox: Postbox) -> AsyncIterator[Services]:
    """A service that mails there."""
    async with posting(database_url, clock, postbox) as services:
        yield services
