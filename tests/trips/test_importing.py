"""Importing: whoever was never there is added with a record; nobody who said no comes back."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest

from consent.auditing import COMMAND
from consent.errors import Refused, Unknown
from consent.newsletter import importing
from consent.newsletter.importing import Imported, Terms
from consent.services import Services
from consent.storage import outbox, suppressions
from consent.subscriptions import STRENGTH, State
from tests.acts import SITE
from tests.clock import START
from tests.reading import all_records, count, verified
from tests.running import notice_of
from tests.trips.readers import ask, key, subscribe, subscriptions_of, suppress
from tests.trips.test_auditing import acts_of

FAIR = "Paper forms of the book fair, Miami, 2025"


async def brought(services: Services, text: str, **terms: object) -> Imported:
    """What came of a file of this text."""
    fields = {"provenance": FAIR, **terms}
    return await importing.import_readers(services, SITE, text.splitlines(keepends=True), Terms(**fields))  # type: ignore[arg-type]


async def test_a_reader_is_subscribed_and_the_log_says_where_the_consent_comes_from(services: Services) -> None:
    text = (
        "Email Address,lists,language,confirmed_at,provenance\r\n"
        'New.Reader@Example.org,"top-stories, events",es-419,2024-05-01 10:00:00,\r\n'
        "other@example.org,events,,,The old site's form\r\n"
    )
    done = await brought(services, text)
    assert done == Imported(lines=2, readers=2, subscriptions=3, skipped={}, refused=0, faults=())
    first, second = sorted(await all_records(services), key=lambda one: one.provenance or "")
    assert (first.kind, first.action, first.lists, first.status) == (
        "newsletter",
        "import",
        {"top-stories": True, "events": True},
        {"top-stories": "given", "events": "given"},
    )
    assert (first.provenance, first.asked_at, first.language) == (FAIR, "2024-05-01T10:00:00.000Z", "es")
    assert (first.notice, first.via) == (notice_of(services), "import")
    assert first.address == key(services, "new.reader@example.org").hex()
    assert (second.provenance, second.asked_at, second.language) == ("The old site's form", None, "en")
    mine = await subscriptions_of(services, "new.reader@example.org")
    assert {name: (one.state, one.via, one.provenance, one.since) for name, one in mine.items()} == dict.fromkeys(
        ("top-stories", "events"), ("confirmed", "import", FAIR, 1_714_557_600_000)
    )
    assert (await subscriptions_of(services, "other@example.org"))["events"].since == START
    async with services.database.reading() as reader:
        assert await outbox.counts(reader) == {}
    assert await verified(services) == 2


async def test_the_same_import_again_changes_nothing(services: Services) -> None:
    text = "email\nreader@example.org\nr.e.ader+x@gmail.com\nREADER@gmail.com\n"
    assert (await brought(services, text, list="events")).readers == 2
    again = await brought(services, text, list="events")
    assert (again.readers, again.skipped) == (0, {"known": 3})
    assert (await brought(services, text, list="top-stories")).subscriptions == 2
    assert await verified(services) == 4


async def test_nobody_who_said_no_is_revived(services: Services) -> None:
    left: tuple[State, ...] = ("unsubscribed", "bounced", "complained")
    for state in left:
        await subscribe(services, f"{state}@example.org", "events", state=state)
    for reason in STRENGTH:
        await suppress(services, f"no-{reason}@example.org", reason, "events" if reason == "unsubscribed" else "*")
    names = [*left, "no-unsubscribed", "no-erased", "no-not_me", "no-bounced", "no-complained", "no-admin"]
    done = await brought(services, "".join(f'{{"email": "{name}@example.org", "list": "events"}}\n' for name in names))
    assert (done.readers, done.skipped) == (0, {"known": 3, "suppressed": 6})
    for state in left:
        assert (await subscriptions_of(services, f"{state}@example.org"))["events"].state == state
    async with services.database.reading() as reader:
        assert len(await suppressions.page(reader, SITE, None, 99)) == len(STRENGTH) == 6
    assert await count(services) == 0
    other = await brought(services, "email,list\nno-unsubscribed@example.org,top-stories\n")
    assert other.readers == 1  # who left one list may be brought into another


async def test_who_left_elsewhere_is_not_brought_along(services: Services) -> None:
    text = "email,list,status\na@example.org,events,unsubscribed\nb@example.org,events,Subscribed\n"
    done = await brought(services, text)
    assert (done.readers, done.skipped) == (1, {"not_confirmed": 1})
    assert await subscriptions_of(services, "a@example.org") == {}


async def test_a_dry_run_says_the_same_and_does_nothing(services: Services) -> None:
    await suppress(services, "no@example.org", "not_me")
    await ask(services, "waits@example.org", "events")
    text = "email,list\n" + "".join(
        f"{name}@example.org,{list_}\n"
        for name, list_ in (
            ("a", "events"),
            ("a", "events"),
            ("a", "top-stories"),
            ("no", "events"),
            ("waits", "events"),
            ("b", "none"),
        )
    )
    rehearsed = await brought(services, text, is_dry=True)
    assert await count(services) == 0
    assert await subscriptions_of(services, "a@example.org") == {}
    done = await brought(services, text)
    assert done == rehearsed
    assert (done.lines, done.subscriptions, done.skipped, done.refused) == (6, 3, {"known": 1, "suppressed": 1}, 1)


async def test_a_line_that_is_wrong_is_told_by_its_number_alone(services: Services) -> None:
    lines = [
        {"email": "no address", "list": "events"},
        {"email": "canary@example.org", "list": "canary@example.org"},
        {"email": "canary@example.org"},
        {"email": "canary@example.org", "list": "events", "confirmed_at": "canary"},
        {"email": "canary@example.org", "list": "events", "confirmed_at": "2030-01-01"},
        {"email": "canary@example.org", "list": "events", "provenance": "canary\nline"},
        {"email": ["canary@example.org"], "list": "events"},
        {"email": "good@example.org", "lists": ["events", "events"], "name": "ignored"},
    ]
    done = await brought(services, "\n".join(map(json.dumps, lines)) + "\n\ncanary\n")
    assert (done.lines, done.readers, done.subscriptions, done.refused) == (9, 1, 1, 8)
    assert [fault.path for fault in done.faults] == [
        "line 1: email",
        "line 2: lists",
        "line 3: lists",
        "line 4: confirmed_at",
        "line 5: confirmed_at",
        "line 6: provenance",
        "line 7: email",
        "line 10",
    ]
    assert "canary" not in str(done.faults)


async def test_what_cannot_be_imported_at_all_is_refused(services: Services) -> None:
    good = "email\na@example.org\n"
    for terms in ({"provenance": " "}, {"provenance": "x" * 501}, {"provenance": "a\nb"}, {"list": "none"}):
        with pytest.raises(Refused):
            await brought(services, good, **terms)
    for text in ("name,list\nx,events\n", "a@example.org\n"):
        with pytest.raises(Refused, match="line 1: expected the names of the columns"):
            await brought(services, text)
    with pytest.raises(Unknown):
        await importing.import_readers(services, "none", [good], Terms(provenance=FAIR))
    assert await brought(services, "") == Imported(
        lines=0, readers=0, subscriptions=0, skipped={}, refused=0, faults=()
    )
    assert await count(services) == 0


async def test_many_come_in_several_transactions(services: Services) -> None:
    text = "email,list\n" + "".join(f"reader{number}@example.org,events\n" for number in range(450))
    heard = list[int]()
    lines = text.splitlines(keepends=True)
    done = await importing.import_readers(services, SITE, lines, Terms(provenance=FAIR), heard.append)
    assert (done.readers, heard) == (450, [200, 400, 450])
    assert await verified(services) == 450


async def test_others_have_their_turn_while_a_file_is_read_and_the_trail_tells_of_it(services: Services) -> None:
    loop, turn = asyncio.get_running_loop(), threading.Event()

    def lines() -> Iterator[str]:
        loop.call_soon_threadsafe(turn.set)
        assert turn.wait(30), "nobody has a turn"
        yield from ("email,list\n", *("\n" * 500), "a@example.org,events\n")

    for is_dry in (True, False):
        terms = Terms(provenance=FAIR, is_dry=is_dry)
        assert (await importing.import_readers(services, SITE, lines(), terms, actor=COMMAND)).readers == 1
    told = [(one.action, one.about) for one in await acts_of(services)]
    counts = {"readers": "1", "subscriptions": "1", "refused": "0"}
    assert told == [
        ("subscribers.imported", {"state": "begun"}),
        ("subscribers.imported", {"state": "done", **counts}),
    ]


async def test_two_imports_at_once_subscribe_everybody_once(services: Services) -> None:
    names = [f"reader{number}@example.org,events\n" for number in range(30)]
    done = await asyncio.gather(
        brought(services, "email,list\n" + "".join(names)),
        brought(services, "email,list\n" + "".join(reversed(names))),
    )
    assert sum(one.readers for one in done) == await verified(services) == 30
    for number in range(30):
        assert len(await subscriptions_of(services, f"reader{number}@example.org")) == 1
