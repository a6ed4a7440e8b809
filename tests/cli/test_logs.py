"""`consent export`, `consent verify` and `consent token`: what leaves the log can be checked anywhere."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from consent import ledger
from consent.records import Circumstances
from tests.acts import GIVEN, REFUSED, SITE, request
from tests.cli.command import Shell
from tests.clock import START, SetClock
from tests.running import SECRET, notice_of, running

COUNT = 12


@pytest.fixture
async def filled(tmp_path: Path, database_url: str) -> tuple[Shell, list[str]]:
    """A log of 12 records, a minute apart, once on each engine; and their receipts."""
    clock, receipts = SetClock(), []
    async with running(database_url, SECRET, clock=clock) as services:
        for number in range(COUNT):
            asked = request(notice_of(services), GIVEN if number % 2 else REFUSED, page=f"https://x.example/{number}")
            answer, _ = await ledger.give(services, SITE, asked, Circumstances(country="US"))
            receipts.append(answer.receipt)
            clock.forward(60_000)
    return Shell(tmp_path, database_url), receipts


Filled = tuple[Shell, list[str]]


async def test_an_export_is_checked_by_itself_elsewhere(filled: Filled, tmp_path: Path) -> None:
    shell, _ = filled
    exported = shell.good("export", "consents", SITE)
    assert exported.err == ""
    *lines, last = [json.loads(line) for line in exported.out.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, COUNT + 1))
    (tmp_path / "out.jsonl").write_text(exported.out)
    elsewhere = Shell(tmp_path, "postgresql://nobody@127.0.0.1:1/none")
    done = elsewhere.good("verify", "out.jsonl")
    assert f"{COUNT} records, all as committed to, 0 erased" in done.out
    assert last["key"] in done.out
    elsewhere.good("verify", "out.jsonl", "--key", last["key"])
    (tmp_path / "out.jsonl").write_text(exported.out.replace("https://x.example/6", "https://x.example/x"))
    altered = elsewhere.run("verify", "out.jsonl")
    assert (altered.code, altered.out) == (1, "")
    assert "ALTERED: record 7 " in altered.err
    (tmp_path / "out.jsonl").write_text("".join(exported.out.splitlines(keepends=True)[:-1]))
    assert "cut short" in elsewhere.run("verify", "out.jsonl").err


async def test_since_begins_where_it_says(filled: Filled, tmp_path: Path) -> None:
    shell, _ = filled
    instant = "2026-11-22T10:05:00Z"
    assert START == 1_795_341_600_000
    exported = shell.good("export", "consents", SITE, "--since", instant)
    *lines, _last = [json.loads(line) for line in exported.out.splitlines()]
    assert [line["seq"] for line in lines] == list(range(6, COUNT + 1))
    (tmp_path / "since.jsonl").write_text(exported.out)
    assert "7 records" in shell.good("verify", "since.jsonl").out
    assert len(shell.good("export", "consents", SITE, "--since", "2026-11-22").out.splitlines()) == COUNT + 1
    done = shell.run("export", "consents", SITE, "--since", "yesterday")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("--since: ")
    done = shell.run("export", "consents", SITE, "--subject", "x")
    assert (done.code, done.out) == (1, "")
    assert "subject" in done.err
    subject = lines[0]["subject"]
    *own, _last = shell.good("export", "consents", SITE, "--subject", subject).out.splitlines()
    assert [json.loads(line)["subject"] for line in own] == [subject]


async def test_a_csv_has_a_row_a_record(filled: Filled) -> None:
    shell, _ = filled
    rows = list(csv.DictReader(io.StringIO(shell.good("export", "consents", SITE, "--format", "csv").out)))
    assert [row["seq"] for row in rows] == [str(number) for number in range(1, COUNT + 1)]
    assert json.loads(rows[1]["purposes"]) == GIVEN


async def test_verify_checks_one_site_or_all(filled: Filled) -> None:
    shell, _ = filled
    for arguments in ((), (SITE,)):
        assert shell.good("verify", *arguments).out == f"{SITE}: {COUNT} records, all as committed to, 0 erased\n"


async def test_a_receipt_is_told_and_another_sites_is_not(filled: Filled) -> None:
    shell, receipts = filled
    told = json.loads(shell.good("token", "verify", receipts[3], "--site", SITE).out)
    assert (told["seq"], told["purposes"]) == (4, GIVEN)
    for token, site in ((receipts[3], "other"), (receipts[3][:-6], SITE)):
        done = shell.run("token", "verify", token, "--site", site)
        assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    keys = shell.good("token", "keys", "--site", SITE, CONSENT_SECRET=f"older-{SECRET} {SECRET}").out.split()
    assert [len(key) for key in keys] == [64, 64]
    assert SECRET not in "".join(keys)
