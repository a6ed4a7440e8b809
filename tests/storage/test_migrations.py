"""Migrations: whole or not at all, once, in order, and never over a database that is newer or was edited."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from consent.errors import ConsentError, Misconfigured, Unavailable
from consent.storage.database import Database, Migration
from consent.storage.engines import open_database
from consent.storage.migrations import bundled, migrate, missing_objects
from consent.storage.sqlite_library import loses_rows, statements

FIRST = Migration("0001_first", "CREATE TABLE one (a TEXT);\nCREATE TABLE two (a TEXT);\n")
SECOND = Migration("0002_second", "INSERT INTO one VALUES ('x');\nCREATE TABLE three (a TEXT);\n")


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url)
    yield opened
    await opened.close()


async def tables(database: Database) -> set[str]:
    """The tables that are there, the list of migrations left out."""
    sql = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
        "postgres": "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
    }
    async with database.reading() as reader:
        return {row["name"] for row in await reader.rows(sql[database.engine])} - {"migrations"}


async def applied(database: Database) -> list[tuple[str, int]]:
    async with database.reading() as reader:
        return [(row[0], row[1]) for row in await reader.rows("SELECT name, applied_at FROM migrations ORDER BY name")]


async def test_a_fresh_database_gets_all_and_the_next_time_nothing(empty: Database) -> None:
    names = [migration.name for migration in bundled(empty.engine)]
    assert await migrate(empty, 5) == names == sorted(names)
    before = await tables(empty)
    assert {"records", "heads", "tiles", "notices", "erasures"} <= before
    assert await migrate(empty, 6) == []
    assert await tables(empty) == before
    assert await applied(empty) == [(name, 5) for name in names]


async def test_both_engines_have_the_same_migrations() -> None:
    assert [each.name for each in bundled("sqlite")] == [each.name for each in bundled("postgres")]


async def test_only_what_is_missing_is_applied(empty: Database) -> None:
    assert await empty.migrate([FIRST], 1) == ["0001_first"]
    assert await empty.migrate([FIRST, SECOND], 2) == ["0002_second"]
    assert await applied(empty) == [("0001_first", 1), ("0002_second", 2)]


async def test_an_edited_migration_is_refused(empty: Database) -> None:
    await empty.migrate([FIRST], 1)
    with pytest.raises(Misconfigured, match="0001_first was edited"):
        await empty.migrate([Migration(FIRST.name, FIRST.sql + "-- a word\n"), SECOND], 2)
    assert await tables(empty) == {"one", "two"}


async def test_a_newer_database_is_refused(empty: Database) -> None:
    await empty.migrate([FIRST, SECOND], 1)
    with pytest.raises(Misconfigured, match="newer than this program.*0002_second"):
        await empty.migrate([FIRST], 2)


async def test_one_that_fails_at_any_statement_leaves_nothing_of_itself(empty: Database) -> None:
    """What was applied before it stays; when it is mended it is applied whole."""
    parts = ["CREATE TABLE p (a TEXT);", "CREATE TABLE q (a TEXT);", "INSERT INTO p VALUES ('x');"]
    await empty.migrate([FIRST], 1)
    for place in range(len(parts) + 1):
        broken = "\n".join([*parts[:place], "INSERT INTO nowhere VALUES (1);", *parts[place:]])
        with pytest.raises(Misconfigured, match="the schema is not this program's") as caught:
            await empty.migrate([FIRST, Migration("0002_broken", broken)], 2)
        assert "nowhere" in str(caught.value.__cause__)
        assert await tables(empty) == {"one", "two"}
        assert await applied(empty) == [("0001_first", 1)]
    assert await empty.migrate([FIRST, Migration("0002_broken", "\n".join(parts))], 3) == ["0002_broken"]


async def test_a_statement_without_its_end_is_not_passed_over(empty: Database) -> None:
    await empty.migrate([Migration("0001_open", "CREATE TABLE p (a TEXT);\nCREATE TABLE q (a TEXT)\n-- the end")], 1)
    assert await tables(empty) == {"p", "q"}


async def test_one_that_is_cancelled_is_whole_or_not_there(empty: Database) -> None:
    many = Migration("0001_many", "\n".join(f"CREATE TABLE t{n} (a TEXT);" for n in range(40)))
    for step in range(12):
        task = asyncio.ensure_future(empty.migrate([many], 1))
        await asyncio.sleep(step / 1000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(await tables(empty)) in (0, 40)
    await empty.migrate([many], 1)
    assert len(await tables(empty)) == 40


MIGRATE = """
import asyncio, sys
from consent.storage.engines import open_database
from consent.storage.migrations import migrate

