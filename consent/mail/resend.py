"""Resend: `resend://API-KEY`."""

from __future__ import annotations

from consent.mail.contract import Mail
from consent.mail.http import Answer, Asked, json_request, named_sender, own_headers, text_in

URL = "https://api.resend.com"


class Resend:
    """https://resend.com/docs/api-reference/emails/send-email"""

    name = "Resend"
    dead = frozenset[str]()
    ours = frozenset({"invalid_api_key", "missing_api_key", "restricted_api_key", "daily_quota_exceeded"})
    # The key came before with other bytes: an earlier attempt got there, and was dated otherwise.
    taken = frozenset({"invalid_idempotent_request"})

    def __init__(self, key: str, *, base_url: str = URL) -> None:
        self._key, self._url = key, f"{base_url}/emails"

    def asked(self, mail: Mail, to: str, at: int) -> Asked:
        content = {
            "from": named_sender(mail),
            "to": [to],
            "subject": mail.subject,
            "text": mail.text,
            "html": mail.html,
            "headers": {"Message-ID": mail.message_id} | own_headers(mail),
            "tags": [{"name": "consent_site", "value": mail.site}, {"name": "consent_id", "value": mail.id}],
        }
        return json_request(self._url, content, {"Authorization": f"Bearer {self._key}", "Idempotency-Key": mail.id})

    def id_of(self, answer: Answer) -> str:
        return text_in(answer.body, "id")

    def code_of(self, answer: Answer) -> str:
        return text_in(answer.body, "name")
