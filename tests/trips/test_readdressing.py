"""A change of address: asked for at the old mailbox, confirmed at the new one, and nothing told meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from consent import ids, newsletter
from consent.clock import DAY
from consent.errors import TokenExpired, Unknown
from consent.newsletter import preferences
from consent.services import Services
from tests.clock import SetClock
from tests.forgetting import erase_reader
from tests.reading import all_records, verified
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    MINUTE,
    SEEN,
    STORIES,
    WatchedDatabase,
    find_pending,
    find_subscriber,
    key_of,
    listen,
    manage_link,
    over,
    owed,
    pending,
    states,
    subscribe,
    subscriber,
    suppress,
    suppressed,
    token,
)
from tests.trips.watching import rows_of

NEW = "new@example.net"


def everything(services: Services, link: str) -> tuple[Awaitable[Any], ...]:
    """Every trip of the preference centre, by this link."""
    return (
        preferences.open(services, link),
        preferences.save(services, link, [], SEEN),
        preferences.pause(services, link, services.clock() + DAY),
        preferences.set_language(services, link, "es"),
        preferences.change_address(services, link, NEW),
        preferences.export(services, link),
        preferences.erase(services, link),
    )


async def change_link(services: Services, email: str = NEW) -> str:
    return token(services, "change", (await pending(services, email, "change")).id)


async def change(services: Services, email: str = NEW, before: str = EMAIL) -> None:
    """Asked for at the one mailbox, confirmed at the other."""
    await preferences.change_address(services, await manage_link(services, before), email)
    await preferences.confirm_change(services, await change_link(services, email), SEEN)


async def test_a_new_address_counts_once_its_own_mailbox_says_so(services: Services, clock: SetClock) -> None:
    await listen(services)
    found = await subscribe(services, EMAIL, STORIES, EVENTS)
    link = await manage_link(services)
    await preferences.change_address(services, link, NEW)
    assert ((await owed(services))[-1].what, await find_subscriber(services, NEW)) == ("change", None)
    change_token = await change_link(services)
    before = await rows_of(services)
    page = await preferences.changing(services, change_token)
    assert (page.state, page.email, await rows_of(services)) == ("pending", "n•••@example.net", before)
    clock.forward(DAY)
    for _ in range(3):
        assert (await preferences.confirm_change(services, change_token, SEEN)).state == "changed"
    renewed = await subscriber(services, NEW)
    assert (renewed.id, renewed.email, renewed.version) == (found.id, NEW, 1)
    assert await find_subscriber(services) is None
    assert await states(services, NEW) == {STORIES: "confirmed", EVENTS: "confirmed"}
    record = (await all_records(services))[-1]
    assert (record.action, record.lists) == ("confirm", {STORIES: True, EVENTS: True})
    assert (record.address, record.subject) == (key_of(services, NEW).hex(), ids.uuid_text(found.id))
    told = (await owed(services, "webhook"))[-1]
    assert (told.what, services.vault.take(str(told.about["former"]))) == ("subscriber.changed", EMAIL.encode())
    assert await verified(services) == 2
    for act in everything(services, link):  # mailed to the address before
        with pytest.raises((Unknown, TokenExpired)):
            await act


async def test_changing_at_once_has_one_effect(services: Services) -> None:
    await subscribe(services)
    await preferences.change_address(services, await manage_link(services), NEW)
    link = await change_link(services)
    done = await asyncio.gather(*(preferences.confirm_change(services, link, SEEN) for _ in range(10)))
    assert {one.state for one in done} == {"changed"}
    assert ((await subscriber(services, NEW)).version, await verified(services)) == (1, 2)


async def test_nobody_gets_anothers_address_nor_learns_of_it(services: Services, clock: SetClock) -> None:
    await subscribe(services)
    await subscribe(services, "taken@example.net")
    await suppress(services, "not_me", "refused@example.net")
    clock.forward(20 * MINUTE)
    seen = {}
    for email in (NEW, "taken@example.net", "refused@example.net"):
        watched = WatchedDatabase(services.database)
        await preferences.change_address(over(services, watched), await manage_link(services), email)
        seen[email] = watched.statements
        assert (await find_pending(services, email, "change") is None) == (email != NEW)
    assert {tuple(statements) for statements in seen.values()} == {tuple(seen[NEW])}
    link = await change_link(services)
    await subscribe(services, NEW)  # meanwhile, by its owner
    assert (await preferences.changing(services, link)).state == "gone"
    assert (await preferences.confirm_change(services, link, SEEN)).state == "gone"
    assert (await subscriber(services)).version == 0


async def test_another_way_to_write_ones_own_address(services: Services) -> None:
    found = await subscribe(services, "first.last@gmail.com")
    await change(services, "firstlast+news@gmail.com", "first.last@gmail.com")
    renewed = await subscriber(services, "first.last@gmail.com")
    assert (renewed.id, renewed.email) == (found.id, "firstlast+news@gmail.com")


async def test_two_who_ask_for_one_address_have_a_link_each(services: Services, clock: SetClock) -> None:
    """The link that was mailed for the first moves nobody once the second has asked: least of all the second."""
    other = "other@example.org"
    await subscribe(services)
    await subscribe(services, other, EVENTS)
    await preferences.change_address(services, await manage_link(services), NEW)
    first = await change_link(services)
    clock.forward(16 * MINUTE)
    await preferences.change_address(services, await manage_link(services, other), NEW)
    second = await change_link(services)
    assert (await preferences.changing(services, first)).state == "gone"
    assert (await preferences.confirm_change(services, first, SEEN)).state == "gone"
    assert await find_subscriber(services, NEW) is None
    found = await subscriber(services, other)
    assert (await preferences.confirm_change(services, second, SEEN)).state == "changed"
    assert (await subscriber(services, NEW)).id == found.id
    assert (await states(services), await states(services, NEW)) == ({STORIES: "confirmed"}, {EVENTS: "confirmed"})
    asked = [one.about["pending"] for one in await owed(services) if one.what == "change"]
    assert len(set(asked)) == 2


async def test_asking_again_for_an_address_keeps_the_link(services: Services, clock: SetClock) -> None:
    await subscribe(services)
    await preferences.change_address(services, await manage_link(services), NEW)
    first = await change_link(services)
    clock.forward(16 * MINUTE)
    await preferences.change_address(services, await manage_link(services), NEW)
    assert (await preferences.confirm_change(services, first, SEEN)).state == "changed"


async def test_an_old_change_does_not_come_back(services: Services, clock: SetClock) -> None:
    """Away and back again: the link of the first change, still young, does not repeat it."""
    await subscribe(services)
    await preferences.change_address(services, await manage_link(services), NEW)
    first = await change_link(services)
    await preferences.confirm_change(services, first, SEEN)
    clock.forward(16 * MINUTE)
    await change(services, EMAIL, NEW)
    assert (await preferences.confirm_change(services, first, SEEN)).state == "gone"
    assert (await subscriber(services)).version == 2


async def test_a_refused_change_is_gone(services: Services) -> None:
    await subscribe(services)
    await preferences.change_address(services, await manage_link(services), NEW)
    link = await change_link(services)
    await newsletter.not_me(services, token(services, "not-me", (await pending(services, NEW, "change")).id))
    assert (await preferences.confirm_change(services, link, SEEN)).state == "gone"
    assert (await suppressed(services, NEW), await states(services)) == ({"*": "not_me"}, {STORIES: "confirmed"})


async def test_a_change_of_whom_was_erased_is_gone(services: Services) -> None:
    await subscribe(services)
    await preferences.change_address(services, await manage_link(services), NEW)
    link = await change_link(services)
    await erase_reader(services, EMAIL)
    assert await find_pending(services, NEW, "change") is None
    assert (await preferences.confirm_change(services, link, SEEN)).state == "gone"
