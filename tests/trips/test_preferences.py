"""The preference centre: what a mailed link shows and changes, and that only the mailbox has it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from consent import ids
from consent.clock import DAY
from consent.errors import BadToken, Refused, TokenExpired, Unavailable, Unknown
from consent.newsletter import preferences
from consent.newsletter.preferences import Preferences
from consent.services import Services
from tests.acts import SITE
from tests.clock import SetClock
from tests.faults import FaultyDatabase, When
from tests.reading import all_records, count, verified
from tests.running import notice_of
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    MINUTE,
    PURPOSES,
    SEEN,
    STORIES,
    WatchedDatabase,
    ask,
    events,
    find_subscriber,
    key_of,
    listen,
    mails,
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

WHENS: tuple[When, ...] = ("before", "after")
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


async def save(services: Services, *lists: str) -> Preferences:
    return await preferences.save(services, await manage_link(services), lists, SEEN)


async def change_link(services: Services, email: str = NEW) -> str:
    return token(services, "change", (await pending(services, email, "change")).id)


async def change(services: Services, email: str = NEW, before: str = EMAIL) -> None:
    """Asked for at the one mailbox, confirmed at the other."""
    await preferences.change_address(services, await manage_link(services, before), email)
    await preferences.confirm_change(services, await change_link(services, email), SEEN)


async def test_what_it_shows(services: Services) -> None:
    found = await subscribe(services, EMAIL, STORIES, language="es")
    await suppress(services, "not_me", list_=EVENTS)
    before = await rows_of(services)
    assert await preferences.open(services, await manage_link(services)) == Preferences(
        site=SITE,
        subscriber=ids.uuid_text(found.id),
        language="es",
        email="r•••@example.org",
        lists={STORIES: "confirmed", EVENTS: "none"},
        blocked=(EVENTS,),
        paused_until=None,
        is_fresh=True,
    )
    assert await rows_of(services) == before


async def test_lists_are_joined_and_left_at_once_with_their_records(services: Services, clock: SetClock) -> None:
    await listen(services)
    await subscribe(services, EMAIL, STORIES)
    clock.forward(DAY)
    shown = await save(services, EVENTS)
    assert shown.lists == {STORIES: "unsubscribed", EVENTS: "confirmed"} == await states(services)
    assert await suppressed(services) == {STORIES: "unsubscribed"}
    left, joined = (await all_records(services))[1:]
    assert (left.action, left.lists, left.via) == ("unsubscribe", {STORIES: False}, "preferences")
    assert (joined.action, joined.lists, joined.via) == ("confirm", {EVENTS: True}, "preferences")
    assert (joined.notice, joined.asked_at, joined.recorded_at) == (
        notice_of(services),
        "2026-11-23T10:00:00.000Z",
        "2026-11-23T10:00:00.000Z",
    )
    assert sorted((await events(services))[2:]) == ["signup.confirmed", "subscription.unsubscribed"]
    assert await mails(services) == ["confirm", "welcome"]
    assert await verified(services) == 3


async def test_saving_again_changes_nothing(services: Services) -> None:
    await subscribe(services)
    await save(services, EVENTS)
    before = await rows_of(services)
    await save(services, EVENTS)
    assert await rows_of(services) == before


async def test_a_list_that_was_left_can_be_joined_again(services: Services) -> None:
    await subscribe(services)
    await save(services)
    shown = await save(services, STORIES)
    assert (shown.lists[STORIES], await suppressed(services)) == ("confirmed", {})


async def test_what_is_blocked_cannot_be_joined_nor_what_is_not_offered(services: Services) -> None:
    await subscribe(services)
    await suppress(services, "complained", list_=EVENTS)
    assert (await save(services, STORIES, EVENTS, "no-such-list", "*")).lists == {STORIES: "confirmed", EVENTS: "none"}
    assert await count(services) == 1


async def test_saving_at_once_has_one_effect(services: Services) -> None:
    await subscribe(services)
    link = await manage_link(services)
    await asyncio.gather(*(preferences.save(services, link, [EVENTS], SEEN) for _ in range(20)))
    assert (await states(services), await verified(services)) == ({STORIES: "unsubscribed", EVENTS: "confirmed"}, 3)


async def test_a_pause_ends_by_itself_or_by_the_reader(services: Services, clock: SetClock) -> None:
    await listen(services)
    await subscribe(services)
    link, until = await manage_link(services), clock.at + 30 * DAY
    for _ in range(2):
        assert (await preferences.pause(services, link, until)).paused_until == until
    assert (await subscriber(services)).paused_until == until
    assert (await owed(services, "webhook"))[-1].about["until"] == "2026-12-22T10:00:00.000Z"
    assert (await preferences.pause(services, link, None)).paused_until is None
    assert (await events(services)).count("subscriber.paused") == 2
    for wrong in (clock.at, clock.at - 1, clock.at + 367 * DAY, 1 << 62):
        with pytest.raises(Refused):
            await preferences.pause(services, link, wrong)


async def test_the_language(services: Services) -> None:
    await listen(services)
    await subscribe(services)
    for _ in range(2):
        assert (await preferences.set_language(services, await manage_link(services), "es")).language == "es"
    assert ((await subscriber(services)).language, (await events(services))[-1]) == ("es", "subscriber.changed")
    assert (await events(services)).count("subscriber.changed") == 1
    with pytest.raises(Refused):
        await preferences.set_language(services, await manage_link(services), "xx")


async def test_a_link_by_mail_says_nothing(services: Services, clock: SetClock) -> None:
    """The same answer and the same statements for subscribers and others; a mail for subscribers alone."""
    await subscribe(services)
    await ask(services, "waits@example.org")
    await subscribe(services, "bounced@example.org")
    await suppress(services, "bounced", "bounced@example.org")
    clock.forward(20 * MINUTE)
    before, seen = len(await mails(services)), {}
    for email in (EMAIL, "nobody@example.org", "waits@example.org", "bounced@example.org", EMAIL, EMAIL):
        watched = WatchedDatabase(services.database)
        await preferences.mail_link(over(services, watched), SITE, email.upper())
        seen[email] = watched.statements
    assert {tuple(statements) for statements in seen.values()} == {tuple(seen[EMAIL])}
    sent = (await owed(services))[before:]
    assert [(mail.what, mail.key == key_of(services)) for mail in sent] == [("manage", True)] * 2
    assert [mail.due_at - clock.at for mail in sent] == [0, 15 * MINUTE]
    for wrong in ("", "x", "a@b@c"):
        with pytest.raises(Refused):
            await preferences.mail_link(services, SITE, wrong)
    with pytest.raises(Unknown):
        await preferences.mail_link(services, "nowhere", EMAIL)


async def test_the_export_has_all_there_is_and_wants_a_link_of_today(services: Services, clock: SetClock) -> None:
    found = await subscribe(services, EMAIL, STORIES)
    clock.forward(16 * MINUTE)
    await ask(services, EMAIL, EVENTS)
    link = await manage_link(services)
    told = await preferences.export(services, link)
    [reader], [subject] = told.readers, told.subjects
    assert (reader.email, reader.language, reader.subscriber) == (EMAIL, "en", ids.uuid_text(found.id))
    assert [(one.list, one.state) for one in reader.subscriptions] == [(STORIES, "confirmed")]
    assert reader.subscriptions[0].record == subject.records[0].record["id"]
    assert {one.list: one.confirmed_at for one in told.waiting}[EVENTS] is None
    assert [one.record["action"] for one in subject.records] == ["confirm"]
    assert told.claim and told.claim.startswith("http://127.0.0.1:8000/claims/")
    clock.forward(DAY)
    assert (await preferences.open(services, link)).is_fresh is False
    for act in (
        preferences.export(services, link),
        preferences.erase(services, link),
        preferences.change_address(services, link, NEW),
    ):
        with pytest.raises(TokenExpired):
            await act
    assert (await preferences.save(services, link, [STORIES], SEEN)).lists[STORIES] == "confirmed"


async def test_a_fresh_link_is_mailed_to_the_subscriber_alone(services: Services, clock: SetClock) -> None:
    await subscribe(services)
    link = await manage_link(services)
    clock.forward(2 * DAY)
    for _ in range(5):
        await preferences.mail_fresh(services, link)
    assert [(mail.what, mail.due_at - clock.at) for mail in (await owed(services))[2:]] == [
        ("manage", 0),
        ("manage", 15 * MINUTE),
    ]


async def test_the_reader_erases(services: Services) -> None:
    await subscribe(services)
    link = await manage_link(services)
    assert "/claims/" in await preferences.erase(services, link)
    assert (await find_subscriber(services), await suppressed(services)) == (None, {"*": "erased"})
    for act in everything(services, link):
        with pytest.raises(Unknown):
            await act
    assert await verified(services) == 1


async def test_no_token_is_good_for_another_purpose(services: Services, clock: SetClock) -> None:
    found = await subscribe(services)
    before = await rows_of(services)
    for purpose in (one for one in PURPOSES if one != "manage"):
        link = token(services, purpose, found.id, at=clock.at)
        for act in everything(services, link):
            with pytest.raises(BadToken):
                await act
    for other in (one for one in PURPOSES if one != "change"):
        link = token(services, other, found.id)
        for one in (preferences.changing(services, link), preferences.confirm_change(services, link, SEEN)):
            with pytest.raises(BadToken):
                await one
    assert await rows_of(services) == before


@pytest.mark.parametrize("when", WHENS)
async def test_a_commit_that_fails_loses_and_invents_nothing(services: Services, when: When) -> None:
    await listen(services)
    await subscribe(services)
    link = await manage_link(services)
    failing = over(services, FaultyDatabase(services.database, at=[1], when=when))
    with pytest.raises(Unavailable):
        await preferences.save(failing, link, [EVENTS], SEEN)
    await preferences.save(failing, link, [EVENTS], SEEN)
    assert (await states(services), await verified(services)) == ({STORIES: "unsubscribed", EVENTS: "confirmed"}, 3)
    assert len(await events(services)) == 4
    await preferences.change_address(services, link, NEW)
    change_token = await change_link(services)
    failing = over(services, FaultyDatabase(services.database, at=[1], when=when))
    with pytest.raises(Unavailable):
        await preferences.confirm_change(failing, change_token, SEEN)
    await preferences.confirm_change(failing, change_token, SEEN)
    assert ((await subscriber(services, NEW)).version, await verified(services)) == (1, 4)
