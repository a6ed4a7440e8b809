"""`…/hand-offs` and `…/hand-offs/open` over HTTP: who may ask, how often, and what every bad body is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from consent.tokens import AGES, LEEWAY
from tests import running
from tests.acts import SITE
from tests.clock import SetClock
from tests.running import MIAMI
from tests.web.stage import MIAMI_ORIGIN, Stage, staged

PARTNER, THERE = "phoenix-new-times", "https://www.phoenixnewtimes.com"
SOME = {"analytics": True, "content": False, "advertising": False}


@pytest.fixture(scope="module")
async def stage(module_url: str, module_clock: SetClock) -> AsyncIterator[Stage]:
    """The Miami site going together with a sister site."""
    async with staged(module_url, module_clock) as made:
        await go_together(made)
        yield made


async def go_together(stage: Stage) -> None:
    """Publishes both sites, each naming the other."""
    text = MIAMI.read_text("utf-8")
    ours = text.replace("[consent]\n", f'[consent]\ntogether = ["{PARTNER}"]\n', 1)
    theirs = text.replace("[consent]\n", f'[consent]\ntogether = ["{SITE}"]\n', 1)
    theirs = theirs.replace(f'id = "{SITE}"', f'id = "{PARTNER}"', 1).replace(MIAMI_ORIGIN, THERE)
    for file in (ours, theirs):
        await running.publish(stage.services, file.encode())


async def hand_over(
    stage: Stage, body: Any = None, site: str = SITE, origin: str | None = MIAMI_ORIGIN
) -> httpx.Response:
    """POSTs a hand-off of a fresh choice, unless another body is given."""
    if body is None:
        body = {"receipt": (await stage.give()).json()["receipt"], "to": THERE}
    headers = {"Origin": origin} if origin else {}
    return await stage.client().post(f"/v1/sites/{site}/hand-offs", json=body, headers=headers)


async def open_(stage: Stage, body: Any, site: str = PARTNER, origin: str | None = THERE) -> httpx.Response:
    headers = {"Origin": origin} if origin else {}
    return await stage.client().post(f"/v1/sites/{site}/hand-offs/open", json=body, headers=headers)


async def test_a_choice_goes_along(stage: Stage) -> None:
    handed = await hand_over(stage)
    assert (handed.status_code, list(handed.json())) == (201, ["token"])
    assert handed.headers["access-control-allow-origin"] == MIAMI_ORIGIN
    assert handed.headers["cache-control"] == "no-store"
    opened = await open_(stage, handed.json())
    told = opened.json()
    ticket = told.pop("ticket")
    assert (opened.status_code, told) == (200, {"purposes": SOME, "services": {}})
    assert opened.headers["access-control-allow-origin"] == THERE
    assert "access-control-allow-credentials" not in opened.headers
    notice = running.notice_of(stage.services, PARTNER)
    body = stage.body(notice=notice, action="import", hand_off=ticket)
    path = f"/v1/sites/{PARTNER}/consents"
    answers = [await stage.client().post(path, json=body, headers={"Origin": THERE}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()


async def test_a_page_whose_notice_asks_for_something_else_is_given_nothing(stage: Stage) -> None:
    handed = (await hand_over(stage)).json()
    current = running.notice_of(stage.services, PARTNER)
    opened = await open_(stage, handed | {"notice": current})
    assert opened.status_code == 200
    for other in ("0" * 64, running.notice_of(stage.services, SITE)):
        refused = await open_(stage, handed | {"notice": other})
        assert (refused.status_code, [fault["path"] for fault in refused.json()["errors"]]) == (422, ["notice"])


async def test_it_is_plain_text_too_which_spares_the_preflight(stage: Stage) -> None:
    token = (await hand_over(stage)).text
    path, headers = f"/v1/sites/{PARTNER}/hand-offs/open", {"Content-Type": "text/plain", "Origin": THERE}
    assert (await stage.client().post(path, content=token, headers=headers)).status_code == 200
    asked = {"Origin": THERE, "Access-Control-Request-Method": "POST"}
    preflight = await stage.client().request("OPTIONS", path, headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, THERE)


@pytest.mark.parametrize("origin", ["https://evil.test", "null", THERE])
async def test_only_pages_of_the_site_hand_over(stage: Stage, origin: str) -> None:
    answer = await hand_over(stage, {"receipt": "x", "to": THERE}, origin=origin)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")


@pytest.mark.parametrize("origin", ["https://evil.test", "null", MIAMI_ORIGIN])
async def test_only_pages_of_the_other_site_open(stage: Stage, origin: str) -> None:
    token = (await hand_over(stage)).json()
    answer = await open_(stage, token, origin=origin)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")


BAD: list[tuple[Any, int, str]] = [
    ([], 422, "invalid"),
    ({}, 422, "invalid"),
    ({"receipt": "x"}, 422, "invalid"),
    ({"receipt": 1, "to": THERE}, 422, "invalid"),
    ({"receipt": "x", "to": THERE, "more": 1}, 422, "invalid"),
    ({"receipt": "x", "to": THERE}, 400, "token_invalid"),
    ({"receipt": "x" * 13_000, "to": THERE}, 400, "token_invalid"),
    ({"receipt": "x" * 17_000, "to": THERE}, 413, "too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), BAD, ids=str)
async def test_a_bad_hand_off_is_told_what_is_wrong(stage: Stage, body: Any, status: int, code: str) -> None:
    answer = await hand_over(stage, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_receipt_goes_to_partners_only(stage: Stage) -> None:
    receipt = (await stage.give()).json()["receipt"]
    answer = await hand_over(stage, {"receipt": receipt, "to": "https://www.harbour-post.example"})
    assert (answer.status_code, [fault["path"] for fault in answer.json()["errors"]]) == (422, ["to"])
    assert (
        await hand_over(stage, {"receipt": receipt, "to": THERE}, site="harbour-post", origin=None)
    ).status_code == 400
    assert (await hand_over(stage, {"receipt": receipt, "to": THERE}, site="nobody", origin=None)).status_code == 404


async def test_a_bad_token_is_told_apart_from_an_old_one(stage: Stage, module_clock: SetClock) -> None:
    token = (await hand_over(stage)).json()["token"]
    bad = [
        ({"token": token}, "harbour-post", 400, "token_invalid"),
        ({"token": token}, SITE, 400, "token_invalid"),
        ({"token": token[:-4] + "AAAA"}, PARTNER, 400, "token_invalid"),
        ({"token": "é"}, PARTNER, 400, "token_invalid"),
        ({"token": None}, PARTNER, 422, "invalid"),
        ({"token": token, "site": PARTNER}, PARTNER, 422, "invalid"),
        ({"token": "x" * 3000}, PARTNER, 413, "too_large"),
    ]
    for body, site, status, code in bad:
        answer = await open_(stage, body, site, origin=None)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body
    fields = {"notice": running.notice_of(stage.services, PARTNER), "action": "import"}
    path = f"/v1/sites/{PARTNER}/consents"
    altered = await stage.client().post(path, json=stage.body(hand_off="x.y.z", **fields))
    assert (altered.status_code, altered.json()["code"]) == (400, "token_invalid")
    shape = await stage.client().post(path, json=stage.body(hand_off="x y", **fields))
    assert (shape.status_code, [fault["path"] for fault in shape.json()["errors"]]) == (422, ["hand_off"])
    ticket = (await open_(stage, {"token": token})).json()["ticket"]
    module_clock.forward(121_000)
    late = await open_(stage, {"token": token})
    assert (late.status_code, late.json()["code"]) == (410, "token_expired")
    module_clock.forward(AGES["ticket"] + LEEWAY)
    late = await stage.client().post(path, json=stage.body(hand_off=ticket, **fields))
    assert (late.status_code, late.json()["code"]) == (410, "token_expired")


async def test_an_address_that_asks_too_often_waits(stage: Stage) -> None:
    client = stage.client()
    path = f"/v1/sites/{SITE}/hand-offs/open"
    answers = [await client.post(path, json={"token": "x"}) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {400}
    assert (answers[60].status_code, answers[60].headers["retry-after"]) == (429, "1")


async def test_other_methods_are_not_taken(stage: Stage) -> None:
    for path in (f"/v1/sites/{SITE}/hand-offs", f"/v1/sites/{SITE}/hand-offs/open"):
        assert (await stage.http.get(path)).status_code == 405


async def test_what_one_law_presumed_is_nothing_where_another_has_to_ask(sqlite_url: str, clock: SetClock) -> None:
    async with staged(sqlite_url, clock, settings={"country_header": "CF-IPCountry"}) as stage:
        await go_together(stage)
        saved = (await stage.give(regime="opt_out", purposes=SOME | {"content": True})).json()["receipt"]
        token = (await hand_over(stage, {"receipt": saved, "to": THERE})).json()
        path = f"/v1/sites/{PARTNER}/hand-offs/open"
        told = {
            place: (await stage.client().post(path, json=token, headers={"CF-IPCountry": place})).json()["purposes"]
            for place in ("US", "DE", "")
        }
        refused = {"advertising": False}
        assert told == {"US": SOME | {"content": True}, "DE": refused, "": refused}
