"""What a list may be asked by: an allow-list; and where its pages begin: cursors that belong to one question."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import msgspec
import pytest

from consent import auditing, exports, verifying_files
from tests import running
from tests.acts import SITE, new_id
from tests.clock import SetClock
from tests.web.stage import Stage

LINES = {"Accept": "application/x-ndjson"}
BIG = {"limit": 1000}


@pytest.fixture(scope="module")
async def key(stage: Stage, module_clock: SetClock) -> str:
    """A key, and records that differ in all that can be asked for; between them what somebody did."""
    subject, every = new_id(), {"analytics": True, "content": True, "advertising": True}
    for fields in (
        {"action": "accept_all", "purposes": every, "subject": subject},
        {"language": "es"},
        {"subject": subject, "purposes": dict.fromkeys(every, False), "action": "reject_all"},
        {"language": "es", "action": "accept_all", "purposes": every},
    ):
        module_clock.forward(1000)
        assert (await stage.give(**fields)).status_code == 201
        await auditing.note(stage.services, SITE, auditing.COMMAND, "webhook.removed")
    module_clock.forward(1000)
    return await stage.key("read")


async def asked(stage: Stage, key: str, **params: Any) -> list[dict[str, Any]]:
    answer = await stage.asked("/consents", key, params=BIG | params)
    assert answer.status_code == 200, answer.text
    lines: list[dict[str, Any]] = answer.json()["consents"]
    return lines


async def test_each_filter_finds_what_it_says_in_pages_lines_and_tables(stage: Stage, key: str) -> None:
    everything = await asked(stage, key)
    assert [line["kind"] for line in everything] == ["cookies", "audit"] * 4
    notice = everything[0]["notice"]
    subject = {"subject": everything[0]["subject"]}
    wanted: list[tuple[dict[str, str], list[int]]] = [
        ({"kind": "cookies"}, [1, 3, 5, 7]),
        ({"kind": "newsletter"}, []),
        ({"kind": "audit"}, [2, 4, 6, 8]),
        ({"action": "accept_all"}, [1, 7]),
        ({"action": "webhook.removed"}, [2, 4, 6, 8]),
        ({"purpose": "analytics"}, [1, 3, 5, 7]),
        ({"purpose": "analytics", "decision": "given"}, [1, 3, 7]),
        ({"purpose": "analytics", "decision": "withdrawn"}, [5]),
        ({"purpose": "nothing"}, []),
        ({"language": "es"}, [3, 7]),
        ({"language": "es", "action": "accept_all"}, [7]),
        ({"notice": notice}, [1, 3, 5, 7]),
        ({"notice": "0" * 64}, []),
        ({"country": "US"}, []),
        (subject, [1, 5]),
        (subject | {"action": "reject_all"}, [5]),
        ({"kind": "cookies", "since": everything[2]["recorded_at"], "until": everything[6]["recorded_at"]}, [3, 5]),
    ]
    for params, numbers in (({"until": soon(everything)} | params, numbers) for params, numbers in wanted):
        assert [line["seq"] for line in await asked(stage, key, **params)] == numbers, params
        newest = await asked(stage, key, **params, order="desc")
        assert [line["seq"] for line in newest] == numbers[::-1], params
        if params.keys() & {"kind", "subject"}:
            answer = await stage.asked("/consents", key, params=params, headers=LINES)
            assert verifying_files.verify_file(answer.content.splitlines()).records == len(numbers), params
    answer = await stage.asked("/consents", key, params={"kind": "audit"}, headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["action"] for row in rows[:4]] == ["webhook.removed"] * 4
    assert (await stage.asked("/consents", key, params={"decision": "given"})).json()["errors"][0]["path"] == "decision"


def soon(everything: list[dict[str, Any]]) -> str:
    """After all of these, and before what asking for them puts into the log."""
    return str(everything[-1]["recorded_at"]).replace(".000Z", ".001Z")


async def walked(stage: Stage, key: str, path: str, name: str, params: dict[str, Any]) -> list[Any]:
    """Every row, by the links of the pages."""
    rows: list[Any] = []
    url: str | None = str(httpx.URL(f"/v1/sites/{SITE}{path}", params=params))
    while url:
        answer = await stage.http.get(url, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows += page[name]
        assert len(page[name]) <= params["limit"]
        link = answer.links.get("next", {}).get("url")
        assert (link is None) == (page["next"] is None)
        assert link is None or httpx.URL(link).params["after"] == page["next"]
        url = link
    return rows


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_pages_lead_through_all_of_it_once(stage: Stage, key: str, limit: int, order: str) -> None:
    for params in ({"kind": "cookies"}, {"language": "es"}, {}):
        whole = [line["seq"] for line in await asked(stage, key, **params)]
        rows = await walked(stage, key, "/consents", "consents", {"limit": limit, "order": order, **params})
        assert [row["seq"] for row in rows] == (whole if order == "asc" else whole[::-1])
    await running.publish(stage.services)
    rows = await walked(stage, key, "/notices", "publications", {"limit": limit})
    assert [row["revision"] for row in rows] == list(range(len(rows), 0, -1))


async def test_a_page_that_looked_long_enough_is_short_and_leads_on(stage: Stage, key: str) -> None:
    database, content = stage.services.database, exports.Content(language="es")
    span = await exports.span(database, SITE, exports.Selection(content=content))
    first = await exports.find(database, span, 100, scan=2)
    assert (first.rows, first.last) == ([], 2)
    second = await exports.find(database, msgspec.structs.replace(span, after=2), 100, scan=2)
    assert ([row.seq for row in second.rows], second.last) == ([3], 4)
    newest = await exports.find(database, msgspec.structs.replace(span, up_to=8), 100, newest_first=True, scan=3)
    assert ([row.seq for row in newest.rows], newest.last) == ([7], 6)


async def test_a_cursor_is_good_for_its_own_question_alone(stage: Stage, key: str) -> None:
    first = (await stage.asked("/consents", key, params={"limit": 1, "kind": "cookies"})).json()["next"]
    good = await stage.asked("/consents", key, params={"limit": 2, "kind": "cookies", "after": first})
    assert [line["seq"] for line in good.json()["consents"]] == [3, 5]
    wrong = [
        ("/consents", {"kind": "audit", "after": first}),
        ("/consents", {"kind": "cookies", "order": "desc", "after": first}),
        ("/consents", {"after": first}),
        ("/consents", {"kind": "cookies", "after": first[:-1]}),
        ("/consents", {"kind": "cookies", "after": f"{first}A"}),
        ("/consents", {"kind": "cookies", "after": first[1:]}),
        ("/consents", {"kind": "cookies", "after": f"c{'A' * 40}"}),
        ("/consents", {"kind": "cookies", "after": "c"}),
        ("/subscribers", {"after": first}),
        ("/suppressions", {"after": first}),
        ("/outbox", {"after": first}),
        ("/outbox", {"after": new_id()}),
        ("/notices", {"after": first}),
    ]
    for path, params in wrong:
        answer = await stage.asked(path, key, params=params)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "after"), (path, params)
    harbour = await stage.key("read", site="harbour-post")
    there = await stage.http.get(
        "/v1/sites/harbour-post/consents",
        params={"limit": 1, "kind": "cookies", "after": first},
        headers={"Authorization": f"Bearer {harbour}"},
    )
    assert there.status_code == 422


async def test_who_asks_by_what_there_is_not_is_told_what_there_is(stage: Stage, key: str) -> None:
    for path, names in (
        ("/consents", ("order", "purpose", "since")),
        ("/subscribers", ("list", "state")),
        ("/webhooks", ("none",)),
        ("/log/checkpoint", ("none",)),
    ):
        answer = await stage.asked(path, key, params={"sort": "name;--"})
        assert answer.status_code == 422
        [fault] = answer.json()["errors"]
        assert fault["path"] == "sort"
        assert all(name in fault["message"] for name in names)
    for name, words in (("order", "seq"), ("kind", "null"), ("decision", "maybe"), ("limit", "1.0"), ("action", "%")):
        answer = await stage.asked("/consents", key, params={name: words})
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, name)
    told = (await stage.asked("/consents", key, params={"order": "seq"})).json()["errors"][0]["message"]
    assert told == "expected one of asc, desc"


async def test_a_notice_is_had_once(stage: Stage, key: str) -> None:
    digest = stage.services.directory.get(SITE).digest
    first = await stage.asked(f"/notices/{digest}", key)
    assert first.headers["etag"] == f'"{digest}"'
    again = await stage.asked(f"/notices/{digest}", key, headers={"If-None-Match": f'"{digest}"'})
    assert (again.status_code, again.content) == (304, b"")
