"""`consent access` and `consent erase`: by whatever a person brings; what is left still verifies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import acts
from tests.acts import SITE
from tests.cli.command import Shell
from tests.clock import SetClock
from tests.running import SECRET, notice_of, running
from tests.trips.newsletters import EMAIL, subscribe

SUBJECT = acts.new_id()


@pytest.fixture
async def shell(tmp_path: Path, database_url: str) -> Shell:
    """Two records of a visitor, one of another, one of a reader; once on each engine."""
    async with running(database_url, SECRET, clock=SetClock()) as services:
        for subject in (SUBJECT, acts.new_id(), SUBJECT):
            await services.recorder.give(acts.draft(notice_of(services), subject=subject))
        await subscribe(services)
    return Shell(tmp_path, database_url)


def test_a_visitor_by_subject_once_it_is_seen_what_goes(shell: Shell) -> None:
    dry = shell.good("erase", SITE, "--subject", SUBJECT, "--dry-run").out.splitlines()
    assert dry[0] == f"{SITE}: 2 records would be erased"
    assert all(line.startswith("stays: ") for line in dry[1:]) and len(dry) == 5
    done = shell.good("erase", SITE, "--subject", SUBJECT).out.splitlines()
    assert done[0] == f"{SITE}: 2 records erased"
    assert done[-1].startswith("receipt: http://127.0.0.1:8000/claims/")
    assert "5 records, all as committed to, 2 erased" in shell.good("verify").out  # one more says who erased
    assert SUBJECT not in shell.good("export", "consents", SITE).out


def test_a_reader_by_address_however_it_is_written(shell: Shell) -> None:
    bundle = json.loads(shell.good("access", SITE, "--email", EMAIL, "--subject", SUBJECT).out)
    assert [len(subject["records"]) for subject in bundle["subjects"]] == [2, 1]
    assert bundle["readers"][0]["email"] == EMAIL
    [receipt] = [one["receipt"] for one in bundle["subjects"][1]["records"]]
    done = shell.good("erase", SITE, "--email", EMAIL.upper(), "--receipt", receipt).out.splitlines()
    assert done[:2] == [
        f"{SITE}: 1 records erased",
        f"{SITE}: and all that was kept with the address; no import brings it back",
    ]
    assert EMAIL not in "".join(done).lower()
    assert "the address was not known" in shell.good("erase", SITE, "--email", EMAIL).out
    assert ", 1 erased" in shell.good("verify").out


def test_what_is_wrong_is_told(shell: Shell) -> None:
    for command in ("erase", "access"):
        assert shell.run(command, SITE).code == 2
    for refused in (("--subject", "x"), ("--email", "x"), ("--receipt", "x"), ("--record", "")):
        done = shell.run("erase", SITE, *refused)
        assert (done.code, done.out) == (1, ""), done
    nowhere = shell.run("erase", "nowhere", "--subject", SUBJECT)
    assert (nowhere.code, nowhere.err) == (1, "consent: there is no site 'nowhere'\n")
