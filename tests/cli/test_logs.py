"""`consent export`, `consent verify` and `consent token`: what leaves the log can be checked anywhere."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from consent import ledger
from consent.records import Circumstances
from consent.storage.engines import open_database
from consent.storage.migrations import bundled
from tests.acts import GIVEN, REFUSED, SITE, request
from tests.cli.command import Shell
from tests.clock import START, SetClock
from tests.running import MIAMI, SECRET, notice_of, running
from tests.storage.tampering import altering, guarded

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
    malformed = elsewhere.run("verify", "out.jsonl", "--key", "nonsense")
    assert (malformed.code, malformed.out) == (2, "")
    assert malformed.err.splitlines()[-1].startswith("Error: Invalid value for --key: expected an Ed25519 verifier key")
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
    (tmp_path / "own.jsonl").write_text("\n".join([*own, _last]))
    done = shell.good("verify", "own.jsonl")
    assert "1 records, each is in the log; a selection, so not shown to be whole" in done.out
    record, end = json.loads(own[0]), json.loads(_last)
    receipt = {"consent_receipt": 1, "proof": record.pop("proof"), "record": record, **end}
    (tmp_path / "receipt.json").write_text(json.dumps(receipt, indent=2))
    assert "a receipt in order" in shell.good("verify", "receipt.json", "--key", end["key"]).out
    (tmp_path / "receipt.json").write_text(json.dumps(receipt).replace('"US"', '"DE"'))
    done = shell.run("verify", "receipt.json")
    assert (done.code, done.err) == (1, "ALTERED: record 6 was altered: it is not what was committed to\n")
    (tmp_path / "out.csv").write_text(shell.good("export", "consents", SITE, "--format", "csv").out)
    done = shell.run("verify", "out.csv")
    assert (done.code, done.out, done.err) == (1, "", "consent: this is not an export in JSON lines\n")


async def test_a_csv_has_a_row_a_record(filled: Filled) -> None:
    shell, _ = filled
    rows = list(csv.DictReader(io.StringIO(shell.good("export", "consents", SITE, "--format", "csv").out)))
    assert [row["seq"] for row in rows] == [str(number) for number in range(1, COUNT + 1)]
    assert json.loads(rows[1]["purposes"]) == GIVEN


async def test_verify_checks_one_site_or_all(filled: Filled) -> None:
    shell, _ = filled
    for arguments in ((), (SITE,)):
        assert shell.good("verify", *arguments).out == f"{SITE}: {COUNT} records, all as committed to, 0 erased\n"


async def test_what_was_altered_is_told_and_the_other_sites_are_checked_all_the_same(filled: Filled) -> None:
    shell, _ = filled
    (shell.folder / "other.toml").write_bytes(MIAMI.read_bytes().replace(b'id = "miami-new-times"', b'id = "other"'))
    shell.good("site", "publish", "other.toml")
    async with altering(shell.database, "notices") as intruder:
        await intruder.execute(f"UPDATE notices SET document = replace(document, 'a', 'b') WHERE site = '{SITE}'")
        done = shell.run("verify")
        assert (done.code, done.out) == (1, "other: 0 records, all as committed to, 0 erased\n")
        assert done.err.startswith(f"ALTERED: {SITE}: the notice ")
    async with altering(shell.database, "logs") as intruder:
        await intruder.execute(f"DELETE FROM logs WHERE site = '{SITE}'")
        for arguments in ((), (SITE,)):
            done = shell.run("verify", *arguments)
            assert done.code == 1
            assert done.err.startswith(
                f"ALTERED: {SITE}: the log of the site '{SITE}' is missing, while it is still in"
            )
    shell.good("verify")


READING = (("verify",), ("verify", SITE), ("export", "consents", SITE), ("key", "list", SITE))


async def test_reading_makes_and_changes_nothing(shell: Shell) -> None:
    token = ("token", "verify", "x", "--site", SITE)
    for arguments in (*READING, token, ("doctor",)):
        done = shell.run(*arguments)
        assert (done.code, list(shell.folder.iterdir())) == (1, []), arguments
        assert arguments not in READING or "there is no database at" in done.err
    (shell.folder / "consent.db").touch()
    for arguments in READING:
        done = shell.run(*arguments)
        assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1), arguments
        assert "there is no database at" in done.err
    assert (shell.folder / "consent.db").stat().st_size == 0
    assert [file.name for file in shell.folder.iterdir()] == ["consent.db"]
    done = shell.run("token", "keys", "--site", SITE, CONSENT_SECRET=None)
    assert (done.code, [file.name for file in shell.folder.iterdir()]) == (1, ["consent.db"])


async def test_reading_does_not_migrate(shell_on_each: Shell) -> None:
    database = await open_database(shell_on_each.database)
    await database.migrate(bundled(database.engine)[:1], 1)
    await database.close()
    for arguments in READING:
        done = shell_on_each.run(*arguments)
        assert (done.code, done.out) == (1, "")
        assert done.err == "consent: the database lacks 0002_append_only: run `consent migrate`\n"
    shell_on_each.good("migrate")
    done = shell_on_each.run("verify")
    assert (done.code, done.out, done.err) == (
        1,
        "",
        "consent: no sites: there is nothing to verify in this database\n",
    )


async def test_what_is_neither_a_site_nor_a_file_is_told(filled: Filled) -> None:
    shell, _ = filled
    done = shell.run("verify", "nofile.jsonl")
    assert (done.code, done.err) == (1, "consent: there is no site and no file of that name: nofile.jsonl\n")


async def test_reading_waits_for_no_writer_and_keeps_none_waiting(shell: Shell) -> None:
    """While another process holds the write lock."""
    shell.published()
    shell.good("key", "new", SITE)
    async with guarded(shell.database) as writer:
        await writer.execute("BEGIN IMMEDIATE")
        await writer.execute("INSERT INTO heartbeats VALUES ('test', 1)")
        for arguments in READING:
            shell.good(*arguments)
        await writer.execute("COMMIT")


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
