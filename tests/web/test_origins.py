"""Whose pages may use a site: CORS on every answer, and the same rule enforced on the server."""

from __future__ import annotations

import json

import pytest

from consent.storage.engines import open_database
from tests.acts import SITE, new_id
from tests.clock import SetClock
from tests.faults import FaultyDatabase
from tests.web.stage import CONSENTS, MIAMI_ORIGIN, Stage, raw, staged

EVENTS = f"/v1/sites/{SITE}/events"
OWN = [MIAMI_ORIGIN, "http://localhost", "http://localhost:8000", "http://localhost:1", "http://127.0.0.1:65535"]
FOREIGN = [
    "https://evil.test",
    "null",
    "https://miaminewtimes.com",
    "https://www.miaminewtimes.com.evil.test",
    "https://evilwww.miaminewtimes.com",
    "https://www.miaminewtimes.comevil.test",
    "https://www.miaminewtimes.com@evil.test",
    "https://www.miaminewtimes.com:443",
    "https://www.miaminewtimes.com:8443",
    "https://www.miaminewtimes.com/",
    "https://www.miaminewtimes.com.",
    "http://www.miaminewtimes.com",
    "HTTPS://WWW.MIAMINEWTIMES.COM",
    "https://WWW.miaminewtimes.com",
    "https://localhost:8000",
    "http://localhost:",
    "http://localhost:*",
    "http://localhost:80a",
    "http://localhost:123456",
    "http://localhost:-1",
    "http://localhost:80:80",
    "http://localhost.evil.test:80",
    "http://evil.test/http://localhost:80",
    "http://127.0.0.1.evil.test:80",
    f"{MIAMI_ORIGIN} https://evil.test",
    f"{MIAMI_ORIGIN},https://evil.test",
    "*",
    "file://",
    "https://www.harbour-post.example",
]


@pytest.mark.parametrize("origin", OWN)
async def test_the_sites_own_pages_may(stage: Stage, origin: str) -> None:
    answer = await stage.give({"Origin": origin})
    assert answer.status_code == 201
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-expose-headers"] == "Retry-After"
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", FOREIGN)
async def test_foreign_pages_may_not_and_are_refused_on_the_server(stage: Stage, origin: str) -> None:
    before = await stage.count()
    event = {"kind": "notice_shown"}
    for path, body in ((CONSENTS, stage.body()), (EVENTS, event)):
        for media in ("application/json", "text/plain"):
            headers = {"Origin": origin, "Content-Type": media, "Cookie": "x=1"}
            answer = await stage.client().post(path, content=json.dumps(body), headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
            assert not [name for name in answer.headers if name.startswith("access-control")]
            assert answer.headers["vary"] == "Origin"
    assert await stage.count() == before


async def test_two_origin_lines_are_not_one_of_the_sites(stage: Stage) -> None:
    lines = [
        (b"content-type", b"application/json"),
        (b"origin", MIAMI_ORIGIN.encode()),
        (b"origin", b"https://evil.test"),
    ]
    answer = await raw(stage, "POST", CONSENTS, lines, json.dumps(stage.body()).encode())
    assert answer["status"] == 403


async def test_who_sends_no_origin_is_no_page(stage: Stage) -> None:
    answer = await stage.give()
    assert answer.status_code == 201
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in answer.headers


async def test_one_sites_origin_is_foreign_to_another(stage: Stage) -> None:
    harbour = "https://www.harbour-post.example"
    body = stage.body(notice=stage.services.directory.get("harbour-post").digest, purposes={})
    answer = await stage.http.post("/v1/sites/harbour-post/consents", json=body, headers={"Origin": harbour})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (422, harbour)
    answer = await stage.http.post("/v1/sites/harbour-post/consents", json=body, headers={"Origin": MIAMI_ORIGIN})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", [CONSENTS, EVENTS])
async def test_a_preflight_is_answered_for_own_pages_alone(stage: Stage, path: str) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = await stage.http.options(path, headers={"Origin": MIAMI_ORIGIN, **asks})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == MIAMI_ORIGIN
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"].lower() == "content-type"
    assert int(answer.headers["access-control-max-age"]) > 0
    assert "authorization" not in answer.headers["access-control-allow-headers"].lower()
    for origin in FOREIGN:
        answer = await stage.http.options(path, headers={"Origin": origin, **asks})
        assert not [name for name in answer.headers if name.startswith("access-control")], origin
        assert answer.headers["vary"] == "Origin"


async def test_cors_is_on_errors_too(stage: Stage) -> None:
    own = {"Origin": MIAMI_ORIGIN}
    sent = stage.body()
    client = stage.client()
    await client.post(CONSENTS, json=sent, headers=own)
    typed = {**own, "Content-Type": "application/json"}
    answers = {
        400: await client.post(CONSENTS, content=b"{", headers=typed),
        401: await client.get(CONSENTS, headers=own),
        404: await client.get(f"/v1/sites/{SITE}/nothing", headers=own),
        405: await client.delete(CONSENTS, headers=own),
        409: await client.post(CONSENTS, json=sent | {"subject": new_id()}, headers=own),
        413: await client.post(CONSENTS, content=b" " * 20_000, headers=typed),
        415: await client.post(CONSENTS, content=b"x", headers={**own, "Content-Type": "text/html"}),
        422: await client.post(CONSENTS, json={}, headers=own),
    }
    for _ in range(600):
        answers[429] = await client.post(EVENTS, json={"kind": "notice_shown"}, headers=own)
        if answers[429].status_code == 429:
            break
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == MIAMI_ORIGIN, status
        assert answer.headers["vary"] == "Origin", status
        assert answer.json()["status"] == status


class StoppingClock(SetClock):
    """A clock that breaks when it is told to: what nobody foresaw."""

    is_broken = False

    def __call__(self) -> int:
        if self.is_broken:
            raise RuntimeError("canary of a clock")
        return super().__call__()


async def test_cors_is_on_503_and_on_500_too(sqlite_url: str) -> None:
    clock = StoppingClock()
    faulty = FaultyDatabase(await open_database(sqlite_url))
    async with staged(sqlite_url, clock, database=faulty) as stage:
        faulty.at = [faulty.commits + 1]
        answer = await stage.give({"Origin": MIAMI_ORIGIN})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (503, MIAMI_ORIGIN)
        clock.is_broken = True
        answer = await stage.give({"Origin": MIAMI_ORIGIN})
        clock.is_broken = False
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        assert answer.headers["access-control-allow-origin"] == MIAMI_ORIGIN
        assert "canary" not in answer.text
        assert (await stage.give()).status_code == 201
