"""The log's own tables altered with plain SQL: its head, its tiles, its key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from consent import proofs, tree, verifying
from consent.appending import Appender
from consent.checkpoints import LogKey, open_note, read_vkey
from consent.errors import Misconfigured, Refused
from consent.services import Services
from consent.storage import logs
from consent.tree import EMPTY_ROOT
from consent.vault import Vault
from tests import acts
from tests.acts import SITE
from tests.reading import verdict, verified
from tests.running import MIAMI, notice_of, publish
from tests.storage.conftest import RECORDS
from tests.storage.tampering import altering, intruding, put_row


async def verdicts(services: Services, table: str, changes: Iterable[str]) -> list[int | str]:
    """What verify says after each change alone; what is put back afterwards verifies again."""
    found = []
    for change in changes:
        async with altering(services.settings.database, table) as intruder:
            await intruder.execute(change)
            found.append(await verdict(services))
        assert await verdict(services) == "in order"
    return found


async def test_a_head_that_was_moved_is_told(log: Services) -> None:
    sizes = (0, 1, RECORDS - 1, RECORDS + 1)
    found = await verdicts(log, "heads", (f"UPDATE heads SET size = {size}" for size in sizes))
    assert found == [f"the log's head says {size} records, but {RECORDS} were signed" for size in sizes]


CHECKPOINTS = (
    "checkpoint = ''",
    f"checkpoint = replace(checkpoint, '{RECORDS}', '{RECORDS - 1}'), size = {RECORDS - 1}",
    "checkpoint = replace(checkpoint, '/log/', '/gol/')",
    "checkpoint = substr(checkpoint, 1, 90)",
    "checkpoint = 'x'",
)


async def test_an_altered_checkpoint_is_told(log: Services) -> None:
    found = await verdicts(log, "heads", (f"UPDATE heads SET {change}" for change in CHECKPOINTS))
    assert all("head was altered" in str(said) for said in found), found


async def test_a_log_emptied_with_its_head_names_the_first_record(log: Services) -> None:
    async with log.database.reading() as reader:
        stored = await logs.find(reader, SITE)
    assert stored is not None
    empty = LogKey(stored.origin, log.vault.take(stored.private_key)).sign(0, EMPTY_ROOT)
    async with intruding(log.settings.database) as intruder:
        await intruder.execute("UPDATE heads SET size = $1, checkpoint = $2", 0, empty)
    assert await verdict(log) == 1


async def test_a_head_is_signed_from_the_first_and_none_without_a_signature_passes(services: Services) -> None:
    assert await verdict(services) == "in order"
    unsigned = ["UPDATE heads SET checkpoint = ''", "UPDATE heads SET size = 0, checkpoint = ''"]
    assert all("head was altered" in str(said) for said in await verdicts(services, "heads", unsigned))


async def older_head(services: Services, more: int) -> dict[str, Any]:
    """The head as it stands, after which more records are appended."""
    async with services.database.reading() as reader:
        head = await reader.row("SELECT size, checkpoint FROM heads WHERE site = $1", SITE)
    assert head is not None
    for _ in range(more):
        await services.recorder.give(acts.draft(notice_of(services)))
    return {"size": head["size"], "checkpoint": head["checkpoint"]}


async def test_an_older_head_put_back_names_the_first_record_after_it(log: Services) -> None:
    old = await older_head(log, more=3)
    async with intruding(log.settings.database) as intruder:
        await intruder.execute("UPDATE heads SET size = $1, checkpoint = $2", *old.values())
    assert await verdict(log) == RECORDS + 1


async def test_a_tail_cut_off_names_the_first_missing_record(log: Services) -> None:
    lefts = (0, 1, RECORDS - 1)
    found = await verdicts(log, "records", (f"DELETE FROM records WHERE seq > {left}" for left in lefts))
    assert found == [left + 1 for left in lefts]


async def test_a_tail_cut_off_with_an_older_head_is_found_by_whoever_kept_a_newer_one(log: Services) -> None:
    """The database alone cannot know: what it holds is a log that once was. A kept checkpoint does."""
    old = await older_head(log, more=3)
    kept = await proofs.checkpoint(log.database, SITE)
    async with intruding(log.settings.database) as intruder:
        await intruder.execute(f"DELETE FROM records WHERE seq > {RECORDS}")
        await intruder.execute("UPDATE heads SET size = $1, checkpoint = $2", *old.values())
    assert await verified(log) == RECORDS
    with pytest.raises(Refused):
        await proofs.consistency(log.database, SITE, kept.size)


async def test_a_fork_is_found_by_whoever_kept_a_checkpoint(log: Services) -> None:
    """After the cut other records follow, up to the size that was kept: its root is not theirs."""
    old = await older_head(log, more=3)
    kept = await proofs.checkpoint(log.database, SITE)
    async with intruding(log.settings.database) as intruder:
        await intruder.execute(f"DELETE FROM records WHERE seq > {RECORDS}")
        await intruder.execute("UPDATE heads SET size = $1, checkpoint = $2", *old.values())
    appender = Appender(log.database, log.vault, log.clock)
    await appender.append([acts.draft(notice_of(log)) for _ in range(5)], look_up=False)
    assert await verified(log) == RECORDS + 5
    now = await proofs.consistency(log.database, SITE, kept.size)
    key = read_vkey(kept.key)
    before, after = open_note(kept.checkpoint, *key), open_note(now.checkpoint, *key)
    path = [bytes.fromhex(hash_) for hash_ in now.path]
    assert not tree.is_consistent(before.size, after.size, before.root, after.root, path)


@pytest.fixture
async def tiled(log: Services) -> Services:
    """The same log grown over two tiles."""
    appender = Appender(log.database, log.vault, log.clock)
    await appender.append([acts.draft(notice_of(log)) for _ in range(600)], look_up=False)
    assert await verified(log) == RECORDS + 600
    return log


TILES = {
    "UPDATE tiles SET root = hashes WHERE number = 1": 257,
    "UPDATE tiles SET hashes = root WHERE number = 1": 257,
    "UPDATE tiles SET number = 7 WHERE number = 0": 1,
    "UPDATE tiles SET level = 3 WHERE number = 1": 257,
    "DELETE FROM tiles WHERE number = 0": 1,
    "DELETE FROM tiles": 1,
}
EXTRA_TILES = ((0, 2), (0, 400), (1, 0), (60, 0))


async def test_an_altered_tile_names_the_first_record_under_it(tiled: Services) -> None:
    assert await verdicts(tiled, "tiles", TILES) == list(TILES.values())


async def test_an_inserted_tile_is_told(tiled: Services) -> None:
    for level, number in EXTRA_TILES:
        async with altering(tiled.settings.database, "tiles") as intruder:
            tile = {"site": SITE, "level": level, "number": number, "hashes": bytes(8192), "root": bytes(32)}
            await put_row(intruder, "tiles", tile)
            said = f"a tile of level {level} was inserted, over records that are not there"
            assert await verdict(tiled) == said


async def test_a_cut_log_signed_anew_with_another_key_is_told(log: Services) -> None:
    """The intruder makes a key, cuts the tail, and signs what is left; the private key they cannot replace."""
    async with log.database.reading() as reader:
        row = await reader.row("SELECT origin FROM logs WHERE site = $1", SITE)
        leaves = await reader.rows("SELECT leaf FROM records WHERE site = $1 AND seq <= 5 ORDER BY seq", SITE)
    assert row is not None
    forged, grown = LogKey(row["origin"], bytes(32)), tree.Tree()
    grown.append(bytes(leaf["leaf"]) for leaf in leaves)
    async with intruding(log.settings.database) as intruder:
        await intruder.execute("DELETE FROM records WHERE seq > 5")
        await intruder.execute("UPDATE heads SET size = 5, checkpoint = $1", forged.sign(5, grown.root()))
        await intruder.execute("UPDATE logs SET public_key = $1", forged.public)
    assert await verdict(log) == "the log's name or public key was replaced"


async def test_a_private_key_put_under_another_secret_is_refused(log: Services) -> None:
    async with intruding(log.settings.database) as intruder:
        sealed = Vault(["another secret of the intruder's own, long enough"]).put(bytes(32))
        await intruder.execute("UPDATE logs SET private_key = $1", sealed)
    with pytest.raises(Misconfigured):
        await verifying.verify(log.database, log.vault, SITE)


async def test_another_sites_log_does_not_pass_for_this_one(log: Services) -> None:
    other = MIAMI.read_bytes().replace(b'id = "miami-new-times"', b'id = "other"')
    await publish(log, other)
    await log.recorder.give(acts.draft(notice_of(log, "other"), site="other"))
    async with intruding(log.settings.database) as intruder:
        for column in ("origin", "public_key", "private_key"):
            await intruder.execute(
                f"UPDATE logs SET {column} = (SELECT {column} FROM logs WHERE site = 'other') WHERE site = '{SITE}'"
            )
        await intruder.execute(f"DELETE FROM records WHERE site = '{SITE}'")
        await intruder.execute(f"UPDATE records SET site = '{SITE}'")
        await intruder.execute(
            "UPDATE heads SET size = 1, checkpoint = (SELECT checkpoint FROM heads WHERE site = 'other')"
        )
    assert await verdict(log) == "the log's name or public key was replaced"


async def test_verify_while_others_write_raises_no_false_alarm(log: Services) -> None:
    """Rows that are appended behind the walk are neither missing nor inserted."""
    stop = asyncio.Event()

    async def keep_writing() -> None:
        while not stop.is_set():
            await asyncio.gather(*(log.recorder.give(acts.draft(notice_of(log))) for _ in range(4)))

    writing = [asyncio.create_task(keep_writing()) for _ in range(2)]
    sizes = [(await verifying.verify(log.database, log.vault, SITE)).records for _ in range(40)]
    stop.set()
    await asyncio.gather(*writing)
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]
    assert await verified(log) >= sizes[-1]
