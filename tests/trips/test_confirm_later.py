"""A confirmation mail's buttons after what has happened since: left, refused, erased, too old, or half committed."""

from __future__ import annotations

import asyncio

import pytest

from consent import ids, newsletter
from consent.clock import DAY
from consent.errors import BadToken, TokenExpired, Unavailable
from consent.services import Services
from consent.storage import pendings, suppressions
from tests.acts import SITE
from tests.clock import SetClock
from tests.faults import FaultyDatabase, When
from tests.forgetting import erase_reader
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
    find_pending,
    find_subscriber,
    key_of,
    listen,
    mails,
    not_me_link,
    other_site,
    over,
    pending,
    press,
    states,
    subscribe,
    suppress,
    suppressed,
    token,
    unsubscribe_link,
)
from tests.trips.watching import rows_of

BOTH = (STORIES, EVENTS)
WHENS: tuple[When, ...] = ("before", "after")
CHANGED = b"Somewhere else, Miami"


async def test_after_leaving_the_old_link_does_nothing(services: Services, clock: SetClock) -> None:
    await subscribe(services)
    link = await confirm_link(services)
    clock.forward(MINUTE)
    await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
    assert (await newsletter.confirming(services, link)).state == "gone"
    assert ((await press(services, link)).state, await states(services)) == ("gone", {STORIES: "unsubscribed"})


async def test_a_link_from_before_leaving_does_nothing_though_it_was_never_used(
    services: Services, clock: SetClock
) -> None:
    await subscribe(services)
    clock.forward(MINUTE)
    found = await pending(services)
    async with services.database.writing() as writer:  # asked for again, then confirmed and left by another way
        again = pendings.PendingList(list=STORIES, asked_at=clock.at, notice=notice_of(services), language="en")
        await pendings.add_lists(writer, SITE, found.id, [again])
    clock.forward(MINUTE)
    await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
    assert (await press(services, await confirm_link(services))).state == "gone"
    assert await states(services) == {STORIES: "unsubscribed"}


async def test_after_leaving_one_may_sign_up_and_confirm_again(services: Services, clock: SetClock) -> None:
    first = await subscribe(services)
    clock.forward(MINUTE)
    await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
    assert await suppressed(services) == {STORIES: "unsubscribed"}
    clock.forward(DAY)
    assert (await subscribe(services)).id == first.id
    assert (await states(services), await suppressed(services)) == ({STORIES: "confirmed"}, {})
    assert [record.action for record in await all_records(services)] == ["confirm", "unsubscribe", "confirm"]


async def test_after_not_me_nothing_can_be_confirmed(services: Services) -> None:
    await listen(services)
    await ask(services)
    link, refusal = await confirm_link(services), await not_me_link(services)
    assert (await newsletter.not_me(services, refusal)).state == "gone"
    assert (await find_pending(services), await suppressed(services)) == (None, {"*": "not_me"})
    assert (await newsletter.confirming(services, link)).state == "gone"
    done = await press(services, link)
    assert (done.state, done.email, done.subscriber) == ("gone", "", None)
    assert (await find_subscriber(services), await count(services)) == (None, 0)
    assert await events(services) == ["signup.pending", "signup.cancelled"]
    await newsletter.not_me(services, refusal)
    assert (await events(services)).count("signup.cancelled") == 1
    await ask(services)
    assert (await mails(services), await find_pending(services)) == (["confirm"], None)


async def test_not_me_ends_what_somebody_else_had_confirmed(services: Services) -> None:
    """A scanner that presses buttons, or a housemate: what came of it is undone, and the log says so."""
    await subscribe(services)
    await newsletter.not_me(services, await not_me_link(services))
    assert (await states(services), await suppressed(services)) == (
        {STORIES: "unsubscribed"},
        {"*": "not_me", STORIES: "not_me"},
    )
    assert [(record.action, record.status) for record in await all_records(services)] == [
        ("confirm", {STORIES: "given"}),
        ("unsubscribe", {STORIES: "withdrawn"}),
    ]
    assert await verified(services) == 2


async def test_not_me_keeps_what_the_reader_had_before(services: Services, clock: SetClock) -> None:
    """Somebody else asks for another list at a subscriber's address: that list is refused, not the subscriber's own."""
    await subscribe(services, EMAIL, STORIES)
    async with services.database.writing() as writer:
        await pendings.delete(writer, SITE, (await pending(services)).id)  # purged meanwhile
    clock.forward(30 * DAY)
    await ask(services, EMAIL, EVENTS)
    await newsletter.not_me(services, await not_me_link(services))
    assert (await states(services), await suppressed(services)) == ({STORIES: "confirmed"}, {EVENTS: "not_me"})


async def test_a_bounce_meanwhile_ends_it(services: Services) -> None:
    await ask(services)
    await suppress(services, "bounced")
    link = await confirm_link(services)
    assert (await newsletter.confirming(services, link)).state == "gone"
    assert ((await press(services, link)).state, await find_subscriber(services)) == ("gone", None)


