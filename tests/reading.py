"""What the tests ask of a service's database, each by the shortest way."""

from __future__ import annotations

from consent import ids, records, verifying
from consent.checkpoints import LogKey
from consent.errors import Altered
from consent.records import ConsentRecord
from consent.services import Services
from consent.storage import logs
from consent.storage import records as stored
from tests.acts import SITE


async def count(services: Services, site: str = SITE) -> int:
    """How many records the site has."""
    async with services.database.reading() as reader:
        row = await reader.row("SELECT count(*) AS records FROM records WHERE site = $1", site)
    assert row is not None
    return int(row["records"])


async def ids_in_order(services: Services, site: str = SITE) -> list[str]:
    """Every record's id, the seqs shown to be 1, 2, 3 … without a gap."""
    async with services.database.reading() as reader:
        rows = await reader.rows("SELECT seq, id FROM records WHERE site = $1 ORDER BY seq", site)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    return [ids.uuid_text(row["id"]) for row in rows]


async def all_records(services: Services, site: str = SITE) -> list[ConsentRecord]:
    """Every record, in order."""
    async with services.database.reading() as reader:
        rows = await reader.rows("SELECT payload FROM records WHERE site = $1 ORDER BY seq", site)
    return [records.read_payload(row["payload"]) for row in rows]


async def verified(services: Services, site: str = SITE) -> int:
    """How many records the log holds, once it is shown that they are all there and in order."""
    found = await verifying.verify(services.database, services.vault, site)
    assert found.records == await count(services, site)
    return found.records


async def verdict(services: Services, site: str = SITE) -> int | str:
    """The record that verify names; what it says where it names none; `in order` where it finds nothing wrong."""
    try:
        await verifying.verify(services.database, services.vault, site)
    except Altered as altered:
        return altered.detail if altered.seq is None else altered.seq
    return "in order"


async def erase(services: Services, seq: int, at: int = 1_800_000_000_000) -> None:
    """Erases a record as the service does."""
    async with services.database.writing() as writer:
        log = await logs.find(writer, SITE)
        assert log is not None
        key = LogKey(log.origin, services.vault.take(log.private_key))
        [row] = await stored.verify_page(writer, SITE, seq - 1, 1)
        seal = key.erasure_seal(seq, row["kind"], row["leaf"], row["seal"], at)
        await stored.erase(writer, SITE, seq, at, seal)
