"""Bodies too large, too late or no JSON, and a store that cannot commit: each is told, and nothing recorded."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from consent.errors import Malformed
from consent.storage.engines import open_database
from consent.web import bodies
from tests.acts import SITE
from tests.clock import SetClock
from tests.faults import FaultyDatabase, When
from tests.web.stage import CONSENTS, MIAMI_ORIGIN, Stage, raw, staged

JSON = {"Content-Type": "application/json"}


async def chunks(data: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    """The data in pieces, as a chunked body."""
    for place in range(0, len(data), size):
        yield data[place : place + size]


async def test_a_body_of_exactly_the_limit_is_read_and_one_more_is_413(stage: Stage) -> None:
    body = json.dumps(stage.body()).encode()
    answer = await stage.http.post(CONSENTS, content=body.ljust(bodies.LIMIT), headers=JSON)
    assert answer.status_code == 201
    before = await stage.count()
    for content in (body.ljust(bodies.LIMIT + 1), b" " * (1 << 20)):
        answer = await stage.http.post(CONSENTS, content=content, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert await stage.count() == before


async def test_a_chunked_body_is_counted_and_not_read_to_its_end(stage: Stage) -> None:
    good = json.dumps(stage.body()).encode()
    assert (await stage.http.post(CONSENTS, content=chunks(good, 7), headers=JSON)).status_code == 201
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1000
            yield b" " * 1000

    answer = await stage.http.post(CONSENTS, content=endless(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert read <= bodies.LIMIT + 2000


@pytest.mark.parametrize("length", [b"99999", b"9" * 5000, b"16385"])
async def test_a_length_that_is_claimed_is_enough_for_413(stage: Stage, length: bytes) -> None:
    lines = [(b"content-type", b"application/json"), (b"content-length", length)]
    assert (await raw(stage, "POST", CONSENTS, lines, b"{}"))["status"] == 413


async def test_a_body_that_never_comes_is_400_in_time() -> None:
    scope = {"type": "http", "headers": [(b"content-length", b"100")]}

    async def silent() -> Message:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("never")

    parts = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def slow() -> Message:
        return next(parts, None) or await silent()

    for receive in (silent, slow):
        with pytest.raises(Malformed, match=r"within 0\.05 seconds"):
            await bodies.read(scope, receive, seconds=0.05)


async def test_a_client_that_goes_is_not_answered() -> None:
    scope = {"type": "http", "headers": []}

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientDisconnect):
        await bodies.read(scope, gone)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_store_that_cannot_commit_is_503_and_the_same_body_is_recorded_once_later(
    database_url: str, clock: SetClock, when: When
) -> None:
    faulty = FaultyDatabase(await open_database(database_url), when=when)
    async with staged(database_url, clock, database=faulty) as stage:
        body = stage.body()
        faulty.at = range(faulty.commits + 1, faulty.commits + 4)
        for _ in range(3):
            answer = await stage.http.post(CONSENTS, json=body, headers={"Origin": MIAMI_ORIGIN})
            if when == "after" and answer.status_code == 200:
                break
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["access-control-allow-origin"] == MIAMI_ORIGIN
            assert str(database_url) not in answer.text
        if when == "before":
            assert await stage.count() == 0
        faulty.at = ()
        answer = await stage.http.post(CONSENTS, json=body)
        assert answer.status_code == (201 if when == "before" else 200)
        assert await stage.count() == 1


async def test_ready_tells_the_truth_and_alive_stays_alive(database_url: str, clock: SetClock) -> None:
    faulty = FaultyDatabase(await open_database(database_url))
    async with staged(database_url, clock, database=faulty) as stage:
        assert (await stage.http.get("/readyz")).status_code == 200
        beats = faulty.commits
        assert (await stage.http.get("/readyz")).status_code == 200
        assert faulty.commits == beats  # one a second is enough
        clock.forward(1_000)
        faulty.at = range(faulty.commits + 1, faulty.commits + 1000)
        answer = await stage.http.get("/readyz")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert (await stage.http.get("/healthz")).status_code == 200
        assert (await stage.http.get(f"/w/{SITE}.js")).status_code == 200
        faulty.at = ()
        assert (await stage.http.get("/readyz")).status_code == 200


async def test_ready_is_not_said_after_a_group_that_failed_until_one_is_committed(
    database_url: str, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The row that is written to learn it may fit where a record does not."""
    caplog.set_level(logging.INFO, "consent")
    faulty = FaultyDatabase(await open_database(database_url))
    async with staged(database_url, clock, database=faulty) as stage:
        for _ in range(3):
            faulty.at = (faulty.commits + 1,)
            assert (await stage.give()).status_code == 503
            assert (await stage.http.get("/readyz")).status_code == 503
        assert (await stage.give()).status_code == 201
        assert (await stage.http.get("/readyz")).status_code == 200
        faulty.at = (faulty.commits + 1,)
        assert (await stage.give()).status_code == 503
        assert (await stage.http.get("/readyz")).status_code == 503
        clock.forward(30_000)  # nobody sends requests to who is not ready: some day it must be tried again
        assert (await stage.http.get("/readyz")).status_code == 200
    failing, again = (record.getMessage() for record in caplog.records if record.name == "consent.recorder")
    assert failing.startswith("consents cannot be recorded now: commit ")
    assert again == "consents are recorded again"


async def test_reading_goes_on_while_nothing_can_be_committed(database_url: str, clock: SetClock) -> None:
    faulty = FaultyDatabase(await open_database(database_url))
    async with staged(database_url, clock, database=faulty) as stage:
        key = await stage.key("read")
        await stage.give()
        faulty.at = range(faulty.commits + 1, faulty.commits + 1000)
        assert len((await stage.asked("/consents", key)).json()["consents"]) == 1
        assert (await stage.asked("/log/checkpoint", key)).status_code == 200
        faulty.at = ()
