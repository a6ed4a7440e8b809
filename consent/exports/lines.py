"""An export as JSON lines: a file that proves itself.

A line carries what ties it to the log: where lines are left out between others, its own path to the signed root.

Invariant: the last line is the checkpoint; a file without it is not whole.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence

import msgspec

from consent import clock
from consent.checkpoints import vkey
from consent.exports.selecting import Span, pages
from consent.nodes import Nodes, prefix
from consent.storage import logs
from consent.storage.database import Database
from consent.storage.records import StoredRecord


async def jsonl(database: Database, place: Span) -> AsyncIterator[bytes]:
    """Chunks of lines: a record each, as it was committed to, with its proof; last the checkpoint."""
    nodes = Nodes(place.site, place.size)
    async for page in pages(database, place):
        if not place.is_scattered:
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
        if place.is_scattered or is_cut:
            last["selection"] = True
        if not place.is_scattered and place.after and place.after <= place.up_to:
            peaks = (await prefix(reader, place.site, place.after)).peaks()
            last["before"] = {"size": place.after, "peaks": [peak.hex() for peak in peaks]}
        if not place.is_scattered and is_cut and place.after < place.up_to:
            path = await Nodes(place.site, place.size).consistency(reader, place.up_to)
            last["consistency"] = {"size": place.up_to, "path": [hash_.hex() for hash_ in path]}
    return last
