"""Which of a site's languages a page or an answer is in."""

from __future__ import annotations

from starlette.types import Scope

from consent import notices
from consent.notices import Notice
from consent.web.requests import LONGEST, header

LONGEST_TAG = 35  # what RFC 5646, section 4.4.1, has room for


def language(scope: Scope, notice: Notice, asked: str | None = None) -> str:
    """The one that was asked for, when the site speaks it; else the reader's by `Accept-Language`, else the site's."""
    if asked in notice.languages:
        return asked
    served = {one.lower(): one for one in notice.languages}
    served = {**notices.aliases(notice.languages), **served}
    for offer in header(scope, b"accept-language")[:LONGEST].split(","):
        tag, _, weight = offer.strip().lower().partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0") and (found := _found(tag.strip(), served)):
            return found
    return notice.languages[0]


def _found(tag: str, served: dict[str, str]) -> str | None:
    """The tag is cut from its end until a language serves it (RFC 4647, section 3.4): `de-AT` -> `de`."""
    tag = tag[:LONGEST_TAG]
    while tag and tag not in served:
        tag = tag.rpartition("-")[0]
    return served.get(tag)
