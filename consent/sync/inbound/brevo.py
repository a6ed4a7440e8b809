"""Brevo's webhooks about single mails: a secret in the address, or Basic or Bearer authorization."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent.sync.inbound.events import Heard, Kind, MailEvent, bracketed, decoded, instant, require_secret

KINDS: dict[str, Kind] = {
    "delivered": "delivered",
    "hard_bounce": "bounced_hard",
    "invalid_email": "bounced_hard",
    "soft_bounce": "bounced_soft",
    "blocked": "bounced_soft",
    "spam": "complained",
    "complaint": "complained",
    "unsubscribed": "unsubscribed",
}


class _Told(msgspec.Struct, frozen=True, rename={"message_id": "message-id"}):
    event: str = ""
    email: str | None = None
    message_id: str | None = None
    ts_event: int | None = None
    tags: list[str] = []


def read(secret: str, heard: Heard) -> list[MailEvent]:
    """What the message says. Its `id` is the webhook's, the same for all.

    Raises:
        BadToken, Malformed: it is not Brevo's, or none.
    """
    require_secret(secret, heard)
    told = decoded(heard.body, _Told)
    kind = KINDS.get(told.event)
    if kind is None:
        return []
    return [
        MailEvent(
            id=f"{told.message_id}:{told.event}:{told.ts_event}:{told.email}",
            kind=kind,
            address=told.email,
            mail=_tagged(told.tags, "consent_id:"),
            site=_tagged(told.tags, "consent_site:"),
            message_id=bracketed(told.message_id),
            at=instant(told.ts_event),
        )
    ]


def _tagged(tags: Sequence[str], opening: str) -> str | None:
    return next((tag.removeprefix(opening) for tag in tags if tag.startswith(opening)), None)
