"""`consent export subscribers`, `import subscribers`, `suppress` and `sweep`, as people call them, on both engines."""

from __future__ import annotations

import csv
import io
import json

import pytest

from consent import sweeping
from consent.rights.keeping import PERIODS
from tests.acts import SITE
from tests.cli.command import Shell

FILE = "email,list,confirmed_at\na@example.org,events,2024-05-01\nb@example.org,,\nno address,events,\n"
IMPORT = ("import", "subscribers", SITE, "readers.csv", "--provenance", "The old site's form", "--list", "top-stories")


@pytest.fixture
def filled(shell_on_each: Shell) -> Shell:
    """A site with two readers, imported."""
    shell_on_each.published()
    (shell_on_each.folder / "readers.csv").write_text(FILE)
    shell_on_each.run(*IMPORT)
    return shell_on_each


def test_an_import_says_what_it_did_and_what_it_did_not(shell_on_each: Shell) -> None:
    shell = shell_on_each
    shell.published()
    (shell.folder / "readers.csv").write_text(FILE, "utf-16")
    done = shell.run(*IMPORT)
    assert (done.code, done.out) == (1, "")
    assert "expected the names of the columns" in done.err
    (shell.folder / "readers.csv").write_text(FILE, "utf-8-sig")
    for arguments, verb in (((*IMPORT, "--dry-run"), "would be"), (IMPORT, "were")):
        done = shell.run(*arguments)
        assert (done.code, done.out) == (1, f"3 lines: 2 readers {verb} subscribed, 2 subscriptions\n")
        assert done.err.startswith("line 4: email: ")
        assert done.err.endswith("1 lines were refused\n")
    (shell.folder / "readers.csv").write_text(FILE.rpartition("no address")[0])
    assert shell.good(*IMPORT).out == (
        "2 lines: 0 readers were subscribed, 0 subscriptions\n"
        "2 subscriptions were skipped: they were in the list before, and stay as they are\n"
    )
    records = [json.loads(line) for line in shell.good("export", "consents", SITE).out.splitlines()[:-1]]
    assert {one["provenance"] for one in records if one["action"] == "import"} == {"The old site's form"}
    told = ["subscribers.imported", "import", "import", *["subscribers.imported"] * 3]  # begun and done, twice
    assert [one["action"] for one in records] == told
    shell.good("verify", SITE)


def test_an_import_that_cannot_be_is_refused(filled: Shell) -> None:
    done = filled.run("import", "subscribers", SITE, "readers.csv")
    assert (done.code, done.out) == (2, "")
    assert "--provenance" in done.err
    done = filled.run("import", "subscribers", SITE, "readers.csv", "--provenance", " ")
    assert (done.code, done.out, done.err) == (1, "", "provenance: expected one line of 1 to 500 characters\n")
    done = filled.run("import", "subscribers", "none", "readers.csv", "--provenance", "x")
    assert (done.code, done.out, done.err) == (1, "", "consent: there is no site 'none'\n")


def test_readers_are_exported_as_lines_and_as_rows(filled: Shell) -> None:
    lines = [json.loads(line) for line in filled.good("export", "subscribers", SITE).out.splitlines()]
    assert sorted(line["email"] for line in lines) == ["a@example.org", "b@example.org"]
    assert all(line["manage"].startswith("http://127.0.0.1:8000/manage/") for line in lines)
    exported = filled.good("export", "subscribers", SITE, "--format", "csv", "--list", "events", "--state", "confirmed")
    [row] = csv.DictReader(io.StringIO(exported.out))
    assert (row["email"], row["since"]) == ("a@example.org", "2024-05-01T00:00:00.000Z")
    assert exported.err == ""
    since = filled.good("export", "subscribers", SITE, "--since", "2024-05-02").out
    assert [json.loads(line)["email"] for line in since.splitlines()] == ["b@example.org"]
    done = filled.run("export", "subscribers", SITE, "--list", "nope")
    assert (done.code, done.out) == (1, "")
    assert "the site has no 'nope'" in done.err
    done = filled.run("export", "subscribers", "none")
    assert (done.code, done.out, done.err) == (1, "", "consent: there is no site 'none'\n")
    assert filled.run("export", "subscribers", SITE, "--state", "pending").code == 2


def test_a_suppressed_reader_is_off_all_lists_and_stays_so(filled: Shell) -> None:
    done = filled.good("suppress", SITE, "A@example.org")
    assert done.out == f"{SITE}: suppressed; taken off 1 lists\n"
    assert filled.good("suppress", SITE, "a@example.org").out == f"{SITE}: suppressed; taken off 0 lists\n"
    (filled.folder / "readers.csv").write_text("email\na@example.org\n")
    assert "1 subscriptions were skipped: they must not be mailed" in filled.good(*IMPORT).out
    states = {
        line["email"]: [one["state"] for one in line["subscriptions"]]
        for line in map(json.loads, filled.good("export", "subscribers", SITE).out.splitlines())
    }
    assert states == {"a@example.org": ["unsubscribed"], "b@example.org": ["confirmed"]}
    assert filled.good("suppress", SITE, "a@example.org", "--lift").out == f"{SITE}: 2 suppressions lifted\n"
    assert filled.good("suppress", SITE, "a@example.org", "--lift").out == f"{SITE}: 0 suppressions lifted\n"
    assert "1 readers were subscribed" in filled.good(*IMPORT).out
    done = filled.run("suppress", SITE, "no address")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("email: ")
    assert filled.run("suppress", "none", "a@example.org").err == "consent: there is no site 'none'\n"
    filled.good("verify", SITE)


def test_a_sweep_says_what_went(filled: Shell) -> None:
    kinds = [*sweeping.PURGES, *(f"{SITE} {kind}" for kind in PERIODS)]
    for arguments, gone, be in ((("--dry-run",), "would go", "would be "), ((), "gone", "")):
        done = filled.good("sweep", *arguments)
        counted = "".join(f"{table}: 0 {gone}\n" for table in kinds)
        assert done.out == f"{counted}reminders: 0 {be}owed\npauses: 0 {be}over\n"
