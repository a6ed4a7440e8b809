"""`consent erase`: a visitor by subject, a reader by address; what is left still verifies."""

from __future__ import annotations

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


async def test_a_visitor_by_subject(shell: Shell) -> None:
    assert shell.good("erase", SITE, "--subject", SUBJECT).out == f"{SITE}: 2 records erased\n"
    assert "4 records, all as committed to, 2 erased" in shell.good("verify").out
    assert shell.good("erase", SITE, "--subject", SUBJECT).out == f"{SITE}: 0 records erased\n"
    assert SUBJECT not in shell.good("export", "consents", SITE).out


async def test_a_reader_by_address_however_it_is_written(shell: Shell) -> None:
    done = shell.good("erase", SITE, "--email", EMAIL.upper())
    assert done.out == f"{SITE}: 1 records erased, and all that was kept with the address; no import brings it back\n"
    assert EMAIL not in done.out.lower()
    assert "4 records, all as committed to, 1 erased" in shell.good("verify").out
    assert "the address was not known" in shell.good("erase", SITE, "--email", EMAIL).out


async def test_what_is_wrong_is_told(shell: Shell) -> None:
    for wrong in ((), ("--subject", SUBJECT, "--email", EMAIL)):
        assert shell.run("erase", SITE, *wrong).code == 2
    for refused in (("--subject", SUBJECT.upper()), ("--subject", "x"), ("--email", "x"), ("--email", "")):
        done = shell.run("erase", SITE, *refused)
        assert (done.code, done.out) == (1, ""), done
    nowhere = shell.run("erase", "nowhere", "--subject", SUBJECT)
    assert (nowhere.code, nowhere.err) == (1, "consent: there is no site 'nowhere'\n")
