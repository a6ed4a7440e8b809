"""Erases records whose time is over: visitors' after their choice has run out, readers' after the last list was left,
and what the publisher's people did.

A record's payload is committed to as a whole, so that nothing of it can go before the rest: a hash of the network
address goes with its record, which is therefore kept for the shorter of two periods.

Invariant: nothing goes that still holds; what went is on the list of erasures and marked as retired, and the log
verifies.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import msgspec

from consent import clock
from consent.clock import DAY
from consent.errors import Duplicate, Stale
from consent.insisting import insists
from consent.notices import Retention
from consent.rights import erasing
from consent.services import Services
from consent.storage import logs, records, subscribers
from consent.storage.records import StoredRecord
from consent.storage.subscribers import Left

AT_ONCE = 500
NEVER = 1 << 62


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A record's kind of data, and the instant its time is over."""

    kind: str
    at: int


class Walk(msgspec.Struct):
    """A walk over a log's records: what was due by kind, up to where nothing is left, and what is due next."""

    gone: dict[str, int]
    reached: int
    is_open: bool = False
    """Something that stays was met."""
    next_at: dict[str, int] = {}


class _Ending(msgspec.Struct):
    expires_at: str | None
    ip: str | None = None


_read_ending = msgspec.json.Decoder(_Ending).decode


def due_of(row: StoredRecord, retention: Retention) -> Due | None:
    """When a record's time is over; None for one that is empty, or a reader's, which goes with the reader."""
    if row.payload is None or row.recorded_at is None or row.kind == "newsletter":
        return None
    if row.kind == "audit":
        return Due(kind="audit", at=row.recorded_at + retention.audit_days * DAY)
    said = _read_ending(row.payload)
    until = clock.parse(said.expires_at) if said.expires_at else NEVER
    if said.ip and retention.ip_days < retention.records_days:
        return Due(kind="ip", at=until + retention.ip_days * DAY)
    return Due(kind="records", at=until + retention.records_days * DAY)


async def records_over(
    services: Services, site: str, retention: Retention, walk: Walk, now: int, *, is_dry: bool
) -> None:
    """Erases the records that are due, page by page from where the last walk came to; notes all in `walk`."""
    first_due = now - min(retention.records_days, retention.ip_days, retention.audit_days) * DAY
    async for page in _pages(services, site, walk.reached):
        due = [row for row in page if _is_due(row, retention, walk, now)]
        if due and not is_dry:
            await _empty(services, site, due, now)
        newest = page[-1].recorded_at
        if newest is not None and newest >= first_due:
            return


def _is_due(row: StoredRecord, retention: Retention, walk: Walk, now: int) -> bool:
    due = due_of(row, retention)
    if due and due.at > now:
        walk.is_open = True
        walk.next_at[due.kind] = min(due.at, walk.next_at.get(due.kind, due.at))
    elif due:
        walk.gone[due.kind] = walk.gone.get(due.kind, 0) + 1
    if not walk.is_open:
        walk.reached = row.seq
    return due is not None and due.at <= now


async def _pages(services: Services, site: str, after: int) -> AsyncIterator[list[StoredRecord]]:
    async with services.database.reading() as reader:
        head = await logs.head(reader, site)
    while head and after < head.size:
        async with services.database.reading() as reader:
            page = await records.page(reader, site, after, head.size, AT_ONCE)
        if not page:
            return
        yield page
        after = page[-1].seq


@insists
async def _empty(services: Services, site: str, rows: list[StoredRecord], now: int) -> None:
    try:
        async with services.database.writing() as writer:
            log = await erasing.log_key(services, writer, site)
            left = [row for row in rows if await records.erasure(writer, site, row.seq) is None]
            await erasing.empty(writer, site, left, log, now, is_retired=True)
    except Duplicate:
        raise Stale("the same records are being erased already") from None


async def readers_over(
    services: Services, site: str, before: Mapping[bool, int], now: int, *, is_dry: bool
) -> list[int]:
    """Erases readers who left before these instants: by their own choice, and by bounces; gives how many of each."""
    return [
        await _readers(services, site, before[by_choice], now, by_choice, is_dry=is_dry) for by_choice in (True, False)
    ]


async def _readers(services: Services, site: str, before: int, now: int, by_choice: bool, *, is_dry: bool) -> int:
    gone, last = 0, AT_ONCE
    limit = NEVER if is_dry else AT_ONCE
    while last == AT_ONCE:
        async with services.database.reading() as reader:
            found = await subscribers.left(reader, site, before, limit, by_choice=by_choice)
        for one in found if not is_dry else ():
            await _erase(services, site, one, now)
        gone, last = gone + len(found), len(found) if not is_dry else 0
    return gone


@insists
async def _erase(services: Services, site: str, one: Left, now: int) -> None:
    async with services.database.writing() as writer:
        if await subscribers.lock(writer, site, one.id) is None:
            return
        held = await subscribers.subscriptions(writer, site, one.id)
        if any(each.state == "confirmed" or each.since > one.since for each in held):
            return
        log = await erasing.log_key(services, writer, site)
        await erasing.erase_address(services, writer, site, one.key, log, now, is_retired=True)
