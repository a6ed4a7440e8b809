"""Takes a script's steps one by one inside a transaction that is open already.

Invariant: what a script does is the same here as by `Database.run`; only the trips are more.
"""

from __future__ import annotations

from consent.storage.database import Insert, Query, Row, Script, Step, T, Writer


async def driven(writer: Writer, script: Script[T]) -> T:
    """What the script returns, once its last step is done; nothing is committed by it."""
    try:
        step = next(script)
        while True:
            step = script.send(await _performed(writer, step))
    except StopIteration as end:
        result: T = end.value
        return result


async def _performed(writer: Writer, step: Step) -> list[Row]:
    match step:
        case Query(sql, args):
            return await writer.rows(sql, *args)
        case Insert(table, columns, rows):
            marks = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
            await writer.execute_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
            return []
        case _:
            return [row for args in step.args for row in await writer.rows(step.sql, *args)]
