"""Leaving a list: at once, that list alone, as often as anybody likes, and nothing else by that link."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from consent import ids, newsletter
from consent.clock import DAY
from consent.errors import BadToken, Unavailable
from consent.newsletter import LeavePage, preferences
from consent.services import Services
from consent.storage import subscribers
from tests.acts import SITE
from tests.clock import SetClock
from tests.faults import FaultyDatabase, When
from tests.reading import all_records, count, verified
from tests.running import notice_of, publish
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    MINUTE,
    OTHER,
    PURPOSES,
    SEEN,
    STORIES,
    ask,
    confirm_link,
    events,
    key_of,
    listen,
    mails,
    manage_link,
    other_site,
    over,
    owed,
    states,
    subscribe,
    subscriber,
    suppress,
    suppressed,
    token,
    unsubscribe_link,
)
from tests.trips.watching import rows_of

WHENS: tuple[When, ...] = ("before", "after")
HELD = LeavePage(state="confirmed", site=SITE, language="en", list=STORIES, email="r•••@example.org")
LEFT = msgspec.structs.replace(HELD, state="gone")


async def leave(services: Services, link: str, *, one_click: bool = False) -> LeavePage:
    return await newsletter.unsubscribe(services, link, SEEN, one_click=one_click)


async def test_looking_changes_nothing_and_tells_little_of_the_reader(services: Services) -> None:
    await subscribe(services)
    link = await unsubscribe_link(services)
    before = await rows_of(services)
    assert await newsletter.leaving_page(services, link) == HELD
    assert await rows_of(services) == before


async def test_it_takes_effect_at_once_with_its_record(services: Services, clock: SetClock) -> None:
    await listen(services)
    found = await subscribe(services, EMAIL, STORIES, EVENTS)
    clock.forward(DAY)
    assert await leave(services, await unsubscribe_link(services)) == LEFT
    assert await states(services) == {STORIES: "unsubscribed", EVENTS: "confirmed"}
    assert await suppressed(services) == {STORIES: "unsubscribed"}
    record = (await all_records(services))[-1]
    assert (record.action, record.lists, record.status) == ("unsubscribe", {STORIES: False}, {STORIES: "withdrawn"})
    assert (record.subject, record.notice, record.country) == (ids.uuid_text(found.id), notice_of(services), "US")
    assert (record.address, record.recorded_at) == (key_of(services).hex(), "2026-11-23T10:00:00.000Z")
    assert (await mails(services))[-1] == "goodbye"
    assert (await owed(services))[-1].about["record"] == record.id
    assert (await events(services))[-1] == "subscription.unsubscribed"
    assert await verified(services) == 2


async def test_a_program_that_clicks_causes_no_goodbye(services: Services) -> None:
    await subscribe(services)
    await leave(services, await unsubscribe_link(services), one_click=True)
    assert (await states(services), await mails(services)) == ({STORIES: "unsubscribed"}, ["confirm", "welcome"])


async def test_again_it_does_nothing(services: Services, clock: SetClock) -> None:
    await subscribe(services)
    link = await unsubscribe_link(services)
    await leave(services, link)
    before = await rows_of(services)
    clock.forward(DAY)
    assert {await leave(services, link, one_click=click) == LEFT for click in (True, False)} == {True}
    assert (await newsletter.leaving_page(services, link)).state == "gone"
    assert await rows_of(services) == before


@pytest.mark.parametrize("clicks", [2, 50])
async def test_at_once_it_has_one_effect(services: Services, clicks: int) -> None:
    await subscribe(services)
    link = await unsubscribe_link(services)
    await asyncio.gather(*(leave(services, link, one_click=place % 2 == 0) for place in range(clicks)))
    assert (await count(services), (await mails(services)).count("goodbye") <= 1) == (2, True)
    assert await verified(services) == 2


async def test_a_link_is_good_for_years(services: Services, clock: SetClock) -> None:
    await subscribe(services)
    link = await unsubscribe_link(services)
    clock.forward(9 * 365 * DAY)
    await leave(services, link)
    assert await states(services) == {STORIES: "unsubscribed"}


async def test_a_link_that_is_none_is_silently_fine(services: Services, clock: SetClock) -> None:
    await publish(services, other_site())
    found = await subscribe(services)
    good = await unsubscribe_link(services)
    wrong = [
        "",
        "x",
        "a.b.c",
        "é",
        good[:-4],
        token(services, "unsubscribe", found.id, lists=()),
        token(services, "unsubscribe", found.id, lists=(STORIES, EVENTS)),
        token(services, "unsubscribe", found.id, "nowhere", lists=(STORIES,)),
        *(token(services, one, found.id, lists=(STORIES,)) for one in PURPOSES if one != "unsubscribe"),
    ]
    before = await rows_of(services)
    for link in wrong:
        assert await leave(services, link, one_click=True) == LeavePage(state="gone")
        assert await newsletter.leaving_page(services, link) == LeavePage(state="gone")
    elsewhere = token(services, "unsubscribe", found.id, OTHER, lists=(STORIES,))
    unknown = token(services, "unsubscribe", bytes(16), lists=(STORIES,))
    for link in (elsewhere, unknown, token(services, "unsubscribe", found.id, lists=("no-such-list",))):
        assert (await leave(services, link)).state == "gone"
    assert await rows_of(services) == before
    clock.forward(11 * 365 * DAY)
    assert await leave(services, good) == LeavePage(state="gone")


async def test_it_reads_exports_and_erases_nothing(services: Services) -> None:
    """A forwarded newsletter's link is good for its one list alone."""
    await subscribe(services, EMAIL, STORIES, EVENTS)
    link = await unsubscribe_link(services)
    for act in (
        preferences.open(services, link),
        preferences.export(services, link),
        preferences.erase(services, link),
        preferences.save(services, link, [], SEEN),
        newsletter.confirming(services, link),
        newsletter.not_me(services, link),
    ):
        with pytest.raises(BadToken):
            await act
    await leave(services, link)
    assert await states(services) == {STORIES: "unsubscribed", EVENTS: "confirmed"}


