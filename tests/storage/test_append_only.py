"""The database itself refuses to change what was recorded, whoever asks; erasure alone may empty a record."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from consent import ids, ledger
from consent.appending import Appender
from consent.errors import Rejected, Unknown
from consent.services import Services
from consent.storage import records as stored
from tests import acts
from tests.acts import SITE
from tests.reading import all_records, erase, verdict, verified
from tests.running import MIAMI, notice_of, publish, running
from tests.storage.conftest import RECORDS
from tests.storage.tampering import Intruder, guarded, put_row

ERASURE = {"site": SITE, "seq": 1, "erased_at": 5, "seal": bytes(32)}
EMPTY = "id = NULL, subject = NULL, recorded_at = NULL, payload = NULL, salt = NULL"
REFUSED = (
    *(
        f"UPDATE records SET {column} = {column} WHERE seq = 7"
        for column in ("site", "seq", "id", "subject", "kind", "recorded_at", "payload", "salt", "leaf", "seal")
    ),
    "UPDATE records SET payload = '{}'",
    f"UPDATE records SET {EMPTY} WHERE seq = 7",
    "DELETE FROM records WHERE seq = 12",
    "DELETE FROM records",
    "UPDATE notices SET document = '{}'",
    "DELETE FROM notices",
    "UPDATE publications SET notice = notice",
    "DELETE FROM publications",
    "UPDATE tiles SET root = root",
    "DELETE FROM tiles",
    "UPDATE erasures SET seq = 8",
    "UPDATE erasures SET erased_at = 0",
    "DELETE FROM erasures",
    f"UPDATE records SET {EMPTY}, leaf = seal WHERE seq = 3",
    f"UPDATE records SET {EMPTY}, kind = 'newsletter' WHERE seq = 3",
    "UPDATE records SET payload = '{}' WHERE seq = 3",
)


@pytest.fixture
async def full(log: Services) -> Services:
    """A log in which every table has rows: a filled tile, an erasure."""
    await Appender(log.database, log.vault, log.clock).append(
        [acts.draft(notice_of(log)) for _ in range(300)], look_up=False
    )
    await erase(log, 3)
    return log


async def test_changes_are_refused(full: Services) -> None:
    for statement in REFUSED:
        with pytest.raises(Rejected):
            async with full.database.writing() as writer:
                await writer.execute(statement)
        assert await verdict(full) == "in order", statement


async def test_truncating_is_refused_where_it_exists(postgres_url: str) -> None:
    async with running(postgres_url) as services:
        await services.recorder.give(acts.draft(notice_of(services)))
        for table in ("records", "notices", "publications", "tiles", "erasures"):
            with pytest.raises(Rejected):
                async with services.database.writing() as writer:
                    await writer.execute(f"TRUNCATE {table} CASCADE")
        assert await verified(services) == 1


REPLACED = {
    "records": ("seq", "id", "rowid"),
    "notices": ("digest", "rowid"),
    "publications": ("revision", "rowid"),
    "tiles": ("number", "rowid"),
    "erasures": ("seq", "rowid"),
}


async def rows_of(intruder: Intruder) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables that only grow."""
    return {table: [tuple(row) for row in await intruder.rows(f"SELECT * FROM {table}")] for table in REPLACED}


async def test_replacing_is_refused(sqlite_url: str) -> None:
    """SQLite's INSERT OR REPLACE deletes without asking a DELETE trigger; so an INSERT over any key is refused."""
    async with running(sqlite_url) as services:
        drafts = [acts.draft(notice_of(services)) for _ in range(300)]
        await Appender(services.database, services.vault, services.clock).append(drafts, look_up=False)
        await erase(services, 3)
        async with guarded(sqlite_url) as intruder:
            before = await rows_of(intruder)
            for table, keys in REPLACED.items():
                for key in keys:
                    [row] = await intruder.rows(f"SELECT rowid, * FROM {table} ORDER BY rowid DESC LIMIT 1")
                    others: dict[str, Any] = {"site": "elsewhere"} if key == "rowid" else {"rowid": 5_000}
                    others |= {"seq": 4_000} if (table, key) == ("records", "id") else {}
                    with pytest.raises(Exception, match=r"append-only|immutable|never change"):
                        await put_row(intruder, table, dict(row) | others, "INSERT OR REPLACE")
            for statement in ("SET seq = 1 WHERE seq = 2", f"SET {EMPTY}, rowid = 9 WHERE seq = 3"):
                with pytest.raises(Exception, match="append-only"):
                    await intruder.execute(f"UPDATE OR REPLACE records {statement}")
            assert await rows_of(intruder) == before
        assert await verified(services) == 300


