"""The trip of an export: a site's records as lines, up to the head as it stood when the export began.

An append-only log paged by number is a consistent snapshot without a transaction held open for a slow
reader. The last line is the checkpoint; a line carries what ties it to the log, so that the file proves itself:
where lines are left out between others, each carries its own path to the signed root.

Invariant: at most one page of records is in memory.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec

from consent import cells, clock, ids, records
from consent.checkpoints import vkey
from consent.errors import Fault, Refused, Unknown
from consent.nodes import Nodes, prefix
from consent.storage import logs
from consent.storage import records as stored
from consent.storage.database import Database
from consent.storage.records import StoredRecord

PAGE = 256


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which records: all, or those of a subject, or since or until an instant (milliseconds)."""

    subject: str | None = None
    since: int | None = None
    until: int | None = None


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """The selection as places in the log: after < seq <= up_to, under this head."""

    site: str
    subject: bytes | None
    after: int
    up_to: int
    size: int
    checkpoint: str


async def span(database: Database, site: str, selection: Selection) -> Span:
    """Where the selection lies, as of now.

    Raises:
        Unknown: no such site.
        Refused: the subject is no UUID.
    """
    subject = _raw(selection.subject) if selection.subject is not None else None
    async with database.reading() as reader:
        head = await logs.head(reader, site)
        if head is None:
            raise Unknown(f"there is no site '{site[:64]}'")
        after, up_to = 0, head.size
        if selection.since is not None:
            after = await stored.first_since(reader, site, selection.since, head.size) - 1
        if selection.until is not None:
            up_to = await stored.first_since(reader, site, selection.until, head.size) - 1
    return Span(site=site, subject=subject, after=after, up_to=up_to, size=head.size, checkpoint=head.checkpoint)


def _raw(subject: str) -> bytes:
    try:
        return ids.parse_uuid(subject)
    except ValueError as error:
        raise Refused(Fault("subject", str(error))) from None


async def pages(database: Database, place: Span, size: int = PAGE) -> AsyncIterator[list[StoredRecord]]:
    """The records, page by page; no connection is held between pages."""
    after = place.after
    while after < place.up_to:
        async with database.reading() as reader:
            if place.subject is None:
                page = await stored.page(reader, place.site, after, place.up_to, size)
            else:
                page = await stored.page_of_subject(reader, place.site, place.subject, after, place.up_to, size)
        if not page:
            return
        yield page
        after = page[-1].seq


async def jsonl(database: Database, place: Span) -> AsyncIterator[bytes]:
    """Chunks of lines: a record each, as it was committed to, with its proof; last the checkpoint."""
    nodes = Nodes(place.site, place.size)
    async for page in pages(database, place):
        if place.subject is None:
            yield "".join(map(line, page)).encode()
        else:
            async with database.reading() as reader:
                paths = [await nodes.inclusion(reader, row.seq - 1) for row in page]
            yield "".join(map(line, page, paths)).encode()
    yield msgspec.json.encode(await _last_line(database, place)) + b"\n"


def line(row: StoredRecord, path: Sequence[bytes] | None = None) -> str:
    """One record's line: the canonical record, and in `proof` what ties it to the log; the path where one is given."""
    more = "" if path is None else f',"path":{msgspec.json.encode([hash_.hex() for hash_ in path]).decode()}'
    if row.payload is None or row.salt is None:
        return _erased_line(row, more)
    return f'{row.payload[:-1]},"proof":{{"leaf":"{row.leaf.hex()}","salt":"{row.salt.hex()}"{more}}}}}\n'


def _erased_line(row: StoredRecord, more: str) -> str:
    erased = clock.text(row.erased_at) if row.erased_at is not None else ""
    signature = base64.b64encode(row.erasure_seal or b"").decode()
    proof = f'"leaf":"{row.leaf.hex()}","seal":"{row.seal.hex()}","erasure":"{signature}"{more}'
    return f'{{"erased_at":"{erased}","kind":"{row.kind}","seq":{row.seq},"proof":{{{proof}}}}}\n'


CSV_COLUMNS = tuple(name for name in records.ConsentRecord.__struct_fields__)


async def csv_text(database: Database, place: Span) -> AsyncIterator[bytes]:
    """Chunks of RFC 4180 rows under a header; structured columns hold JSON.

    A cell that a spreadsheet could take for a formula gets a leading apostrophe, and so does one that
    begins with an apostrophe: taking one away gives the value back.
    """
    yield ",".join(CSV_COLUMNS).encode() + b"\r\n"
    async for page in pages(database, place):
        yield cells.rows(_cells(row) for row in page if row.payload is not None)


def _cells(row: StoredRecord) -> Iterator[str]:
    fields = msgspec.json.decode(row.payload or "{}", type=dict[str, object])
    for name in CSV_COLUMNS:
        value = fields.get(name)
        yield value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()


async def _last_line(database: Database, place: Span) -> dict[str, object]:
    """The head the export goes up to, its key, and what ties lines without a path of their own to it.

    That is the peaks of what lies before the first line, and how the log grew after the last one.
    """
    async with database.reading() as reader:
        log = await logs.find(reader, place.site)
        last: dict[str, object] = {
            "checkpoint": place.checkpoint,
            "key": vkey(log.origin, log.public_key) if log else "",
        }
        is_cut = place.up_to != place.size
        if place.subject is not None or is_cut:
            last["selection"] = True
        if place.subject is None and place.after and place.after <= place.up_to:
            peaks = (await prefix(reader, place.site, place.after)).peaks()
            last["before"] = {"size": place.after, "peaks": [peak.hex() for peak in peaks]}
        if place.subject is None and is_cut and place.after < place.up_to:
            path = await Nodes(place.site, place.size).consistency(reader, place.up_to)
            last["consistency"] = {"size": place.up_to, "path": [hash_.hex() for hash_ in path]}
    return last
