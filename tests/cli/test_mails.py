"""`consent mail list|replay|test`: what was given up is seen, and leaves once its cause is mended."""

from __future__ import annotations

import json
from pathlib import Path

from tests.acts import SITE
from tests.cli.command import Shell
from tests.cli.test_upkeep import findings
from tests.clock import SetClock
from tests.mail.making import read
from tests.mail.smtp_server import serving
from tests.ports import free_port
from tests.trips.newsletters import ask
from tests.trips.posting import deliver, posting, row


async def given_up(database: str) -> str:
    """A sign-up whose mail was given up; gives the mail's id."""
    async with serving() as postbox, posting(database, SetClock(), postbox) as services:
        postbox.answers["DATA"] = "554 5.6.0 no mail for reader@example.org"
        await ask(services)
        await deliver(services)
        return (await row(services, "confirm")).message_id[1:37]


async def test_what_was_given_up_is_listed_found_by_the_doctor_and_replayed(shell_on_each: Shell) -> None:
    shell = shell_on_each
    id_ = await given_up(shell.database)
    listed = shell.good("mail", "list", SITE).out
    assert listed.split()[:3] == [id_, "mail", "confirm"]
    assert listed.rstrip().endswith("attempts 1  the mail server answers 554 5.6.0")
    assert "reader" not in listed
    found = findings(shell.run("doctor"))["outbox"]
    assert found.startswith("BAD 0 waiting, the oldest 0 s overdue, 1 given up")
    assert "consent mail replay" in found
    assert shell.good("mail", "replay", SITE, id_).out == "1 will be tried again\n"
    again = shell.run("mail", "replay", SITE, id_)
    assert (again.code, again.err) == (1, f"consent: {SITE} has given up nothing with the id {id_}\n")
    assert shell.good("mail", "replay", SITE).out == "0 will be tried again\n"
    empty = shell.good("mail", "list", SITE)
    assert (empty.out, empty.err) == ("", f"nothing of {SITE} is dead\n")
    assert id_ in shell.good("mail", "list", SITE, "--state", "waiting").out


async def test_who_asks_wrongly_is_told_so(shell: Shell) -> None:
    shell.published()
    for arguments, words in (
        (("list", "nowhere"), "consent: there is no site 'nowhere'\n"),
        (("replay", "nowhere"), "consent: there is no site 'nowhere'\n"),
        (("replay", SITE, "1"), "ID: expected an id as `consent mail list` shows it\n"),
        (("test", SITE, "nobody"), "email: An e-mail address has one @ in it, as in reader@example.org.\n"),
        (("test", "nowhere", "reader@example.org"), "consent: there is no site 'nowhere'\n"),
    ):
        done = shell.run("mail", *arguments)
        assert (done.code, done.err) == (1, words)


async def test_a_test_mail_shows_whether_mails_leave(shell: Shell, tmp_path: Path) -> None:
    shell.published()
    done = shell.good("mail", "test", SITE, "reader@example.org", CONSENT_MAIL=f"spool:{tmp_path / 'mail'}")
    [file] = (tmp_path / "mail").iterdir()
    assert done.out == f"taken, kept as files in {tmp_path / 'mail'}, sent to nobody: {file.name}\n"
    message = read(file.read_bytes())
    assert (message["To"], message["From"]) == ("reader@example.org", "Miami New Times <newsletter@miaminewtimes.com>")
    assert message["Message-ID"] == f"<{file.stem}@miaminewtimes.com>"


async def test_a_mail_server_that_is_not_there_is_told_by_both(shell: Shell) -> None:
    shell.published()
    mail = f"smtp://user:pa55word@127.0.0.1:{free_port()}"
    done = shell.run("mail", "test", SITE, "reader@example.org", CONSENT_MAIL=mail)
    assert done.code == 1
    assert done.err.startswith("consent: the mail server could not be reached")
    doctor = shell.run("doctor", CONSENT_MAIL=mail)
    assert doctor.code == 1
    found = findings(doctor)["mail"]
    assert found.startswith("BAD the mail server could not be reached")
    assert "mend: correct CONSENT_MAIL" in found
    assert "pa55word" not in json.dumps([done, doctor])
