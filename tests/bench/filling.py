"""Puts records into a log by the service's own way in, but for HTTP: groups, tree, seals, commits."""

from __future__ import annotations

import asyncio
import itertools

from consent.records import Draft
from consent.services import Services
from tests import acts
from tests.running import notice_of, running

AT_ONCE = 512


def fill(database: str, records: int) -> None:
    """Adds that many records."""

    async def work() -> None:
        async with running(database) as services:
            drafts = _drafts(services)
            for start in range(0, records, AT_ONCE):
                group = itertools.islice(drafts, min(AT_ONCE, records - start))
                await asyncio.gather(*(services.recorder.give(draft) for draft in group))

    asyncio.run(work())


def _drafts(services: Services) -> itertools.chain[Draft]:
    notice = notice_of(services)
    page = "https://www.miaminewtimes.com/news/an-article"
    return itertools.chain.from_iterable(
        (
            acts.draft(notice, action="accept_all", page=page, services=acts.SERVICES),
            acts.draft(notice, acts.REFUSED, action="reject_all", page=page),
        )
        for _ in itertools.count()
    )
