"""A receipt as a file that proves itself: the record, what its leaf is made with, its place, and the signed head.

Invariant: what is in the file was read at one moment, and with the log's public key anybody can check it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from consent.checkpoints import vkey
from consent.errors import Erased, Unknown
from consent.nodes import Nodes
from consent.rights.bundle import KeptProof
from consent.services import Services
from consent.storage import logs, records

VERSION = 1


class ReceiptFile(msgspec.Struct, frozen=True, kw_only=True):
    """The file; `record` is as it was committed to, whatever the order of its keys."""

    consent_receipt: int
    record: dict[str, Any]
    proof: KeptProof
    checkpoint: str
    key: str
    token: str


async def receipt_file(services: Services, site: str, seq: int, token: str) -> ReceiptFile:
    """The file of the record at a place in the site's log.

    Raises:
        Erased: it was erased.
        Unknown: no such site or record.
    """
    async with services.database.reading() as reader:
        log, head = await logs.find(reader, site), await logs.head(reader, site)
        rows = await records.page(reader, site, seq - 1, seq, 1)
        if log is None or head is None or not rows:
            raise Unknown("there is no such record")
        [row] = rows
        if row.payload is None or row.salt is None:
            raise Erased("this record was erased")
        path = await Nodes(site, head.size).inclusion(reader, row.seq - 1)
    return ReceiptFile(
        consent_receipt=VERSION,
        record=msgspec.json.decode(row.payload),
        proof=KeptProof(leaf=row.leaf.hex(), salt=row.salt.hex(), path=tuple(hash_.hex() for hash_ in path)),
        checkpoint=head.checkpoint,
        key=vkey(log.origin, log.public_key),
        token=token,
    )
