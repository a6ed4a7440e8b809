"""An export as CSV (RFC 4180, UTF-8, CR LF): for spreadsheets, where JSON lines are for proof.

Invariant: every record that is meant and not erased is one row; no cell is taken for a formula (`cells`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec

from consent import cells, records
from consent.exports.selecting import Span, pages
from consent.storage.database import Database
from consent.storage.records import StoredRecord

CSV_COLUMNS: tuple[str, ...] = records.ConsentRecord.__struct_fields__
AUDIT_COLUMNS: tuple[str, ...] = records.AuditRecord.__struct_fields__
AUDIT = "audit"


async def csv_text(database: Database, place: Span) -> AsyncIterator[bytes]:
    """Chunks of rows under a header; structured columns hold JSON.

    What the publisher's people did has other columns than consents, and is there only when it alone is asked for.
    """
    is_audit = place.content.kind == AUDIT
    columns = AUDIT_COLUMNS if is_audit else CSV_COLUMNS
    yield cells.rows([columns])
    async for page in pages(database, place):
        yield cells.rows(_cells(row, columns) for row in page if row.payload and (row.kind == AUDIT) is is_audit)


def _cells(row: StoredRecord, columns: Sequence[str]) -> Iterator[str]:
    """A text as it is, anything else as the JSON that was committed to; what is not there or null is empty."""
    fields = _fields(row.payload or "{}")
    for name in columns:
        raw = fields.get(name)
        yield _cell(bytes(raw)) if raw is not None else ""


def _cell(value: bytes) -> str:
    if value[:1] != QUOTE:
        return "" if value == NOTHING else value.decode()
    return _text(value) if ESCAPE in value else value[1:-1].decode()


_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode
NOTHING, QUOTE, ESCAPE = b"null", b'"', b"\\"
