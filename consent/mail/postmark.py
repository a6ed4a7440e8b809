"""Postmark: `postmark://SERVER-TOKEN`, or `postmark://SERVER-TOKEN?stream=ID` for another stream than `outbound`."""

from __future__ import annotations

from consent.mail.contract import Mail
from consent.mail.http import Answer, Asked, json_request, named_sender, own_headers, text_in

URL = "https://api.postmarkapp.com"


class Postmark:
    """https://postmarkapp.com/developer/api/email-api"""

    name = "Postmark"
    dead = frozenset({"406"})  # an inactive recipient: bounced or complained there before
    # no signature, not confirmed, may not send, account pending, account may not send, no such stream
    ours = frozenset({"400", "401", "405", "412", "413", "1235", "1236"})
    taken = frozenset[str]()

    def __init__(self, token: str, *, stream: str = "outbound", base_url: str = URL) -> None:
        self._token, self._stream, self._url = token, stream, f"{base_url}/email"

    def asked(self, mail: Mail, to: str, at: int) -> Asked:
        headers = {"Message-ID": mail.message_id, "X-PM-KeepID": "true"} | own_headers(mail)
        content = {
            "From": named_sender(mail),
            "To": to,
            "Subject": mail.subject,
            "TextBody": mail.text,
            "HtmlBody": mail.html,
            "MessageStream": self._stream,
            "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
            "Metadata": {"consent_site": mail.site, "consent_id": mail.id},
            "TrackOpens": False,
            "TrackLinks": "None",
        }
        return json_request(self._url, content, {"X-Postmark-Server-Token": self._token})

    def id_of(self, answer: Answer) -> str:
        return text_in(answer.body, "MessageID")

    def code_of(self, answer: Answer) -> str:
        return text_in(answer.body, "ErrorCode")
