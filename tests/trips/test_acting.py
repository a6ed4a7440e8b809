"""A record that is made together with other rows: all of it is there afterwards, or nothing."""

from __future__ import annotations

import asyncio

import pytest

from consent.errors import Unavailable, Unknown
from consent.records import NewsletterDraft
from consent.services import Services
from consent.storage import heartbeats
from tests import acts
from tests.acts import SITE
from tests.faults import FaultyDatabase
from tests.reading import all_records, count, verified
from tests.running import notice_of
from tests.trips.exported import export, found


def confirmation(services: Services, **fields: object) -> NewsletterDraft:
    """A reader's yes to one list."""
    usual = {
        "site": SITE,
        "id": acts.new_id(),
        "subject": acts.new_id(),
        "action": "confirm",
        "lists": {"top-stories": True},
        "language": "en",
        "notice": notice_of(services),
        "via": "form",
        "asked_at": "2026-11-22T10:00:00.000Z",
        "address": "ab" * 32,
        "source": {"utm_source": "footer"},
    }
    return NewsletterDraft(**(usual | fields))  # type: ignore[arg-type]


async def beats(services: Services) -> int:
    async with services.database.reading() as reader:
        return len(await reader.rows("SELECT id FROM heartbeats"))


async def test_rows_and_record_come_together(services: Services) -> None:
    draft = confirmation(services)
    async with services.appender.acting(SITE) as act:
        await heartbeats.beat(act.writer, 1)
        [made] = await act.append([draft])
    [record] = await all_records(services)
    assert record == made
    assert (record.kind, record.seq, record.expires_at, record.status) == (
        "newsletter",
        1,
        None,
        {"top-stories": "given"},
    )
    assert (record.asked_at, record.address, record.source) == (draft.asked_at, draft.address, draft.source)
    assert await beats(services) == 1


async def test_what_fails_leaves_neither(services: Services) -> None:
    async def fail_at_the_end() -> None:
        async with services.appender.acting(SITE) as act:
            await heartbeats.beat(act.writer, 1)
            await act.append([confirmation(services)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_at_the_end()
    assert (await count(services), await beats(services)) == (0, 0)
    async with services.appender.acting(SITE) as act:
        [made] = await act.append([confirmation(services)])
    assert made.seq == 1
    assert await verified(services) == 1


async def test_without_drafts_the_log_is_not_touched(services: Services) -> None:
    async with services.appender.acting(SITE) as act:
        await heartbeats.beat(act.writer, 1)
        assert await act.append([]) == []
    assert (await count(services), await beats(services)) == (0, 1)


async def test_no_such_site_has_no_log(services: Services) -> None:
    with pytest.raises(Unknown):
        async with services.appender.acting("nowhere"):
            pass


async def test_readers_and_visitors_share_one_log(services: Services) -> None:
    """The recorder's groups and single acts at the same time: every place once, the tree whole."""

    async def act_once() -> int:
        async with services.appender.acting(SITE) as act:
            [made] = await act.append([confirmation(services)])
        return made.seq

    async def give_once() -> int:
        return (await services.recorder.give(acts.draft(notice_of(services)))).record.seq

    places = await asyncio.gather(*(act_once() for _ in range(40)), *(give_once() for _ in range(400)))
    assert sorted(places) == list(range(1, 441))
    assert await verified(services) == 440


async def test_an_export_with_both_kinds_proves_itself(services: Services) -> None:
    await services.recorder.give(acts.draft(notice_of(services)))
    async with services.appender.acting(SITE) as act:
        await act.append(
            [confirmation(services), confirmation(services, action="unsubscribe", lists={"events": False})]
        )
    lines = await export(services)
    assert sum(b'"kind":"newsletter"' in line for line in lines) == 2
    assert found(lines) == (3, 0, 3)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_commit_whose_fate_is_unknown_is_told_as_failed(services: Services, when: str) -> None:
    """Whoever is told of a failure may ask again; after a lost answer the log goes on from what it really holds."""
    real = services.database
    faulty = FaultyDatabase(real, at=[1], when="before" if when == "before" else "after")
    appender = type(services.appender)(faulty, services.vault, services.clock)
    with pytest.raises(Unavailable):
        async with appender.acting(SITE) as act:
            await act.append([confirmation(services)])
    assert await count(services) == (0 if when == "before" else 1)
    async with appender.acting(SITE) as act:
        await act.append([confirmation(services)])
    assert await verified(services) == (1 if when == "before" else 2)
