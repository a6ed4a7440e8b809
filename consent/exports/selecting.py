"""Which records are meant, where they lie in the log, and reading them page by page.

Whose and when is found by an index. What else is asked for (`Content`) is looked for record by record: a page looks at
no more than SCAN of them, and says where to go on, so that no question costs more than another.

Invariant: what is read never lies beyond the head as it stood when the selection was made.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from consent import ids
from consent.errors import Fault, Refused, Unknown
from consent.storage import logs
from consent.storage import records as stored
from consent.storage.database import Database
from consent.storage.records import StoredRecord

PAGE = 256
STEP = 1000
SCAN = 10_000


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a record must be to be meant; of an erased one nothing but its kind is known."""

    kind: str | None = None
    action: str | None = None
    purpose: str | None = None
    """A purpose or list that it decides …"""
    decision: str | None = None
    """… in this way."""
    country: str | None = None
    language: str | None = None
    notice: str | None = None

    def fits(self, row: StoredRecord) -> bool:
        """Whether the record is meant."""
        if self.kind not in (None, row.kind):
            return False
        if self == Content(kind=self.kind):
            return True
        return row.payload is not None and self._fits(_look(row.payload))

    def _fits(self, seen: _Seen) -> bool:
        pairs = (
            (self.action, seen.action),
            (self.country, seen.country),
            (self.language, seen.language),
            (self.notice, seen.notice),
        )
        if any(wanted not in (None, found) for wanted, found in pairs):
            return False
        if self.purpose is None:
            return True
        return self.purpose in seen.status and self.decision in (None, seen.status[self.purpose])


class _Seen(msgspec.Struct):
    action: str
    country: str | None = None
    language: str | None = None
    notice: str | None = None
    status: dict[str, str] = {}


_look = msgspec.json.Decoder(_Seen).decode
ANY = Content()


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which records: all, or those of a subject, since or until an instant (milliseconds), or of some content."""

    subject: str | None = None
    since: int | None = None
    until: int | None = None
    content: Content = ANY


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """The selection as places in the log: after < seq <= up_to, under this head."""

    site: str
    subject: bytes | None
    after: int
    up_to: int
    size: int
    checkpoint: str
    content: Content = ANY

    @property
    def is_scattered(self) -> bool:
        """Whether records are left out between others."""
        return self.subject is not None or self.content != ANY


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Some records, and the number of the last one that was looked at; None: there are no more."""

    rows: list[StoredRecord]
    last: int | None


async def span(database: Database, site: str, selection: Selection) -> Span:
    """Where the selection lies, as of now.

    Raises:
        Unknown: no such site.
        Refused: the subject is no UUID, or a decision without the purpose it is about.
    """
    subject, content = _raw(selection.subject), selection.content
    if content.decision is not None and content.purpose is None:
        raise Refused(Fault("decision", "say for which purpose or list: purpose=…"))
    async with database.reading() as reader:
        head = await logs.head(reader, site)
        if head is None:
            raise Unknown(f"there is no site '{site[:64]}'")
        after, up_to = 0, head.size
        if selection.since is not None:
            after = await stored.first_since(reader, site, selection.since, head.size) - 1
        if selection.until is not None:
            up_to = await stored.first_since(reader, site, selection.until, head.size) - 1
    return Span(
        site=site,
        subject=subject,
        after=after,
        up_to=up_to,
        size=head.size,
        checkpoint=head.checkpoint,
        content=content,
    )


def _raw(subject: str | None) -> bytes | None:
    try:
        return ids.parse_uuid(subject) if subject is not None else None
    except ValueError as error:
        raise Refused(Fault("subject", str(error))) from None


async def pages(database: Database, place: Span, size: int = PAGE) -> AsyncIterator[list[StoredRecord]]:
    """The records, page by page, none of them empty; no connection is held between pages."""
    while place.after < place.up_to:
        rows = await _read(database, place, size)
        if not rows:
            return
        if fitting := [row for row in rows if place.content.fits(row)]:
            yield fitting
        place = msgspec.structs.replace(place, after=rows[-1].seq)


async def find(database: Database, place: Span, limit: int, *, newest_first: bool = False, scan: int = SCAN) -> Found:
    """Up to `limit` of the records, from the beginning of the span on, or back from its end; `scan` are looked at."""
    step = limit if place.content == ANY else min(max(limit, STEP), scan)
    found: list[StoredRecord] = []
    looked_at = 0
    while place.after < place.up_to:
        rows = await _read(database, place, step, newest_first=newest_first)
        for row in rows:
            looked_at += 1
            place = _behind(place, row.seq, newest_first)
            if place.content.fits(row):
                found.append(row)
            if len(found) == limit or looked_at == scan:
                return Found(rows=found, last=row.seq if place.after < place.up_to else None)
        if len(rows) < step:
            break
    return Found(rows=found, last=None)


def _behind(place: Span, seq: int, newest_first: bool) -> Span:
    """What is left of the span once this record was looked at."""
    return msgspec.structs.replace(place, up_to=seq - 1) if newest_first else msgspec.structs.replace(place, after=seq)


async def _read(database: Database, place: Span, size: int, *, newest_first: bool = False) -> list[StoredRecord]:
    async with database.reading() as reader:
        if place.subject is None:
            return await stored.page(reader, place.site, place.after, place.up_to, size, newest_first=newest_first)
        return await stored.page_of_subject(
            reader, place.site, place.subject, place.after, place.up_to, size, newest_first=newest_first
        )
