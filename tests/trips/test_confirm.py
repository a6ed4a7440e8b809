"""The button of a confirmation mail: what is confirmed, and what is proven by it."""

from __future__ import annotations

import asyncio

import pytest

from consent import ids, newsletter
from consent.clock import DAY
from consent.errors import Refused
from consent.records import Circumstances
from consent.services import Services
from consent.storage import tallies
from tests.acts import SITE
from tests.clock import SetClock
from tests.faults import When
from tests.reading import all_records, count, verified
from tests.running import notice_of, publish, running
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    MINUTE,
    OTHER,
    PAGE,
    SEEN,
    STORIES,
    ask,
    confirm_link,
    events,
    find_subscriber,
    key_of,
    listen,
    mails,
    not_me_link,
    other_site,
    owed,
    press,
    request,
    states,
    subscriber,
)
from tests.trips.watching import rows_of

BOTH = (STORIES, EVENTS)
WHENS: tuple[When, ...] = ("before", "after")
CHANGED = b"Somewhere else, Miami"


async def test_looking_changes_nothing(services: Services) -> None:
    await ask(services, EMAIL, *BOTH, language="es")
    link, refusal = await confirm_link(services), await not_me_link(services)
    before = await rows_of(services)
    for _ in range(3):
        page = await newsletter.confirming(services, link)
        assert (page.state, page.lists, page.email) == ("pending", (EVENTS, STORIES), "r•••@example.org")
        assert (page.site, page.language) == (SITE, "es")
        refusing = await newsletter.refusing(services, refusal)
        assert (refusing.state, refusing.email, refusing.language) == ("pending", "r•••@example.org", "es")
    assert await rows_of(services) == before


async def test_the_record_proves_what_was_shown_and_when(services: Services, clock: SetClock) -> None:
    """The words that were shown when asking, and those beside the button, though others are in force by then."""
    asked_at, shown = clock.at, notice_of(services)
    seen = newsletter.Seen(address="198.51.100.7", ip_kept="198.51.100.0")
    full = request(EMAIL, *BOTH, page=f"{PAGE}?q=1", source={"utm_source": "footer"}, via="prompt", variant="b")
    await newsletter.sign_up(services, SITE, full, seen)
    clock.forward(2 * DAY)
    await publish(services, other_words())
    assert notice_of(services) != shown
    done = await press(services, await confirm_link(services), *BOTH)
    [record] = await all_records(services)
    assert done.records == (record,)
    assert (record.kind, record.action, record.lists) == ("newsletter", "confirm", {STORIES: True, EVENTS: True})
    assert record.status == {STORIES: "given", EVENTS: "given"}
    assert (record.notice, record.language) == (shown, "en")
    assert (record.confirmed_notice, record.confirmed_language) == (notice_of(services), None)
    assert (record.asked_at, record.recorded_at) == ("2026-11-22T10:00:00.000Z", "2026-11-24T10:00:00.000Z")
    assert (record.page, record.source, record.via, record.variant) == (PAGE, {"utm_source": "footer"}, "prompt", "b")
    assert (record.country, record.ip, record.expires_at, record.purposes) == ("US", "203.0.113.0", None, {})
    assert record.address == key_of(services).hex()
    assert record.subject == done.subscriber == ids.uuid_text((await subscriber(services)).id)
    assert EMAIL not in str(record)
    assert clock.at == asked_at + 2 * DAY
    assert await verified(services) == 1


def other_words() -> bytes:
    return other_site().replace(OTHER.encode(), SITE.encode()).replace(b"Miami New Times, Miami", CHANGED)


