"""Rosters: who is subscribed to what, with links that work, in pages and as streams."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from consent import clock as clocks
from consent import ids, newsletter
from consent.errors import Refused, Unknown
from consent.newsletter import rosters
from consent.newsletter.rosters import CSV_COLUMNS, Selection
from consent.services import Services
from consent.storage import subscribers
from consent.tokens import LetterLink
from tests.acts import SITE
from tests.clock import START, SetClock
from tests.trips.readers import subscribe, subscriptions_of

ALL = Selection()


async def whole(chunks: AsyncIterator[bytes]) -> str:
    """A stream to its end."""
    return b"".join([chunk async for chunk in chunks]).decode()


async def lines(services: Services, selection: Selection = ALL) -> list[dict[str, Any]]:
    """The stream of JSON lines."""
    return [json.loads(line) for line in (await whole(rosters.jsonl(services, SITE, selection))).splitlines()]


async def test_a_reader_comes_with_links_that_work(services: Services) -> None:
    one = await subscribe(services, "reader@example.org", "events", "top-stories", version=3)
    [line] = await lines(services)
    assert (line["id"], line["email"], line["language"]) == (ids.uuid_text(one.id), "reader@example.org", "en")
    assert line["created_at"] == clocks.text(START)
    assert "paused_until" not in line
    events, top = line["subscriptions"]
    assert (events["list"], events["state"], events["via"]) == ("events", "confirmed", "form")
    manage = line["manage"].removeprefix(f"{services.settings.url}/manage/")
    told = services.tokens.read("manage", SITE, manage, LetterLink)
    assert (told.id, told.lists, told.version, told.at) == (line["id"], (), 3, 0)
    leave = top["unsubscribe"].removeprefix(f"{services.settings.url}/unsubscribe/")
    await newsletter.unsubscribe(services, leave, newsletter.Seen(), one_click=True)
    left = await subscriptions_of(services, "reader@example.org")
    assert {name: one.state for name, one in left.items()} == {"events": "confirmed", "top-stories": "unsubscribed"}
    _, top = (await lines(services))[0]["subscriptions"]
    assert "unsubscribe" not in top
    assert top["record"]


async def test_a_selection_names_only_what_fits(services: Services, clock: SetClock) -> None:
    await subscribe(services, "a@example.org", "events", "top-stories")
    await subscribe(services, "b@example.org", "events", state="unsubscribed")
    clock.forward(clocks.DAY)
    await subscribe(services, "c@example.org", "events")

    async def found(**fields: Any) -> dict[str, list[str]]:
        told = await lines(services, Selection(**fields))
        return {line["email"][0]: [one["list"] for one in line["subscriptions"]] for line in told}

    assert await found() == {"a": ["events", "top-stories"], "b": ["events"], "c": ["events"]}
    assert await found(list="events", state="confirmed") == {"a": ["events"], "c": ["events"]}
    assert await found(state="unsubscribed") == {"b": ["events"]}
    assert await found(since=START + 1) == {"c": ["events"]}
    assert await found(list="none") == {}


async def test_a_stream_is_every_page_in_order(services: Services) -> None:
    await subscribe(services, "none@example.org")
    async with services.database.writing() as writer:
        for number in range(rosters.PAGE + 10):
            at = START + number
            one = subscribers.Subscriber(
                id=ids.uuid7(at).bytes,
                key=number.to_bytes(32),
                email=f"r{number}@a.example",
                language="en",
                created_at=at,
            )
            await subscribers.ensure(writer, SITE, one)
    told = await lines(services)
    assert [line["id"] for line in told] == sorted(line["id"] for line in told)
    assert len({line["id"] for line in told}) == rosters.PAGE + 11
    first = await rosters.page(services, SITE, ALL, b"", 3)
    second = await rosters.page(services, SITE, ALL, ids.parse_uuid(first[-1].id), 3)
    assert [reader.id for reader in (*first, *second)] == [line["id"] for line in told[:6]]


async def test_a_csv_has_a_row_a_subscription_and_no_formula(services: Services, clock: SetClock) -> None:
    one = await subscribe(services, "reader@example.org", "events", "top-stories", paused_until=START + clocks.DAY)
    async with services.database.writing() as writer:
        page = '=HYPERLINK("https://evil.example","x")'
        await subscribers.set_state(writer, SITE, one.id, "events", "confirmed", START, via="form", page=page)
    text = await whole(rosters.csv_text(services, SITE, ALL))
    assert text.startswith(",".join(CSV_COLUMNS) + "\r\n")
    events, top = csv.DictReader(io.StringIO(text, newline=""))
    assert (events["email"], events["list"], events["state"]) == ("reader@example.org", "events", "confirmed")
    assert events["page"] == "'" + page
    assert events["paused_until"] == clocks.text(START + clocks.DAY)
    assert (top["list"], top["page"], top["record"]) == ("top-stories", "", "")
    assert await whole(rosters.csv_text(services, SITE, Selection(list="none"))) == ",".join(CSV_COLUMNS) + "\r\n"


async def test_a_site_that_is_not_there_is_told(services: Services) -> None:
    with pytest.raises(Unknown):
        await rosters.check(services, "none", ALL)
    with pytest.raises(Unknown):
        await rosters.page(services, "none", ALL, b"", 9)
    await rosters.check(services, SITE, ALL)


async def test_a_list_that_is_not_there_is_told_and_one_that_is_offered_no_more_is_read(services: Services) -> None:
    await subscribe(services, "reader@example.org", "once")
    for name in ("events", "once"):
        await rosters.check(services, SITE, Selection(list=name))
    for name in ("none", "", "Events"):
        with pytest.raises(Refused) as told:
            await rosters.page(services, SITE, Selection(list=name), b"", 9)
        assert [(fault.path, name in fault.message) for fault in told.value.faults] == [("list", True)]
