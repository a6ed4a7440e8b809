"""Sweeping: what is kept too long goes, and who has not confirmed is reminded once, where the site wants that."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from consent import ids, sweeping
from consent.clock import DAY
from consent.services import Services
from consent.storage import budgets, ceilings, outbox, spent, subscribers, tallies
from consent.storage.outbox import Owed
from consent.storage.subscribers import Subscriber
from tests.acts import SITE
from tests.clock import START, SetClock
from tests.running import MIAMI, publish
from tests.storage.newsletter import everything, owed
from tests.trips.newsletters import events, listen
from tests.trips.readers import ask, key, subscribe, suppress

REMINDING = MIAMI.read_bytes().replace(b"[newsletter]\n", b"[newsletter]\nreminder_days = 2\n")
NOTHING = dict.fromkeys(sweeping.PURGES, 0)


async def reminders(services: Services) -> Sequence[Owed]:
    """What is owed."""
    async with services.database.reading() as reader:
        return [row for row in await outbox.page(reader, SITE, "waiting", b"", 99) if row.what == "reminder"]


async def fill(services: Services) -> None:
    """A row in every table that is swept."""
    await ask(services, "reader@example.org", "events")
    done = owed()
    async with services.database.writing() as writer:
        await budgets.take(writer, key(services, "reader@example.org"), START)
        await ceilings.take(writer, "*", START, 9)
        await tallies.add(writer, SITE, "asked", "", START)
        await spent.spend(writer, "a", START)
        await outbox.put(writer, done)
        await outbox.done(writer, SITE, done.id, START)


async def test_what_is_kept_too_long_goes_in_its_time(services: Services, clock: SetClock) -> None:
    await fill(services)
    gone: dict[int, dict[str, int]] = {}
    for day in range(33):
        rehearsed = await sweeping.sweep(services, is_dry=True)
        swept = await sweeping.sweep(services)
        assert swept == rehearsed
        assert swept.reminded == 0
        went = swept.purged | dict(swept.retained[SITE])
        if any(went.values()):
            gone[day] = {table: number for table, number in went.items() if number}
        clock.forward(DAY)
    assert gone == {
        1: {"spent": 1},
        9: {"budgets": 1, "ceilings": 1, "tallies": 1},
        15: {"pending": 1},
        31: {"outbox": 1},
    }
    left = await everything(services.database)
    assert all(left[table] == [] for table in ("pendings", "pending_lists", "outbox"))


async def test_many_rows_go_a_few_at_a_time(services: Services) -> None:
    async with services.database.writing() as writer:
        for number in range(sweeping.AT_ONCE * 2 + 5):
            await spent.spend(writer, f"challenge {number}", START - 1)
    assert (await sweeping.sweep(services, is_dry=True)).purged == NOTHING | {"spent": sweeping.AT_ONCE * 2 + 5}
    assert (await sweeping.sweep(services)).purged == NOTHING | {"spent": sweeping.AT_ONCE * 2 + 5}
    assert (await sweeping.sweep(services)).purged == NOTHING


async def test_who_has_not_confirmed_is_reminded_once(services: Services, clock: SetClock) -> None:
    await publish(services, REMINDING)
    id_ = await ask(services, "reader@example.org", "events")
    await ask(services, "unmailed@example.org", "events", is_mailed=False)
    clock.forward(2 * DAY - 1)
    assert (await sweeping.sweep(services)).reminded == 0
    clock.forward(1)
    services.nudge.clear()
    assert (await sweeping.sweep(services, is_dry=True)).reminded == 1
    assert not services.nudge.is_set()
    assert await reminders(services) == []
    swept = await asyncio.gather(*(sweeping.sweep(services) for _ in range(4)))
    assert sum(one.reminded for one in swept) == 1
    assert services.nudge.is_set()
    [row] = await reminders(services)
    assert (row.about, row.key, row.due_at) == (
        {"pending": ids.uuid_text(id_)},
        key(services, "reader@example.org"),
        clock(),
    )
    assert row.message_id.endswith("@miaminewtimes.com>")
    clock.forward(3 * DAY)
    assert (await sweeping.sweep(services)).reminded == 0


async def test_nobody_is_reminded_unless_the_site_says_so(services: Services, clock: SetClock) -> None:
    await ask(services, "reader@example.org", "events")
    clock.forward(3 * DAY)
    assert (await sweeping.sweep(services)).reminded == 0


async def test_who_must_not_or_need_not_be_mailed_is_not_reminded(services: Services, clock: SetClock) -> None:
    await publish(services, REMINDING)
    for name in ("suppressed", "barred", "confirmed", "left", "half"):
        await ask(services, f"{name}@example.org", "events")
    await ask(services, "half@example.org", "top-stories")
    await suppress(services, "suppressed@example.org", "not_me")
    await suppress(services, "barred@example.org", "bounced", "events")
    await suppress(services, "left@example.org", "unsubscribed", "events")
    await subscribe(services, "confirmed@example.org", "events")
    await subscribe(services, "half@example.org", "events")
    clock.forward(3 * DAY)
    assert (await sweeping.sweep(services)).reminded == 2
    assert {row.key for row in await reminders(services)} == {
        key(services, "left@example.org"),
        key(services, "half@example.org"),
    }


async def test_who_was_mailed_often_is_reminded_when_the_budget_allows(services: Services, clock: SetClock) -> None:
    await publish(services, REMINDING)
    await ask(services, "reader@example.org", "events")
    async with services.database.writing() as writer:
        for number in range(3):
            await budgets.take(writer, key(services, "reader@example.org"), START + number * budgets.APART)
    clock.forward(3 * DAY)
    assert (await sweeping.sweep(services)).reminded == 0
    clock.forward(4 * DAY)
    assert (await sweeping.sweep(services)).reminded == 1


async def test_a_sign_up_that_is_about_to_go_is_not_reminded(services: Services, clock: SetClock) -> None:
    await publish(services, REMINDING)
    await ask(services, "reader@example.org", "events")
    clock.forward(13 * DAY + 1)
    assert (await sweeping.sweep(services)).reminded == 0


async def test_a_pause_that_is_over_ends_once_and_is_told(services: Services, clock: SetClock) -> None:
    await listen(services)
    one = await subscribe(services, "reader@example.org", "events", paused_until=START + DAY)
    longer = await subscribe(services, "longer@example.org", "events", paused_until=START + 2 * DAY)
    await subscribe(services, "other@example.org", "events")
    clock.forward(DAY - 1)
    assert (await sweeping.sweep(services)).resumed == 0
    clock.forward(1)
    services.nudge.clear()
    assert (await sweeping.sweep(services, is_dry=True)).resumed == 1
    assert not services.nudge.is_set() and await events(services) == []
    swept = await asyncio.gather(*(sweeping.sweep(services) for _ in range(4)))
    assert sum(done.resumed for done in swept) == 1
    assert services.nudge.is_set()
    async with services.database.reading() as reader:
        [row] = await outbox.page(reader, SITE, "waiting", b"", 99)
        held = [await subscribers.by_id(reader, SITE, who.id) for who in (one, longer)]
    assert (row.what, row.about, row.key) == ("subscriber.changed", {"subscriber": ids.uuid_text(one.id)}, one.key)
    assert [who.paused_until for who in held if who] == [None, START + 2 * DAY]
    assert (await sweeping.sweep(services)).resumed == 0


async def test_many_pauses_end_a_few_at_a_time(services: Services) -> None:
    async with services.database.writing() as writer:
        for number in range(sweeping.AT_ONCE + 1):
            at, email = START - number, f"reader{number}@example.org"
            one = Subscriber(
                id=ids.uuid7(at).bytes,
                key=key(services, email),
                email=email,
                language="en",
                created_at=at,
                paused_until=at,
            )
            await subscribers.ensure(writer, SITE, one)
    assert (await sweeping.sweep(services, is_dry=True)).resumed == sweeping.AT_ONCE + 1
    assert (await sweeping.sweep(services)).resumed == sweeping.AT_ONCE + 1
    assert (await sweeping.sweep(services)).resumed == 0


async def test_it_runs_beside_the_service(services: Services, clock: SetClock) -> None:
    await fill(services)
    clock.forward(DAY)
    async with sweeping.running(services, first_seconds=0):
        left = True
        while left:
            left = bool((await everything(services.database))["spent"])


async def test_what_fails_does_not_end_it(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    async with services.database.writing() as writer:
        await writer.execute("DROP TABLE spent")
    async with sweeping.running(services, first_seconds=0):
        while not caplog.records:
            await services.database.facts()
        assert "nothing can be swept now" in caplog.text
