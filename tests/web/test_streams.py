"""Streams: nothing is held for a slow reader or done for one who left, and what broke off is not taken for whole.

On SQLite alone: what is shown is how answers are sent, over a log of several pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Message, Scope

from consent import ids
from consent.errors import Altered
from consent.exports.selecting import PAGE
from consent.storage.database import Reader
from consent.storage.engines import open_database, sqlite_path
from consent.storage.subscribers import Subscriber, ensure
from consent.verifying_files import verify_file
from tests import acts, running
from tests.acts import SITE
from tests.clock import SetClock
from tests.faults import FaultyDatabase
from tests.listening import listening
from tests.ports import free_port
from tests.web.stage import CONSENTS, Stage, staged

RECORDS = 5 * PAGE + 20
LINES, CSV = "application/x-ndjson", "text/csv"
SUBSCRIBERS = f"/v1/sites/{SITE}/subscribers"


class Watched(FaultyDatabase):
    """Fails at nothing; counts who reads now, and how often anybody did."""

    now, ever = 0, 0

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        self.now, self.ever = self.now + 1, self.ever + 1
        try:
            async with self.real.reading() as reader:
                yield reader
        finally:
            self.now -= 1


@pytest.fixture(scope="module")
async def watched(module_sqlite_url: str) -> Watched:
    async with running.running(module_sqlite_url) as services:
        first = acts.draft(running.notice_of(services))
        drafts = [acts.again(first) for _ in range(RECORDS)]
        for start in range(0, RECORDS, 512):
            await asyncio.gather(*(services.recorder.give(draft) for draft in drafts[start : start + 512]))
        async with services.database.writing() as writer:
            for number in range(3 * PAGE):
                id_ = ids.uuid7(number).bytes
                reader = Subscriber(id=id_, key=id_ * 2, email=f"{number}@x.example", language="en", created_at=number)
                await ensure(writer, SITE, reader)
    return Watched(await open_database(module_sqlite_url))


@pytest.fixture(scope="module")
async def stage(module_sqlite_url: str, module_clock: SetClock, watched: Watched) -> AsyncIterator[Stage]:
    async with staged(module_sqlite_url, module_clock, database=watched) as made:
        yield made


class Asked:
    """One request by hand: its answer is taken piece by piece, and given up where the test says so."""

    def __init__(self, stage: Stage, path: str, media: str, key: str) -> None:
        self.pieces: list[Message] = []
        self.waits, self.left = asyncio.Semaphore(0), asyncio.Event()
        headers = [(b"accept", media.encode()), (b"authorization", f"Bearer {key}".encode())]
        scope: Scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "headers": headers, "server": ("127.0.0.1", 8000), "client": ("10.1.1.1", 1), "state": dict(stage.state),
        }  # fmt: skip
        self.task = asyncio.create_task(self._ask(stage, scope))

    async def _ask(self, stage: Stage, scope: Scope) -> None:
        await stage.app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.pieces.append(message)
        await self.waits.acquire()

    async def takes(self, pieces: int) -> None:
        """Takes so many pieces; the one after them is waiting to be taken."""
        for _ in range(pieces):
            self.waits.release()
        async with asyncio.timeout(10):
            while len(self.pieces) <= pieces:  # noqa: ASYNC110 - the pieces come by a call, not by an event
                await asyncio.sleep(0)


@pytest.mark.parametrize("media", [LINES, CSV])
@pytest.mark.parametrize("path", [CONSENTS, SUBSCRIBERS])
async def test_no_connection_waits_for_a_slow_reader_and_the_work_ends_with_who_left(
    stage: Stage, watched: Watched, path: str, media: str
) -> None:
    asked = Asked(stage, path, media, await stage.key("read"))
    await asked.takes(2)
    assert watched.now == 0
    assert asked.pieces[0]["status"] == 200
    assert all(piece["body"].count(b"\n") <= PAGE for piece in asked.pieces[1:])
    before = watched.ever
    asked.left.set()
    await asyncio.wait_for(asked.task, 10)
    assert len(asked.pieces) == 3
    assert watched.ever == before


async def test_asked_by_head_nothing_of_a_stream_is_made(stage: Stage, watched: Watched) -> None:
    headers = {"Authorization": f"Bearer {await stage.key('read')}"}
    count = await stage.count()
    for path in (CONSENTS, SUBSCRIBERS):
        for media in (LINES, CSV):
            before = watched.ever
            head = await stage.http.head(path, headers=headers | {"Accept": media})
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-type"].startswith(media)
            assert head.headers["content-disposition"].startswith(f'attachment; filename="{SITE}-')
            assert "content-length" not in head.headers or head.headers["content-length"] == "0"
            assert watched.ever - before < 6
    assert await stage.count() == count  # nothing was exported, so nothing says so


@pytest.fixture
async def broken(stage: Stage) -> AsyncIterator[str]:
    """The service over a real socket, with a record in the fourth page that cannot be read."""
    file = sqlite_path(stage.database_url)
    with contextlib.closing(sqlite3.connect(file)) as direct:
        direct.execute("DROP TRIGGER records_keep")
        direct.execute("UPDATE records SET leaf = 'x', payload = '{' WHERE seq = ?", (3 * PAGE + 9,))
        direct.commit()
    async with listening(stage.app, port := free_port()):
        yield f"http://127.0.0.1:{port}"


async def take(url: str, headers: dict[str, str], came: list[bytes]) -> None:
    async with (
        httpx.AsyncClient(base_url=url, headers=headers) as client,
        client.stream("GET", CONSENTS) as answer,
    ):
        assert (answer.status_code, answer.headers["transfer-encoding"]) == (200, "chunked")
        async for piece in answer.aiter_raw():
            came.append(piece)  # noqa: PERF401 - what came before it broke off is what is wanted


async def test_a_stream_that_breaks_off_is_not_taken_for_a_whole_one(stage: Stage, broken: str) -> None:
    """The transfer has no end, which every client tells; and JSON lines lack the checkpoint."""
    key = await stage.key("read")
    for media in (LINES, CSV):
        came: list[bytes] = []
        with pytest.raises(httpx.RemoteProtocolError):
            await take(broken, {"Authorization": f"Bearer {key}", "Accept": media}, came)
        whole = b"".join(came)
        assert whole.count(b"\n") == 3 * PAGE + (media == CSV)
        if media == LINES:
            lines = whole.splitlines()
            assert "checkpoint" not in json.loads(lines[-1])
            with pytest.raises(Altered):
                verify_file(lines)
