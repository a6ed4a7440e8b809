"""What the console's tables show of a record.

Invariant: an erased record shows its number and that it was erased, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from consent import clock
from consent.records import Status, read_audit, read_payload
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
SAID: Mapping[str, str] = {**ACTIONS, "known": "became known", "asked": "asked for"}
"""What happened to a reader."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the table of records."""

    seq: int
    at: str
    """RFC 3339; of an erased record, when it was erased."""
    is_erased: bool
    kind: str = "cookies"
    action: str = ""
    status: Mapping[str, Status] = {}
    services: Mapping[str, bool] = {}
    language: str = ""
    country: str = ""
    device: str = ""
    notice: str = ""


def row(found: StoredRecord) -> Row:
    """The record's line."""
    if found.payload is None:
        return Row(seq=found.seq, at=clock.text(found.erased_at or 0), is_erased=True, kind=found.kind)
    if found.kind == "audit":
        act = read_audit(found.payload)
        words = act.action.replace(".", " ").replace("_", " ")
        return Row(seq=act.seq, at=act.recorded_at, is_erased=False, kind=act.kind, action=words)
    record = read_payload(found.payload)
    return Row(
        seq=record.seq,
        at=record.recorded_at,
        is_erased=False,
        kind=record.kind,
        action=ACTIONS[record.action],
        status=record.status,
        services=record.services,
        language=record.language,
        country=record.country or "",
        device=record.device or "",
        notice=record.notice,
    )
