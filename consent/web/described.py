"""How one method at one address is described, and what many of them answer alike."""

from __future__ import annotations

from typing import Any

import msgspec


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method at one address."""

    method: str
    path: str
    summary: str
    answers: dict[int, str]
    """Status -> what it means; `Name: …` names a struct for the JSON body."""
    body: str | None = None
    scope: str | None = None
    query: type[msgspec.Struct] | tuple[str, ...] = ()
    """What can be asked in the address: the struct that reads it, or names out of KNOWN."""
    media: tuple[str, ...] = ("application/json",)
    takes: tuple[str, ...] = ()
    """The body's media types, where it is no struct."""
    structs: tuple[type[msgspec.Struct], ...] = ()
    """The structs that `body` and `answers` name, where `openapi.STRUCTS` does not have them."""
    tag: str = ""
    """Under which heading it stands; else by its path."""
    etag: bool = False
    """Its answer has an ETag, and 304 is one for who has it."""

    @property
    def writes(self) -> bool:
        """Whether an Idempotency-Key is heeded: what a key changes."""
        return self.scope in ("write", "erase") and self.method != "get"


NOT_ADMITTED = {403: "Problem: a page of another origin", 404: "Problem: no such site", 429: "Problem: too often"}
BAD_BODY = {
    400: "Problem: not JSON, or ambiguous, or its token is none",
    413: "Problem: over 16 KiB, or less where so much is never needed",
    415: "Problem: another content type",
    422: "Problem: well-formed but wrong",
}
KEYED = {
    401: "Problem: no key, or one that is revoked or expired",
    403: "Problem: a key without the scope",
    404: "Problem: no such site, or it is another's, or it has no such thing",
    503: "Problem: the store cannot answer now",
}
FILTERED = {422: "Problem: a filter that there is not, or that cannot be read"}
SITE = "/v1/sites/{site}"

_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

PATHS: dict[str, tuple[str, dict[str, Any]]] = {
    "site": ("The site's id.", {"type": "string", "pattern": "^[a-z][a-z0-9-]*$", "maxLength": 64}),
    "digest": ("The notice's SHA-256, in hex.", {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
    "subject": ("The id of a visitor's browser, or of a subscriber.", {"type": "string", "pattern": _UUID}),
    "endpoint": ("The endpoint's id.", {"type": "string", "pattern": _UUID}),
    "provider": ("The mail provider's name.", {"type": "string"}),
    "secret": ("What only the provider was told.", {"type": "string"}),
    "token": ("A signed link's token.", {"type": "string"}),
    "name": ("A script's name.", {"type": "string"}),
    "seq": ("The record's number.", {"type": "string"}),
}
"""What can stand in an address, by the name of its place: what it is, and its JSON Schema."""

KNOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "language": ("The language of the page, else the browser's.", {"type": "string"}),
    "list": ("A newsletter's id; may be repeated.", {"type": "string"}),
    "next": ("Where the form leads on to: a page of the site.", {"type": "string"}),
    "about": ("What the page tells about.", {"type": "string"}),
    "form": ("Which form of the receipt.", {"type": "string"}),
    "format": ("Which form of it.", {"type": "string"}),
    "q": ("What is looked for.", {"type": "string"}),
    "from": ("The first day, like 2026-11-22.", {"type": "string", "maxLength": 40}),
    "to": ("The last day, like 2026-11-22; today when it is left out.", {"type": "string", "maxLength": 40}),
    "by": ("What is counted by: day, via, variant or page.", {"type": "string"}),
}
"""Filters without a struct of their own, by name."""
