"""The page that checks a file: served or from a disk, the verdicts of the command line, and never a word sent."""

from __future__ import annotations

import asyncio
import base64
import functools
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from consent import receipt_lines, records
from consent.checkpoints import LogKey, vkey
from consent.services import Services
from consent.tree import Tree
from consent.verifying_files import VerifiedFile, verify_file
from tests import acts
from tests.browser.consoles import Desk, served
from tests.clock import START, SetClock
from tests.house import generate_verify
from tests.reading import erase
from tests.running import notice_of, running
from tests.trips.exported import RECORDS, SUBJECT, Lines, export, refitted, replaced, verdict, without
from tests.trips.test_verify_files import ALTERATIONS, WHOLE, small_file
from tests.trips.test_verify_selections import SELECTED

MANY = 1200
VICTIM = 7
FOREIGN = LogKey("127.0.0.1/log/foreign", bytes(31) + b"\x01")


@pytest.fixture
async def desk(chromium: Browser, sqlite_url: str) -> AsyncIterator[Desk]:
    """A browser with nobody signed in."""
    async with served(sqlite_url) as stage:
        context = await chromium.new_context()
        yield Desk(await context.new_page(), stage)
        await context.close()


@functools.cache
def made(count: int) -> tuple[bytes, ...]:
    """An export of so many records, made without a database."""
    first, key, grown = small_file()[0], LogKey("127.0.0.1/log/site", bytes(32)), Tree()
    payload, _, _ = first.rpartition(b',"proof":')
    lines = []
    for seq in range(1, count + 1):
        record = payload.replace(b'"seq":1,', b'"seq":%d,' % seq) + b"}"
        leaf = records.leaf(record, bytes(32))
        grown.append([leaf])
        proof = msgspec.json.encode({"leaf": leaf.hex(), "salt": bytes(32).hex()})
        lines.append(record[:-1] + b',"proof":' + proof + b"}")
    end = {"checkpoint": key.sign(count, grown.root()), "key": vkey(key.origin, key.public)}
    return (*lines, msgspec.json.encode(end))


def resigned(lines: Lines) -> Lines:
    """The whole file under a checkpoint of somebody else's, key and all: it fits together."""
    end = msgspec.json.decode(lines[-1])
    size, root = end["checkpoint"].split("\n")[1:3]
    end["checkpoint"] = FOREIGN.sign(int(size), base64.b64decode(root))
    return [*lines[:-1], msgspec.json.encode(end | {"key": vkey(FOREIGN.origin, FOREIGN.public)})]


def swapped(lines: Lines) -> Lines:
    """A checkpoint of the same log, of another length."""
    return [*lines[:-1], made(MANY - 1)[-1]]


WRONG: Mapping[str, tuple[Callable[[Lines], Lines], str]] = {
    "a decision": (replaced(b'"analytics":false', b'"analytics":true', VICTIM - 1), "record 7 was altered"),
    "a line": (without(VICTIM - 1), "go up to 1200 with gaps"),
    "the last line": (without(MANY - 1), "go up to 1199, the log to 1200"),
    "the checkpoint": (swapped, "the lines go up to 1200, the log to 1199"),
    "the end": (without(MANY), "no checkpoint at its end"),
    "a key twice": (
        replaced(b'"language":"en"', b'"language":"es","language":"en"', VICTIM - 1),
        "says language twice",
    ),
    "JSON": (replaced(b'"kind"', b"kind", VICTIM - 1), "the line after record 6 is not JSON"),
    "the order": (lambda lines: [*lines[:8], lines[6], *lines[8:]], "record 7 stands out of order"),
}


async def judged(page: Page, folder: Path, lines: Lines | bytes, key: str = "") -> str:
    """What the page says of a file."""
    file = folder / "file.jsonl"
    file.write_bytes(lines if isinstance(lines, bytes) else b"\n".join(lines) + b"\n")
    await page.get_by_label("The key it must be signed with").fill(key)
    await page.evaluate("document.getElementById('verdict').hidden = true")
    await page.locator("#file").set_input_files(file)
    await expect(page.locator("#verdict")).to_be_visible(timeout=30_000)
    await page.locator("#file").set_input_files([])
    return await page.locator("#verdict").inner_text()


