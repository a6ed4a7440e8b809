"""`consent migrate` and `consent doctor`: what is in order, and each thing that is not with what mends it."""

from __future__ import annotations

import json

import pytest

from consent import auditing, keyring, ledger
from consent import clock as clocks
from consent.cli.inside import within
from consent.clock import DAY
from consent.records import Circumstances
from consent.services import Services
from consent.storage import backups, logs
from tests import acts
from tests.acts import SITE, request
from tests.cli.command import Done, Shell
from tests.clock import SetClock
from tests.ports import free_port
from tests.running import SECRET, notice_of, running
from tests.storage.tampering import guarded


def findings(done: Done) -> dict[str, str]:
    """What was looked at, each with its mark and its mend."""
    found: dict[str, str] = {}
    what = ""
    for line in done.out.splitlines():
        if line.startswith(("ok  ", "WARN ", "BAD ")):
            mark, what, words = line.split(maxsplit=2)
            found[what] = f"{mark} {words}"
        else:
            found[what] += f" / {line.strip()}"
    return found


async def test_migrating_says_what_it_applied_and_then_that_there_is_nothing(shell_on_each: Shell) -> None:
    first = shell_on_each.good("migrate").out.splitlines()
    assert [line.split("_")[0] for line in first][:2] == ["applied 0001", "applied 0002"]
    assert shell_on_each.good("migrate").out == "the schema is up to date\n"


async def test_a_healthy_service_has_no_findings(shell_on_each: Shell) -> None:
    shell_on_each.published()
    done = shell_on_each.run("doctor")
    found = findings(done)
    assert (done.code, [words for words in found.values() if not words.startswith("ok")]) == (0, []), done.out
    assert {"settings", "proxies", "limits", "database", "schema", "log", "clock", "head", "serving"} <= set(found)
    assert "1 log(s)" in found["log"]
    assert SECRET not in done.out + done.err


async def test_it_finds_a_head_that_was_put_back_an_unused_key_and_an_old_backup(services: Services) -> None:
    """In this process: what the database alone tells."""
    records = [acts.draft(notice_of(services), acts.GIVEN) for _ in range(3)]
    await services.recorder.give(records[0])
    async with services.database.reading() as reader:
        before = await logs.head(reader, SITE)
    for one in records[1:]:
        await services.recorder.give(one)
    await keyring.make(services, SITE, frozenset({"read"}), actor=auditing.COMMAND)
    found = {one.what: one async for one in within(services.settings, services.database)}
    assert {one.what for one in found.values() if one.level != "ok"} == {"backup"}
    assert found["backup"].words == "none is known of"
    assert before is not None
    old = clocks.now() - 100 * DAY
    made = backups.Backup(id=bytes(16), kind="whole", made_at=old, bytes=7, rows_kept=1, is_encrypted=1, checked_at=old)
    async with services.database.writing() as writer:
        await backups.add(writer, made)
        await writer.execute("UPDATE keys SET created_at = $1", old)
        await writer.execute("UPDATE heads SET checkpoint = $1", before.checkpoint)
    found = {one.what: one async for one in within(services.settings, services.database)}
    assert {one.what: one.level for one in found.values() if one.level != "ok"} == {
        "backup": "warn",
        "api keys": "warn",
        "head": "bad",
    }
    assert found["backup"].words == "100 day(s) ago, 7 bytes, encrypted"
    assert found["head"].mend == f"consent verify {SITE}"


async def test_what_was_made_here_only_its_owner_can_read(shell: Shell) -> None:
    shell.published()
    for file in shell.folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


async def test_bad_settings_are_found_and_end_the_visit(shell: Shell) -> None:
    for settings in ({"CONSENT_SECRET": "short"}, {"CONSENT_URL": "http://consent.example"}):
        done = shell.run("doctor", **settings)
        assert done.code == 1
        assert set(findings(done)) == {"settings"}
        assert "mend: " in done.out


async def test_a_public_service_without_a_proxy_and_a_file_that_others_read_are_found(shell: Shell) -> None:
    shell.published()
    (shell.folder / "consent.db").chmod(0o644)
    done = shell.run("doctor", CONSENT_URL="https://consent.example")
    found = findings(done)
    assert done.code == 1
    told = json.loads(shell.run("doctor", "--format", "json", CONSENT_URL="https://consent.example").out)
    assert [one["level"] for one in told if one["what"] in ("proxies", "rights")] == ["bad", "bad"]
    assert "mend: set CONSENT_TRUSTED_PROXIES" in found["proxies"]
    assert f"mend: chmod 600 {shell.folder / 'consent.db'}" in found["rights"]
    assert found["database"].startswith("ok")


async def test_a_database_that_does_not_answer_is_found(shell: Shell) -> None:
    for url in ("postgresql://x:canary@127.0.0.1:1/x", "sqlite:////no/such/folder/consent.db"):
        done = shell.run("doctor", CONSENT_DATABASE=url)
        assert done.code == 1
        assert "mend: check CONSENT_DATABASE" in findings(done)["database"]
        assert "canary" not in done.out + done.err


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(shell: Shell) -> None:
    file = shell.folder / "consent.db"
    file.write_bytes(b"not a database " * 500)
    file.chmod(0o600)
    for command in (("doctor",), ("verify",)):
        assert shell.run(*command).code == 1
    assert file.read_bytes() == b"not a database " * 500


