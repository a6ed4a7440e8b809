"""All that is known of a subscriber, for whom it is about (GDPR, Art. 15 and 20).

Invariant: what is given is the person's own: no key, no hash, nothing of anybody else.
"""

from __future__ import annotations

from typing import Any

import msgspec

from consent import clock, ids
from consent.records import read_payload
from consent.storage import pendings, records, subscribers, suppressions
from consent.storage.database import Reader
from consent.storage.subscribers import Subscriber

AT_ONCE = 500


async def known_of(reader: Reader, site: str, subscriber: Subscriber) -> dict[str, Any]:
    """The subscriber, what waits, what is suppressed, and every record, as JSON has it."""
    return {
        "site": site,
        "subscriber": ids.uuid_text(subscriber.id),
        "email": subscriber.email,
        "language": subscriber.language,
        "created_at": clock.text(subscriber.created_at),
        "paused_until": clock.text(subscriber.paused_until) if subscriber.paused_until is not None else None,
        "subscriptions": [_told(one) for one in await subscribers.subscriptions(reader, site, subscriber.id)],
        "waiting": await _waiting(reader, site, subscriber.key),
        "suppressions": [_told(one) for one in await suppressions.of(reader, site, subscriber.key)],
        "records": await _records(reader, site, subscriber.id),
    }


def _told(row: msgspec.Struct) -> dict[str, Any]:
    """A row as JSON has it: ids in their text, times as times, keys left out, for they tell nobody anything."""
    fields = msgspec.structs.asdict(row)
    times = {name for name in ("since", "at", "asked_at", "confirmed_at") if isinstance(fields.get(name), int)}
    told = fields | {name: clock.text(fields[name]) for name in times}
    if fields.get("record"):
        told["record"] = ids.uuid_text(fields["record"])
    return {name: value for name, value in told.items() if name not in ("key", "strength")}


async def _waiting(reader: Reader, site: str, key: bytes) -> list[dict[str, Any]]:
    pending = await pendings.by_key(reader, site, key, "signup")
    return [_told(one) for one in await pendings.lists(reader, site, pending.id)] if pending else []


def _record(payload: str) -> dict[str, Any]:
    """A record without the address's keyed hash; `email` says which address it is."""
    told: dict[str, Any] = msgspec.to_builtins(read_payload(payload))
    return {name: value for name, value in told.items() if name != "address"}


async def _records(reader: Reader, site: str, subject: bytes) -> list[Any]:
    found: list[Any] = []
    after = 0
    while page := await records.page_of_subject(reader, site, subject, after, 1 << 62, AT_ONCE):
        found += [_record(row.payload) for row in page if row.payload]
        after = page[-1].seq
    return found
