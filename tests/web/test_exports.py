"""The log as pages of JSON, as JSON lines and as CSV: what is asked for, whole, and nothing else."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from consent import cells, verifying_files
from consent import clock as clocks
from consent.records import ConsentRecord
from tests.acts import SITE, new_id
from tests.clock import SetClock
from tests.web.stage import CONSENTS, Stage

NDJSON, CSV = {"Accept": "application/x-ndjson"}, {"Accept": "text/csv"}


@pytest.fixture(scope="module")
async def key(stage: Stage, module_clock: SetClock) -> str:
    """A key, and 25 records of 5 subjects, a second apart."""
    subjects = [new_id() for _ in range(5)]
    for number in range(25):
        module_clock.forward(1000)
        answer = await stage.give(subject=subjects[number % 5], page=f"https://x.example/{number}")
        assert answer.status_code == 201
    return await stage.key("read")


async def consents_of(stage: Stage, key: str) -> list[dict[str, Any]]:
    """Every consent there is, without what the keys of the tests themselves did."""
    lines: list[dict[str, Any]] = (
        await stage.asked("/consents", key, params={"limit": 1000, "kind": "cookies"})
    ).json()["consents"]
    return lines


def lines_of(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.content.splitlines()]


async def test_pages_follow_one_another_by_cursor_without_gap_or_overlap(stage: Stage, key: str) -> None:
    seen: list[int] = []
    params: dict[str, Any] = {"limit": 7}
    while True:
        page = (await stage.asked("/consents", key, params=params)).json()
        assert set(page) == {"consents", "next", "size"}
        assert len(page["consents"]) <= 7
        seen += [line["seq"] for line in page["consents"]]
        if page["next"] is None:
            break
        params["after"] = page["next"]
    assert seen == list(range(1, await stage.count() + 1))


async def test_a_page_is_at_most_what_it_may_be(stage: Stage, key: str) -> None:
    assert len((await stage.asked("/consents", key, params={"limit": 1})).json()["consents"]) == 1
    assert len((await stage.asked("/consents", key, params={"limit": 1000})).json()["consents"]) == 25
    for words in ("0", "-1", "1001", "1e9", "x", "", "٣", "1 ", "9" * 5000, "0x1", "1.0"):
        answer = await stage.asked("/consents", key, params={"limit": words})
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "limit"), words
    for words in ("-1", "x", "9" * 20, "9" * 5000, "1;--", "1 OR 1=1"):
        answer = await stage.asked("/consents", key, params={"after": words})
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "after"), words
    assert (await stage.asked("/consents", key, params={"after": 9_007_199_254_740_992})).json()["consents"] == []


@pytest.mark.parametrize(
    "params",
    [
        {"sort": "name;--"}, {"filter": "slug:[a]"}, {"order": "seq"}, {"Subject": "x"}, {"subject": "x"},
        {"subject": ""}, {"subject": "5F0E0000-0000-7000-8000-000000000000"},
        {"since": "yesterday"}, {"since": ""},
        {"until": "2026-13-01T00:00:00Z"},
        {"since": "2026-11-22"}, {"since": "-1"}, {"until": "9" * 400}, {"since": "0001-01-01T00:00:00+23:59"},
        {"subject": "' OR 1=1--"}, {"subject": "x\0"}, {"since": "2026-11-22T10:00:00Z\0"}, {"page": "1"}, {"": "1"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson", "text/csv"])
async def test_filters_that_there_are_not_are_refused(
    stage: Stage, key: str, params: dict[str, str], accept: str
) -> None:
    answer = await stage.asked("/consents", key, params=params, headers={"Accept": accept})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "SELECT" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_filter_twice_and_a_page_of_a_stream_are_refused(stage: Stage, key: str) -> None:
    assert (await stage.asked("/consents?limit=1&limit=2", key)).status_code == 422
    for name in ("limit", "after"):
        for headers in (NDJSON, CSV):
            answer = await stage.asked("/consents", key, params={name: "1"}, headers=headers)
            assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, name)


def without_path(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "proof": {name: value for name, value in line["proof"].items() if name != "path"}}


async def test_a_subjects_records_and_a_span_of_time(stage: Stage, key: str) -> None:
    everything = await consents_of(stage, key)
    subject = everything[0]["subject"]
    own = [line for line in everything if line["subject"] == subject]
    assert len(own) == 5
    since, until = everything[3]["recorded_at"], everything[9]["recorded_at"]
    later = clocks.text(clocks.parse(since) + 1)
    expected: list[tuple[dict[str, str], list[dict[str, Any]]]] = [
        ({"subject": subject}, own),
        ({"subject": subject, "kind": "cookies"}, own),
        ({"subject": new_id()}, []),
        ({"since": since, "kind": "cookies"}, everything[3:]),
        ({"since": later, "kind": "cookies"}, everything[4:]),
        ({"until": until}, everything[:9]),
        ({"since": since, "until": until}, everything[3:9]),
        ({"since": until, "until": since}, []),
        ({"subject": subject, "since": since}, [line for line in own if line["seq"] > 3]),
        ({"since": "1971-01-01T00:00:00Z", "until": "9999-01-01T00:00:00Z", "kind": "cookies"}, everything),
        ({"since": "9999-01-01T00:00:00Z"}, []),
    ]
    for params, wanted in expected:
        page = (await stage.asked("/consents", key, params={**params, "limit": 1000})).json()
        assert page["consents"] == wanted, params
        answer = await stage.asked("/consents", key, params=params, headers=NDJSON)
        *streamed, last = lines_of(answer)
        is_scattered = bool({"subject", "kind"} & set(params))
        assert ["path" in line["proof"] for line in streamed] == [is_scattered] * len(wanted), params
        assert [without_path(line) for line in streamed] == wanted, params
        assert "checkpoint" in last
        assert verifying_files.verify_file(answer.content.splitlines()).records == len(wanted), params
        answer = await stage.asked("/consents", key, params=params, headers=CSV)
        assert [row["id"] for row in csv.DictReader(io.StringIO(answer.text, newline=""))] == [
            line["id"] for line in wanted
        ]


async def test_an_export_of_json_lines_verifies_offline_and_is_named(stage: Stage, key: str) -> None:
    answer = await stage.asked("/consents", key, headers=NDJSON)
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == f'attachment; filename="{SITE}-consents.jsonl"'
    found = verifying_files.verify_file(answer.content.splitlines(keepends=True))
    assert found.is_whole
    size = await stage.count() - 1  # the last line of the log says that it was exported
    assert (found.records, found.checkpoint.size) == (size, size)
    since = lines_of(answer)[10]["recorded_at"]
    part = await stage.asked("/consents", key, params={"since": since}, headers=NDJSON)
    found = verifying_files.verify_file(part.content.splitlines(keepends=True))
    assert found.is_whole
    assert (found.records, found.checkpoint.size) == (size + 1 - 10, size + 1)


ND, JSON = "application/x-ndjson", "application/json"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (f"{ND};q=0", JSON), (f"text/csv;q=0, {ND};q=0.0", JSON), (f"text/csv; q=0.000, {ND}", ND),
        (f"{ND};q=0, text/csv;q=0.1", "text/csv"), (f"{ND};q=0.5, {JSON}", JSON), (f"{JSON};q=0.5, {ND};q=0.9", ND),
        ("TEXT/CSV;Q=1.000", "text/csv"), (f"text/csv, {ND}", ND), ("*/*", JSON), ("", JSON), ("text/html", JSON),
        (f"x-{ND}", JSON), (f"{ND};charset=utf-8;q=0", JSON), (f"{ND};q=x", ND), (f"{JSON};q=0", JSON), (";,;q=", JSON),
    ],
)  # fmt: skip
async def test_an_offer_of_no_weight_is_none(stage: Stage, key: str, accept: str, media: str) -> None:
    answer = await stage.asked("/consents", key, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, media)


async def test_a_checkpoint_is_json_only_for_who_wants_it(stage: Stage, key: str) -> None:
    for accept, media in ((JSON, JSON), (f"{JSON};q=0", "text/plain"), ("*/*", "text/plain")):
        answer = await stage.asked("/log/checkpoint", key, headers={"Accept": accept})
        assert answer.headers["content-type"].split(";")[0] == media, accept


async def test_a_csv_is_read_back_to_what_was_recorded(stage: Stage, key: str) -> None:
    answer = await stage.asked("/consents", key, headers=CSV)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{SITE}-consents.csv"'
    everything = await consents_of(stage, key)
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert list(rows[0]) == list(ConsentRecord.__struct_fields__)
    assert answer.text.endswith("\r\n")
    for row, line in zip(rows, everything, strict=True):
        line.pop("proof")
        told = {name: value for name, value in line.items() if value is not None}
        assert {name: read_back(name, cell) for name, cell in row.items() if cell} == told


def read_back(name: str, cell: str) -> Any:
    """By the documented rule: take one apostrophe away; what is no text in the record is JSON."""
    if name in ("purposes", "services", "status", "seq", "gpc", "gpc_header"):
        return json.loads(cell)
    return cells.plain(cell)


def cells_of(answer: httpx.Response) -> Iterator[str]:
    for row in csv.reader(io.StringIO(answer.text, newline="")):
        yield from row


async def test_no_cell_is_a_formula(stage: Stage, key: str) -> None:
    canaries = ["-_.", "-1", "--", "-CMD", "~=", "-2+3"]
    given = {}
    for tcf in canaries:
        body = stage.body(tcf=tcf, decided_at="2026-11-22T10:00:00Z", page="https://x.example/a,b'c;=1+1")
        answer = await stage.http.post(CONSENTS, json=body)
        if answer.status_code == 201:
            given[body["id"]] = body
    assert len(given) == 4
    answer = await stage.asked("/consents", key, headers=CSV)
    assert not [cell for cell in cells_of(answer) if cell.startswith(cells.FORMULA)]
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(answer.text, newline=""))}
    for id_, body in given.items():
        assert {name: read_back(name, rows[id_][name]) for name in ("tcf", "page")} == {
            name: body[name] for name in ("tcf", "page")
        }


async def test_an_export_ends_at_the_head_it_began_with(stage: Stage, key: str) -> None:
    """Records that arrive while it streams are not in it, and it verifies all the same."""
    before = await stage.count()
    lines: list[bytes] = []
    headers = {"Authorization": f"Bearer {key}", **NDJSON}
    async with stage.http.stream("GET", CONSENTS, headers=headers) as answer:
        assert (await stage.give()).status_code == 201
        async for line in answer.aiter_lines():
            assert (await stage.give()).status_code == 201
            lines.append(line.encode())
    assert await stage.count() > before + 20
    found = verifying_files.verify_file(lines)
    assert found.is_whole
    assert (found.records, found.checkpoint.size) == (before, before)


async def test_a_subjects_access_is_whole_and_says_what_holds(stage: Stage, key: str, module_clock: SetClock) -> None:
    subject, refused = new_id(), {"analytics": False, "content": False, "advertising": False}
    await asyncio.gather(*(stage.give(subject=subject, purposes=refused) for _ in range(519)))
    await stage.give(subject=subject, purposes=refused | {"analytics": True})
    told = (await stage.asked(f"/subjects/{subject}", key)).json()
    assert len(told["records"]) == 520
    assert (told["subject"], told["is_current"], told["status"]["analytics"]) == (subject, True, "given")
    module_clock.forward(183 * clocks.DAY)
    assert (await stage.asked(f"/subjects/{subject}", key)).json()["is_current"] is False
    for nobody in (new_id(), "x", "0" * 36, "%00", subject.upper()):
        assert (await stage.asked(f"/subjects/{nobody}", key)).status_code == 404