async def test_a_place_in_the_log_is_a_whole_number(sqlite_url: str) -> None:
    """SQLite would keep anything in the column."""
    async with running(sqlite_url) as services:
        await services.recorder.give(acts.draft(notice_of(services)))
        async with guarded(sqlite_url) as intruder:
            [row] = await intruder.rows(f"SELECT {', '.join(stored.COLUMNS)} FROM records")
            for seq in (1.5, "x", b"\x02", 0, -1):
                for table, like in (("records", dict(row) | {"id": None}), ("erasures", ERASURE)):
                    with pytest.raises(Exception, match="CHECK constraint"):
                        await put_row(intruder, table, like | {"seq": seq})
        assert await verified(services) == 1


async def test_what_is_not_a_fact_may_change(full: Services) -> None:
    """The control: the tables that are meant to change do."""
    async with full.database.writing() as writer:
        assert await writer.execute("UPDATE heads SET size = size") == 1
        assert await writer.execute("UPDATE sites SET revision = revision") == 1
        assert await writer.execute("UPDATE logs SET private_key = private_key") == 1


async def test_erasing_empties_the_person_and_keeps_the_leaf(log: Services) -> None:
    before = await all_records(log)
    async with log.database.reading() as reader:
        leaf = await stored.leaves(reader, SITE, 7, 7)
    await erase(log, 7)
    async with log.database.reading() as reader:
        [row] = await reader.rows("SELECT * FROM records WHERE seq = 7")
        assert {column for column in stored.COLUMNS if row[column] is not None} == {
            "site",
            "seq",
            "kind",
            "leaf",
            "seal",
        }
        assert [row["leaf"]] == leaf
        [found] = await stored.page(reader, SITE, 6, 7, 10)
        assert (found.erased_at, found.payload) == (1_800_000_000_000, None)
    with pytest.raises(Unknown):
        await ledger.find(log, SITE, before[6].id)
    assert await ledger.history(log, SITE, before[6].subject) == []
    assert await verified(log) == RECORDS


async def test_an_erasure_is_all_or_nothing_and_once(log: Services) -> None:
    await erase(log, 7)
    with pytest.raises(Exception, match="unique"):
        await erase(log, 7)
    with pytest.raises(ValueError, match="not enough values"):
        await erase(log, RECORDS + 1)
    assert await verdict(log) == "in order"


async def test_a_log_goes_on_after_erasures(log: Services) -> None:
    """Also for a process that has to read the tree's edge anew, the erased leaves with it."""
    for seq in (1, 5, RECORDS):
        await erase(log, seq)
    fresh = Appender(log.database, log.vault, log.clock)
    await fresh.append([acts.draft(notice_of(log)) for _ in range(250)], look_up=True)
    recorded = await log.recorder.give(acts.draft(notice_of(log)))
    assert recorded.record.seq == RECORDS + 251
    assert await verified(log) == RECORDS + 251


async def test_published_notices_stay_for_ever(log: Services) -> None:
    first = notice_of(log)
    changed = MIAMI.read_bytes().replace(b"expires_days = 182", b"expires_days = 181")
    await publish(log, changed)
    assert notice_of(log) != first
    done = await asyncio.gather(*(log.recorder.give(acts.draft(digest)) for digest in (first, notice_of(log))))
    assert len({recorded.record.notice for recorded in done}) == 2
    asked = await log.directory.asked(log.directory.get(SITE), first)
    assert asked is not None
    assert asked.expires_days == 182
    assert ids.parse_uuid(done[0].record.id) != ids.parse_uuid(done[1].record.id)
