"""A Ghost: members with newsletters and labels; checks the token as its own does."""

from __future__ import annotations

import base64
import hmac
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from tests.clock import START
from tests.sync.receiver import Got, Reply

ID, SECRET = "6" * 24, "ab" * 32
SECRETS = {"key": f"{ID}:{SECRET}"}
STORIES, EVENTS = "1" * 24, "2" * 24
LISTS = {"top-stories": STORIES, "events": EVENTS}
BY_EMAIL = re.compile(r"email:'((?:[^'\\]|\\.)*)'")


class Ghost:
    """What it keeps."""

    def __init__(self) -> None:
        self.members: list[dict[str, Any]] = []
        self.now = START

    def has(self, email: str, *newsletters: str, labels: tuple[str, ...] = (), is_suppressed: bool = False) -> None:
        """Somebody who is a member already."""
        self.members.append(
            {
                "id": f"{len(self.members) + 1:024x}",
                "email": email,
                "newsletters": [{"id": one, "name": "x"} for one in newsletters],
                "labels": [{"name": one} for one in labels],
                "email_suppression": {"suppressed": is_suppressed, "info": None},
            }
        )

    def newsletters(self, email: str) -> list[str]:
        """What the member gets."""
        return [one["id"] for one in self._by(email)["newsletters"]]

    def labels(self, email: str) -> list[str]:
        """What is noted of the member."""
        return [one["name"] for one in self._by(email)["labels"]]

    def __call__(self, got: Got) -> Reply:
        if not _is_token(got.headers.get("authorization", ""), self.now) or not got.headers.get("accept-version"):
            return Reply(401, {"errors": [{"type": "UnauthorizedError"}]})
        path, query = urlsplit(got.path).path.removeprefix("/ghost/api/admin"), parse_qs(urlsplit(got.path).query)
        if (got.method, path) == ("GET", "/newsletters/"):
            return Reply(200, {"newsletters": []})
        if (got.method, path) == ("POST", "/members/"):
            return self._create(got.json()["members"][0])
        if (got.method, path) == ("GET", "/members/"):
            found = BY_EMAIL.fullmatch(query["filter"][0])
            wanted = re.sub(r"\\(.)", r"\1", found[1]) if found else ""
            return Reply(200, {"members": [one for one in self.members if one["email"] == wanted]})
        member = next((one for one in self.members if path == f"/members/{one['id']}/"), None)
        if got.method == "PUT" and member:
            member.update(got.json()["members"][0])
            return Reply(200, {"members": [member]})
        return Reply(404, {"errors": [{"type": "NotFoundError"}]})

    def _create(self, new: dict[str, Any]) -> Reply:
        if any(one["email"] == new["email"] for one in self.members):
            return Reply(422, {"errors": [{"type": "ValidationError", "context": "Member already exists."}]})
        self.has(new["email"], *(one["id"] for one in new["newsletters"]))
        return Reply(201, {"members": [self.members[-1]]})

    def _by(self, email: str) -> dict[str, Any]:
        [member] = [one for one in self.members if one["email"] == email]
        return member


def _is_token(words: str, now: int) -> bool:
    """As RFC 7519 and Ghost have it: the key's id in the head, for the Admin API alone, five minutes."""
    head, said, signature = (words.removeprefix("Ghost ") + "..").split(".")[:3]
    signed = hmac.digest(bytes.fromhex(SECRET), f"{head}.{said}".encode(), "sha256")
    claims = msgspec.json.decode(_raw(said)) if said else {}
    return (
        hmac.compare_digest(_raw(signature), signed)
        and msgspec.json.decode(_raw(head)) == {"alg": "HS256", "kid": ID, "typ": "JWT"}
        and claims["aud"] == "/admin/"
        and claims["iat"] <= now // 1000 < claims["exp"] <= claims["iat"] + 300
    )


def _raw(words: str) -> bytes:
    return base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))
