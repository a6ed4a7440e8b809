"""The forms of CONSENT_LOG: how lines are written, and whether each request has one."""

from __future__ import annotations

from typing import Literal, cast

import msgspec

from consent.errors import Misconfigured


class LogForm(msgspec.Struct, frozen=True, kw_only=True):
    """How the service writes its log."""

    lines: Literal["text", "json"] = "text"
    has_access: bool = False
    """Whether each request has a line."""


def checked_log(words: str) -> LogForm:
    """The form that is asked for.

    Raises:
        Misconfigured: none that there is.
    """
    lines, *more = words.split() or ["text"]
    if lines not in ("text", "json") or more not in ([], ["access"]):
        raise Misconfigured("CONSENT_LOG is neither text nor json, with or without ' access': give one of these")
    return LogForm(lines=cast("Literal['text', 'json']", lines), has_access=bool(more))