async def main() -> None:
    database = await open_database(sys.argv[1])
    print(",".join(await migrate(database, 1)))
    await database.close()

asyncio.run(main())
"""


async def test_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", MIGRATE, database_url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    done = [await process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, [words.decode() for _, words in done]
    names = [name for words, _ in done for name in words.decode().strip().split(",") if name]
    database = await open_database(database_url)
    assert sorted(names) == [migration.name for migration in bundled(database.engine)]
    assert len(await applied(database)) == len(names)
    await database.close()


async def test_connections_of_one_process_that_start_at_once_do_too(database_url: str) -> None:
    databases = await asyncio.gather(*(open_database(database_url) for _ in range(4)))
    names = await asyncio.gather(*(migrate(database, 1) for database in databases))
    assert sorted(name for each in names for name in each) == [each.name for each in bundled(databases[0].engine)]
    for database in databases:
        await database.close()


@pytest.mark.parametrize("content", [b"not a database at all, but long enough" * 100, None], ids=["file", "folder"])
async def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "consent.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(Unavailable):
        await open_database(f"sqlite:///{path}")
    assert content is None or path.read_bytes() == content


async def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not exist: create it"):
        await open_database(f"sqlite:///{tmp_path}/nowhere/consent.db")


def test_statements_end_where_sqlite_says() -> None:
    script = (
        "-- first\nCREATE TABLE a (b TEXT); \nCREATE TRIGGER t BEFORE UPDATE ON a\nBEGIN SELECT 1; SELECT 2; END;\n"
    )
    assert len(statements(script)) == 2
    assert "".join(statements(script)) == script
    assert statements("") == []


@pytest.mark.parametrize(
    ("version", "does"),
    [
        ((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False), ((3, 45, 0), True), ((3, 50, 6), True),
        ((3, 50, 7), False), ((3, 51, 2), True), ((3, 51, 3), False), ((3, 53, 4), False), ((3, 6, 23), False),
    ],
)  # fmt: skip
def test_which_libraries_lose_rows(version: tuple[int, ...], does: bool) -> None:
    assert loses_rows(version) is does


async def test_a_log_with_two_kinds_of_records_learns_a_third_and_keeps_its_rows(empty: Database) -> None:
    """SQLite makes the table anew: its rows, and what guards them, are there afterwards."""
    before = [each for each in bundled(empty.engine) if each.name < "0006"]
    await empty.migrate(before, 1)
    insert = "INSERT INTO records (site, seq, id, kind, recorded_at, leaf, seal) VALUES ($1, $2, $3, $4, $5, $6, $7)"
    async with empty.writing() as writer:
        for seq in (1, 2, 3):
            await writer.execute(insert, "a", seq, bytes([seq] * 16), "cookies", seq, b"leaf", b"seal")
    await migrate(empty, 2)
    async with empty.reading() as reader:
        rows = await reader.rows("SELECT seq, id, kind, recorded_at FROM records ORDER BY seq")
    assert [tuple(row) for row in rows] == [(seq, bytes([seq] * 16), "cookies", seq) for seq in (1, 2, 3)]
    assert await missing_objects(empty) == []
    async with empty.writing() as writer:
        await writer.execute(insert, "a", 4, bytes(16), "audit", 4, b"leaf", b"seal")
    for change in ("DELETE FROM records", "UPDATE records SET kind = 'audit'"):
        with pytest.raises(ConsentError):
            async with empty.writing() as writer:
                await writer.execute(change)