async def test_what_is_suppressed_weakly_is_lifted_by_the_button(services: Services) -> None:
    await suppress(services, "erased")
    await suppress(services, "unsubscribed", list_=STORIES)
    await suppress(services, "unsubscribed", list_=EVENTS)
    await subscribe(services)
    assert await suppressed(services) == {EVENTS: "unsubscribed"}


async def test_after_erasure_the_link_does_nothing(services: Services) -> None:
    await ask(services)
    link, refusal = await confirm_link(services), await not_me_link(services)
    await erase_reader(services, EMAIL)
    assert (await press(services, link)).state == "gone"
    assert (await newsletter.not_me(services, refusal)).state == "gone"
    assert (await find_subscriber(services), await suppressed(services)) == (None, {suppressions.ALL: "erased"})


async def test_links_age(services: Services, clock: SetClock) -> None:
    await ask(services)
    link, refusal = await confirm_link(services), await not_me_link(services)
    clock.forward(7 * DAY + 6 * MINUTE)
    for act in (newsletter.confirming(services, link), press(services, link)):
        with pytest.raises(TokenExpired):
            await act
    assert (await newsletter.refusing(services, refusal)).state == "pending"
    clock.forward(7 * DAY)
    for one in (newsletter.refusing(services, refusal), newsletter.not_me(services, refusal)):
        with pytest.raises(TokenExpired):
            await one
    assert await suppressed(services) == {}


async def test_no_token_is_good_for_another_purpose(services: Services) -> None:
    await ask(services)
    id_ = (await pending(services)).id
    before = await rows_of(services)
    for purpose in PURPOSES:
        link = token(services, purpose, id_, lists=(STORIES,))
        if purpose != "confirm":
            for act in (newsletter.confirming(services, link), press(services, link)):
                with pytest.raises(BadToken):
                    await act
        if purpose != "not-me":
            for one in (newsletter.refusing(services, link), newsletter.not_me(services, link)):
                with pytest.raises(BadToken):
                    await one
    assert await rows_of(services) == before


async def test_a_link_is_of_one_site(services: Services) -> None:
    await publish(services, other_site())
    await ask(services)
    elsewhere = token(services, "confirm", (await pending(services)).id, OTHER)
    assert (await newsletter.confirming(services, elsewhere)).state == "gone"
    nowhere = token(services, "confirm", (await pending(services)).id, "nowhere")
    for wrong in (nowhere, "", "x", "a.b.c", "é", (await confirm_link(services))[:-3]):
        with pytest.raises(BadToken):
            await newsletter.confirming(services, wrong)


async def test_a_pending_change_of_address_is_no_sign_up(services: Services) -> None:
    found = await subscribe(services)
    change = pendings.Pending(
        id=ids.uuid7(1).bytes,
        key=key_of(services, "new@example.org"),
        kind="change",
        subscriber=found.id,
        email="new@example.org",
        language="en",
        asked_at=1,
    )
    async with services.database.writing() as writer:
        await pendings.upsert(writer, SITE, change)
    assert (await press(services, token(services, "confirm", change.id))).state == "gone"


@pytest.mark.parametrize("when", WHENS)
async def test_a_commit_that_fails_loses_and_invents_nothing(services: Services, when: When) -> None:
    await listen(services)
    await ask(services)
    failing = over(services, FaultyDatabase(services.database, at=[1], when=when))
    link = await confirm_link(services)
    with pytest.raises(Unavailable):
        await press(failing, link)
    assert await count(services) == (0 if when == "before" else 1)
    again = await press(failing, link)
    assert (again.state, again.lists) == ("confirmed", (STORIES,))
    assert await mails(services) == ["confirm", "welcome"]
    assert await events(services) == ["signup.pending", "signup.confirmed"]
    assert await verified(services) == 1


@pytest.mark.parametrize("when", WHENS)
async def test_not_me_over_a_commit_that_fails(services: Services, when: When) -> None:
    await listen(services)
    await subscribe(services)
    failing = over(services, FaultyDatabase(services.database, at=[1], when=when))
    refusal = await not_me_link(services)
    with pytest.raises(Unavailable):
        await newsletter.not_me(failing, refusal)
    await newsletter.not_me(failing, refusal)
    assert await states(services) == {STORIES: "unsubscribed"}
    assert (await events(services)).count("signup.cancelled") == 1
    assert await verified(services) == 2


async def test_confirming_and_refusing_at_once_end_refused(services: Services) -> None:
    """Whichever comes first: nothing stays subscribed that its mailbox refused."""
    for number in range(8):
        email = f"reader-{number}@example.org"
        await ask(services, email)
        link, refusal = await confirm_link(services, email), await not_me_link(services, email)
        await asyncio.gather(press(services, link), newsletter.not_me(services, refusal))
        assert "confirmed" not in (await states(services, email)).values()
    await verified(services)


async def test_confirming_and_erasing_at_once_leave_a_log_in_order(services: Services) -> None:
    for number in range(8):
        email = f"reader-{number}@example.org"
        await ask(services, email)
        link = await confirm_link(services, email)
        erasure = erase_reader(services, email)
        await asyncio.gather(press(services, link), erasure)
        assert await find_subscriber(services, email) is None
    await verified(services)
