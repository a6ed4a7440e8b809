"""Signing up: what waits, what is owed, and that neither the answer nor the work done for it tells what is known."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from consent import ids, newsletter
from consent.errors import Refused, Unavailable, Unknown
from consent.newsletter import SignupRequest
from consent.services import Services
from consent.storage import pendings
from consent.storage.pendings import PendingList
from tests.acts import SITE
from tests.clock import SetClock
from tests.faults import FaultyDatabase, When
from tests.running import MIAMI, notice_of, publish
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    MINUTE,
    PAGE,
    SEEN,
    STORIES,
    WatchedDatabase,
    ask,
    confirm_link,
    events,
    find_pending,
    find_subscriber,
    from_somewhere,
    listen,
    mails,
    over,
    owed,
    pending,
    request,
    states,
    subscribe,
    subscriber,
    suppress,
    unsubscribe_link,
)

HOUR = 60 * MINUTE
FULL = {
    "page": f"{PAGE}?utm_source=x#top",
    "source": {"utm_source": "footer"},
    "via": "prompt",
    "variant": "b",
    "language": "es",
}


async def lists_waiting(services: Services, email: str = EMAIL) -> dict[str, PendingList]:
    found = await pending(services, email)
    async with services.database.reading() as reader:
        return {one.list: one for one in await pendings.lists(reader, SITE, found.id)}


async def test_it_waits_apart_with_all_that_was_shown(services: Services, clock: SetClock) -> None:
    full = request("Reader+Tag@Example.org", STORIES, EVENTS, STORIES, notice=notice_of(services), **FULL)
    await newsletter.sign_up(services, SITE, full, SEEN)
    found = await pending(services, "reader+tag@example.org")
    assert (found.email, found.language, found.asked_at) == ("Reader+Tag@example.org", "es", clock.at)
    usual = PendingList(
        list="",
        asked_at=clock.at,
        notice=notice_of(services),
        language="es",
        page=PAGE,
        source={"utm_source": "footer"},
        via="prompt",
        variant="b",
        ip="203.0.113.0",
    )
    assert await lists_waiting(services, "reader+tag@example.org") == {
        name: msgspec.structs.replace(usual, list=name) for name in (EVENTS, STORIES)
    }
    assert await find_subscriber(services, "reader+tag@example.org") is None


async def test_one_mail_and_one_event_are_owed_and_name_nobody(services: Services, clock: SetClock) -> None:
    await listen(services)
    services.nudge.clear()
    await ask(services, page=PAGE, source={"utm_source": "their-word"})
    [mail] = await owed(services)
    waits = ids.uuid_text((await pending(services)).id)
    assert (mail.what, mail.due_at, mail.about["pending"]) == ("confirm", clock.at, waits)
    assert mail.message_id.endswith("@miaminewtimes.com>")
    assert "reader" not in str(mail.about) and "their-word" not in str(mail.about)
    [event] = await owed(services, "webhook")
    assert (event.what, event.about) == ("signup.pending", {"pending": waits, "lists": [STORIES]})
    assert services.nudge.is_set()


async def test_without_words_of_its_own_it_takes_those_in_force(services: Services) -> None:
    await newsletter.sign_up(services, SITE, SignupRequest(email=EMAIL, lists=(STORIES,)), from_somewhere())
    [asked] = (await lists_waiting(services)).values()
    assert (asked.notice, asked.language, asked.via, asked.page) == (notice_of(services), "en", "form", "")


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a@example.org\r\nBcc: b@example.org"}, "email"),
        ({"email": "=?utf-8?q?a?=@example.org"}, "email"),
        ({"lists": ["top-stories", "no-such-list"]}, "lists"),
        ({"language": "de"}, "language"),
        ({"notice": "0" * 64}, "notice"),
        ({"page": "javascript:alert(1)"}, "page"),
        ({"page": "http://[::1"}, "page"),
    ],
)
async def test_what_the_sender_can_see_is_told(services: Services, fields: dict[str, Any], path: str) -> None:
    with pytest.raises(Refused) as refused:
        await newsletter.sign_up(services, SITE, request(**fields), from_somewhere())
    assert [fault.path for fault in refused.value.faults] == [path]
    assert await mails(services) == []


async def test_words_that_say_nothing_of_a_list_prove_nothing_of_it(services: Services) -> None:
    """The reader would be mailed all the same, and the record would name a notice without the list."""
    now = notice_of(services)
    words = MIAMI.read_text()
    list_, _, prompt = words.partition('[[newsletter.lists]]\nid = "events"')[2].partition("[newsletter.prompt]")
    await publish(services, words.replace(f'[[newsletter.lists]]\nid = "events"{list_}', "").encode())
    earlier = notice_of(services)
    await publish(services)
    assert (notice_of(services), earlier != now, bool(prompt)) == (now, True, True)
    with pytest.raises(Refused) as refused:
        await ask(services, EMAIL, STORIES, EVENTS, notice=earlier)
    assert [fault.path for fault in refused.value.faults] == ["lists"]
    await ask(services, EMAIL, STORIES, notice=earlier)
    assert (await lists_waiting(services))[STORIES].notice == earlier


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "confirmed"},
        {"source": ["utm_source"]},
        {"source": {"utm_source": {"a": "b"}}},
        {"source": {"utm_source": "x" * 201}},
        {"source": {"Utm Source": "x"}},
        {"source": {f"utm_{number}": "x" for number in range(13)}},
        {"lists": []},
        {"lists": ["x"] * 51},
        {"email": "x" * 321},
        {"seconds": -1},
        {"via": "import"},
        {"variant": "B C"},
        {"challenge": "x" * 2049},
        {"notice": "x"},
    ],
)
async def test_fields_have_a_form(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        request(**fields)


async def test_there_is_no_such_site(services: Services) -> None:
    with pytest.raises(Unknown):
        await ask(services, site="nowhere")


async def test_asking_for_more_adds_to_what_waits(services: Services, clock: SetClock) -> None:
    await ask(services)
    clock.forward(MINUTE)
    await ask(services, EMAIL, EVENTS, STORIES, language="es")
    assert {name: asked.asked_at for name, asked in (await lists_waiting(services)).items()} == {
        EVENTS: clock.at,
        STORIES: clock.at,
    }
    assert [(mail.what, mail.due_at) for mail in await owed(services)] == [
        ("confirm", clock.at - MINUTE),
        ("confirm", clock.at + 14 * MINUTE),
    ]


async def test_a_subscriber_hears_of_it_in_the_mailbox_alone(services: Services, clock: SetClock) -> None:
    await subscribe(services, EMAIL, STORIES, EVENTS)
    clock.forward(HOUR)
    await ask(services, EMAIL, STORIES)
    last = (await owed(services))[-1]
    subject = ids.uuid_text((await subscriber(services)).id)
    assert (last.what, last.about["subscriber"], last.about["lists"]) == ("already", subject, [STORIES])
    assert await states(services) == {STORIES: "confirmed", EVENTS: "confirmed"}


async def test_only_what_is_new_waits_for_a_subscriber(services: Services, clock: SetClock) -> None:
    await subscribe(services)
    clock.forward(HOUR)
    await ask(services, EMAIL, STORIES, EVENTS)
    assert (await mails(services))[-1] == "confirm"
    waits = [name for name, asked in (await lists_waiting(services)).items() if asked.confirmed_at is None]
    assert (waits, await states(services)) == ([EVENTS], {STORIES: "confirmed"})


async def test_a_pending_sign_up_changes_no_subscription(services: Services, clock: SetClock) -> None:
    before = await subscribe(services)
    clock.forward(HOUR)
    await ask(services, "READER@example.org", EVENTS, language="es", page=PAGE)
    assert await subscriber(services) == before
    assert await states(services) == {STORIES: "confirmed"}


@pytest.mark.parametrize("reason", ["not_me", "bounced", "complained", "admin"])
async def test_who_must_not_be_mailed_is_not(services: Services, reason: str) -> None:
    await listen(services)
    await suppress(services, reason)
    await ask(services)
    assert (await mails(services), await events(services), await find_pending(services)) == ([], [], None)


@pytest.mark.parametrize("reason", ["unsubscribed", "erased"])
async def test_who_left_may_sign_up_again(services: Services, reason: str) -> None:
    await suppress(services, reason)
    await ask(services)
    assert await mails(services) == ["confirm"]


async def test_one_list_refused_is_one_list(services: Services) -> None:
    await suppress(services, "not_me", list_=STORIES)
    await ask(services, EMAIL, STORIES, EVENTS)
    assert list(await lists_waiting(services)) == [EVENTS]


async def test_a_robot_is_answered_like_everybody(services: Services) -> None:
    await listen(services)
    await newsletter.sign_up(services, SITE, request(url_2="https://spam.example.org"), from_somewhere())
    assert (await mails(services), await events(services), await find_pending(services)) == ([], [], None)


async def test_nothing_is_told_by_what_is_done(services: Services, clock: SetClock) -> None:
    """The same statements, to the letter, for whatever is known of an address, and whoever seems to ask."""
    await listen(services)
    known = [f"{name}@example.org" for name in ("waits", "confirmed", "partly", "left", "bounced", "not-me", "spent")]
    await ask(services, known[0])
    await subscribe(services, known[1], STORIES, EVENTS)
    await subscribe(services, known[2])
    await subscribe(services, known[3])
    await newsletter.unsubscribe(services, await unsubscribe_link(services, known[3]), SEEN)
    await suppress(services, "bounced", known[4])
    await suppress(services, "not_me", known[5])
    clock.forward(HOUR)
    for _ in range(4):
        await ask(services, known[6])
        clock.forward(HOUR)
    seen = {}
    for email in ("new@example.org", *known, "thrown-away@mailinator.com", "ROBOT@example.org"):
        watched = WatchedDatabase(services.database)
        body = request(email, STORIES, url_2="x" if email.startswith("ROBOT") else "", page=PAGE)
        await newsletter.sign_up(over(services, watched), SITE, body, from_somewhere())
        seen[email] = watched.statements
    assert len(seen["new@example.org"]) > 10
    assert {email for email, statements in seen.items() if statements != seen["new@example.org"]} == set()


WHENS: tuple[When, ...] = ("before", "after")


@pytest.mark.parametrize("when", WHENS)
async def test_a_commit_that_fails_is_told_and_asked_again(services: Services, when: When) -> None:
    """Before it persists: nothing is there. After: all is, and asking again causes no second mail at once."""
    failing = over(services, FaultyDatabase(services.database, at=[1], when=when))
    with pytest.raises(Unavailable):
        await ask(failing)
    first = 0 if when == "before" else 1
    assert (len(await mails(services)), await find_pending(services) is not None) == (first, first == 1)
    await ask(failing)
    assert len([mail for mail in await owed(services) if mail.due_at == mail.created_at]) == 1
    assert list(await lists_waiting(services)) == [STORIES]


async def test_it_is_counted_without_ids(services: Services) -> None:
    await ask(services, page=PAGE, via="prompt", variant="b")
    await newsletter.confirm(services, await confirm_link(services), [STORIES], SEEN)
    await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
    await newsletter.sign_up(services, SITE, request(url_2="x"), from_somewhere())
    await services.counting.flush()
    async with services.database.reading() as reader:
        rows = await reader.rows("SELECT step, via, variant, page, count FROM funnel ORDER BY step")
    place = ("prompt", "b", "/news/story", 1)
    assert [tuple(row) for row in rows] == [(step, *place) for step in ("asked", "confirmed", "left")]
