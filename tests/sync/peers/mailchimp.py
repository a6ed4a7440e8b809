"""A Mailchimp: members by the hash of their address, and those it takes back only by their own doing."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from tests.sync.receiver import Got, Reply

SECRETS = {"key": "0123456789abcdef0123456789abcdef-us6"}
LISTS = {"top-stories": "a1b2c3", "events": "d4e5f6"}
MEMBER = re.compile(r"/lists/([a-z0-9]+)/members/([0-9a-f]{32})")


class Mailchimp:
    """What it keeps: list and hash -> member."""

    def __init__(self) -> None:
        self.members: dict[tuple[str, str], dict[str, Any]] = {}
        self.locked: set[str] = set()

    def has(self, list_: str, email: str, status: str) -> None:
        """Somebody who is there already."""
        self.members[list_, _hash(email)] = {"email_address": email, "status": status}

    def status(self, list_: str, email: str) -> str | None:
        """The member's status."""
        member = self.members.get((list_, _hash(email)))
        return str(member["status"]) if member else None

    def __call__(self, got: Got) -> Reply:
        given = base64.b64decode(got.headers.get("authorization", "").removeprefix("Basic ")).decode()
        if given.partition(":")[2] != SECRETS["key"]:
            return Reply(401, {"title": "API Key Invalid"})
        if (got.method, got.path) == ("GET", "/ping"):
            return Reply(200, {"health_status": "Everything's Chimpy!"})
        found = MEMBER.fullmatch(got.path)
        if found is None or found[1] not in LISTS.values():
            return Reply(404, {"title": "Resource Not Found"})
        return self._member(got, (found[1], found[2]))

    def _member(self, got: Got, place: tuple[str, str]) -> Reply:
        body, there = got.json(), self.members.get(place)
        if got.method == "PUT" and there is None:
            if place[1] != _hash(body["email_address"]):
                return Reply(400, {"title": "Invalid Resource"})
            if body["email_address"] in self.locked:
                return Reply(400, {"title": "Member In Compliance State"})
            if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", body["timestamp_opt"]):
                return Reply(400, {"title": "Invalid Resource"})
            there = self.members[place] = {"email_address": body["email_address"], "status": body["status_if_new"]}
        if there is None:
            return Reply(404, {"title": "Resource Not Found"})
        there["status"] = body.get("status", there["status"])
        return Reply(200, there)


def _hash(email: str) -> str:
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
