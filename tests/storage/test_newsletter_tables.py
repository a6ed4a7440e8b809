"""Subscribers and what waits for a confirmation: the same on both engines."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from consent.errors import Duplicate, Rejected
from consent.storage import instance, pendings, subscribers
from consent.storage.database import Database
from consent.storage.subscribers import Subscriber, Subscription
from tests.clock import START
from tests.storage.newsletter import (
    DAY,
    OTHER_SITE,
    SITE,
    asked,
    everything,
    key_of,
    new_id,
    pending,
    subscriber,
)


async def test_of_two_who_make_a_key_the_first_ones_stands(tables: Database) -> None:
    async def make(sealed: str) -> None:
        async with tables.writing() as writer:
            await instance.keep(writer, "addresses", sealed, START)

    await asyncio.gather(*(make(f"sealed {number}") for number in range(8)))
    async with tables.writing() as writer:
        kept = await instance.key(writer, "addresses")
        assert kept is not None
        assert await instance.all_keys(writer) == {"addresses": kept}
        assert not await instance.rewrap(writer, "addresses", "another", "new")
        assert await instance.rewrap(writer, "addresses", kept, "new")
        assert await instance.key(writer, "addresses") == "new"
        assert await instance.key(writer, "none") is None


async def test_one_address_is_one_subscriber_however_many_come_at_once(tables: Database) -> None:
    async def come() -> Subscriber:
        async with tables.writing() as writer:
            return await subscribers.ensure(writer, SITE, subscriber())

    found = await asyncio.gather(*(come() for _ in range(20)))
    assert len({one.id for one in found}) == 1
    async with tables.reading() as reader:
        assert await subscribers.by_key(reader, SITE, key_of("reader")) == found[0]
        assert await subscribers.by_id(reader, SITE, found[0].id) == found[0]
        assert await subscribers.by_key(reader, OTHER_SITE, key_of("reader")) is None
        assert await subscribers.by_id(reader, OTHER_SITE, found[0].id) is None


async def test_a_subscription_moves_and_keeps_how_it_came_about(tables: Database) -> None:
    one, record = subscriber(), new_id()
    how = {"via": "prompt", "variant": "b", "page": "https://a.example/"}
    async with tables.writing() as writer:
        await subscribers.ensure(writer, SITE, one)
        await subscribers.set_state(writer, SITE, one.id, "top", "confirmed", START, record=record, **how)
        await subscribers.set_state(writer, SITE, one.id, "top", "unsubscribed", START + 1)
        await subscribers.set_state(writer, SITE, one.id, "food", "confirmed", START, via="import", provenance="a fair")
    left = Subscription(list="top", state="unsubscribed", since=START + 1, via="prompt", variant="b", page=how["page"])
    came = Subscription(list="food", state="confirmed", since=START, via="import", provenance="a fair")
    async with tables.writing() as writer:
        assert await subscribers.subscriptions(writer, SITE, one.id) == [came, left]
        await subscribers.set_state(writer, SITE, one.id, "food", "confirmed", START + 2, record=record, via="form")
        again = Subscription(list="food", state="confirmed", since=START + 2, record=record, via="form")
        assert await subscribers.subscriptions(writer, SITE, one.id) == [again, left]
        assert await subscribers.count_by_state(writer, SITE) == {
            ("food", "confirmed"): 1,
            ("top", "unsubscribed"): 1,
        }
        assert await subscribers.count_by_state(writer, OTHER_SITE) == {}


async def test_no_other_state_and_no_subscription_of_nobody(tables: Database) -> None:
    async def subscribe(id_: bytes, state: Any) -> None:
        async with tables.writing() as writer:
            await subscribers.ensure(writer, SITE, one)
            await subscribers.set_state(writer, SITE, id_, "top", state, START)

    one = subscriber()
    for id_, state in ((one.id, "pending"), (new_id(), "confirmed")):
        with pytest.raises(Rejected):
            await subscribe(id_, state)
    await subscribe(one.id, "confirmed")


async def test_what_a_person_changes(tables: Database) -> None:
    one, other = subscriber(), subscriber("other")
    async with tables.writing() as writer:
        await subscribers.ensure(writer, SITE, one)
        await subscribers.ensure(writer, SITE, other)
        await subscribers.set_paused(writer, SITE, one.id, START + DAY)
        await subscribers.set_language(writer, SITE, one.id, "es")
        await subscribers.change_address(writer, SITE, one.id, key_of("new"), "new@example.org")
        with pytest.raises(Duplicate):
            await subscribers.change_address(writer, SITE, one.id, other.key, other.email)
        now = await subscribers.lock(writer, SITE, one.id)
        assert now is not None
        assert (now.paused_until, now.language, now.email, now.version) == (START + DAY, "es", "new@example.org", 1)
        assert await subscribers.by_key(writer, SITE, one.key) is None
        await subscribers.change_address(writer, SITE, one.id, key_of("new"), "New@example.org")
        await subscribers.set_state(writer, SITE, one.id, "top", "confirmed", START)
        assert await subscribers.delete(writer, SITE, one.id)
        assert not await subscribers.delete(writer, SITE, one.id)
        assert await subscribers.lock(writer, SITE, one.id) is None
    rows = await everything(tables)
    assert rows["subscriptions"] == []
    assert len(rows["subscribers"]) == 1


async def test_two_that_lock_a_subscriber_take_turns(tables: Database) -> None:
    one = subscriber()
    async with tables.writing() as writer:
        await subscribers.ensure(writer, SITE, one)

    async def move() -> None:
        async with tables.writing() as writer:
            locked = await subscribers.lock(writer, SITE, one.id)
            assert locked is not None
            await asyncio.sleep(0)
            await subscribers.set_paused(writer, SITE, one.id, (locked.paused_until or 0) + 1)

    await asyncio.gather(*(move() for _ in range(20)))
    async with tables.reading() as reader:
        found = await subscribers.by_id(reader, SITE, one.id)
    assert found is not None
    assert found.paused_until == 20


async def test_subscribers_come_in_pages(tables: Database) -> None:
    many = sorted((subscriber(f"reader{number}") for number in range(7)), key=lambda one: one.id)
    async with tables.writing() as writer:
        for number, one in enumerate(many):
            await subscribers.ensure(writer, SITE, one)
            await subscribers.set_state(
                writer, SITE, one.id, "top", "unsubscribed" if number % 2 else "confirmed", START
            )
            await subscribers.set_state(writer, SITE, one.id, "food", "confirmed", START)
    async with tables.reading() as reader:
        first = await subscribers.page(reader, SITE, limit=4)
        assert [one for one, _ in first] == many[:4]
        assert [[each.list for each in lists] for _, lists in first] == [["food", "top"]] * 4
        rest = await subscribers.page(reader, SITE, after=many[3].id, limit=4)
        assert [one for one, _ in rest] == many[4:]
        left = await subscribers.page(reader, SITE, list="top", state="unsubscribed", limit=9)
        assert [one for one, _ in left] == many[1::2]
        assert len(left[0][1]) == 2
        assert len(await subscribers.page(reader, SITE, state="confirmed", limit=9)) == 7
        assert await subscribers.page(reader, SITE, list="none", limit=9) == []
        assert len(await subscribers.page(reader, SITE, since=START, limit=9)) == 7
        assert await subscribers.page(reader, SITE, since=START + 1, limit=9) == []
        assert await subscribers.page(reader, OTHER_SITE, limit=9) == []


async def test_what_waits_is_one_row_an_address_and_the_newest_words_stand(tables: Database) -> None:
    first = pending()
    async with tables.writing() as writer:
        id_ = await pendings.upsert(writer, SITE, first)
        assert id_ == first.id
        await pendings.add_lists(writer, SITE, id_, [asked("top"), asked("food")])
        await pendings.mailed(writer, SITE, id_, START + 1)
        await pendings.mark_confirmed(writer, SITE, id_, "top", START + 2, new_id())
        later = pending(email="Reader@example.org", language="es", asked_at=START + 3)
        assert await pendings.upsert(writer, SITE, later) == id_
        await pendings.add_lists(writer, SITE, id_, [asked("top", notice="1" * 64, asked_at=START + 3)])
        assert await pendings.upsert(writer, SITE, pending(kind="change", subscriber=new_id())) != id_
        assert await pendings.upsert(writer, OTHER_SITE, pending()) != id_
    async with tables.writing() as writer:
        found = await pendings.lock(writer, SITE, id_)
        assert found == await pendings.find(writer, SITE, id_)
        assert found == await pendings.by_key(writer, SITE, first.key, "signup")
        assert found is not None
        assert (found.email, found.language, found.asked_at, found.mailed_at) == (
            "Reader@example.org",
            "es",
            START + 3,
            START + 1,
        )
        assert found.subscriber is not None
        assert await pendings.lists(writer, SITE, id_) == [
            asked("food"),
            asked("top", notice="1" * 64, asked_at=START + 3),
        ]
        assert await pendings.delete_of_subscriber(writer, SITE, new_id()) == 0
        assert await pendings.delete_of_subscriber(writer, SITE, found.subscriber) == 1
        await pendings.upsert(writer, SITE, first)
        await pendings.add_lists(writer, SITE, first.id, [asked("top")])
        assert await pendings.delete_of_key(writer, SITE, first.key) == 2
        assert await pendings.lists(writer, SITE, id_) == []
        assert await pendings.lock(writer, SITE, id_) is None
        assert not await pendings.delete(writer, SITE, id_)


async def test_an_address_that_another_subscriber_asks_for_waits_under_another_id(tables: Database) -> None:
    mine, again = (pending(kind="change", subscriber=bytes(16)) for _ in range(2))
    theirs = pending(kind="change", subscriber=new_id(), asked_at=START + 2)
    async with tables.writing() as writer:
        assert await pendings.upsert(writer, SITE, mine) == mine.id
        assert await pendings.upsert(writer, SITE, again) == mine.id
        await pendings.mailed(writer, SITE, mine.id, START + 1)
        assert await pendings.upsert(writer, SITE, theirs, is_real=False) == theirs.id
        assert await pendings.find(writer, SITE, mine.id) is not None
        assert await pendings.upsert(writer, SITE, theirs) == theirs.id
        assert await pendings.find(writer, SITE, mine.id) is None
        assert await pendings.find(writer, SITE, theirs.id) == theirs


async def test_two_that_ask_for_one_address_at_once_are_one_row(tables: Database) -> None:
    async def ask(list_: str) -> bytes:
        async with tables.writing() as writer:
            id_ = await pendings.upsert(writer, SITE, pending())
            await pendings.add_lists(writer, SITE, id_, [asked(list_)])
            return id_

    found = await asyncio.gather(*(ask(f"list{number}") for number in range(10)))
    assert len(set(found)) == 1
    async with tables.reading() as reader:
        assert len(await pendings.lists(reader, SITE, found[0])) == 10


async def test_what_waits_too_long_goes_a_few_at_a_time(tables: Database) -> None:
    async with tables.writing() as writer:
        for number in range(5):
            id_ = await pendings.upsert(writer, SITE, pending(f"reader{number}", asked_at=START + number))
            await pendings.add_lists(writer, SITE, id_, [asked("top")])
        assert await pendings.purge(writer, SITE, START + 4, 3) == 3
        assert await pendings.purge(writer, SITE, START + 4, 3) == 1
        assert await pendings.purge(writer, SITE, START + 4, 3) == 0
    assert len((await everything(tables))["pending_lists"]) == 1


async def test_who_is_reminded_was_mailed_and_said_nothing(tables: Database) -> None:
    async with tables.writing() as writer:
        for name, fields in {
            "waits": {"mailed_at": START},
            "unmailed": {},
            "fresh": {"mailed_at": START + 2 * DAY},
            "old": {"mailed_at": START, "asked_at": START - 9 * DAY},
            "half": {"mailed_at": START},
        }.items():
            one = pending(name, **fields)
            await pendings.upsert(writer, SITE, one)
            await pendings.add_lists(writer, SITE, one.id, [asked("top"), asked("food")])
            if "mailed_at" in fields:
                await pendings.mailed(writer, SITE, one.id, fields["mailed_at"])
            if name == "half":
                await pendings.mark_confirmed(writer, SITE, one.id, "top", START, new_id())
        when = {"mailed_before": START + DAY, "asked_since": START - 5 * DAY, "limit": 9}
        [found] = await pendings.to_remind(writer, SITE, **when)
        assert found.email == "waits@example.org"
        assert await pendings.reminded(writer, SITE, found.id, START + DAY)
        assert not await pendings.reminded(writer, SITE, found.id, START + DAY)
        assert await pendings.to_remind(writer, SITE, **when) == []


async def test_what_is_not_real_writes_nothing(tables: Database) -> None:
    """Nor does it change what is there."""
    there = pending()
    for _ in range(2):
        before = await everything(tables)
        async with tables.writing() as writer:
            asks = pending(asked_at=START + 9, email="Other@example.org")
            assert await pendings.upsert(writer, SITE, asks, is_real=False) == asks.id
            await pendings.add_lists(writer, SITE, there.id, [asked("top", notice="2" * 64)], is_real=False)
        assert await everything(tables) == before
        async with tables.writing() as writer:
            await pendings.upsert(writer, SITE, there)
            await pendings.add_lists(writer, SITE, there.id, [asked("top")])
