"""Each engine's own troubles: a server that does not sync, sessions that are ended, a lock held, a full disk."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import asyncpg
import pytest

from consent.errors import Misconfigured, Unavailable
from consent.records import Draft, Recorded
from consent.storage.engines import open_database
from consent.storage.postgres import CONNECTIONS
from tests import acts
from tests.provision import postgres
from tests.reading import count, ids_in_order, verified
from tests.running import notice_of, running
from tests.storage.tampering import guarded


async def test_a_server_that_does_not_sync_is_refused() -> None:
    refused = pytest.raises(Misconfigured, match="fsync=off and can lose answered records")
    with postgres.running(["fsync=off"]) as url, refused:
        await open_database(url)


async def test_a_wrong_postgres_url_says_so(postgres_url: str) -> None:
    server = postgres_url.rpartition("/")[0]
    for url in (f"{server}/nowhere", postgres_url.replace("postgres@", "nobody@"), "postgresql://[bad"):
        with pytest.raises(Misconfigured):
            await open_database(url)
    with pytest.raises(Unavailable):
        await open_database("postgresql://postgres@127.0.0.1:1/x")


async def test_a_server_that_commits_loosely_is_overruled(postgres_url: str) -> None:
    """`synchronous_commit` may be off for the database: our sessions turn it on."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(f"ALTER DATABASE {postgres_url.rpartition('/')[2]} SET synchronous_commit = off")
    await connection.close()
    database = await open_database(postgres_url)
    assert (await database.facts())["synchronous"] == "on"
    await database.close()


async def test_sessions_ended_by_the_server_are_unavailable_and_then_made_anew(postgres_url: str) -> None:
    async with running(postgres_url) as services:
        answered, refused, drafts = set[str](), 0, list[Draft]()
        connection = await asyncpg.connect(postgres_url)
        for _ in range(8):
            drafts = [acts.draft(notice_of(services)) for _ in range(10)]
            giving = asyncio.gather(*map(services.recorder.give, drafts), return_exceptions=True)
            await asyncio.sleep(0.002)
            await connection.execute(END_SESSIONS)
            for result in await giving:
                assert isinstance(result, Recorded | Unavailable)
                refused += isinstance(result, Unavailable)
                answered |= {result.record.id} if isinstance(result, Recorded) else set()
        await connection.close()
        for _ in range(CONNECTIONS + 1):  # each pooled session that was ended is found out once
            with contextlib.suppress(Unavailable):
                await asyncio.gather(*map(services.recorder.give, drafts))
        again = await asyncio.gather(*map(services.recorder.give, drafts))
        assert not any(recorded.is_new for recorded in again)
        assert answered <= set(await ids_in_order(services))
        assert await verified(services) >= len(answered)


async def test_why_the_server_does_not_commit_is_a_note_for_the_operator_alone(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    reasons = set[str]()
    async with running(postgres_url) as services:
        connection = await asyncpg.connect(postgres_url)
        name = postgres_url.rpartition("/")[2]
        await connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        await connection.execute(END_SESSIONS)
        for _ in range(CONNECTIONS + 1):
            with pytest.raises(Unavailable) as caught:
                await services.recorder.give(acts.draft(notice_of(services), page="https://x.example/canary"))
            told, noted = caught.value.detail, " ".join(caught.value.__notes__)
            assert "canary" not in told + noted
            reasons |= {noted} if told == "the database cannot commit now" else set()
        assert "ReadOnlySQLTransactionError cannot execute UPDATE in a read-only transaction" in reasons
        await connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await connection.execute(END_SESSIONS)
        await connection.close()
    said = [record.getMessage() for record in caplog.records if record.name == "consent.recorder"]
    assert len(said) == 1
    assert said[0].startswith("consents cannot be recorded now: ")
    assert [record for record in caplog.records if record.name.startswith("asyncpg")] == []


END_SESSIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_a_lock_held_outside_is_waited_for(sqlite_url: str) -> None:
    async with running(sqlite_url) as services:
        async with guarded(sqlite_url) as other:
            await other.execute("BEGIN IMMEDIATE")
            giving = asyncio.create_task(services.recorder.give(acts.draft(notice_of(services))))
            await asyncio.sleep(0.1)
            assert not giving.done()
            assert await count(services) == 0  # readers do not wait
            await other.execute("COMMIT")
        assert (await giving).record.seq == 1


async def test_a_full_disk_refuses_and_loses_nothing(sqlite_url: str) -> None:
    """The system lets the process's files grow no further: nobody is told yes, and what was answered is there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.storage.recording", sqlite_url, "0", "5", stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(20)]
    wal = Path(sqlite_url.removeprefix("sqlite:///") + "-wal")
    limit = wal.stat().st_size + 40_000
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    out, err = await process.communicate()
    assert process.returncode == 1
    assert b"consent.errors.Unavailable" in err
    answered = {line.decode().strip() for line in (*lines, *out.splitlines())} - {"ready"}
    async with running(sqlite_url) as services:
        assert answered <= set(await ids_in_order(services))
        recorded = await services.recorder.give(acts.draft(notice_of(services)))
        assert recorded.record.seq == await verified(services)


async def test_a_database_is_for_its_owner_alone(sqlite_url: str) -> None:
    async with running(sqlite_url) as services:
        await services.recorder.give(acts.draft(notice_of(services)))
        folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in folder.glob("consent.db*")}
        assert modes == dict.fromkeys(("consent.db", "consent.db-wal", "consent.db-shm"), "0o600")
