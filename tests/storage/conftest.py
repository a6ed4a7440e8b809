"""A small log to alter."""

from __future__ import annotations

import asyncio

import pytest

from consent.services import Services
from tests import acts
from tests.acts import REFUSED
from tests.reading import verified
from tests.running import notice_of

RECORDS = 12


@pytest.fixture
async def log(services: Services) -> Services:
    """A service whose log has twelve records, shown to be in order."""
    drafts = [acts.draft(notice_of(services), REFUSED, page="https://www.miaminewtimes.com/a") for _ in range(RECORDS)]
    await asyncio.gather(*map(services.recorder.give, drafts))
    assert await verified(services) == RECORDS
    return services
