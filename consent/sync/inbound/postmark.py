"""Postmark's webhooks: a secret in the address, or Basic authorization."""

from __future__ import annotations

import msgspec

from consent.sync.inbound.events import Heard, Kind, MailEvent, decoded, instant, require_secret

BOUNCES: dict[str, Kind] = {
    "HardBounce": "bounced_hard",
    "BadEmailAddress": "bounced_hard",
    "ManuallyDeactivated": "bounced_hard",
    "SpamComplaint": "complained",
    "SpamNotification": "complained",
    "Unsubscribe": "unsubscribed",
}
REASONS: dict[str, Kind] = {
    "HardBounce": "bounced_hard",
    "SpamComplaint": "complained",
    "ManualSuppression": "unsubscribed",
}


class _Record(msgspec.Struct, frozen=True, rename="pascal"):
    record_type: str = ""
    type: str = ""
    id: int | None = msgspec.field(name="ID", default=None)
    message_id: str = msgspec.field(name="MessageID", default="")
    email: str | None = None
    recipient: str | None = None
    suppress_sending: bool = False
    suppression_reason: str | None = None
    metadata: dict[str, str] = {}
    bounced_at: str | None = None
    delivered_at: str | None = None
    changed_at: str | None = None


def read(secret: str, heard: Heard) -> list[MailEvent]:
    """What the message says.

    Raises:
        BadToken, Malformed: it is not Postmark's, or none.
    """
    require_secret(secret, heard)
    record = decoded(heard.body, _Record)
    kind = _kind(record)
    if kind is None:
        return []
    told = record.id if record.id is not None else record.message_id
    at = instant(record.bounced_at or record.delivered_at or record.changed_at)
    return [
        MailEvent(
            id=f"{record.record_type}:{told}:{at}",
            kind=kind,
            address=record.email or record.recipient,
            mail=record.metadata.get("consent_id"),
            site=record.metadata.get("consent_site"),
            at=at,
        )
    ]


def _kind(record: _Record) -> Kind | None:
    match record.record_type:
        case "Bounce":
            # A refusal of its server (Blocked) is no word about the mailbox: listmonk fails on it, and loses it.
            return BOUNCES.get(record.type, "bounced_soft")
        case "SpamComplaint":
            return "complained"
        case "Delivery":
            return "delivered"
        case "SubscriptionChange" if record.suppress_sending:
            return REASONS.get(record.suppression_reason or "")
    return None
