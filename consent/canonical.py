"""Canonical JSON (RFC 8785) and its digest: the same value is always the same bytes, on every machine.

Invariant: the values given here have ASCII keys and no floats; within that, msgspec's sorted output
is RFC 8785's (a property test holds it against an independent implementation).
"""

from __future__ import annotations

import hashlib

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")

encode = _encoder.encode


def sha256_hex(data: bytes) -> str:
    """The SHA-256 of the bytes as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()
