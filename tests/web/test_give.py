"""`POST …/consents`: what is answered to a good body, to one that came before, and to each that is wrong."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from consent import clock
from consent.web.consents import EventKind
from tests.acts import SITE, new_id
from tests.clock import SetClock
from tests.web.stage import CONSENTS, MIAMI_ORIGIN, Stage

EVENTS = f"/v1/sites/{SITE}/events"
PURPOSES = {"analytics": True, "content": False, "advertising": False}


async def test_a_new_act_is_201_with_its_number_and_receipt(stage: Stage, module_clock: SetClock) -> None:
    body, before = stage.body(), await stage.count()
    answer = await stage.http.post(CONSENTS, json=body)
    assert answer.status_code == 201
    told = answer.json()
    assert list(told) == ["id", "seq", "recorded_at", "expires_at", "receipt"]
    assert (told["id"], told["seq"]) == (body["id"], before + 1)
    assert told["recorded_at"] == clock.text(module_clock())
    assert told["expires_at"] == clock.text(module_clock() + 182 * clock.DAY)
    assert told["receipt"].isascii()
    assert answer.headers["content-type"] == "application/json"


async def test_the_same_body_again_is_200_with_the_same_answer(stage: Stage, module_clock: SetClock) -> None:
    body = stage.body()
    first = await stage.http.post(CONSENTS, json=body)
    module_clock.forward(5_000)
    again = await stage.http.post(CONSENTS, json=body)
    reordered = await stage.http.post(CONSENTS, json=dict(reversed(body.items())))
    assert (first.status_code, again.status_code, reordered.status_code) == (201, 200, 200)
    assert first.json() == again.json() == reordered.json()


async def test_the_same_id_with_other_content_is_409(stage: Stage) -> None:
    body = stage.body()
    await stage.http.post(CONSENTS, json=body)
    before = await stage.count()
    for change in ({"language": "es"}, {"purposes": {**PURPOSES, "content": True}}, {"subject": new_id()}):
        answer = await stage.http.post(CONSENTS, json=body | change)
        assert (answer.status_code, answer.json()["code"]) == (409, "id_conflict")
    assert await stage.count() == before


async def test_one_id_at_two_sites_is_two_records(stage: Stage) -> None:
    harbour = stage.services.directory.get("harbour-post")
    body = stage.body()
    other = body | {"notice": harbour.digest, "purposes": {"statistics": True, "advertising": False}}
    first = await stage.http.post(CONSENTS, json=body)
    second = await stage.http.post("/v1/sites/harbour-post/consents", json=other)
    assert (first.status_code, second.status_code) == (201, 201)


@pytest.mark.parametrize("media", ["text/plain", "text/plain;charset=UTF-8", 'application/json; charset="utf-8"'])
async def test_a_body_may_come_as_text_or_as_json(stage: Stage, media: str) -> None:
    content = json.dumps(stage.body()).encode()
    answer = await stage.http.post(CONSENTS, content=content, headers={"Content-Type": media})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "media",
    [
        "",
        "text/html",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json; charset=utf-16",
        "text/plain; charset=latin-1",
        "application/ld+json",
        "*/*",
    ],
)
async def test_other_content_types_are_415(stage: Stage, media: str) -> None:
    for path in (CONSENTS, EVENTS):
        content = json.dumps(stage.body()).encode()
        answer = await stage.http.post(path, content=content, headers={"Content-Type": media} if media else {})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


ACTIONS = "expected one of accept_all, reject_all, save, dismiss, acknowledge, gpc, withdraw, import"
UTC = "expected a time in UTC like 2026-11-22T10:00:00.123Z"

WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"id": None}, "id", "missing"),
    ({"id": "X"}, "id", "expected a UUID in lower case"),
    ({"id": new_id().upper()}, "id", "expected a UUID in lower case"),
    ({"id": f"{new_id()}\n"}, "id", "expected a UUID in lower case"),
    ({"id": 1}, "id", "expected a text, found a number"),
    ({"subject": "{" + new_id() + "}"}, "subject", "expected a UUID in lower case"),
    ({"notice": "ab"}, "notice", "expected the notice's digest, 64 hex digits"),
    ({"notice": "0" * 64}, "notice", "this site never published a notice with this digest"),
    ({"language": "fr"}, "language", "the notice has no 'fr'"),
    ({"action": "accept"}, "action", ACTIONS),
    ({"action": "accept_all"}, "action", "accept_all, but something is refused"),
    ({"action": "reject_all"}, "action", "reject_all, but something is given"),
    ({"action": "withdraw"}, "action", "withdraw, but something is given"),
    ({"action": "dismiss"}, "action", "closing the notice gives nothing under opt_in"),
    ({"action": "acknowledge"}, "action", "acknowledge belongs to notice_only"),
    ({"action": "gpc", "purposes": {**PURPOSES, "advertising": True}}, "action", "gpc refuses what is sold or shared"),
    ({"purposes": None}, "purposes", "missing"),
    ({"purposes": {"analytics": True, "content": False}}, "purposes.advertising", "missing: expected true or false"),
    ({"purposes": {**PURPOSES, "necessary": True}}, "purposes.necessary", "the notice asks for no such purpose"),
    ({"purposes": {**PURPOSES, "content": 1}}, "purposes.content", "expected true or false, found a number"),
    ({"purposes": {**PURPOSES, "content": "true"}}, "purposes.content", "expected true or false, found a text"),
    ({"purposes": []}, "purposes", "expected an object, found a list"),
    ({"services": {"nobody": True}}, "services.nobody", "the notice has no such service"),
    ({"services": {"youtube": 1}}, "services.youtube", "expected true or false, found a number"),
    ({"regime": "none"}, "regime", "expected one of opt_in, opt_out, notice_only"),
    ({"gpc": 1}, "gpc", "expected true or false, found a number"),
    ({"page": "javascript:alert(1)"}, "page", "expected an http or https address"),
    ({"page": "//example.org/x"}, "page", "expected an http or https address"),
    ({"page": "https://[::1"}, "page", "expected an http or https address"),
    ({"page": "https://example.org/\r\nX: y"}, "page", "expected an http or https address"),
    ({"decided_at": "yesterday"}, "decided_at", UTC),
    ({"decided_at": "2026-11-22"}, "decided_at", UTC),
    ({"decided_at": "2026-11-22T10:00:00"}, "decided_at", UTC),
    ({"decided_at": "2026-11-22T10:00:00+02:00"}, "decided_at", UTC),
    ({"decided_at": 2**70}, "decided_at", "expected a text or null, found a number"),
    ({"page": "https://example.org/" + "x" * 2048}, "page", "expected at most 2048 characters"),
    ({"tcf": "not one"}, "tcf", "expected a TC string"),
    ({"gpp": "<x>"}, "gpp", "expected a GPP string"),
    ({"seq": 7}, "seq", "there is no such field"),
    ({"recorded_at": "2020-01-01T00:00:00Z"}, "recorded_at", "there is no such field"),
    ({"status": {}}, "status", "there is no such field"),
]


async def test_what_is_well_formed_but_wrong_is_422_and_says_where(stage: Stage) -> None:
    before = await stage.count()
    for change, path, message in WRONG:
        answer = await stage.http.post(CONSENTS, json=stage.body(**change))
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), change
        assert answer.json()["errors"] == [{"path": path, "message": message}], change
    assert await stage.count() == before


async def test_every_fault_of_a_body_is_told_at_once(stage: Stage) -> None:
    answer = await stage.give(language="fr", purposes={"analytics": True}, page="x:y", decided_at="now")
    paths = sorted(fault["path"] for fault in answer.json()["errors"])
    assert paths == ["decided_at", "language", "page", "purposes.advertising", "purposes.content"]


async def test_a_problem_has_the_fields_of_rfc_9457(stage: Stage) -> None:
    answer = await stage.give(language="fr")
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert list(told) == ["type", "title", "status", "detail", "code", "errors"]
    assert (told["type"], told["title"], told["status"]) == ("urn:consent:problem:invalid", "Unprocessable Entity", 422)


async def test_unknown_sites_and_paths_are_404_and_other_methods_405(stage: Stage) -> None:
    unknown = await stage.http.post("/v1/sites/nobody/consents", json=stage.body())
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    for path in ("/v1/sites/miami-new-times/nothing", "/v1/sites", "/v1/sites//consents", "/nothing", CONSENTS + "/"):
        answer = await stage.http.post(path, json=stage.body())
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        answer = await stage.http.request(method, CONSENTS)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert {word.strip() for word in answer.headers["allow"].split(",")} == {"GET", "HEAD", "POST"}


async def test_a_foreign_page_is_403_and_nothing_is_recorded(stage: Stage) -> None:
    before = await stage.count()
    answer = await stage.give({"Origin": "https://evil.test"})
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert await stage.count() == before
    assert (await stage.give({"Origin": MIAMI_ORIGIN})).status_code == 201


async def test_an_address_that_asks_too_often_is_429_and_told_when_to_come_back(
    stage: Stage, module_clock: SetClock
) -> None:
    eager, calm = stage.client(), stage.client()
    event = {"kind": "notice_shown", "language": "en"}
    statuses = [(await eager.post(EVENTS, json=event)).status_code for _ in range(600)]
    assert set(statuses) == {204}
    waits = []
    for path, sent in ((EVENTS, event), (CONSENTS, stage.body())):
        answer = await eager.post(path, json=sent)
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        waits.append(int(answer.headers["retry-after"]))
    assert 0 < max(waits) <= 60
    assert (await calm.post(CONSENTS, json=stage.body())).status_code == 201
    module_clock.forward(1000 * max(waits))
    assert (await eager.post(CONSENTS, json=stage.body())).status_code == 201


async def test_events_are_counted_and_carry_no_ids(stage: Stage) -> None:
    good = {"kind": "notice_shown", "notice": stage.body()["notice"], "language": "en", "variant": "a"}
    for kind in get_args(EventKind):
        assert (await stage.http.post(EVENTS, json=good | {"kind": kind})).status_code == 204, kind
    for change in ({"kind": "other"}, {"subject": new_id()}, {"variant": "<b>"}, {"notice": "x"}):
        answer = await stage.http.post(EVENTS, json=good | change)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
