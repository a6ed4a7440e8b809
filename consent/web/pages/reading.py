"""Reads what a linked page tells: the record, its notice as it was shown, and what its subject decided last.

Invariant: nothing here writes.
"""

from __future__ import annotations

from consent import clock, ids, ledger, notices
from consent.errors import Erased, Unknown
from consent.notices import Notice
from consent.records import ConsentRecord, read_payload
from consent.services import Services
from consent.storage import logs, sites
from consent.storage import records as stored
from consent.storage.database import Reader
from consent.storage.sites import StoredNotice
from consent.tokens import Receipt
from consent.web.pages.receipts import Held, Story


async def by_receipt(services: Services, claims: Receipt) -> Story:
    """The story of the record that a receipt is of.

    Raises:
        Erased: its person was erased.
        Unknown: the log has no such record (an older copy of the database is running).
    """
    async with services.database.reading() as reader:
        rows = await stored.page(reader, claims.site, claims.seq - 1, claims.seq, 1)
    if rows and rows[0].payload is None:
        raise Erased("this record was erased")
    if not rows or rows[0].payload is None or rows[0].id != ids.parse_uuid(claims.id):
        raise Unknown("the log has no such record")
    return await story(services, read_payload(rows[0].payload))


async def by_id(services: Services, site: str, id_: str) -> Story:
    """The story of the record that a link names.

    Raises:
        Erased: it is not there any more; a link is only made for one that was.
    """
    try:
        record = await ledger.find(services, site, id_)
    except Unknown:
        raise Erased("this record was erased") from None
    return await story(services, record)


async def story(services: Services, record: ConsentRecord) -> Story:
    """The record with what is told beside it."""
    latest = await ledger.latest_of(services, record.site, record.subject, record.kind) or record
    async with services.database.reading() as reader:
        head = await logs.head(reader, record.site)
        told = await _held(reader, record)
        held = told if latest.id == record.id else await _held(reader, latest)
    return Story(told=told, latest=held, size=head.size if head else 0, at=services.clock())


async def confirmed_by(services: Services, held: Held) -> Notice:
    """The notice whose words stood beside the button that confirmed it.

    Raises:
        Unknown: it is not there.
    """
    if held.record.confirmed_notice is None:
        return held.notice
    async with services.database.reading() as reader:
        return _parsed(await sites.notice(reader, held.record.site, held.record.confirmed_notice))


async def _held(reader: Reader, record: ConsentRecord) -> Held:
    found = await sites.notice(reader, record.site, record.notice)
    notice = _parsed(found)
    return Held(record=record, notice=notice, notice_published_at=clock.text(found.published_at) if found else "")


def _parsed(found: StoredNotice | None) -> Notice:
    if found is None:
        raise Unknown("the notice of this record is not there")
    return notices.parse_notice(found.document.encode())
