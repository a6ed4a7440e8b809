"""What a publisher's key reads and does of the newsletters' readers."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx
import pytest

from consent import ids, mailboxes, owing
from consent.clock import DAY
from consent.storage import outbox
from tests.acts import SITE, new_id
from tests.clock import SetClock
from tests.reading import verified
from tests.web import signing
from tests.web.signing import EVENTS, STORIES, by_script, known, new_address
from tests.web.stage import Stage

API = f"/v1/sites/{SITE}"


@pytest.fixture(autouse=True)
def another_day(module_clock: SetClock) -> None:
    """What one test's sign-ups count against its sources is none of the next one's."""
    module_clock.forward(DAY)


@pytest.fixture
async def key(stage: Stage) -> str:
    """A key that may do everything."""
    return await stage.key()


async def post(stage: Stage, path: str, key: str | None, body: Any, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return await stage.client().post(f"{API}{path}", json=body, headers=headers | more.pop("headers", {}), **more)


async def look_up(stage: Stage, key: str, email: str) -> httpx.Response:
    return await post(stage, "/subscribers/lookup", key, {"email": email})


async def test_nothing_is_known_of_a_stranger(stage: Stage, key: str) -> None:
    answer = await look_up(stage, key, new_address())
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await look_up(stage, key, "nobody")).status_code == 422


async def test_what_waits_and_what_is_confirmed_is_found_however_it_is_written(stage: Stage, key: str) -> None:
    name = new_address().partition("@")[0].replace("-", "")
    email = f"{name}@gmail.com"
    await by_script(stage, email=email, lists=[EVENTS, STORIES], via="prompt", variant="b")
    told = (await look_up(stage, key, email)).json()
    assert [(one["list"], one["state"], one["via"]) for one in told["subscriptions"]] == [
        (EVENTS, "pending", "prompt"),
        (STORIES, "pending", "prompt"),
    ]
    assert "subscriber" not in told
    await signing.confirm(stage, email, STORIES)
    for spelling in (email, f"{name[0]}.{name[1:]}+x@GoogleMail.com", email.upper()):
        told = (await look_up(stage, key, spelling)).json()
        assert {one["list"]: one["state"] for one in told["subscriptions"]} == {EVENTS: "pending", STORIES: "confirmed"}
        assert told["email"] == email
        assert ids.parse_uuid(told["subscriber"])
    await signing.left(stage, email)
    told = (await look_up(stage, key, email)).json()
    assert {one["list"]: one["state"] for one in told["subscriptions"]}[STORIES] == "unsubscribed"
    assert [(one["list"], one["reason"]) for one in told["suppressions"]] == [(STORIES, "unsubscribed")]


async def test_subscribers_come_in_pages(stage: Stage, key: str) -> None:
    emails = {await signing.subscribed(stage, STORIES, EVENTS) for _ in range(3)}
    seen: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        query = f"?limit=2&state=confirmed&list={EVENTS}" + (f"&after={after}" if after else "")
        answer = await stage.asked(f"/subscribers{query}", key)
        assert answer.status_code == 200, answer.text
        seen += answer.json()["subscribers"]
        after = answer.json()["next"]
    assert emails <= {one["email"] for one in seen}
    assert len({one["id"] for one in seen}) == len(seen)
    for one in seen:
        assert [each["list"] for each in one["subscriptions"]] == [EVENTS]
        assert one["manage"].startswith("http://127.0.0.1:8000/manage/")
        assert one["subscriptions"][0]["unsubscribe"].startswith("http://127.0.0.1:8000/unsubscribe/")


async def test_subscribers_stream_as_lines_and_as_csv(stage: Stage, key: str) -> None:
    email = await signing.subscribed(stage)
    lines = await stage.asked("/subscribers", key, headers={"Accept": "application/x-ndjson"})
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert "subscribers.jsonl" in lines.headers["content-disposition"]
    assert email in [json.loads(line)["email"] for line in lines.text.splitlines()]
    table = await stage.asked(f"/subscribers?list={STORIES}&state=confirmed", key, headers={"Accept": "text/csv"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
    assert {row["state"] for row in rows} == {"confirmed"}
    assert email in [row["email"] for row in rows]
    answer = await stage.asked("/subscribers?limit=5", key, headers={"Accept": "text/csv"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "x=1",
        "state=active",
        "state=pending",
        "after=x",
        "limit=0",
        "limit=1001",
        "list=a&list=b",
        "since=yesterday",
        "list=nope",
        "state=confirmed&state=",
    ],
)
async def test_a_filter_that_cannot_be_read_is_refused(stage: Stage, key: str, query: str) -> None:
    answer = await stage.asked(f"/subscribers?{query}", key)
    assert answer.status_code == 422
    if query == "list=nope":
        assert "nope" in answer.text
        for media in ("text/csv", "application/x-ndjson"):
            streamed = await stage.asked(f"/subscribers?{query}", key, headers={"Accept": media})
            assert streamed.status_code == 422


async def test_erasing_leaves_a_log_that_verifies_and_a_suppression(stage: Stage, key: str) -> None:
    email = await signing.subscribed(stage)
    before = await stage.count()
    answer = await post(stage, "/subscribers/erase", key, {"email": email.upper()})
    assert (answer.status_code, told(answer)) == (200, {"records": 1, "was_known": True})
    assert (await look_up(stage, key, email)).status_code == 404
    found = await known(stage, email)
    assert (found.subscriptions, found.pending) == ((), None)
    assert await verified(stage.services) == before + 1  # and who erased it
    answer = await post(stage, "/subscribers/erase", key, {"email": email})
    assert (answer.status_code, told(answer)) == (200, {"records": 0, "was_known": False})
    hexed = stage.services.addresses.of(mailboxes.parse(email)).hex()
    assert hexed in [one["key"] for one in (await everything(stage, key, "/suppressions", "suppressions"))]
    assert email not in (await stage.asked("/suppressions?limit=1000", key)).text


def told(answer: httpx.Response) -> dict[str, Any]:
    """What an erasure is answered with, without the receipt's address, which is another each time."""
    body: dict[str, Any] = answer.json()
    assert "/claims/" in body.pop("claim")
    return body


