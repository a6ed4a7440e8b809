"""`consent migrate` and `consent doctor`: what is in order, and each thing that is not with what mends it."""

from __future__ import annotations

from consent import ledger
from consent.records import Circumstances
from tests.acts import SITE, request
from tests.cli.command import Done, Shell
from tests.clock import SetClock
from tests.running import SECRET, notice_of, running


def findings(done: Done) -> dict[str, str]:
    """What was looked at, each with its mark and its mend."""
    found: dict[str, str] = {}
    what = ""
    for line in done.out.splitlines():
        if line.startswith(("ok  ", "BAD ")):
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
    assert {"settings", "proxies", "limits", "database", "schema", "log", "clock"} <= set(found)
    assert "1 log(s)" in found["log"]
    assert SECRET not in done.out + done.err


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
    assert "mend: set CONSENT_TRUSTED_PROXIES" in found["proxies"]
    assert f"mend: chmod 600 {shell.folder / 'consent.db'}" in found["rights"]
    assert found["database"].startswith("ok")


async def test_a_database_that_does_not_answer_is_found(shell: Shell) -> None:
    for url in ("postgresql://x:canary@127.0.0.1:1/x", "sqlite:////no/such/folder/consent.db"):
        done = shell.run("doctor", CONSENT_DATABASE=url)
        assert done.code == 1
        assert findings(done)["database"].startswith("BAD")
        assert "mend: check CONSENT_DATABASE" in done.out
        assert "canary" not in done.out + done.err


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(shell: Shell) -> None:
    file = shell.folder / "consent.db"
    file.write_bytes(b"not a database " * 500)
    file.chmod(0o600)
    for command in (("doctor",), ("verify",)):
        assert shell.run(*command).code == 1
    assert file.read_bytes() == b"not a database " * 500


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
