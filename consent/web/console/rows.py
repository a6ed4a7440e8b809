"""What the console's tables show of a record.

Invariant: an erased record shows its number and that it was erased, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from consent import clock
from consent.records import Status, read_payload
from consent.storage.records import StoredRecord

ACTIONS: Mapping[str, str] = {
    "accept_all": "accepted all",
    "reject_all": "refused all",
    "save": "chose",
    "dismiss": "closed",
    "acknowledge": "was informed",
    "gpc": "sent GPC",
    "withdraw": "withdrew",
    "import": "imported",
    "confirm": "subscribed",
    "unsubscribe": "unsubscribed",
    "bounce": "could not be reached",
    "complain": "complained",
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the table of records."""

    seq: int
    at: str
    """RFC 3339; of an erased record, when it was erased."""
    is_erased: bool
    action: str = ""
    status: Mapping[str, Status] = {}
    services: Mapping[str, bool] = {}
    language: str = ""
    country: str = ""
    device: str = ""
    notice: str = ""


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list of publications."""

    revision: int
    notice: str
    published_at: str
    changes: tuple[str, ...]


def row(found: StoredRecord) -> Row:
    """The record's line."""
    if found.payload is None:
        return Row(seq=found.seq, at=clock.text(found.erased_at or 0), is_erased=True)
    record = read_payload(found.payload)
    return Row(
        seq=record.seq,
        at=record.recorded_at,
        is_erased=False,
        action=ACTIONS[record.action],
        status=record.status,
        services=record.services,
        language=record.language,
        country=record.country or "",
        device=record.device or "",
        notice=record.notice,
    )