async def test_what_the_page_had_beside_its_button_is_recorded_whatever_is_published_meanwhile(
    services: Services,
) -> None:
    before = notice_of(services)
    await ask(services, EMAIL, *BOTH)
    shown = newsletter.Words(before, "es", BOTH)
    await publish(services, other_words())
    await ask(services, EMAIL, *BOTH)  # by the other words
    link = await confirm_link(services)
    await newsletter.confirm(services, link, [EVENTS], SEEN, shown)
    await newsletter.confirm(services, link, [STORIES], SEEN, newsletter.Words(notice_of(services), "en", (STORIES,)))
    first, second = await all_records(services)
    assert (first.notice, first.confirmed_notice, first.confirmed_language) == (notice_of(services), before, "es")
    assert (first.lists, first.offered) == ({EVENTS: True}, BOTH)
    assert (second.confirmed_notice, second.confirmed_language, second.offered) == (None, None, ())
    assert await verified(services) == 2


async def test_words_that_were_never_published_confirm_nothing_and_what_was_not_shown_neither(
    services: Services,
) -> None:
    await ask(services, EMAIL, *BOTH)
    link, digest = await confirm_link(services), notice_of(services)
    for shown in (
        newsletter.Words("0" * 64, "en", BOTH),
        newsletter.Words("", "en", BOTH),
        newsletter.Words(digest, "xx", BOTH),
        newsletter.Words(digest, "en", (*BOTH, "nothing")),
    ):
        with pytest.raises(Refused):
            await newsletter.confirm(services, link, BOTH, SEEN, shown)
    assert (await all_records(services), await find_subscriber(services)) == ([], None)
    await newsletter.confirm(services, link, BOTH, SEEN, newsletter.Words(digest, "en", (STORIES,)))
    assert await states(services) == {STORIES: "confirmed"}


async def test_what_the_settings_do_not_allow_is_not_kept(services: Services) -> None:
    await newsletter.sign_up(services, SITE, request(), newsletter.Seen(address="198.51.100.7"))
    bare = newsletter.Seen(address="198.51.100.8", circumstances=Circumstances())
    await newsletter.confirm(services, await confirm_link(services), [STORIES], bare)
    [record] = await all_records(services)
    assert record.ip is None
    assert "198.51" not in str(await rows_of(services))


async def test_confirming_subscribes_and_owes_a_welcome(services: Services, clock: SetClock) -> None:
    await listen(services)
    await ask(services, page=PAGE, via="prompt", variant="b")
    clock.forward(MINUTE)
    done = await press(services, await confirm_link(services))
    assert (done.state, done.lists, done.email) == ("confirmed", (STORIES,), "r•••@example.org")
    found, [record] = await subscriber(services), await all_records(services)
    assert (found.email, found.language, found.created_at, found.version) == (EMAIL, "en", clock.at, 0)
    assert await states(services) == {STORIES: "confirmed"}
    welcome = (await owed(services))[-1]
    assert (welcome.what, welcome.due_at) == ("welcome", clock.at)
    subject = ids.uuid_text(found.id)
    assert (welcome.about["subscriber"], welcome.about["record"]) == (subject, record.id)
    assert await events(services) == ["signup.pending", "signup.confirmed"]
    told = (await owed(services, "webhook"))[-1].about
    assert told == {"subscriber": subject, "lists": [STORIES], "record": record.id}
    async with services.database.reading() as reader:
        assert await tallies.recent(reader, SITE, "confirmed", "", 0) == 1


async def test_pressing_again_says_the_same_and_does_nothing(services: Services, clock: SetClock) -> None:
    await ask(services)
    link = await confirm_link(services)
    first = await press(services, link)
    before = await rows_of(services)
    clock.forward(DAY)
    for _ in range(3):
        again = await press(services, link)
        assert (again.state, again.lists, again.records) == (first.state, first.lists, ())
        assert (await newsletter.confirming(services, link)).state == "confirmed"
    assert await rows_of(services) == before
    assert await mails(services) == ["confirm", "welcome"]


@pytest.mark.parametrize("presses", [2, 50])
async def test_at_once_has_one_effect(services: Services, presses: int) -> None:
    await listen(services)
    await ask(services, EMAIL, *BOTH)
    link = await confirm_link(services)
    done = await asyncio.gather(*(press(services, link, *BOTH) for _ in range(presses)))
    assert {(one.state, frozenset(one.lists)) for one in done} == {("confirmed", frozenset(BOTH))}
    assert sum(len(one.records) for one in done) == 1
    assert (await mails(services)).count("welcome") == 1
    assert (await events(services)).count("signup.confirmed") == 1
    assert await verified(services) == 1


