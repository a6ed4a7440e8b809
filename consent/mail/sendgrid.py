"""SendGrid: `sendgrid://API-KEY`, or `sendgrid://API-KEY?region=eu` for an account there."""

from __future__ import annotations

from consent.mail.contract import Mail, sender_of
from consent.mail.http import Answer, Asked, json_request, own_headers, text_in

URLS = {"us": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}


class SendGrid:
    """https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send"""

    name = "SendGrid"
    dead = frozenset[str]()
    ours = frozenset({"from", "from.email", "authorization"})
    taken = frozenset[str]()

    def __init__(self, key: str, *, region: str = "us", base_url: str = "") -> None:
        self._key, self._url = key, f"{base_url or URLS[region]}/v3/mail/send"

    def asked(self, mail: Mail, to: str, at: int) -> Asked:
        sender = sender_of(mail)
        known = {"consent_site": mail.site, "consent_id": mail.id}
        content = {
            "personalizations": [{"to": [{"email": to}], "custom_args": known}],
            "from": {"email": sender.address} | ({"name": sender.name} if sender.name else {}),
            "subject": mail.subject,
            "content": [{"type": "text/plain", "value": mail.text}, {"type": "text/html", "value": mail.html}],
            "headers": {"Message-ID": mail.message_id} | own_headers(mail),
            "tracking_settings": {"click_tracking": {"enable": False}, "open_tracking": {"enable": False}},
        }
        return json_request(self._url, content, {"Authorization": f"Bearer {self._key}"})

    def id_of(self, answer: Answer) -> str:
        return answer.headers.get("x-message-id", "")

    def code_of(self, answer: Answer) -> str:
        """The field that is complained of."""
        errors = answer.body.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else {}
        return text_in(first, "field") if isinstance(first, dict) else ""
