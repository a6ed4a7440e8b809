"""What the narrow waist promises of every engine: reading, writing, scripts, and the names of faults."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from consent.errors import Busy, Duplicate, Misconfigured, Rejected, Unavailable
from consent.storage import heartbeats
from consent.storage.database import Database, Insert, Query, QueryEach, Row, Script, Value
from consent.storage.engines import open_database
from consent.storage.migrations import migrate

COLUMNS = ("name", "number", "raw")
PUT = "INSERT INTO things (name, number, raw) VALUES ($1, $2, $3)"


async def names(database: Database) -> list[str]:
    async with database.reading() as reader:
        return [row["name"] for row in await reader.rows("SELECT name FROM things ORDER BY name")]


async def test_rows_come_back_as_they_went(database: Database) -> None:
    """Text of every script, bytes of every value, the largest numbers, and nothing."""
    rows: list[tuple[Value, ...]] = [
        ("¿Sí? žluťoučký 例え 👩‍👩‍👧 \u2028 \u202e e\u0301 é", (1 << 63) - 1, bytes(range(256))),
        ("", 1, b""),
        ("' ; DROP TABLE things; -- $1 %s ?", None, None),
    ]
    async with database.writing() as writer:
        await writer.execute_many(PUT, rows)
    async with database.reading() as reader:
        for row in rows:
            assert tuple((await reader.row("SELECT * FROM things WHERE name = $1", row[0])) or ()) == row
        found = await reader.row("SELECT name, number AS n FROM things WHERE number = $1 AND name = $2", 1, "")
        assert found is not None
        assert (found["n"], found[0]) == (1, "")
        assert await reader.row("SELECT * FROM things WHERE name = $1", "nobody") is None
        assert await reader.rows("SELECT * FROM things WHERE name = $1", "nobody") == []


async def test_a_mark_may_stand_twice_and_out_of_order(database: Database) -> None:
    async with database.writing() as writer:
        await writer.execute("INSERT INTO things (number, name) VALUES ($2, $1)", "a", 5)
        sql = "UPDATE things SET number = $2 + $2 WHERE name = $1 AND number < $2"
        assert await writer.execute(sql, "a", 6) == 1
        assert await writer.execute(sql, "a", 6) == 0
        row = await writer.row("SELECT number FROM things")
        assert row is not None
        assert row["number"] == 12


async def test_reading_cannot_write(database: Database) -> None:
    for statement in ("INSERT INTO things (name) VALUES ('x')", "DELETE FROM things", "DROP TABLE things"):
        with pytest.raises(Unavailable):
            async with database.reading() as reader:
                await reader.rows(statement)
    assert await names(database) == []


async def test_what_is_written_is_seen_by_others_only_at_the_end(database: Database) -> None:
    async with database.writing() as writer:
        await writer.execute(PUT, "a", 1, None)
        row = await writer.row("SELECT count(*) AS things FROM things")
        assert row is not None
        assert row["things"] == 1
        assert await names(database) == []
    assert await names(database) == ["a"]


async def test_an_exception_in_the_block_rolls_back_and_passes(database: Database) -> None:
    async def put_and_raise(fault: Exception) -> None:
        async with database.writing() as writer:
            await writer.execute(PUT, "a", 1, None)
            raise fault

    for fault in (KeyError("mine"), ValueError("mine"), Busy("mine")):
        with pytest.raises(type(fault), match="mine"):
            await put_and_raise(fault)
    assert await names(database) == []


async def test_writers_queue_up(database: Database) -> None:
    """Fifty transactions read and write one number at once; none is lost."""

    async def one_more() -> None:
        async with database.writing() as writer:
            await writer.execute("UPDATE things SET number = number + 1 WHERE name = 'n'")
            row = await writer.row("SELECT number FROM things WHERE name = 'n'")
            assert row is not None
            await writer.execute("UPDATE things SET number = $1 WHERE name = 'n'", row["number"] + 1)

    async with database.writing() as writer:
        await writer.execute(PUT, "n", 1, None)
    await asyncio.gather(*(one_more() for _ in range(50)))
    async with database.reading() as reader:
        row = await reader.row("SELECT number FROM things")
    assert row is not None
    assert row["number"] == 101


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    async with database.writing() as writer:
        await writer.execute(PUT, "a", 1, None)
        assert await asyncio.gather(*(names(database) for _ in range(10))) == [[]] * 10


def put_all(rows: list[tuple[Value, ...]], fault: Exception | None = None) -> Script[list[str]]:
    """Inserts the rows, looks each up, raises the fault or gives the names that it found."""
    yield Insert("things", COLUMNS, rows)
    found: list[Row] = yield QueryEach("SELECT name FROM things WHERE name = $1", [(row[0],) for row in rows])
    nothing = yield Query("UPDATE things SET number = number WHERE name = $1", ("nobody",))
    assert nothing == []
    if fault:
        raise fault
    return [row["name"] for row in found]


async def test_a_script_gives_what_it_returns_once_it_is_committed(database: Database) -> None:
    assert await database.run(put_all([("b", 1, b"x"), ("a", 2, None)])) == ["b", "a"]
    assert await names(database) == ["a", "b"]


@pytest.mark.parametrize("fault", [KeyError("mine"), ValueError("mine"), Busy("mine")], ids=["key", "value", "busy"])
async def test_a_script_that_raises_is_rolled_back_and_its_fault_passes(database: Database, fault: Exception) -> None:
    with pytest.raises(type(fault), match="mine"):
        await database.run(put_all([("a", 1, None)], fault))
    assert await names(database) == []
    assert await database.run(put_all([("a", 1, None)])) == ["a"]


async def test_a_script_may_insert_nothing(database: Database) -> None:
    assert await database.run(put_all([])) == []


async def put_each(database: Database, rows: list[tuple[Value, ...]]) -> None:
    async with database.writing() as writer:
        for row in rows:
            await writer.execute(PUT, *row)


FAULTS: dict[str, tuple[tuple[Value, ...], type[Exception]]] = {
    "there already": (("taken", 1, None), Duplicate),
    "against a check": (("a", -1, None), Rejected),
    "NULL in a key": ((None, 1, None), Rejected),
    "a NUL": (("a\0b", 1, None), Rejected),
    "a lone surrogate": (("a\ud800", 1, None), Rejected),
    "2^63": (("a", 1 << 63, None), Rejected),
    "2^200": (("a", 1 << 200, None), Rejected),
    "-2^63 - 1": (("a", -(1 << 63) - 1, None), Rejected),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_faults_have_one_name_on_both_engines(database: Database, name: str) -> None:
    """By every road into the table; afterwards nothing is there and the next write works."""
    if name == "NULL in a key" and database.engine == "sqlite":
        async with database.writing() as writer:  # a primary key that may be NULL is SQLite's own habit
            await writer.execute("CREATE TABLE strict (name TEXT PRIMARY KEY NOT NULL, number BIGINT, raw BYTEA)")
            await writer.execute("DROP TABLE things")
            await writer.execute("ALTER TABLE strict RENAME TO things")
    row, expected = FAULTS[name]
    async with database.writing() as writer:
        await writer.execute(PUT, "taken", 1, None)
    good: tuple[Value, ...] = ("good", 1, None)
    with pytest.raises(expected):
        await put_each(database, [good, row])
    with pytest.raises(expected):
        async with database.writing() as writer:
            await writer.execute_many(PUT, [good, row])
    with pytest.raises(expected):
        await database.run(put_all([good, row]))
    assert await names(database) == ["taken"]
    assert await database.run(put_all([good])) == ["good"]


async def test_values_that_cannot_be_asked_for_are_rejected(database: Database) -> None:
    for value in ("a\0b", "a\ud800"):
        with pytest.raises(Rejected):
            async with database.reading() as reader:
                await reader.rows("SELECT name FROM things WHERE name = $1", value)
    with pytest.raises(Rejected):
        async with database.reading() as reader:
            await reader.rows("SELECT name FROM things WHERE number = $1", 1 << 63)
    assert await names(database) == []


async def test_the_database_after_it_was_closed_is_unavailable(database_url: str) -> None:
    database = await open_database(database_url)
    async with database.reading() as reader:
        await reader.row("SELECT 1")
    await database.close()
    with pytest.raises(Unavailable):
        async with database.reading() as reader:
            await reader.row("SELECT 1")
    with pytest.raises(Unavailable):
        async with database.writing() as writer:
            await writer.execute("CREATE TABLE x (y TEXT)")
    with pytest.raises(Unavailable):
        await database.run(put_all([]))


async def test_facts_say_what_keeps_the_data(database: Database) -> None:
    facts = await database.facts()
    expected: dict[str, dict[str, Any]] = {
        "sqlite": {"engine": "SQLite", "journal": "wal", "synchronous": "FULL"},
        "postgres": {"engine": "PostgreSQL", "fsync": "on", "synchronous": "on"},
    }
    assert facts.items() >= expected[database.engine].items()
    assert facts["version"][0].isdigit()


async def test_a_heartbeat_beats(database: Database) -> None:
    await migrate(database, 1)
    for at in (5, 6):
        async with database.writing() as writer:
            await heartbeats.beat(writer, at)
    async with database.reading() as reader:
        assert [row["beaten_at"] for row in await reader.rows("SELECT beaten_at FROM heartbeats")] == [6]


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://x", "", "postgres", "postgresql://[bad"])
async def test_a_url_of_no_engine_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        await open_database(url)
