"""A whole log over HTTP: what it takes of memory and time to send it."""

from __future__ import annotations

import asyncio
import threading
import time
import urllib.request
from collections.abc import Iterator

import msgspec

from consent import auditing, keyring
from tests.bench import machine
from tests.bench.filling import fill
from tests.bench.results import Effort, Row
from tests.bench.serving import SITE, Served, new_database, postgres_server, publish, service, sqlite_in
from tests.running import running

SAMPLE_SECONDS = 0.02
LINES = "application/x-ndjson"
CSV = "text/csv"
MEGABYTE = 1_000_000


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """An export that came whole: how big the service was meanwhile (MB), how much came, and how long it took."""

    sizes: list[float]
    bytes: int
    seconds: float

    @property
    def growth(self) -> float:
        """How much bigger the service ever was than in the first tenth of the time, in MB."""
        first = self.sizes[: max(1, len(self.sizes) // 10)]
        return max(self.sizes) - max(first)


def export(effort: Effort) -> Iterator[Row]:
    """A long log over HTTP, as JSON lines and as CSV, on both engines: memory stays flat."""
    with machine.folder() as folder:
        yield from _on("SQLite", sqlite_in(folder, "full"), effort.records)
    with postgres_server() as server:
        yield from _on("PostgreSQL", new_database(server, "export"), effort.records)


def _on(engine: str, database: str, records: int) -> Iterator[Row]:
    publish(database)
    fill(database, records)
    with service(database) as served:
        key = key_of(database)
        sent(served, key, f"{LINES};q=0", "?limit=1000")  # what a first request brings in is not the export's
        for media, name in ((LINES, "JSON lines"), (CSV, "CSV")):
            done = sent(served, key, media)
            speed = f"{records / done.seconds:,.0f} records/s, {done.bytes / MEGABYTE:,.0f} MB sent"
            yield Row(
                what=f"export of {records:,} records as {name}, {engine}: growth of memory",
                figure=done.growth,
                unit="MB",
                target="≤ 10",
                details=f"at most {max(done.sizes):.0f} MB; {speed}",
            )


def sent(served: Served, key: str, media: str, query: str = "") -> Sent:
    """Exports all records in this form, reading as fast as it comes."""
    headers = {"Accept": media, "Authorization": f"Bearer {key}"}
    request = urllib.request.Request(served.consents + query, headers=headers)
    sizes, done = [machine.megabytes(served.process)], threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_SECONDS):
            sizes.append(machine.megabytes(served.process))

    watching, begun = threading.Thread(target=sample), time.perf_counter()
    watching.start()
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            total = sum(len(chunk) for chunk in iter(lambda: answer.read(1 << 16), b""))
    finally:
        done.set()
        watching.join()
    return Sent(sizes=sizes, bytes=total, seconds=time.perf_counter() - begun)


def key_of(database: str) -> str:
    """A key that may read the site's log."""

    async def work() -> str:
        async with running(database) as services:
            key, _ = await keyring.make(services, SITE, frozenset({"read"}), actor=auditing.COMMAND)
            return key

    return asyncio.run(work())
