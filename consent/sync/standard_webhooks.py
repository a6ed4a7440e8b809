"""Standard Webhooks: what is sent, signed so that its receiver can tell who sent it, when, and that nobody changed it.

Invariant: the signature covers id, time and the very bytes of the body; ids hold no `.`, so that no two messages have
the same signed text.
"""

from __future__ import annotations

import base64
import binascii
import hmac

from consent.errors import BadToken

OPENING = "whsec_"
TOLERANCE = 300_000
"""Milliseconds by which a message may be old, or the sender's clock ahead."""
MIN_KEY, MAX_KEY = 24, 64


def secret(key: bytes) -> str:
    """The key as receivers are given it."""
    return OPENING + base64.b64encode(key).decode()


def key_of(words: str) -> bytes:
    """The key that a secret's text stands for.

    Raises:
        ValueError: it is none.
    """
    try:
        key = base64.b64decode(words.removeprefix(OPENING), validate=True)
    except binascii.Error:
        raise ValueError("a webhook's secret is whsec_ and base64") from None
    if not MIN_KEY <= len(key) <= MAX_KEY:
        raise ValueError("a webhook's secret has 24 to 64 bytes")
    return key


def sign(secrets: list[str], id_: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of one attempt at `at` (milliseconds), with a signature for each secret: two while one is changed."""
    seconds = at // 1000
    signatures = " ".join(f"v1,{_signature(key_of(one), id_, seconds, body)}" for one in secrets)
    return {"webhook-id": id_, "webhook-timestamp": str(seconds), "webhook-signature": signatures}


def check(secret_: str, id_: str, timestamp: str, signatures: str, body: bytes, now: int) -> None:
    """Nothing when the message is genuine and fresh.

    Raises:
        BadToken: it is not.
    """
    if not id_ or not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 13):
        raise BadToken("the message is not signed")
    if abs(now - int(timestamp) * 1000) > TOLERANCE:
        raise BadToken("the message is too old, or a clock is wrong")
    expected = _signature(key_of(secret_), id_, int(timestamp), body).encode()
    given = [one.removeprefix("v1,") for one in signatures.split() if one.startswith("v1,")]
    if not any(hmac.compare_digest(expected, one.encode()) for one in given):
        raise BadToken("the message is not signed by whom it should be")


def _signature(key: bytes, id_: str, seconds: int, body: bytes) -> str:
    return base64.b64encode(hmac.digest(key, f"{id_}.{seconds}.".encode() + body, "sha256")).decode()
