"""A listmonk: subscribers with a status, and one for each list; of its SQL it takes two forms."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.sync.receiver import Got, Reply

SECRETS = {"user": "consent", "token": "t0ken"}
LISTS = {"top-stories": "3", "events": "4"}
BY_EMAIL = re.compile(r"subscribers\.email='((?:[^']|'')*)'")


class Listmonk:
    """What it keeps."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.lists = {3: "double", 4: "single", 5: "private"}

    def has(self, email: str, status: str = "enabled", updated_at: str = "2026-11-22T09:00:00Z", **lists: str) -> None:
        """Somebody who is there already; `l3="unsubscribed"`."""
        states = {int(name[1:]): state for name, state in lists.items()}
        self.rows.append(self._row(email, status, states, updated_at))

    def states(self, email: str) -> dict[int, str]:
        """The person's state on each list."""
        [row] = [row for row in self.rows if row["email"] == email]
        return {one["id"]: one["subscription_status"] for one in row["lists"]}

    def __call__(self, got: Got) -> Reply:
        if got.headers.get("authorization") != "token consent:t0ken":
            return Reply(403, {"message": "invalid session"})
        path, asked = urlsplit(got.path).path, {name: v[0] for name, v in parse_qs(urlsplit(got.path).query).items()}
        match got.method, path:
            case "GET", "/api/lists":
                return Reply(200, {"data": {"results": []}})
            case "POST", "/api/subscribers":
                return self._create(got.json())
            case "GET", "/api/subscribers":
                return self._page(asked)
            case "PUT", "/api/subscribers/lists":
                return self._change(got.json())
        return Reply(404, {"message": "not found"})

    def _create(self, body: dict[str, Any]) -> Reply:
        if not body["name"] or body["status"] not in ("enabled", "disabled", "blocklisted"):
            return Reply(400, {"message": "invalid fields"})
        if any(row["email"] == body["email"].lower() for row in self.rows):
            return Reply(409, {"message": "E-mail already exists."})
        state = "confirmed" if body.get("preconfirm_subscriptions") else "unconfirmed"
        row = self._row(
            body["email"].lower(), body["status"], {one: state for one in body["lists"] if one in self.lists}
        )
        self.rows.append(row)
        return Reply(200, {"data": row})

    def _page(self, asked: dict[str, str]) -> Reply:
        rows = list(self.rows)
        if query := asked.get("query"):
            if found := BY_EMAIL.fullmatch(query):
                rows = [row for row in rows if row["email"] == found[1].replace("''", "'")]
            elif query == "subscribers.status='blocklisted'":
                rows = [row for row in rows if row["status"] == "blocklisted"]
            else:
                return Reply(400, {"message": f"pq: syntax error in {query}"})
        if list_id := asked.get("list_id"):
            wanted = asked.get("subscription_status")
            rows = [row for row in rows if any(_is(one, int(list_id), wanted) for one in row["lists"])]
        rows.sort(key=lambda row: row[asked.get("order_by", "id")], reverse=asked.get("order") == "desc")
        page, per_page = int(asked["page"]), int(asked["per_page"])
        return Reply(200, {"data": {"results": rows[(page - 1) * per_page :][:per_page], "total": len(rows)}})

    def _change(self, body: dict[str, Any]) -> Reply:
        if body["action"] not in ("add", "remove", "unsubscribe"):
            return Reply(400, {"message": "invalid action"})
        for row in self.rows:
            if row["id"] in body["ids"]:
                kept = [one for one in row["lists"] if one["id"] not in body["target_list_ids"]]
                added = (
                    [_entry(one, body["status"]) for one in body["target_list_ids"]] if body["action"] == "add" else []
                )
                row["lists"] = kept + added
        return Reply(200, {"data": True})

    def _row(self, email: str, status: str, states: dict[int, str], updated_at: str = "") -> dict[str, Any]:
        number = len(self.rows) + 1
        lists = [_entry(one, state, updated_at) for one, state in states.items()]
        return {"id": number, "email": email, "status": status, "updated_at": updated_at, "lists": lists}


def _entry(one: int, state: str, at: str = "2026-11-22T09:00:00Z") -> dict[str, Any]:
    return {"id": one, "name": str(one), "subscription_status": state, "subscription_updated_at": at}


def _is(entry: dict[str, Any], list_id: int, status: str | None) -> bool:
    return entry["id"] == list_id and status in (None, entry["subscription_status"])
