"""Going through a whole log: the export and the check."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator

import msgspec

from consent import exports, verifying
from consent.exports import Selection
from consent.storage.engines import open_database, sqlite_path
from consent.vault import Vault
from tests.bench import machine
from tests.bench.filling import fill
from tests.bench.results import ROUNDS, Effort, Row
from tests.bench.serving import SITE, publish, sqlite_in
from tests.running import SECRET

RAW = "SELECT seq, id, subject, kind, recorded_at, payload, salt, leaf FROM records WHERE site = ? ORDER BY seq"


def through(effort: Effort) -> Iterator[Row]:
    """`consent export consents` beside a raw SELECT and JSON loop, and `consent verify`, on one core."""
    with machine.folder() as folder:
        database = sqlite_in(folder, "full")
        publish(database)
        fill(database, effort.records)
        with machine.pinned(machine.SERVER_CORE):
            times = _times({"export": _export, "raw": _raw, "verify": _verify}, database)
    rates = {name: effort.records / seconds for name, (seconds, _) in times.items()}
    busy = {name: effort.records / seconds for name, (_, seconds) in times.items()}
    details = f"{rates['export']:,.0f} records/s; by processor time {busy['export'] / busy['raw']:.2f} ×"
    what = f"export of {effort.records:,} records ÷ raw SELECT and JSON"
    yield Row(what=what, figure=rates["export"] / rates["raw"], target="≥ .5", details=details)
    details = f"{busy['verify']:,.0f}/s by processor time"
    what = f"verify {effort.records:,} records, on one core"
    yield Row(what=what, figure=rates["verify"], unit="/s", target="≥ 150,000", details=details)


def _times(acts: dict[str, Callable[[str], None]], database: str) -> dict[str, tuple[float, float]]:
    """The median of three turns of each, in seconds by the wall and by the processor."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        for name, act in acts.items():
            wall, processor = time.perf_counter(), time.process_time()
            act(database)
            taken[name].append((time.perf_counter() - wall, time.process_time() - processor))
    return {name: sorted(turns)[len(turns) // 2] for name, turns in taken.items()}


def _export(database: str) -> None:
    async def work() -> None:
        opened = await open_database(database)
        try:
            span = await exports.span(opened, SITE, Selection())
            async for _ in exports.jsonl(opened, span):
                pass
        finally:
            await opened.close()

    asyncio.run(work())


def _raw(database: str) -> None:
    encode = msgspec.json.Encoder().encode
    connection = sqlite3.connect(sqlite_path(database))
    connection.row_factory = sqlite3.Row
    for row in connection.execute(RAW, (SITE,)):
        encode({name: _text(row[name]) for name in row.keys()})  # noqa: SIM118 - a Row iterates over its values
    connection.close()


def _text(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def _verify(database: str) -> None:
    async def work() -> None:
        opened = await open_database(database)
        try:
            await verifying.verify(opened, Vault((SECRET,)), SITE)
        finally:
            await opened.close()

    asyncio.run(work())
