"""CONSENT_MAIL: what the settings let through opens, and says nothing of its keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from consent.errors import MailFault, Misconfigured
from consent.mail import open_transport
from consent.settings import from_environment
from consent.settings.mail import FORMS
from tests.clock import SetClock

GOOD = {
    "spool:./mail": "kept as files in mail, sent to nobody",
    "spool:/var/lib/consent mail": "kept as files in /var/lib/consent mail, sent to nobody",
    "postmark://0123-abcd": "by Postmark's API",
    "postmark://0123-abcd?stream=confirmations": "by Postmark's API",
    "resend://re_0123": "by Resend's API",
    "mailgun://key-0123@mg.example.com": "by Mailgun's API",
    "mailgun://key-0123@mg.example.com?region=eu": "by Mailgun's API",
    "ses://AKIA0123:ab/cd+ef=@eu-west-1": "by SES's API",
    "ses://AKIA0123:ab%2Fcd@us-gov-west-1?configuration=bounces": "by SES's API",
    "sendgrid://SG.01-23_x": "by SendGrid's API",
    "sendgrid://SG.01-23_x?region=eu": "by SendGrid's API",
    "brevo://xkeysib-0123": "by Brevo's API",
}
SERVERS = (
    "smtp://localhost",
    "smtp://127.0.0.1:1025?tls=none",
    "smtp://user:pass@mail.example.com:587",
    "smtp://user@example.com:p%40ss%2F@mail.example.com",
    "smtps://user:pass@mail.example.com",
    "smtps://[2001:db8::1]:65535",
)
BAD = (
    "smtp://mail.example.com?tls=maybe",
    "smtps://mail.example.com?tls=none",
    "smtp://user:pa/ss@mail.example.com",
    "smtp://mail.example.com:notaport",
    "smtp://mail example.com",
    "smtp://mail.example.com:65536",
    "mailgun://key-0123",
    "mailgun://key-0123@mg.example.com?region=mars",
    "ses://AKIA0123@eu-west-1",
    "ses://AKIA0123:secret",
    "ses://AKIA0123:secret@europe",
    "postmark://to ken",
    "postmark://token?base=https://elsewhere.example",
    "resend://key?x=1",
    "brevo://key\n",
)


def given(mail: str) -> str:
    """The setting as the service has it."""
    environment = {"CONSENT_DATABASE": "postgresql://db/x", "CONSENT_MAIL": mail}
    return from_environment(environment | {"CONSENT_SECRET": "abcdefghijklmnopqrstuvwxyz012345"}).mail


@pytest.mark.parametrize("mail", [*GOOD, *SERVERS])
async def test_what_is_let_through_opens(mail: str, clock: SetClock) -> None:
    transport = open_transport(given(mail), clock)
    await transport.close()


@pytest.mark.parametrize("mail", GOOD)
async def test_it_says_how_mails_leave(mail: str, clock: SetClock) -> None:
    transport = open_transport(given(mail), clock)
    try:
        assert await transport.check() == GOOD[mail]
    except MailFault as fault:  # a folder that this user may not make
        assert "CONSENT_MAIL" in fault.detail
    await transport.close()


@pytest.mark.parametrize("mail", BAD)
def test_what_lacks_something_is_refused_without_being_repeated(mail: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        given(mail)
    assert "CONSENT_MAIL" in caught.value.detail
    assert ": give one like " in caught.value.detail
    for secret in ("0123", "pa/ss", "token", "elsewhere"):
        assert secret not in caught.value.detail


@pytest.mark.parametrize("mail", ["carrier://pigeon", "mailgun://key@host?region=mars", "postmark://key?x=1"])
def test_a_transport_that_nothing_was_checked_of_is_refused_too(mail: str, clock: SetClock) -> None:
    with pytest.raises(Misconfigured):
        open_transport(mail, clock)


@pytest.mark.parametrize("scheme", FORMS)
def test_every_example_is_itself_good(scheme: str) -> None:
    example = FORMS[scheme][1].replace("DOMAIN", "mg.example.com").replace("REGION", "eu-west-1")
    assert given(example) == example


async def test_a_spool_is_where_it_is_said(tmp_path: Path, clock: SetClock) -> None:
    transport = open_transport(given(f"spool:{tmp_path / 'mail'}"), clock)
    assert str(tmp_path / "mail") in await transport.check()
