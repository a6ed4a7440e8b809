"""Mailgun's webhooks: a time and a token, signed. The signature leaves out what is said, so that it must be fresh."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec

from consent.clock import DAY
from consent.errors import BadToken
from consent.sync.inbound.events import NOT_GENUINE, Heard, Kind, MailEvent, bracketed, decoded, instant

TOLERANCE = DAY
"""It tries again for eight hours."""


class _Signature(msgspec.Struct, frozen=True):
    timestamp: str = ""
    token: str = ""
    signature: str = ""


class _Message(msgspec.Struct, frozen=True):
    headers: dict[str, Any] = {}


class _Data(msgspec.Struct, frozen=True, rename={"variables": "user-variables"}):
    event: str = ""
    severity: str = ""
    id: str = ""
    recipient: str | None = None
    timestamp: float | None = None
    variables: Any = None
    message: _Message = _Message()


class _Told(msgspec.Struct, frozen=True, rename={"data": "event-data"}):
    signature: _Signature = _Signature()
    data: _Data = _Data()


def read(secret: str, heard: Heard) -> list[MailEvent]:
    """What the message says.

    Raises:
        BadToken, Malformed: it is not Mailgun's, or none.
    """
    told = decoded(heard.body, _Told)
    _check(secret, told.signature, heard.now)
    data, kind = told.data, _kind(told.data)
    if kind is None:
        return []
    variables = data.variables if isinstance(data.variables, dict) else {}
    message_id = data.message.headers.get("message-id")
    return [
        MailEvent(
            id=data.id or told.signature.token,
            kind=kind,
            address=data.recipient,
            mail=_text(variables.get("consent_id")),
            site=_text(variables.get("consent_site")),
            message_id=bracketed(_text(message_id)),
            at=instant(data.timestamp),
        )
    ]


def _check(secret: str, given: _Signature, now: int) -> None:
    expected = hmac.digest(secret.encode(), f"{given.timestamp}{given.token}".encode(), "sha256").hex()
    if not hmac.compare_digest(expected.encode(), given.signature.encode()):
        raise BadToken(NOT_GENUINE)
    if not given.timestamp.isdecimal() or abs(now - int(given.timestamp[:15]) * 1000) > TOLERANCE:
        raise BadToken("the message is too old, or a clock is wrong")


def _kind(data: _Data) -> Kind | None:
    match data.event:
        case "failed":
            return "bounced_hard" if data.severity == "permanent" else "bounced_soft"
        case "delivered" | "complained" | "unsubscribed" as kind:
            return kind
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
