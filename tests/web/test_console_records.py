"""Records in the console: what is found and by what, what is filtered, what is exported and noted, what is erased."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import httpx
import msgspec
import pytest

from consent import clock, recognising
from consent.accounts.roles import Role
from consent.errors import Refused
from consent.records import ConsentRecord, read_payload
from consent.storage import records as stored
from consent.verifying_files import verify_file
from consent.web.console import record, replay
from consent.web.console.replay import Held, Scene
from tests.acts import SITE, new_id
from tests.forgetting import erase_subject
from tests.signing_in import posted, signed_in
from tests.web.stage import Stage

HOME = f"/console/sites/{SITE}"
ACCEPTED = {"analytics": True, "content": True, "advertising": True}
REFUSED = dict.fromkeys(ACCEPTED, False)


async def seen(stage: Stage, path: str, status: int = 200) -> str:
    """The page's text, for a data-protection officer."""
    answer = await stage.http.get(f"{HOME}{path}", headers=await signed_in(stage, "dpo"))
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


def numbers(page: str) -> list[int]:
    """The records' numbers in a page's table, in order."""
    return [int(found) for found in re.findall(rf'<a href="{HOME}/records/(\d+)">', page)]


async def typed(stage: Stage, words: str) -> httpx.Response:
    """What becomes of something typed into the search."""
    return await posted(stage.http, f"{HOME}/records", await signed_in(stage, "dpo"), q=words)


async def test_a_search_says_what_it_understood(stage: Stage) -> None:
    given = (await stage.give(subject=(subject := new_id()))).json()
    url = stage.services.settings.url
    there = f"{HOME}/records/{given['seq']}"
    found: Mapping[str, str] = {
        str(given["seq"]): there,
        f" #{given['seq']} ": there,
        given["id"]: there,
        given["id"].upper(): there,
        f"urn:uuid:{given['id']}": there,
        given["receipt"]: there,
        f"{url}/receipts/{given['receipt']}?form=json-ld": there,
        subject: f"{HOME}/records?subject={subject}",
        stage.body()["notice"]: f"{HOME}/notices/{stage.body()['notice']}",
    }
    for words, place in found.items():
        answer = await typed(stage, words)
        assert (answer.status_code, answer.headers["location"]) == (303, place), words
    size = await stage.count()
    nothing = {
        "": "Type a subject",
        "0": f"There is no record 0: the log goes from 1 to {size}",
        str(size + 9): f"There is no record {size + 9}",
        new_id(): "No record and no subject has this id",
        "f" * 64: "never published that notice",
        given["receipt"][:-2] + "AA": "looks like a receipt, but it is not a good one",
        "reader@example.org": "look for it under Readers",
        "<script>": "no number, no id and no receipt",
    }
    for words, sentence in nothing.items():
        answer = await typed(stage, words)
        assert answer.status_code == 422, words
        assert sentence in unescape(answer.text), words
        assert f'value="{words}"' in unescape(answer.text), words
    with pytest.raises(Refused, match="too long"):
        await recognising.understand(stage.services, SITE, "a" * 20_000)


async def test_filters_let_through_what_they_say_and_refuse_what_there_is_not(stage: Stage) -> None:
    subject = new_id()
    first = (await stage.give(subject=subject, action="accept_all", purposes=ACCEPTED)).json()["seq"]
    second = (await stage.give(subject=subject, action="reject_all", purposes=REFUSED, language="es")).json()["seq"]
    today = clock.text(stage.services.clock())[:10]
    asked = {
        f"subject={subject}": [second, first],
        f"subject={subject}&action=accept_all": [first],
        f"subject={subject}&purpose=content&decision=withdrawn": [second],
        f"subject={subject}&purpose=content&decision=refused": [],
        f"subject={subject}&kind=newsletter": [],
        f"subject={subject}&from={today}&to={today}": [second, first],
        f"subject={subject}&to=2020-01-01": [],
        f"subject={subject}&before={second}": [first],
        f"subject={subject}&after={first}": [second],
    }
    for query, expected in asked.items():
        assert numbers(await seen(stage, f"/records?{query}")) == expected, query
    wrong = {
        "kind=cats": "There is no such kind",
        "action=jump": "There is no such action",
        "decision=maybe": "There is no such decision",
        "decision=given": "Say of which purpose",
        "purpose=a%20b": "no purpose’s or list’s id",
        "subject=me": "A subject is a UUID",
        "from=2026-13-01": "A day is written like",
        "from=2026-11-22&to=2026-11-21": "The last day comes before the first",
    }
    for query, sentence in wrong.items():
        page = await seen(stage, f"/records?{query}", 422)
        assert sentence in page, query
        assert numbers(page) == [], query


