"""Logs that are larger than their tiles: they go on after a restart, and verify."""

from __future__ import annotations

import asyncio

from consent import proofs, tree
from consent.appending import Appender
from consent.checkpoints import open_note, read_vkey
from consent.services import Services
from consent.storage import logs
from tests import acts
from tests.acts import SITE
from tests.reading import verified
from tests.running import notice_of, running

GROUP = 8192


async def grow(services: Services, size: int) -> None:
    """Appends until the log has this many records, in groups much larger than the recorder's."""
    appender = Appender(services.database, services.vault, services.clock)
    usual = acts.draft(notice_of(services))
    async with services.database.reading() as reader:
        head = await logs.head(reader, SITE)
    assert head is not None
    for start in range(head.size, size, GROUP):
        drafts = [acts.again(usual) for _ in range(min(GROUP, size - start))]
        await appender.append(drafts, look_up=False)


async def tiles_of(services: Services) -> list[tuple[int, int]]:
    async with services.database.reading() as reader:
        return await logs.tile_numbers(reader, SITE)


async def test_tiles_fill_up_one_by_one(services: Services) -> None:
    """Around a tile's edge, group by group of any size."""
    for size in (1, 255, 256, 257, 511, 512, 700, 1024, 1025):
        await grow(services, size)
        assert await tiles_of(services) == [(0, number) for number in range(size // 256)]
        assert await verified(services) == size


async def test_a_log_of_two_levels_goes_on_after_a_restart(database_url: str) -> None:
    """65,536 records fill 256 tiles and so the first tile of the level above."""
    async with running(database_url) as services:
        await grow(services, 65_530)
        assert len(await tiles_of(services)) == 255
    async with running(database_url) as services:
        await asyncio.gather(*(services.recorder.give(acts.draft(notice_of(services))) for _ in range(20)))
        assert (await tiles_of(services))[-2:] == [(0, 255), (1, 0)]
    async with running(database_url) as services:
        recorded = await services.recorder.give(acts.draft(notice_of(services)))
        assert recorded.record.seq == 65_551
        assert await verified(services) == 65_551
        await show_proofs(services, recorded.record.id)


async def show_proofs(services: Services, record: str) -> None:
    """The last record is in the log, and older sizes are its beginnings."""
    proof = await proofs.inclusion(services.database, SITE, record)
    signed = open_note(proof.checkpoint, *read_vkey(proof.key))
    path = [bytes.fromhex(hash_) for hash_ in proof.path]
    assert tree.root_from_inclusion(bytes.fromhex(proof.leaf), proof.index, proof.size, path) == signed.root
    for old in (1, 255, 256, 257, 65_535, 65_536, 65_537):
        consistency = await proofs.consistency(services.database, SITE, old)
        async with services.database.reading() as reader:
            rows = await reader.rows("SELECT leaf FROM records WHERE site = $1 AND seq <= $2 ORDER BY seq", SITE, old)
        grown = tree.Tree()
        grown.append(bytes(row["leaf"]) for row in rows)
        hashes = [bytes.fromhex(hash_) for hash_ in consistency.path]
        assert tree.is_consistent(old, signed.size, grown.root(), signed.root, hashes)