async def erase_subject(stage: Stage, key: str, subject: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return await stage.client().delete(f"{API}/subjects/{subject}", headers=headers)


async def test_a_subject_is_erased_whoever_it_is(stage: Stage, key: str) -> None:
    """A visitor by the id that the browser keeps, a subscriber with everything; again it changes nothing."""
    visitor, email = new_id(), await signing.subscribed(stage)
    for _ in range(2):
        await stage.give(subject=visitor)
    subscriber = str((await look_up(stage, key, email)).json()["subscriber"])
    before = await stage.count()
    for subject, records in ((visitor, 2), (subscriber, 1)):
        for left in (records, 0):
            answer = await erase_subject(stage, key, subject)
            assert (answer.status_code, told(answer)) == (200, {"records": left})
        assert (await stage.asked(f"/subjects/{subject}", key)).status_code == 404
    assert (await look_up(stage, key, email)).status_code == 404
    assert await verified(stage.services) == before + 4  # and who erased them
    for nobody in ("x", "0" * 36, "%00", new_id().upper()):
        assert (await erase_subject(stage, key, nobody)).status_code == 404


async def test_a_subscribers_status_is_of_all_lists(stage: Stage, key: str) -> None:
    """Each record is of some: the last one alone says nothing of the others."""
    email = await signing.subscribed(stage, STORIES, EVENTS)
    subject = (await look_up(stage, key, email)).json()["subscriber"]
    await signing.left(stage, email)
    told = (await stage.asked(f"/subjects/{subject}", key)).json()
    assert told["status"] == {EVENTS: "given", STORIES: "withdrawn"}
    assert (told["is_current"], len(told["records"])) == (True, 2)
    await signing.by_script(stage, email=email)
    await signing.confirm(stage, email)
    told = (await stage.asked(f"/subjects/{subject}", key)).json()
    assert (told["status"], len(told["records"])) == ({EVENTS: "given", STORIES: "given"}, 3)


async def everything(stage: Stage, key: str, path: str, name: str) -> list[dict[str, Any]]:
    """All pages of a listing, by two."""
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        query = f"{'&' if '?' in path else '?'}limit=2" + (f"&after={after}" if after else "")
        answer = await stage.asked(f"{path}{query}", key)
        assert answer.status_code == 200, answer.text
        found += answer.json()[name]
        after = answer.json()["next"]
    return found


async def test_suppressions_come_in_pages(stage: Stage, key: str) -> None:
    emails = [await signing.subscribed(stage) for _ in range(3)]
    for email in emails:
        await signing.left(stage, email)
    found = await everything(stage, key, "/suppressions", "suppressions")
    keys = {stage.services.addresses.of(mailboxes.parse(email)).hex() for email in emails}
    assert keys <= {one["key"] for one in found if (one["list"], one["reason"]) == (STORIES, "unsubscribed")}
    assert (await stage.asked("/suppressions?after=x", key)).status_code == 422


async def dead(stage: Stage) -> str:
    """A mail that was given up; its id."""
    services, at = stage.services, stage.services.clock()
    async with services.database.writing() as writer:
        about: dict[str, object] = {"subscriber": new_id(), "former": "sealed", "net": "net:0"}
        id_ = await owing.owe_mail(
            writer, site=SITE, at=at, what="welcome", about=about, key=bytes(32), sender_domain="a.example"
        )
        await outbox.dead(writer, SITE, id_, at, "the provider refuses it")
    return ids.uuid_text(id_)


async def test_the_dead_are_seen_and_tried_again(stage: Stage, key: str) -> None:
    first, second = await dead(stage), await dead(stage)
    found = await everything(stage, key, "/outbox?state=dead", "outbox")
    assert [one["id"] for one in found] == sorted([first, second])
    assert found == (await stage.asked("/outbox", key)).json()["outbox"]
    assert (found[0]["fault"], found[0]["kind"], found[0]["what"]) == ("the provider refuses it", "mail", "welcome")
    assert set(found[0]["about"]) == {"subscriber"}
    stage.services.nudge.clear()
    answer = await post(stage, "/outbox/replay", key, {"id": first})
    assert (answer.status_code, answer.json()) == (200, {"replayed": 1})
    assert (await post(stage, "/outbox/replay", key, {"id": first})).status_code == 404
    assert (await post(stage, "/outbox/replay", key, {})).json() == {"replayed": 1}
    assert (await post(stage, "/outbox/replay", key, {})).json() == {"replayed": 0}
    assert await everything(stage, key, "/outbox?state=dead", "outbox") == []
    for body in ({"id": "x"}, {"site": "x"}, {"id": 7}):
        assert (await post(stage, "/outbox/replay", key, body)).status_code == 422
    assert (await stage.asked("/outbox?state=lost", key)).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/subscribers/lookup", "read"),
        ("GET", "/subscribers", "read"),
        ("POST", "/subscribers/erase", "erase"),
        ("GET", "/suppressions", "read"),
        ("GET", "/outbox", "read"),
        ("POST", "/outbox/replay", "write"),
        ("GET", "/stats/newsletter", "read"),
    ],
)
async def test_a_key_of_this_site_with_the_scope_is_needed(stage: Stage, method: str, path: str, scope: str) -> None:
    others = {"read", "write", "erase"} - {scope}
    body = {"email": new_address()} if "subscribers/" in path else {}
    for key, code in (
        (None, "key_required"),
        ("ck_nonsense", "key_required"),
        (await stage.key(*others), "scope_missing"),
        (await stage.key(site=signing.OTHER), "not_found"),
    ):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        sent = body if method == "POST" else None
        answer = await stage.client().request(method, f"{API}{path}", headers=headers, json=sent)
        assert answer.json()["code"] == code, (key, answer.text)


async def test_an_address_is_only_ever_sent_in_a_body(stage: Stage, key: str) -> None:
    for path in ("/subscribers?email=a@example.org", "/subscribers/lookup"):
        assert (await stage.asked(path, key)).status_code in (405, 422)