async def test_pages_go_back_and_forth_without_a_gap(stage: Stage) -> None:
    for _ in range(30):
        await stage.give(action="reject_all", purposes=REFUSED)
    newest = numbers(await seen(stage, "/records?kind=cookies"))
    older = numbers(await seen(stage, f"/records?kind=cookies&before={newest[-1]}"))
    assert newest == sorted(newest, reverse=True)
    assert len(newest) == 25
    assert older[0] < newest[-1]
    again = numbers(await seen(stage, f"/records?kind=cookies&after={older[0]}"))
    assert again == newest[-len(again) :]
    assert again[-1] == newest[-1]


async def test_an_export_of_what_is_filtered_proves_itself_and_is_noted(stage: Stage) -> None:
    subject = new_id()
    for purposes in (ACCEPTED, REFUSED):
        await stage.give(subject=subject, purposes=purposes)
    signed = await signed_in(stage, "dpo")
    path, fields = f"{HOME}/records/export", {"subject": subject, "kind": "cookies"}
    lines = await posted(stage.http, path, signed, format="jsonl", **fields)
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    assert verify_file(lines.content.splitlines()).records == 2
    rows = await posted(stage.http, path, signed, format="csv", **fields)
    assert rows.content.count(b"\r\n") == 3
    assert (await posted(stage.http, path, signed, format="xml")).status_code == 422
    assert (await posted(stage.http, path, signed, format="csv", kind="cats")).status_code == 422
    async with stage.services.database.reading() as reader:
        acts = await stored.audit_before(reader, SITE, 1 << 53, 2)
    assert len(acts) == 2
    assert all('"action":"consents.exported"' in (act.payload or "") for act in acts)
    assert subject not in "".join(act.payload or "" for act in acts)


async def test_an_erased_record_shows_its_place_and_nothing_else(stage: Stage) -> None:
    subject = new_id()
    seq = (await stage.give(subject=subject)).json()["seq"]
    await erase_subject(stage.services, subject)
    page = await seen(stage, f"/records/{seq}")
    assert "Its person was erased" in page
    assert subject not in page
    assert "Its bytes" not in page
    assert "Erased" in await seen(stage, "/records")
    assert (await typed(stage, subject)).status_code == 422
    await seen(stage, f"/records/{seq}/frame", 404)


async def test_what_is_not_there_or_not_allowed_is_said(stage: Stage) -> None:
    seq = (await stage.give()).json()["seq"]
    for nowhere in ("0", str(seq + 100), "x", "1.5", "９"):
        await seen(stage, f"/records/{nowhere}", 404)
    await seen(stage, f"/notices/{'0' * 64}", 404)
    refused: dict[Role, int] = {"viewer": 403, "editor": 403, "owner": 200}
    for role, status in refused.items():
        signed = await signed_in(stage, role)
        assert (await stage.http.get(f"{HOME}/records/{seq}", headers=signed)).status_code == status, role
        assert (await stage.http.get(f"{HOME}/records/{seq}/frame", headers=signed)).status_code == status, role
        digest = stage.body()["notice"]
        assert (await stage.http.get(f"{HOME}/notices/{digest}", headers=signed)).status_code == 200, role


