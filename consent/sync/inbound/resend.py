"""Resend's webhooks: signed as Standard Webhooks are, under Svix' names for the headers."""

from __future__ import annotations

from typing import Any

import msgspec

from consent.errors import BadToken
from consent.sync import standard_webhooks
from consent.sync.inbound.events import NOT_GENUINE, Heard, Kind, MailEvent, decoded, instant

KINDS: dict[str, Kind] = {"email.delivered": "delivered", "email.complained": "complained"}


class _Bounce(msgspec.Struct, frozen=True):
    type: str = ""


class _Data(msgspec.Struct, frozen=True):
    to: list[str] = []
    tags: Any = None
    bounce: _Bounce = _Bounce()


class _Told(msgspec.Struct, frozen=True):
    type: str = ""
    created_at: str | None = None
    data: _Data = _Data()


def read(secret: str, heard: Heard) -> list[MailEvent]:
    """What the message says.

    Raises:
        BadToken, Malformed: it is not Resend's, or none.
    """
    id_, at, signatures = (heard.headers.get(f"svix-{name}", "") for name in ("id", "timestamp", "signature"))
    try:
        standard_webhooks.check(secret, id_, at, signatures, heard.body, heard.now)
    except ValueError:
        raise BadToken(NOT_GENUINE) from None
    told = decoded(heard.body, _Told)
    kind = KINDS.get(told.type)
    if told.type == "email.bounced":
        kind = "bounced_hard" if told.data.bounce.type == "Permanent" else "bounced_soft"
    tags = _tags(told.data.tags)
    return [
        MailEvent(
            id=f"{id_}:{place}",
            kind=kind,
            address=address,
            mail=tags.get("consent_id"),
            site=tags.get("consent_site"),
            at=instant(told.created_at),
        )
        for place, address in enumerate(told.data.to)
        if kind
    ]


def _tags(tags: Any) -> dict[str, str]:
    """Given as a list of pairs, told as a table."""
    if isinstance(tags, list):
        pairs = [(one.get("name"), one.get("value")) for one in tags if isinstance(one, dict)]
    else:
        pairs = list(tags.items()) if isinstance(tags, dict) else []
    return {name: value for name, value in pairs if isinstance(name, str) and isinstance(value, str)}