async def test_two_processes_at_once_have_one_effect(database_url: str, clock: SetClock) -> None:
    async with running(database_url, clock=clock) as one, running(database_url, clock=clock) as other:
        await ask(one)
        link = await confirm_link(one)
        await asyncio.gather(*(press(services, link) for services in (one, other) * 10))
        assert (await mails(one), await verified(one)) == (["confirm", "welcome"], 1)


async def test_two_lists_confirmed_at_once_make_one_subscriber(services: Services) -> None:
    await ask(services, EMAIL, *BOTH)
    link = await confirm_link(services)
    await asyncio.gather(press(services, link, STORIES), press(services, link, EVENTS))
    assert await states(services) == {STORIES: "confirmed", EVENTS: "confirmed"}
    assert {record.subject for record in await all_records(services)} == {
        ids.uuid_text((await subscriber(services)).id)
    }


async def test_what_is_not_ticked_is_not_confirmed(services: Services) -> None:
    await ask(services, EMAIL, *BOTH)
    link = await confirm_link(services)
    assert (await press(services, link, EVENTS)).lists == (EVENTS,)
    assert await states(services) == {EVENTS: "confirmed"}
    page = await newsletter.confirming(services, link)
    assert (page.state, page.lists) == ("pending", (STORIES,))
    assert set((await press(services, link, STORIES)).lists) == set(BOTH)


async def test_nothing_ticked_is_nothing(services: Services) -> None:
    await ask(services)
    done = await newsletter.confirm(services, await confirm_link(services), [], SEEN)
    assert (done.state, done.records, await find_subscriber(services), await count(services)) == (
        "pending",
        (),
        None,
        0,
    )


async def test_no_list_is_confirmed_that_was_not_asked_for(services: Services) -> None:
    await ask(services, EMAIL, STORIES)
    await press(services, await confirm_link(services), STORIES, EVENTS, "no-such-list", "*")
    assert await states(services) == {STORIES: "confirmed"}


async def test_a_mail_that_names_one_list_confirms_no_other(services: Services, clock: SetClock) -> None:
    """Asked for by somebody else after the mail had left."""
    await ask(services, EMAIL, STORIES)
    link = await confirm_link(services, EMAIL, STORIES)
    clock.forward(MINUTE)
    await ask(services, EMAIL, EVENTS)
    assert (await newsletter.confirming(services, link)).lists == (STORIES,)
    await press(services, link, *BOTH)
    assert await states(services) == {STORIES: "confirmed"}


async def test_a_list_that_is_offered_no_more_is_not_confirmed(services: Services) -> None:
    await ask(services, EMAIL, EVENTS)
    link = await confirm_link(services)
    await publish(services, other_words().replace(b'id = "events"', b'id = "weekend"'))
    assert (await newsletter.confirming(services, link)).state == "gone"
    assert (await press(services, link, EVENTS)).state == "gone"
    assert await find_subscriber(services) is None


async def test_what_was_asked_for_on_two_occasions_has_two_records(services: Services, clock: SetClock) -> None:
    await ask(services, EMAIL, STORIES, page=PAGE)
    clock.forward(MINUTE)
    await ask(services, EMAIL, EVENTS, language="es")
    done = await press(services, await confirm_link(services), *BOTH)
    told = {tuple(record.lists): (record.language, record.page, record.asked_at) for record in done.records}
    assert told == {
        (STORIES,): ("en", PAGE, "2026-11-22T10:00:00.000Z"),
        (EVENTS,): ("es", None, "2026-11-22T10:01:00.000Z"),
    }
    words = {tuple(record.lists): record.confirmed_language for record in done.records}
    assert words == {(STORIES,): "es", (EVENTS,): None}  # of the one page that both were confirmed on
    assert (await mails(services)).count("welcome") == 1
