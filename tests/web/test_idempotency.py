"""`Idempotency-Key`: a write that is repeated is done once, and answered as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from consent.clock import DAY
from consent.storage import endpoints, idempotency
from consent.web import repeats
from consent.web.operations import OPERATIONS
from tests.acts import SITE, new_id
from tests.clock import SetClock
from tests.web import signing
from tests.web.stage import Stage
from tests.web.test_keys import filled

API = f"/v1/sites/{SITE}"
WEBHOOK = {"kind": "webhook", "url": "https://hooks.example.org/consent"}


async def write(
    stage: Stage, key: str, path: str, again: str | None, method: str = "POST", **more: Any
) -> httpx.Response:
    headers: Mapping[str, str] = {"Authorization": f"Bearer {key}"} | ({"Idempotency-Key": again} if again else {})
    return await stage.client().request(method, f"{API}{path}", headers=headers, **more)


async def connected(stage: Stage) -> int:
    async with stage.services.database.reading() as reader:
        return len(await endpoints.all_of(reader, SITE))


async def test_the_same_request_is_done_once_and_answered_alike_with_its_secret(
    stage: Stage, module_clock: SetClock
) -> None:
    key, again, before = await stage.key(), new_id(), await connected(stage)
    first = await write(stage, key, "/webhooks", again, json=WEBHOOK)
    assert first.status_code == 201
    assert "idempotency-replayed" not in first.headers
    for name in (again, f'"{again}"'):  # bare, or a text as structured fields have it
        module_clock.forward(DAY // 4)
        second = await write(stage, key, "/webhooks", name, json=WEBHOOK)
        assert (second.status_code, second.content) == (201, first.content)
        assert second.headers["idempotency-replayed"] == "true"
        same = ("content-type", "cache-control", "content-length")
        assert [second.headers[one] for one in same] == [first.headers[one] for one in same]
    assert await connected(stage) == before + 1
    async with stage.services.database.reading() as reader:
        kept = [dict(row) for row in await reader.rows("SELECT * FROM idempotency")]
    assert first.json()["secret"] not in str(kept)
    assert again not in str(kept)
    removed = f"/webhooks/{first.json()['endpoint']['id']}"
    for replayed in (None, "true"):  # without a body
        gone = await write(stage, key, removed, f"{again}-d", "DELETE")
        assert (gone.status_code, gone.headers.get("idempotency-replayed"), gone.content) == (204, replayed, b"")
        assert "content-length" not in gone.headers
    assert (await write(stage, key, removed, None, "DELETE")).status_code == 404


async def test_another_request_by_the_same_key_is_refused(stage: Stage) -> None:
    key, other, again = await stage.key(), await stage.key(), new_id()
    made = await write(stage, key, "/webhooks", again, json=WEBHOOK)
    renewed = f"/webhooks/{made.json()['endpoint']['id']}/secret"
    for path, body in (
        ("/webhooks", WEBHOOK | {"url": "https://hooks.example.org/other"}),
        (f"/webhooks?a={new_id()}", WEBHOOK),
        ("/outbox/replay", {}),
        (renewed, None),
    ):
        answer = await write(stage, key, path, again, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused"), path
    mine = await write(stage, other, "/webhooks", again, json=WEBHOOK)  # another API key has keys of its own
    assert mine.json()["secret"] != made.json()["secret"]
    harbour = await stage.key(site="harbour-post")
    there = await stage.client().post(
        "/v1/sites/harbour-post/webhooks",
        json=WEBHOOK,
        headers={"Authorization": f"Bearer {harbour}", "Idempotency-Key": again},
    )
    assert (there.status_code, "idempotency-replayed" in there.headers) == (201, False)


async def test_of_equal_requests_at_one_time_one_is_done(stage: Stage) -> None:
    key, again, before = await stage.key(), new_id(), await connected(stage)
    answers = await asyncio.gather(*(write(stage, key, "/webhooks", again, json=WEBHOOK) for _ in range(12)))
    assert await connected(stage) == before + 1
    done = [one for one in answers if one.status_code == 201]
    assert len({one.content for one in done}) == 1
    assert sum("idempotency-replayed" not in one.headers for one in done) == 1
    for one in answers:
        if one not in done:
            assert (one.status_code, one.json()["code"]) == (409, "idempotency_key_in_use")
            assert one.headers["retry-after"] == "1"


async def test_a_request_whose_process_died_may_be_sent_again_after_a_minute(
    stage: Stage, module_clock: SetClock
) -> None:
    key, row = await stage.key_row()
    again, now = new_id(), module_clock()
    await write(stage, key, "/outbox/replay", again, json={})
    async with stage.services.database.writing() as writer:  # as if it had not come to its end
        await writer.execute(
            "UPDATE idempotency SET answer = NULL, lease_until = $1 WHERE created_at = $2 AND site = $3",
            now + repeats.LEASE_MS,
            now,
            SITE,
        )
    module_clock.forward(repeats.LEASE_MS - 1)
    assert (await write(stage, key, "/outbox/replay", again, json={})).status_code == 409
    module_clock.forward(1)
    answer = await write(stage, key, "/outbox/replay", again, json={})
    assert (answer.status_code, "idempotency-replayed" in answer.headers) == (200, False)
    assert row.site == SITE


async def test_what_was_refused_changed_nothing_and_may_be_mended(stage: Stage) -> None:
    key, again, email = await stage.key(), new_id(), await signing.subscribed(stage)
    for body, status in (({"email": "x"}, 422), ({}, 422), ({"email": email}, 200)):
        answer = await write(stage, key, "/subscribers/erase", again, json=body)
        assert (answer.status_code, "idempotency-replayed" in answer.headers) == (status, False)
    answer = await write(stage, key, "/subscribers/erase", again, json={"email": email})
    assert (answer.json()["was_known"], answer.headers["idempotency-replayed"]) == (True, "true")


async def test_reads_are_never_kept(stage: Stage) -> None:
    """What is looked up would outlive an erasure."""
    key, again, email = await stage.key(), new_id(), await signing.subscribed(stage)
    for _ in range(2):
        answer = await write(stage, key, "/subscribers/lookup", again, json={"email": email})
        assert (answer.status_code, "idempotency-replayed" in answer.headers) == (200, False)


async def test_a_key_that_is_none_is_refused_and_a_key_of_the_site_is_asked_for_first(stage: Stage) -> None:
    key = await stage.key()
    for wrong in ("", " ", "x" * 256, "a b", "é", '"', '"a', "a,b", "\x7f", '"a" "b"'):
        raw = [(b"authorization", f"Bearer {key}".encode()), (b"idempotency-key", wrong.encode())]
        answer = await stage.client().post(f"{API}/outbox/replay", json={}, headers=raw)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), wrong
    assert (await write(stage, key, "/outbox/replay", "x" * 255, json={})).status_code == 200
    assert (await write(stage, "ck_none", "/outbox/replay", "x" * 255, json={})).status_code == 401
    reading = await stage.key("read")
    assert (await write(stage, reading, "/outbox/replay", "x" * 255, json={})).status_code == 403


async def test_what_is_a_day_old_is_swept_and_no_longer_known(stage: Stage, module_clock: SetClock) -> None:
    key, again = await stage.key(), new_id()
    await write(stage, key, "/outbox/replay", again, json={})
    module_clock.forward(DAY + 1)
    answer = await write(stage, key, "/outbox/replay", again, json={})
    assert "idempotency-replayed" not in answer.headers
    module_clock.forward(DAY + 1)
    async with stage.services.database.writing() as writer:
        gone = await idempotency.purge(writer, module_clock() - DAY, 1000)
        assert gone > 1
        assert await idempotency.purge(writer, module_clock() - DAY, 1000) == 0


async def test_every_write_heeds_it(stage: Stage) -> None:
    key, writes = await stage.key(), [one for one in OPERATIONS if one.scope in ("write", "erase")]
    assert len(writes) > 5
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "a b"}
    for one in writes:
        path = filled(one.path).format(site=SITE)
        answer = await stage.client().request(one.method.upper(), path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), path