async def test_each_trouble_of_the_schema_has_its_own_mend(shell_on_each: Shell) -> None:
    shell = shell_on_each
    shell.published()
    digest = "SELECT digest FROM migrations WHERE name = '0001_spine'"
    async with guarded(shell.database) as other:
        [row] = await other.rows(digest)
        await other.execute("UPDATE migrations SET digest = 'x' WHERE name = '0001_spine'")
        assert "install consent anew" in findings(shell.run("doctor"))["schema"]
        await other.execute("UPDATE migrations SET digest = $1 WHERE name = '0001_spine'", row["digest"])
        await other.execute("INSERT INTO migrations VALUES ('9999_later', 'x', 1)")
        assert "mend: install the version of consent that wrote it" in findings(shell.run("doctor"))["schema"]
        await other.execute("DELETE FROM migrations WHERE name = '9999_later'")
    shell.good("doctor")


async def test_it_only_looks_at_a_schema_that_is_behind(shell_on_each: Shell) -> None:
    shell = shell_on_each
    async with guarded(shell.database) as other:
        await other.execute("CREATE TABLE others (a TEXT)")
        done = shell.run("doctor")
        found = findings(done)
        assert (done.code, found["schema"].startswith("BAD not applied yet: 0001_")) == (1, True), done.out
        assert "mend: consent migrate" in found["schema"]
        assert "log" not in found
        with pytest.raises(Exception, match=r"no such table|does not exist"):
            await other.rows("SELECT * FROM migrations")
    shell.good("migrate")
    assert findings(shell.run("doctor"))["schema"] == "ok up to date"


async def test_it_makes_neither_a_database_nor_a_secret(shell: Shell) -> None:
    done = shell.run("doctor")
    assert "mend: check CONSENT_DATABASE; `consent migrate` makes" in findings(done)["database"]
    fresh = shell.run("doctor", CONSENT_SECRET=None)  # an empty folder is nobody's fault
    assert (fresh.code, findings(fresh)["settings"].startswith("WARN nothing is here yet")) == (0, True)
    assert list(shell.folder.iterdir()) == []


async def test_a_database_that_somebody_holds_is_found(shell: Shell) -> None:
    shell.published()
    async with guarded(shell.database) as other:
        await other.execute("BEGIN IMMEDIATE")
        done = shell.run("doctor")
        await other.execute("ROLLBACK")
    assert done.code == 1
    assert "is locked / mend: end the program that holds the database" in findings(done)["writing"]


async def test_a_server_that_is_away_or_refuses_is_told_apart(shell: Shell, postgres_url: str) -> None:
    nobody = postgres_url.replace("postgres@", "nobody@")
    for url, mend in (("postgresql://x@127.0.0.1:1/x", "that the server runs"), (nobody, "check the user, the passw")):
        assert mend in findings(shell.run("doctor", CONSENT_DATABASE=url))["database"]


@pytest.mark.parametrize("command", [("doctor",), ("verify",), ("migrate",), ("serve", "--port", str(free_port()))])
async def test_a_damaged_database_is_told_in_one_sentence(shell: Shell, command: tuple[str, ...]) -> None:
    """Its first page is whole, so that it opens; what comes after is not."""
    shell.published()
    file = shell.folder / "consent.db"
    data = file.read_bytes()
    file.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    done = shell.run(*command)
    assert (done.code, "Thread" in done.err) == (1, False), done.err
    assert "malformed" in done.out + done.err
    if command == ("doctor",):
        assert "`consent restore` the newest backup" in done.out
    else:
        assert len(done.err.splitlines()) == 1


async def test_a_schema_that_is_not_this_programs_is_told_in_one_sentence(shell_on_each: Shell) -> None:
    shell = shell_on_each
    shell.published()
    cascade = "" if shell.database.startswith("sqlite") else " CASCADE"
    for change in ("ALTER TABLE keys RENAME COLUMN scopes TO renamed", f"DROP TABLE keys{cascade}"):
        async with guarded(shell.database) as other:
            await other.execute(change)
        done = shell.run("key", "list", SITE)
        assert (done.code, done.err) == (1, "consent: the schema is not this program's: run consent migrate\n")


async def test_another_secret_is_found_by_the_logs_keys(shell_on_each: Shell) -> None:
    shell = shell_on_each
    shell.published()
    done = shell.run("doctor", CONSENT_SECRET="another-secret-0123456789-abcdefghijk")
    assert done.code == 1
    assert "mend: put the older secret in front" in findings(done)["log"]
    shell.good("doctor", CONSENT_SECRET=f"{SECRET} another-secret-0123456789-abcdefghijk")


async def test_a_clock_that_went_back_is_found(shell_on_each: Shell) -> None:
    shell = shell_on_each
    ahead = SetClock(4_102_444_800_000)
    async with running(shell.database, SECRET, clock=ahead) as services:
        await ledger.give(services, SITE, request(notice_of(services)), Circumstances())
    done = shell.run("doctor")
    assert done.code == 1
    assert "before the newest record / mend: set the machine's clock" in findings(done)["clock"]
