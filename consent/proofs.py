"""The trip of a proof: that a record is in the log, and that an older log is the beginning of the newer.

Invariant: a proof leads to the committed head that is shown with it.
"""

from __future__ import annotations

import msgspec

from consent import ids
from consent.checkpoints import vkey
from consent.errors import Fault, Refused, Unknown
from consent.nodes import Nodes
from consent.storage import logs
from consent.storage import records as stored
from consent.storage.database import Database, Reader
from consent.storage.records import StoredRecord


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A log's head as it may be shown: the signed note, and the key to check it with."""

    size: int
    checkpoint: str
    key: str


class InclusionProof(msgspec.Struct, frozen=True, kw_only=True):
    """That a record is in the log: hashes in hex, from the leaf's sibling up to the root."""

    record: str
    index: int
    size: int
    leaf: str
    path: tuple[str, ...]
    checkpoint: str
    key: str


class ConsistencyProof(msgspec.Struct, frozen=True, kw_only=True):
    """That the log of `old` leaves is the beginning of that of `size` leaves."""

    old: int
    size: int
    path: tuple[str, ...]
    checkpoint: str
    key: str


async def checkpoint(database: Database, site: str) -> Signed:
    """The log's newest checkpoint.

    Raises:
        Unknown: no such site.
    """
    async with database.reading() as reader:
        return await _signed(reader, site)


async def inclusion(database: Database, site: str, record: str) -> InclusionProof:
    """The proof for the record with this id.

    Raises:
        Unknown: no such site or record.
    """
    async with database.reading() as reader:
        head = await _signed(reader, site)
        found = await stored.by_id(reader, site, _raw(record))
        if found is None or found.seq > head.size:
            raise Unknown("there is no such record, or it was erased")
        return await _inclusion(reader, head, site, found)


async def inclusion_at(database: Database, site: str, seq: int) -> InclusionProof:
    """The proof for the record of this number, which may be erased: then `record` is empty.

    Raises:
        Unknown: no such site or record.
    """
    async with database.reading() as reader:
        head = await _signed(reader, site)
        rows = await stored.page(reader, site, seq - 1, seq, 1) if 0 < seq <= head.size else []
        if not rows:
            raise Unknown("there is no record of this number")
        return await _inclusion(reader, head, site, rows[0])


async def _inclusion(reader: Reader, head: Signed, site: str, found: StoredRecord) -> InclusionProof:
    path = await Nodes(site, head.size).inclusion(reader, found.seq - 1)
    return InclusionProof(
        record=ids.uuid_text(found.id) if found.id is not None else "",
        index=found.seq - 1,
        size=head.size,
        leaf=bytes(found.leaf).hex(),
        path=tuple(hash_.hex() for hash_ in path),
        checkpoint=head.checkpoint,
        key=head.key,
    )


async def consistency(database: Database, site: str, old: int) -> ConsistencyProof:
    """The proof that the first `old` records are still the beginning of the log.

    Raises:
        Unknown: no such site.
        Refused: the log is not that long.
    """
    async with database.reading() as reader:
        head = await _signed(reader, site)
        if not 0 < old <= head.size:
            raise Refused(Fault("old", f"expected 1 to {head.size}, the log's size"))
        path = await Nodes(site, head.size).consistency(reader, old)
    hashes = tuple(hash_.hex() for hash_ in path)
    return ConsistencyProof(old=old, size=head.size, path=hashes, checkpoint=head.checkpoint, key=head.key)


async def _signed(reader: Reader, site: str) -> Signed:
    log, head = await logs.find(reader, site), await logs.head(reader, site)
    if log is None or head is None:
        raise Unknown(f"there is no site '{site[:64]}'")
    return Signed(size=head.size, checkpoint=head.checkpoint, key=vkey(log.origin, log.public_key))


def _raw(uuid: str) -> bytes:
    try:
        return ids.parse_uuid(uuid)
    except ValueError as error:
        raise Unknown(str(error)) from None