async def test_a_frame_may_reach_nothing(stage: Stage) -> None:
    digest, signed = stage.body()["notice"], await signed_in(stage, "viewer")
    answer = await stage.http.get(f"{HOME}/notices/{digest}/frame?layer=nonsense&theme=x", headers=signed)
    policy = answer.headers["content-security-policy"]
    for part in ("sandbox allow-scripts;", "default-src 'none'", "connect-src 'none'", "trusted-types 'none'"):
        assert part in policy, part
    assert "unsafe" not in policy
    assert "set-cookie" not in answer.headers
    assert 'data-layer="notice"' in answer.text


async def test_a_replay_takes_its_layout_from_where_the_visitor_was(stage: Stage) -> None:
    for country, region, regime, expected in (
        ("US", "CA", "opt_out", "california"),
        ("US", "TX", "opt_out", "opt_out"),
        ("DE", None, "opt_in", "opt_in"),
        ("US", "CA", "opt_in", "opt_in"),
        (None, None, "notice_only", "notice_only"),
    ):
        made = msgspec.structs.replace(await a_record(stage), country=country, region=region, regime=regime)
        assert replay.regime(made) == expected
    made = await a_record(stage)
    by_phone = msgspec.structs.replace(made, device="phone", country="US", region="CA")
    assert record.sentence(by_phone).startswith("A visitor chose on a phone in US-CA on 2")
    assert record.sentence(msgspec.structs.replace(made, device="bot")).startswith("A robot")


def held(stage: Stage, record: ConsentRecord, **fields: Any) -> Held:
    """The record with fields that are not as usual, and its notice."""
    site = stage.services.directory.get(SITE)
    return Held(record=msgspec.structs.replace(record, **fields), notice=site.notice, asked=site.asked)


async def test_what_is_shown_again_is_what_the_subject_was_asked_by(stage: Stage) -> None:
    made = await a_record(stage)
    later = clock.text(clock.parse(made.recorded_at) + 86_400_000)
    usual = {"recorded_at": later, "page": "https://x.example/"}
    before = held(stage, made)
    expired = held(stage, made, expires_at=made.recorded_at)
    other = Held(record=made, notice=before.notice, asked=msgspec.structs.replace(before.asked, material="0" * 16))
    cases: list[tuple[dict[str, Any], Held | None, tuple[str, ...], str]] = [
        ({"action": "accept_all"}, None, ("notice", "preferences"), "accept"),
        ({"action": "accept_all"}, before, ("preferences",), "accept"),
        ({"action": "accept_all"}, expired, ("notice", "preferences"), "accept"),
        ({"action": "reject_all"}, other, ("notice", "preferences"), "refuse"),
        ({"action": "accept_all", "gpc": True}, None, ("preferences",), "accept"),
        ({"action": "save"}, None, ("preferences", "notice"), "save"),
        ({"action": "withdraw"}, before, ("preferences",), "withdraw"),
        ({"action": "withdraw", "page": None}, before, (), ""),
        ({"action": "gpc", "gpc": True}, before, ("preferences",), ""),
        ({"action": "import"}, None, (), ""),
        ({"kind": "newsletter", "action": "unsubscribe"}, None, (), ""),
        ({"kind": "newsletter", "action": "confirm", "via": "form"}, None, ("signup",), ""),
        ({"kind": "newsletter", "action": "confirm", "via": "page"}, None, (), ""),
    ]
    for fields, earlier, layers, pressed in cases:
        scene = Scene(told=held(stage, made, **usual | fields), before=earlier)
        found = replay.of(scene)
        assert (found.layers, found.pressed) == (layers, pressed), fields
        assert found.says
    assert Scene(told=before, before=other).changes == {"0" * 16: ()}
    assert Scene(told=before, before=before).changes == {}


async def a_record(stage: Stage) -> ConsentRecord:
    """A visitor's, as it is in the log."""
    seq = (await stage.give()).json()["seq"]
    async with stage.services.database.reading() as reader:
        found = (await stored.page(reader, SITE, seq - 1, seq, 1))[0]
    return read_payload(found.payload or "")
