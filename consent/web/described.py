"""How one method at one address is described, and what many of them answer alike."""

from __future__ import annotations

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
    query: tuple[str, ...] = ()
    media: tuple[str, ...] = ("application/json",)
    takes: tuple[str, ...] = ()
    """The body's media types, where it is no struct."""


NOT_ADMITTED = {403: "Problem: a page of another origin", 404: "Problem: no such site", 429: "Problem: too often"}
BAD_BODY = {
    400: "Problem: not JSON, or ambiguous, or its token is none",
    413: "Problem: over 16 KiB, or less where so much is never needed",
    415: "Problem: another content type",
    422: "Problem: well-formed but wrong",
}
KEYED = {401: "Problem: no key", 403: "Problem: a key without the scope", 404: "Problem: no such site"}
FILTERED = {422: "Problem: a filter that there is not"}
SITE = "/v1/sites/{site}"
