"""The tables of rights: claims in order and without anybody's name, what is forgotten, and what a sweep has reached."""

from __future__ import annotations

import pytest

from consent import ids
from consent.errors import Duplicate
from consent.storage import claims, sweeps
from consent.storage.claims import Forgotten, StoredClaim
from consent.storage.database import Database
from tests.clock import START
from tests.storage.newsletter import DAY, OTHER_SITE, SITE, key_of


def claim(at: int, **fields: object) -> StoredClaim:
    """An erasure that a key asked for."""
    usual: dict[str, object] = {"kind": "erasure", "actor": "key:k", "asked_by": ("email",), "counts": {"records": 2}}
    return StoredClaim(id=ids.uuid7(at).bytes, at=at, **usual | fields)  # type: ignore[arg-type]


async def test_claims_come_back_newest_first_and_go_in_their_time(tables: Database) -> None:
    kept = [claim(START + number * DAY, kept=("log", "claim")) for number in range(4)]
    async with tables.writing() as writer:
        for one in kept:
            await claims.put(writer, SITE, one)
        await claims.put(writer, OTHER_SITE, claim(START))
        assert len(await claims.page(writer, OTHER_SITE, None, 9)) == 1
        assert await claims.page(writer, SITE, None, 3) == kept[:0:-1]
        assert await claims.page(writer, SITE, kept[1].id, 3) == kept[:1]
        assert await claims.ages(writer, SITE, START + DAY) == (START, 1)
        assert [await claims.purge(writer, SITE, START + 2 * DAY, 1) for _ in range(3)] == [1, 1, 0]
        assert await claims.ages(writer, SITE, START + 9 * DAY) == (START + 2 * DAY, 2)
        assert await claims.ages(writer, "nowhere", START) == (None, 0)
    with pytest.raises(Duplicate):
        async with tables.writing() as writer:
            await claims.put(writer, SITE, kept[3])


async def test_the_latest_erasure_of_an_address_is_remembered(tables: Database) -> None:
    async with tables.writing() as writer:
        for at in (START + DAY, START):
            await claims.forget(writer, Forgotten(site=SITE, key=key_of("a"), erased_at=at))
        await claims.forget(writer, Forgotten(site=OTHER_SITE, key=key_of("a"), erased_at=START))
    async with tables.reading() as reader:
        rows = await reader.rows("SELECT site, key, erased_at FROM forgotten ORDER BY site")
    assert [tuple(row) for row in rows] == [(SITE, key_of("a"), START + DAY), (OTHER_SITE, key_of("a"), START)]


async def test_a_sweep_that_takes_nothing_leaves_what_went_last(tables: Database) -> None:
    async with tables.writing() as writer:
        await sweeps.note(writer, SITE, "records", START, 3, 7)
        await sweeps.note(writer, SITE, "records", START + DAY, 0, 5)
        await sweeps.note(writer, SITE, "outbox", START, 0)
        await sweeps.retire(writer, SITE, [2, 5, 9])
        found = await sweeps.of(writer, SITE)
        assert await sweeps.retired_among(writer, SITE, 3, 9) == {5, 9}
    records, outbox = found["records"], found["outbox"]
    assert (records.swept_at, records.gone, records.gone_at, records.reached) == (START + DAY, 3, START, 7)
    assert (outbox.swept_at, outbox.gone, outbox.gone_at) == (START, 0, None)
