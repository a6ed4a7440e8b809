"""What was provisioned really starts: both engines answer a query, the browser shows a page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import aiosqlite
import asyncpg
import pytest
from playwright.async_api import Browser

from tests.provision.needs import NEEDS


async def _select_one(url: str) -> int:
    if url.startswith("postgresql:"):
        connection = await asyncpg.connect(url)
        try:
            return int(await connection.fetchval("SELECT 1"))
        finally:
            await connection.close()
    async with aiosqlite.connect(url.removeprefix("sqlite:///")) as file, file.execute("SELECT 1") as cursor:
        row = await cursor.fetchone()
        assert row is not None
        return int(row[0])


@pytest.mark.parametrize("need", [pytest.param(need, id=need.name) for need in NEEDS if need.wanted and need.is_needed])
def test_everything_needed_is_on_this_machine(need: Any) -> None:
    assert need.path().exists()


async def test_each_engine_answers(database_url: str) -> None:
    assert await _select_one(database_url) == 1


async def test_every_test_has_a_database_of_its_own(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await connection.execute("CREATE TABLE mine (id BIGINT)")
    await connection.close()


async def test_postgres_syncs_to_disk(postgres_admin: Any) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await postgres_admin.fetchval(f"SHOW {setting}") == "on"


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[int]:
    """The port of a server of one page."""
    (tmp_path / "index.html").write_text("<!doctype html><title>hello</title>", encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "news.test", "consent.other.test"])
async def test_chromium_shows_a_page_of_any_test_site(chromium: Browser, pages: int, host: str) -> None:
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(f"http://{host}:{pages}/")
    assert await page.title() == "hello"
    await context.close()