async def test_it_is_good_after_a_change_of_address_too(services: Services) -> None:
    found = await subscribe(services)
    link = await unsubscribe_link(services)
    async with services.database.writing() as writer:
        await subscribers.change_address(writer, SITE, found.id, key_of(services, "new@example.org"), "new@example.org")
    shown = await newsletter.leaving_page(services, link)
    assert (shown.state, shown.email) == ("confirmed", "•••")  # who was sent the link is not told the new address
    assert (await leave(services, link)).email == "•••"
    assert await states(services, "new@example.org") == {STORIES: "unsubscribed"}


async def test_a_complaint_stays_a_complaint(services: Services) -> None:
    found = await subscribe(services)
    async with services.database.writing() as writer:
        await subscribers.set_state(writer, SITE, found.id, STORIES, "complained", services.clock())
    await leave(services, await unsubscribe_link(services))
    assert (await states(services), await count(services)) == ({STORIES: "complained"}, 1)


async def test_a_stronger_suppression_stands(services: Services) -> None:
    await subscribe(services)
    await suppress(services, "not_me", list_=STORIES)
    await leave(services, await unsubscribe_link(services))
    assert await suppressed(services) == {STORIES: "not_me"}


async def test_a_plain_leaving_does_not_stop_a_new_sign_up(services: Services, clock: SetClock) -> None:
    await subscribe(services)
    await leave(services, await unsubscribe_link(services))
    clock.forward(MINUTE * 16)
    await ask(services)
    await newsletter.confirm(services, await confirm_link(services), [STORIES], SEEN)
    assert (await states(services), await suppressed(services)) == ({STORIES: "confirmed"}, {})


@pytest.mark.parametrize("when", WHENS)
async def test_a_commit_that_fails_loses_and_invents_nothing(services: Services, when: When) -> None:
    await listen(services)
    await subscribe(services)
    failing = over(services, FaultyDatabase(services.database, at=[1], when=when))
    link = await unsubscribe_link(services)
    with pytest.raises(Unavailable):
        await leave(failing, link)
    assert await leave(failing, link) == LEFT
    assert (await states(services), await count(services)) == ({STORIES: "unsubscribed"}, 2)
    assert (await mails(services)).count("goodbye") == 1
    assert (await events(services)).count("subscription.unsubscribed") == 1
    assert await verified(services) == 2


async def test_leaving_and_joining_at_once_leave_state_and_log_agreed(services: Services) -> None:
    await subscribe(services)
    link, leaving = await manage_link(services), await unsubscribe_link(services)
    for _ in range(5):
        await asyncio.gather(preferences.save(services, link, [STORIES], SEEN), leave(services, leaving))
        last = [record for record in await all_records(services) if STORIES in record.lists][-1]
        [state] = (await states(services)).values()
        assert last.status == {STORIES: "given" if state == "confirmed" else "withdrawn"}
        assert (await subscriber(services)).email == EMAIL
    await verified(services)
