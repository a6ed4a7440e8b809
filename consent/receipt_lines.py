"""A receipt's proof, one JSON object, as the two lines of an export that say the same.

Invariant: what the object does not say once and clearly is no line: one way of checking serves both.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import msgspec

from consent.errors import Altered

LONGEST = 1 << 20
"""Bytes: a receipt is some kilobytes; what is longer is not even looked at."""

MARK = "consent_receipt"


def read(data: bytes) -> list[bytes] | None:
    """The lines; None when the data is no receipt's proof at all, but perhaps an export.

    Raises:
        Altered: it is one, and cannot be read.
    """
    twice: list[str] = []
    if len(data) > LONGEST or MARK.encode() not in data:
        return None
    try:
        found = json.loads(data, object_pairs_hook=lambda pairs: _noted(pairs, twice))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not found.get(MARK):
        return None
    if twice:
        raise Altered(f"the receipt says {twice[0]} twice")
    record, proof = found.get("record"), found.get("proof")
    if not isinstance(record, dict) or not isinstance(proof, dict) or not isinstance(proof.get("path"), list):
        raise Altered("the receipt has no proof that can be read")
    end = {"checkpoint": found.get("checkpoint"), "key": found.get("key"), "selection": True}
    return [_line({**record, "proof": proof}), _line(end)]


def _noted(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    twice.extend(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    return dict(pairs)


def _line(value: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (ValueError, OverflowError, UnicodeEncodeError):
        raise Altered("the receipt has no proof that can be read") from None
