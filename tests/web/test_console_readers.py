"""The console's readers: the roster, one reader, files in and out, suppressions, and what was given up."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import httpx
import pytest

from consent import ids
from consent.storage import outbox
from consent.storage.outbox import Owed
from consent.web.console.rosters import HOME as READERS
from tests.acts import SITE, new_id
from tests.signing_in import posted, signed_in
from tests.trips.newsletters import EVENTS, STORIES
from tests.trips.readers import ask, key, subscribe
from tests.web.stage import Stage

HOME = READERS.format(site=SITE)


def an_address(name: str) -> str:
    """An address that no other test has."""
    return f"{name}.{new_id()[-12:]}@example.org"


async def accessed(stage: Stage) -> int:
    """How often the audit trail says that somebody was shown."""
    async with stage.services.database.reading() as reader:
        rows = await reader.rows("SELECT payload FROM records WHERE site = $1 AND kind = 'audit'", SITE)
    return sum('"subscriber.accessed"' in row["payload"] for row in rows if row["payload"])


@pytest.fixture(autouse=True)
def nothing_in_addresses(stage: Stage) -> Iterator[None]:
    """No page of the console has an address of mail in its own."""
    seen: list[str] = []

    async def note(request: httpx.Request) -> None:
        seen.append(str(request.url))

    stage.http.event_hooks["request"].append(note)
    yield
    stage.http.event_hooks["request"].clear()
    assert not [one for one in seen if "example.org" in one]


async def test_a_reader_is_listed_found_by_the_address_and_told_whole(stage: Stage) -> None:
    dpo = await signed_in(stage, "dpo")
    email = an_address("told")
    subscriber = await subscribe(stage.services, email, STORIES, EVENTS)
    page = await stage.http.get(f"{HOME}?list={STORIES}&state=confirmed", headers=dpo)
    assert page.status_code == 200 and "<h1>Readers</h1>" in page.text
    found = await posted(stage.http, HOME, dpo, email=email.upper())
    address = f"{HOME}/{ids.uuid_text(subscriber.id)}"
    assert (found.status_code, found.headers["location"]) == (303, address)
    one = await stage.http.get(address, headers=dpo)
    assert email in one.text and one.text.count("confirmed") >= 2 and "What happened" in one.text
    assert (await stage.http.head(address, headers=dpo)).status_code == 200
    trail = await stage.http.get(f"/console/sites/{SITE}/settings/audit", headers=dpo)
    assert "Subscriber accessed" in trail.text
    assert trail.text.count(ids.uuid_text(subscriber.id)) == 1, "a HEAD shows nothing"
    assert email not in trail.text


async def test_who_waits_is_found_too_and_who_is_not_known_is_said_to_be(stage: Stage) -> None:
    dpo = await signed_in(stage, "dpo")
    email = an_address("waits")
    await ask(stage.services, email, STORIES)
    before = await accessed(stage)
    waiting = await posted(stage.http, HOME, dpo, email=email)
    assert waiting.status_code == 200 and "Waiting for a confirmation" in waiting.text
    assert await accessed(stage) == before + 1
    unknown = await posted(stage.http, HOME, dpo, email=an_address("nobody"))
    assert await accessed(stage) == before + 1, "nobody was shown"
    assert unknown.status_code == 200 and "Nothing is known of this address" in unknown.text
    for wrong in ("", "no address"):
        assert (await posted(stage.http, HOME, dpo, email=wrong)).status_code == 422


NOBODY = ("no-uuid", "01a2079a-a1d0-7afc-9ae4-61fd9f66486g", "00000000-0000-7000-8000-000000000000")


@pytest.mark.parametrize("path", NOBODY)
async def test_there_is_no_such_reader(stage: Stage, path: str) -> None:
    assert (await stage.http.get(f"{HOME}/{path}", headers=await signed_in(stage, "dpo"))).status_code == 404


async def test_the_roster_leaves_as_a_file_and_that_is_on_record(stage: Stage) -> None:
    dpo = await signed_in(stage, "dpo")
    email = an_address("leaves")
    await subscribe(stage.services, email, EVENTS)
    answer = await posted(stage.http, f"{HOME}/export", dpo, format="csv", list=EVENTS, state="confirmed")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-disposition"] == f'attachment; filename="{SITE}-subscribers.csv"'
    assert email in {row["email"] for row in rows} and {row["list"] for row in rows} == {EVENTS}
    lines = await posted(stage.http, f"{HOME}/export", dpo, format="jsonl", list="none such", state="nor this")
    assert email in lines.text
    trail = await stage.http.get(f"/console/sites/{SITE}/settings/audit", headers=dpo)
    assert trail.text.count("Subscribers exported") == 2


async def test_readers_are_brought_in_after_a_look(stage: Stage) -> None:
    dpo = await signed_in(stage, "dpo")
    email, place = an_address("brought"), f"{HOME}/import"
    form = {
        "provenance": "Double opt-in at the old provider",
        "list": STORIES,
        "lines": f"email\n{email}\nno address\n",
    }
    looked = await posted(stage.http, place, dpo, **form, do="look")
    assert "1 readers would be subscribed" in looked.text and "Nothing is changed yet" in looked.text
    assert "Nothing is known" in (await posted(stage.http, HOME, dpo, email=email)).text
    assert form["provenance"] in looked.text, "what was typed is there still"
    done = await posted(stage.http, place, dpo, **form, do="import")
    assert "1 readers were subscribed" in done.text and "no address" not in done.text.partition("<form")[0]
    assert (await posted(stage.http, HOME, dpo, email=email)).status_code == 303
    refused = await posted(stage.http, place, dpo, **{**form, "provenance": ""}, do="import")
    assert refused.status_code == 422 and email in refused.text, "nothing that was typed is lost"


async def test_an_address_is_barred_and_that_is_lifted(stage: Stage) -> None:
    dpo = await signed_in(stage, "dpo")
    email, place = an_address("barred"), f"{HOME}/suppressions"
    await subscribe(stage.services, email, STORIES)
    answer = await posted(stage.http, place, dpo, email=email, do="bar")
    assert answer.status_code == 303
    cookies = {"Cookie": f"{dpo['Cookie']}; {answer.headers['set-cookie'].partition(';')[0]}"}
    told = await stage.http.get(place, headers=cookies)
    assert "It was taken off 1 list" in told.text and "Barred by you" in told.text
    assert (await posted(stage.http, place, dpo, email=email, do="lift")).status_code == 303
    assert (await posted(stage.http, place, dpo, email="nobody", do="bar")).status_code == 422


async def test_what_was_given_up_is_shown_with_why_and_tried_again(stage: Stage) -> None:
    services, dpo = stage.services, await signed_in(stage, "dpo")
    now, id_ = services.clock(), ids.uuid7(services.clock()).bytes
    owed = Owed(
        site=SITE, id=id_, kind="mail", what="welcome", about={}, key=key(services, an_address("dead")),
        message_id=f"<{new_id()}@x>", created_at=now, due_at=now + 10**9,
    )  # fmt: skip
    async with services.database.writing() as writer:
        await outbox.put(writer, owed)
        await outbox.dead(writer, SITE, id_, now, "the server refused: 550")
    text, place = ids.uuid_text(id_), f"{HOME}/outbox"
    shown = await stage.http.get(place, headers=dpo)
    assert text in shown.text and "the server refused: 550" in shown.text
    assert (await posted(stage.http, place, dpo, id=text)).status_code == 303
    assert text not in (await stage.http.get(place, headers=dpo)).text
    for wrong in ("no-uuid", new_id()):
        assert (await posted(stage.http, place, dpo, id=wrong)).status_code == 404
    async with services.database.reading() as reader:
        again = await outbox.find(reader, SITE, id_)
    assert again is not None and again.state != "dead"
