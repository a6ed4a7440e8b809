"""What was erased is not in SQLite's file any more: neither in its rows nor in the room that they left free."""

from __future__ import annotations

from pathlib import Path

from consent.storage.engines import sqlite_path
from tests.clock import SetClock
from tests.forgetting import erase_reader
from tests.running import running
from tests.storage.tampering import guarded
from tests.trips.newsletters import subscribe

CANARY = "canary-of-the-free-pages"


async def test_an_erased_address_is_in_no_byte_of_the_file(sqlite_url: str, clock: SetClock) -> None:
    async with running(sqlite_url, clock=clock) as services:
        page = f"https://www.miaminewtimes.com/{CANARY}/{'long-' * 1_500}"
        await subscribe(services, f"{CANARY}@example.org", page=page[:1_900])
        assert CANARY.encode() in whole(sqlite_url)
        await erase_reader(services, f"{CANARY}@example.org")
        async with guarded(sqlite_url) as other:
            await other.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        assert CANARY.encode() not in whole(sqlite_url)


def whole(url: str) -> bytes:
    """All bytes of the database, what is not written back yet included."""
    path = sqlite_path(url)
    return b"".join(one.read_bytes() for one in (path, Path(f"{path}-wal")) if one.is_file())
