"""Mailgun: `mailgun://KEY@DOMAIN`, or `mailgun://KEY@DOMAIN?region=eu` for an account there."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote, urlencode

from consent.mail.contract import Mail
from consent.mail.http import Answer, Asked, named_sender, own_headers, text_in

URLS = {"us": "https://api.mailgun.net", "eu": "https://api.eu.mailgun.net"}


class Mailgun:
    """https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages"""

    name = "Mailgun"
    dead = frozenset[str]()
    ours = frozenset[str]()
    taken = frozenset[str]()

    def __init__(self, key: str, domain: str, *, region: str = "us", base_url: str = "") -> None:
        self._key = b64encode(f"api:{key}".encode()).decode()
        self._url = f"{base_url or URLS[region]}/v3/{quote(domain, safe='')}/messages"

    def asked(self, mail: Mail, to: str, at: int) -> Asked:
        headers = {"Message-Id": mail.message_id} | own_headers(mail)
        form = {
            "from": named_sender(mail),
            "to": to,
            "subject": mail.subject,
            "text": mail.text,
            "html": mail.html,
            "o:tracking": "no",
            "v:consent_site": mail.site,
            "v:consent_id": mail.id,
            **{f"h:{name}": value for name, value in headers.items()},
        }
        kind = {"Authorization": f"Basic {self._key}", "Content-Type": "application/x-www-form-urlencoded"}
        return Asked(url=self._url, headers=kind, body=urlencode(form).encode())

    def id_of(self, answer: Answer) -> str:
        return text_in(answer.body, "id")

    def code_of(self, answer: Answer) -> str:
        """It has none: its answers are sentences."""
        return ""
