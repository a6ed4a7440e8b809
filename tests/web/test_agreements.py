"""What a confirmation was agreed by: the page says what it showed, and the receipt quotes just that."""

from __future__ import annotations

import re

import pytest

from consent import ledger
from consent.clock import DAY
from tests.acts import SITE
from tests.clock import SetClock
from tests.linking import EVENTS, STORIES, Reader
from tests.reading import all_records, verified
from tests.running import MIAMI, notice_of, publish
from tests.web.pressing import ONE_CLICK, press, to_leave
from tests.web.seeing import Seen, is_guarded, page
from tests.web.stage import Stage


@pytest.fixture(autouse=True)
def another_day(module_clock: SetClock) -> None:
    """What one test's sign-ups count against their sources is none of the next one's."""
    module_clock.forward(DAY)


@pytest.fixture
def reader(stage: Stage) -> Reader:
    """Somebody whom nobody knows yet."""
    return Reader(stage.services)


def hidden(html: str) -> list[tuple[str, str]]:
    """What a page's form sends without anybody seeing it."""
    fields = [attrs for _, attrs in Seen(html).tags if attrs.get("type") == "hidden"]
    return [(str(attrs["name"]), str(attrs["value"])) for attrs in fields]


async def test_a_page_sends_along_what_stood_beside_its_button(stage: Stage, reader: Reader) -> None:
    one = await page(stage, await reader.ask())
    digest = notice_of(stage.services)
    assert hidden(one.text) == [("notice", digest), ("shown_in", "en"), ("offered", STORIES)]
    several = await page(stage, await reader.ask(STORIES, EVENTS))
    said = [("choice", "lists"), ("notice", digest), ("shown_in", "en"), ("offered", STORIES), ("offered", EVENTS)]
    assert hidden(several.text) == said


async def test_a_page_of_one_list_confirms_no_other_that_was_asked_for_since(stage: Stage, reader: Reader) -> None:
    path = await reader.ask()
    opened = hidden((await page(stage, path)).text)
    await reader.ask(EVENTS)
    done = await press(stage, path, **dict(opened), do="confirm")
    assert done.status_code == 200
    assert await reader.states() == {STORIES: "confirmed"}


async def test_a_receipt_says_the_words_that_were_beside_the_button(stage: Stage, reader: Reader) -> None:
    """Published since: other words, and the reader asked by others before."""
    services = stage.services
    theirs = b'\n[texts.es.signup]\nconfirm_several = "Pues: {controller}, a {address}."\n'
    reader.language = "es"
    path = await reader.ask(STORIES, EVENTS)
    asked = notice_of(services)
    await publish(services, MIAMI.read_bytes() + theirs)
    opened = dict(hidden((await page(stage, path)).text))
    shown = notice_of(services)
    await publish(services, MIAMI.read_bytes())
    done = await press(stage, path, **opened | {"offered": [STORIES, EVENTS]}, list=EVENTS)
    record = (await all_records(services))[-1]
    assert (record.notice, record.confirmed_notice, record.offered) == (asked, shown, (STORIES, EVENTS))
    [link] = [link for link in Seen(done.text).links() if "/receipts/" in link]
    [quoted] = re.findall("<blockquote>(.*?)</blockquote>", (await page(stage, link)).text, re.DOTALL)
    assert " ".join(Seen(quoted).text.split()) == "Pues: Miami New Times, LLC, a •••@•••. Eventos de la semana"


async def test_words_that_no_notice_has_are_refused(stage: Stage, reader: Reader) -> None:
    path = await reader.ask()
    for fields in ({"notice": "0" * 64}, {"notice": notice_of(stage.services), "shown_in": "xx"}):
        assert (await press(stage, path, **fields, do="confirm")).status_code == 422
    with pytest.raises(AssertionError):
        await reader.held()


async def test_what_the_preferences_joined_is_quoted_from_no_other_page(stage: Stage, reader: Reader) -> None:
    await reader.subscribe()
    await press(stage, await reader.managing(), do="save", list=[STORIES, EVENTS])
    record = (await all_records(stage.services))[-1]
    assert (record.via, record.lists) == ("preferences", {EVENTS: True})
    receipt = await page(stage, f"/receipts/{ledger.receipt(stage.services, record)}")
    assert "Until you unsubscribe" in receipt.text
    assert "What you confirmed" not in receipt.text


async def test_the_receipt_of_a_confirmation(stage: Stage, reader: Reader) -> None:
    done = await press(stage, await reader.ask(STORIES, EVENTS), do="confirm")
    [link] = [link for link in Seen(done.text).links() if "/receipts/" in link]
    receipt = await page(stage, link)
    assert receipt.status_code == 200
    assert is_guarded(receipt)
    words = " ".join(Seen(receipt.text).text.split())
    record = (await all_records(stage.services))[-1]
    for expected in (
        "You confirmed your subscription.",
        "Yes, Miami New Times, LLC may send what is ticked here to •••@•••: Top Stories Events this week",
        "Until you unsubscribe",
        "Asked for on",
        record.id,
        record.notice,
    ):
        assert expected in words
    ways_out = [link for link in Seen(receipt.text).links() if "/unsubscribe/" in link]
    assert len(ways_out) == 2
    json_ld = await stage.client().get(link, headers={"Accept": "application/ld+json"})
    assert json_ld.headers["content-type"] == "application/ld+json"
    assert f"http://127.0.0.1:8000/newsletter/{SITE}" in json_ld.text
    assert (await stage.client().post(ways_out[0], data=ONE_CLICK)).status_code == 200
    assert len([link for link in Seen((await page(stage, link)).text).links() if "/unsubscribe/" in link]) == 1
    assert "Withdrawn" in (await page(stage, link)).text
    await verified(stage.services)


async def test_the_receipt_of_a_leaving(stage: Stage, reader: Reader) -> None:
    assert (await stage.client().post(await to_leave(stage, reader))).status_code == 200
    record = (await all_records(stage.services))[-1]
    receipt = await page(stage, f"/receipts/{ledger.receipt(stage.services, record)}")
    assert receipt.status_code == 200
    words = " ".join(Seen(receipt.text).text.split())
    assert "You unsubscribed." in words and "Withdrawn" in words
    assert "Until you unsubscribe" not in words and "What you confirmed" not in words
    assert "Events this week" not in words
