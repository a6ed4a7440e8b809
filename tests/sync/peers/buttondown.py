"""A Buttondown: subscribers with a type and tags; a second sign-up collides, unless it is told to revive."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from tests.sync.receiver import Got, Reply

SECRETS = {"key": "0123-4567"}
TAGS = {"top-stories": "stories", "events": "events"}


class Buttondown:
    """What it keeps, by id."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    def has(self, email: str, type_: str, *tags: str, **metadata: str) -> str:
        """Somebody who is there already; gives the id."""
        id_ = f"sub_{len(self.rows) + 1}"
        self.rows[id_] = {"id": id_, "email_address": email, "type": type_, "tags": list(tags), "metadata": metadata}
        return id_

    def row(self, email: str) -> dict[str, Any]:
        """Who has the address."""
        [row] = [row for row in self.rows.values() if row["email_address"] == email]
        return row

    def __call__(self, got: Got) -> Reply:
        if got.headers.get("authorization") != f"Token {SECRETS['key']}":
            return Reply(403, {"detail": "Invalid token."})
        if "x-buttondown-collision-behavior" in got.headers:
            return Reply(500, {"detail": "this would revive people"})
        if (got.method, got.path) == ("GET", "/ping"):
            return Reply(200)
        if (got.method, got.path) == ("POST", "/subscribers"):
            return self._create(got.json())
        who = unquote(got.path.removeprefix("/subscribers/"))
        row = next((row for row in self.rows.values() if who in (row["id"], row["email_address"])), None)
        if row is None:
            return Reply(404, {"detail": "Not found."})
        if got.method == "PATCH":
            row.update(got.json())
        return Reply(200, row)

    def _create(self, body: dict[str, Any]) -> Reply:
        if any(row["email_address"] == body["email_address"] for row in self.rows.values()):
            return Reply(400, {"code": "email_already_exists"})
        if body["email_address"].startswith("blocked"):
            return Reply(400, {"code": "subscriber_blocked"})
        return Reply(201, self.rows[self.has(body["email_address"], body["type"], *body["tags"])])
