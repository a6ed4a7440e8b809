"""SendGrid's event webhook: many events at once, signed with ECDSA over P-256. A repeat is known by its events' ids."""

from __future__ import annotations

import base64
import binascii

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from consent.errors import BadToken
from consent.sync.inbound.events import NOT_GENUINE, Heard, Kind, MailEvent, bracketed, decoded, instant

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
KINDS: dict[str, Kind] = {
    "delivered": "delivered",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
# It does not even try: it knows from before.
DROPPED: dict[str, Kind] = {
    "Bounced Address": "bounced_hard",
    "Invalid": "bounced_hard",
    "Spam Reporting Address": "complained",
    "Unsubscribed Address": "unsubscribed",
}


class _Event(msgspec.Struct, frozen=True, rename={"id": "sg_event_id", "message_id": "smtp-id"}):
    event: str = ""
    id: str = ""
    email: str | None = None
    type: str = ""
    reason: str = ""
    timestamp: int | None = None
    message_id: str | None = None
    consent_id: str | None = None
    consent_site: str | None = None


def read(secret: str, heard: Heard) -> list[MailEvent]:
    """What the message says; `secret` is the public key that SendGrid shows, in base64.

    Raises:
        BadToken, Malformed: it is not SendGrid's, or none.
    """
    _check(secret, heard)
    found = [(one, kind) for one in decoded(heard.body, list[_Event]) if (kind := _kind(one)) and one.id]
    return [
        MailEvent(
            id=one.id,
            kind=kind,
            address=one.email,
            mail=one.consent_id,
            site=one.consent_site,
            message_id=bracketed(one.message_id),
            at=instant(one.timestamp),
        )
        for one, kind in found
    ]


def _check(public: str, heard: Heard) -> None:
    signed = heard.headers.get(TIMESTAMP, "").encode() + heard.body
    try:
        key = load_der_public_key(base64.b64decode(public, validate=True))
        signature = base64.b64decode(heard.headers.get(SIGNATURE, ""), validate=True)
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise BadToken(NOT_GENUINE)
        key.verify(signature, signed, ec.ECDSA(SHA256()))
    except (binascii.Error, ValueError, InvalidSignature, UnsupportedAlgorithm):
        raise BadToken(NOT_GENUINE) from None


def _kind(event: _Event) -> Kind | None:
    if event.event == "bounce":
        return "bounced_soft" if event.type == "blocked" else "bounced_hard"
    if event.event == "dropped":
        return DROPPED.get(event.reason)
    return KINDS.get(event.event)