async def test_a_saved_page_tells_good_files_from_altered_ones(chromium: Browser, tmp_path: Path) -> None:
    saved, asked = tmp_path / "verify.html", list[str]()
    saved.write_text(generate_verify.PAGE.read_text("utf-8"), "utf-8")
    context: Any = await chromium.new_context()
    page = await context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    lines = list(made(MANY))
    key = msgspec.json.decode(lines[-1])["key"]
    await page.goto(saved.as_uri())
    said = await judged(page, tmp_path, lines)
    assert "In order: 1,200 records" in said
    assert key in said
    for name, (alter, words) in WRONG.items():
        altered = alter(lines)
        assert isinstance(verdict(altered), int | str), name
        assert words in await judged(page, tmp_path, altered), name
    foreign = resigned(lines)
    assert vkey(FOREIGN.origin, FOREIGN.public) in await judged(page, tmp_path, foreign)
    assert "is not signed by the log's key" in await judged(page, tmp_path, foreign, key)
    assert "signed by the key that you gave" in await judged(page, tmp_path, lines, key)
    assert "That is no key" in await judged(page, tmp_path, lines, "nonsense")
    assert [address for address in asked if not address.startswith(("file:", "data:"))] == []
    await context.close()


async def test_the_served_page_checks_exports_and_a_receipt(desk: Desk, tmp_path: Path) -> None:
    stage = desk.stage
    token = [(await stage.give()).json()["receipt"] for _ in range(5)][1]
    key = await stage.key("read")
    await desk.page.goto(f"{stage.services.settings.url}/verify")
    await desk.judge(("dark", 320))
    accept = {"Accept": "application/x-ndjson"}
    whole = (await stage.asked("/consents", key, headers=accept)).content
    assert "In order: 5 records" in await judged(desk.page, tmp_path, whole)
    await desk.judge(("light", 1280), ("dark", 320))
    subject = msgspec.json.decode(whole.splitlines()[1])["subject"]
    one = (await stage.asked(f"/consents?subject={subject}", key, headers=accept)).content
    assert "It is a selection" in await judged(desk.page, tmp_path, one)
    receipt = (await stage.http.get(f"/receipts/{token}?format=proof")).content
    assert verify_file(receipt_lines.read(receipt) or []).records == 1
    assert "The receipt is in order" in await judged(desk.page, tmp_path, receipt)
    altered = receipt.replace(b'"analytics": true', b'"analytics": false', 1)
    assert altered != receipt
    assert "record 2 was altered" in await judged(desk.page, tmp_path, altered)
    desk.assert_calm()


JUDGED = """async ([text, wanted]) => {
  try {
    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    return await consentFiles.check(new File([bytes], 'file'), wanted, () => {});
  } catch ({ seq, message }) {
    return { seq, message };
  }
}"""


async def filled(services: Services, clock: SetClock) -> None:
    """A log over one tile, in two parts, every tenth record of one subject, one erased."""
    for count in (200, RECORDS - 200):
        subjects = [SUBJECT if place % 10 == 0 else acts.new_id() for place in range(count)]
        drafts = [acts.draft(notice_of(services), acts.REFUSED, subject=subject) for subject in subjects]
        await asyncio.gather(*map(services.recorder.give, drafts))
        clock.forward(10_000)
    await erase(services, 280)


async def test_the_browser_and_the_command_agree_on_every_file(
    chromium: Browser, sqlite_url: str, clock: SetClock
) -> None:
    async with running(sqlite_url, clock=clock) as services:
        await filled(services, clock)
        whole, since = await export(services), await export(services, since=START + 1)
        until, own = await export(services, until=START + 1), await export(services, subject=SUBJECT)
        between = await export(services, since=START + 1, until=START + 10_001)
    cases = [(f"{name} of the whole", alter(whole)) for name, (alter, _) in ALTERATIONS.items()]
    cases += [(f"{name} of the whole", alter(whole)) for name, alter in WHOLE.items()]
    cases += [(f"{name} of one subject's", alter(own)) for name, (alter, _) in SELECTED.items()]
    for name, lines in (("whole", whole), ("since", since), ("until", until), ("own", own), ("between", between)):
        cases += [(name, lines), (f"{name} but for a line", without(3)(lines)), (f"{name} refitted", refitted(lines))]
    page = await chromium.new_page()
    await page.goto(generate_verify.PAGE.as_uri())
    said = {
        name: await page.evaluate(JUDGED, [base64.b64encode(b"\n".join(lines)).decode(), ""]) for name, lines in cases
    }
    await page.close()
    for name, lines in cases:
        expected, found = verdict(lines), said[name]
        if isinstance(expected, VerifiedFile):
            assert (found["records"], found["erased"]) == (expected.records, expected.erased), name
        elif isinstance(expected, int):
            assert found.get("seq") == expected, (name, found)
        elif name not in SAID_OTHERWISE:
            assert found.get("message") == expected, name
    assert {name: said[name]["message"] for name in SAID_OTHERWISE} == SAID_OTHERWISE


SAID_OTHERWISE = {"a number of its own of the whole": "record 7 has the number 7.0"}
