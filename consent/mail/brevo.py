"""Brevo: `brevo://API-KEY`."""

from __future__ import annotations

from consent.mail.contract import Mail, sender_of
from consent.mail.http import Answer, Asked, json_request, own_headers, text_in

URL = "https://api.brevo.com"


class Brevo:
    """https://developers.brevo.com/reference/send-transac-email"""

    name = "Brevo"
    dead = frozenset[str]()
    ours = frozenset({"unauthorized", "permission_denied", "not_enough_credits", "account_under_validation"})
    taken = frozenset({"duplicate_request"})

    def __init__(self, key: str, *, base_url: str = URL) -> None:
        self._key, self._url = key, f"{base_url}/v3/smtp/email"

    def asked(self, mail: Mail, to: str, at: int) -> Asked:
        sender = sender_of(mail)
        known = (f"consent_site:{mail.site}", f"consent_id:{mail.id}")
        # Its key of idempotency is read from the mail's headers, not the request's.
        headers = {"Message-Id": mail.message_id, "idempotencyKey": mail.id, "X-Mailin-custom": "|".join(known)}
        content = {
            "sender": {"email": sender.address} | ({"name": sender.name} if sender.name else {}),
            "to": [{"email": to}],
            "subject": mail.subject,
            "textContent": mail.text,
            "htmlContent": mail.html,
            "headers": headers | own_headers(mail),
            "tags": known,
        }
        return json_request(self._url, content, {"api-key": self._key})

    def id_of(self, answer: Answer) -> str:
        return text_in(answer.body, "messageId")

    def code_of(self, answer: Answer) -> str:
        return text_in(answer.body, "code")
