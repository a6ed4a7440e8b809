"""A Mailchimp: members by the hash of their address, and those it takes back only by their own doing."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from tests.sync.receiver import Got, Reply

SECRETS = {"key": "0123456789abcdef0123456789abcdef-us6"}
LISTS = {"top-stories": "a1b2c3", "events": "d4e5f6"}
MEMBER = re.compile(r"/lists/([a-z0-9]+)/members/([0-9a-f]{32})(/tags)?")


class Mailchimp:
    """What it keeps: list and hash -> member."""

    def __init__(self) -> None:
        self.members: dict[tuple[str, str], dict[str, Any]] = {}
        self.locked: set[str] = set()

    def has(self, list_: str, email: str, status: str, *tags: str) -> None:
        """Somebody who is there already."""
        rows = [{"id": number, "name": name} for number, name in enumerate(tags)]
        self.members[list_, _hash(email)] = {"email_address": email, "status": status, "tags": rows}

    def tags(self, list_: str, email: str) -> list[str]:
        """The member's tags."""
        return [tag["name"] for tag in self.members[list_, _hash(email)]["tags"]]

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
        return self._tags(got, (found[1], found[2])) if found[3] else self._member(got, (found[1], found[2]))

    def _tags(self, got: Got, place: tuple[str, str]) -> Reply:
        there = self.members.get(place)
        if there is None:
            return Reply(404, {"title": "Resource Not Found"})
        for tag in got.json()["tags"]:
            kept = [one for one in there["tags"] if one["name"] != tag["name"]]
            there["tags"] = [*kept, {"id": 7, "name": tag["name"]}] if tag["status"] == "active" else kept
        return Reply(204)

    def _member(self, got: Got, place: tuple[str, str]) -> Reply:
        body, there = got.json() if got.body else {}, self.members.get(place)
        if got.method == "PUT" and there is None:
            if place[1] != _hash(body["email_address"]):
                return Reply(400, {"title": "Invalid Resource"})
            if body["email_address"] in self.locked:
                return Reply(400, {"title": "Member In Compliance State"})
            if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", body["timestamp_opt"]):
                return Reply(400, {"title": "Invalid Resource"})
            self.has(place[0], body["email_address"], body["status_if_new"])
            there = self.members[place]
        if there is None:
            return Reply(404, {"title": "Resource Not Found"})
        if got.method == "DELETE":
            if there["status"] == "archived":
                return Reply(405, {"title": "Method Not Allowed"})
            there["status"] = "archived"
            return Reply(204)
        if body.get("status") == "subscribed" and there["email_address"] in self.locked:
            return Reply(400, {"title": "Member In Compliance State"})
        there["status"] = body.get("status", there["status"])
        return Reply(200, there)


def _hash(email: str) -> str:
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
