"""The forms of CONSENT_MAIL: every way to send, with what it needs to be one.

Invariant: what passes here can be opened (`consent.mail.opening`); a refusal repeats nothing of what was given, for
it may be a key.
"""

from __future__ import annotations

import re

from consent.errors import Misconfigured

HOST = r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
PORT = r"(?::(?!6553[6-9]|655[4-9]\d|65[6-9]\d\d|6[6-9]\d{3}|[7-9]\d{4})[1-9]\d{0,4})?"  # up to 65535
WORD = r"[^\s/?#@:]+"
SERVER = rf"(?:[^\s/?#:]+(?::[^\s/?#@]+)?@)?{HOST}{PORT}/?"
REGION = r"(?:\?region=(?:us|eu))?"

FORMS: dict[str, tuple[str, str]] = {
    "spool": (r"spool:\S.*", "spool:DIR"),
    "smtp": (rf"smtp://{SERVER}(?:\?tls=none)?", "smtp://user:pass@host:587"),
    "smtps": (rf"smtps://{SERVER}", "smtps://user:pass@host:465"),
    "postmark": (rf"postmark://{WORD}(?:\?stream=[a-z][a-z0-9_-]*)?", "postmark://TOKEN"),
    "resend": (rf"resend://{WORD}", "resend://KEY"),
    "mailgun": (rf"mailgun://{WORD}@{HOST}{REGION}", "mailgun://KEY@DOMAIN"),
    # A secret key there has slashes in it.
    "ses": (r"ses://\w+:[^\s@?#:]+@[a-z]{2}(?:-[a-z0-9]+)+(?:\?configuration=[\w-]+)?", "ses://ID:SECRET@REGION"),
    "sendgrid": (rf"sendgrid://{WORD}{REGION}", "sendgrid://KEY"),
    "brevo": (rf"brevo://{WORD}", "brevo://KEY"),
}


def checked_mail(words: str) -> str:
    """The way to send, as it was given.

    Raises:
        Misconfigured: it is none, or lacks something.
    """
    scheme, _, rest = words.partition(":")
    form = FORMS.get(scheme)
    if form is None or not (rest if scheme == "spool" else rest.startswith("//") and rest[2:]):
        raise Misconfigured("CONSENT_MAIL is none of the ways to send: give spool:DIR, smtp://user:pass@host:587, …")
    pattern, example = form
    if not re.fullmatch(pattern, words, re.ASCII | re.IGNORECASE):
        raise Misconfigured(
            f"CONSENT_MAIL is not as it must be for this way to send: give one like {example}, with / ? # @ : in a"
            " name or a password written as %2F %3F %23 %40 %3A"
        )
    return words
