"""The trip of whoever has something of a record in hand: its number or id, a receipt, a subject, a notice's digest.

Invariant: nothing here writes; what is not found is said in a sentence that tells what was understood.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from consent import ids
from consent.errors import BadToken, Fault, Refused
from consent.services import Services
from consent.storage import logs, sites
from consent.storage import records as stored
from consent.storage.database import Database
from consent.tokens import Receipt

FAR = 1 << 53
LONGEST = 16_384

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_NUMBER = re.compile(r"#?([0-9]{1,15})", re.ASCII)
_TOKEN = re.compile(r"(?:.*/receipts/)?([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)(?:[?#].*)?", re.ASCII)


class Meant(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed: one record, all of a subject, or a notice."""

    kind: Literal["record", "subject", "notice"]
    told: str
    """What it was taken for, as a sentence."""
    seq: int = 0
    id: str = ""


async def understand(services: Services, site: str, words: str) -> Meant:
    """What is meant by something that was typed or pasted: a number, an id, a receipt, a notice's digest.

    Raises:
        Refused: it is none of these, or there is nothing of it here; says which.
    """
    typed = words.strip()
    if len(typed) > LONGEST:
        raise _nothing("This is too long to be an id, a number or a receipt.")
    if found := _NUMBER.fullmatch(typed):
        return await _numbered(services.database, site, int(found[1]))
    lowered = typed.lower().removeprefix("urn:uuid:").strip("{}")
    if _UUID.fullmatch(lowered):
        return await _identified(services.database, site, lowered)
    if _DIGEST.fullmatch(lowered):
        return await _digested(services.database, site, lowered)
    if found := _TOKEN.fullmatch(typed):
        return await _receipted(services, site, found[1])
    if "@" in typed:
        raise _nothing("This looks like an e-mail address. Records carry none: look for it under Readers.")
    if not typed:
        raise _nothing("Type a subject, a record’s id or number, or paste a receipt.")
    raise _nothing(
        "This is no number, no id and no receipt. A subject and a record’s id look like 5f0e1c2a-…, with 36 characters;"
        " a receipt is one long word with two dots in it, or the address that ends in it."
    )


async def _numbered(database: Database, site: str, seq: int) -> Meant:
    async with database.reading() as reader:
        head = await logs.head(reader, site)
    size = head.size if head else 0
    if not 0 < seq <= size:
        raise _nothing(f"There is no record {seq}: the log goes from 1 to {size}." if size else "The log is empty.")
    return Meant(kind="record", seq=seq, told=f"Understood as the number of record {seq}.")


async def _identified(database: Database, site: str, uuid: str) -> Meant:
    raw = ids.parse_uuid(uuid)
    async with database.reading() as reader:
        record = await stored.by_id(reader, site, raw)
        of_subject = await stored.page_of_subject(reader, site, raw, 0, FAR, 1)
    if record is not None and record.kind != "audit":
        return Meant(kind="record", seq=record.seq, told=f"Understood as the id of record {record.seq}.")
    if of_subject:
        return Meant(kind="subject", id=uuid, told="Understood as a subject: these are its records.")
    raise _nothing("No record and no subject has this id. What was erased cannot be found by an id any more.")


async def _digested(database: Database, site: str, digest: str) -> Meant:
    async with database.reading() as reader:
        found = await sites.notice(reader, site, digest)
    if found is None:
        raise _nothing("This looks like a notice’s digest, but this site never published that notice.")
    return Meant(kind="notice", id=digest, told="Understood as a notice’s digest: these are its words.")


async def _receipted(services: Services, site: str, token: str) -> Meant:
    try:
        claims = services.tokens.read("receipt", site, token, Receipt)
    except BadToken as error:
        raise _nothing(f"This looks like a receipt, but it is not a good one of this site: {error.detail}.") from None
    async with services.database.reading() as reader:
        rows = await stored.page(reader, site, claims.seq - 1, claims.seq, 1)
    if rows and rows[0].id is not None and ids.uuid_text(rows[0].id) != claims.id:
        raise _nothing("The receipt is signed by this service, but the log has another record at its number.")
    if not rows:
        raise _nothing(f"The receipt is of record {claims.seq}, which this log does not have.")
    return Meant(
        kind="record", seq=claims.seq, told=f"Understood as the receipt of record {claims.seq}; its signature is good."
    )


def _nothing(words: str) -> Refused:
    return Refused(Fault("q", words))
