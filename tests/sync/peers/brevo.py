"""A Brevo: contacts by address, lists by number, and who is blocked or left a list."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from tests.sync.receiver import Got, Reply

SECRETS = {"key": "xkeysib-0123456789"}
LISTS = {"top-stories": "7", "events": "8"}
REMOVE = re.compile(r"/contacts/lists/(\d+)/contacts/remove")


class Brevo:
    """What it keeps."""

    def __init__(self) -> None:
        self.contacts: dict[str, dict[str, Any]] = {}

    def has(self, email: str, lists: list[int], *, is_blocked: bool = False, left: tuple[int, ...] = ()) -> None:
        """Somebody who is there already."""
        self.contacts[email] = {
            "email": email,
            "listIds": lists,
            "emailBlacklisted": is_blocked,
            "listUnsubscribed": list(left) or None,
        }

    def lists(self, email: str) -> list[int]:
        """The lists that the person is on."""
        return sorted(self.contacts[email]["listIds"])

    def __call__(self, got: Got) -> Reply:
        if got.headers.get("api-key") != SECRETS["key"]:
            return Reply(401, {"code": "unauthorized"})
        if (got.method, got.path) == ("GET", "/account"):
            return Reply(200, {"email": "publisher@example.org"})
        if (got.method, got.path) == ("POST", "/contacts"):
            return self._put(got.json())
        if got.method == "POST" and (found := REMOVE.fullmatch(got.path)):
            return self._remove(int(found[1]), got.json()["emails"])
        if got.method == "GET" and got.path.startswith("/contacts/"):
            contact = self.contacts.get(unquote(got.path.removeprefix("/contacts/")))
            return Reply(200, contact) if contact else Reply(404, {"code": "document_not_found"})
        return Reply(405, {"code": "method_not_allowed"})

    def _put(self, body: dict[str, Any]) -> Reply:
        there = self.contacts.get(body["email"])
        if there is None:
            self.has(body["email"], body["listIds"])
            return Reply(201, {"id": len(self.contacts)})
        if not body.get("updateEnabled"):
            return Reply(400, {"code": "duplicate_parameter"})
        there["listIds"] = sorted({*there["listIds"], *body["listIds"]})
        there["listUnsubscribed"] = [one for one in there["listUnsubscribed"] or [] if one not in body["listIds"]]
        there["emailBlacklisted"] = body.get("emailBlacklisted", there["emailBlacklisted"])
        return Reply(204)

    def _remove(self, list_: int, emails: list[str]) -> Reply:
        gone = [email for email in emails if list_ in self.contacts.get(email, {}).get("listIds", [])]
        for email in gone:
            self.contacts[email]["listIds"].remove(list_)
        return Reply(201, {"contacts": {"success": gone}}) if gone else Reply(400, {"code": "invalid_parameter"})
