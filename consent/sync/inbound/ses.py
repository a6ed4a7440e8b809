"""Amazon SES' events in an SNS notification: of event publishing (`eventType`) or as notifications."""

from __future__ import annotations

from typing import Any

import msgspec

from consent.sync.inbound.events import Kind, MailEvent, bracketed, instant
from consent.sync.inbound.sns import NOTIFICATION, Message


class _Recipient(msgspec.Struct, frozen=True, rename="camel"):
    email_address: str = ""


class _Bounce(msgspec.Struct, frozen=True, rename="camel"):
    bounce_type: str = ""
    bounced_recipients: list[_Recipient] = []


class _Complaint(msgspec.Struct, frozen=True, rename="camel"):
    complained_recipients: list[_Recipient] = []


class _Delivery(msgspec.Struct, frozen=True):
    recipients: list[str] = []


class _Mail(msgspec.Struct, frozen=True, rename="camel"):
    timestamp: str | None = None
    tags: dict[str, Any] = {}
    headers: dict[str, Any] = msgspec.field(name="commonHeaders", default_factory=dict)


class _Told(msgspec.Struct, frozen=True, rename="camel"):
    event_type: str = ""
    notification_type: str = ""
    bounce: _Bounce = _Bounce()
    complaint: _Complaint = _Complaint()
    delivery: _Delivery = _Delivery()
    mail: _Mail = _Mail()


def events(message: Message) -> list[MailEvent]:
    """What the notification says, one event a recipient; nothing when it is plain text, as the very first one is."""
    if message.type != NOTIFICATION:
        return []
    try:
        told = msgspec.json.decode(message.message, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    kind, addresses = _kind(told)
    tags = told.mail.tags
    message_id = told.mail.headers.get("messageId")
    return [
        MailEvent(
            id=f"{message.message_id}:{place}",
            kind=kind,
            address=address,
            mail=_first(tags.get("consent_id")),
            site=_first(tags.get("consent_site")),
            message_id=bracketed(message_id) if isinstance(message_id, str) else None,
            at=instant(message.timestamp),
        )
        for place, address in enumerate(addresses)
        if kind
    ]


def _kind(told: _Told) -> tuple[Kind | None, list[str]]:
    match told.event_type or told.notification_type:
        case "Bounce":
            kind: Kind = "bounced_hard" if told.bounce.bounce_type == "Permanent" else "bounced_soft"
            return kind, [one.email_address for one in told.bounce.bounced_recipients]
        case "Complaint":
            return "complained", [one.email_address for one in told.complaint.complained_recipients]
        case "Delivery":
            return "delivered", told.delivery.recipients
    return None, []


def _first(values: Any) -> str | None:
    """Tags are lists; those of the message alone have one value."""
    return values[0] if isinstance(values, list) and values and isinstance(values[0], str) else None
