"""The real parts that tests share: both database engines and a browser.

A part that is not on the machine fails the test with the sentence that mends it; nothing is skipped. Every asynchronous
fixture and test runs in one event loop, which lives as long as the session.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import hypothesis
import pytest
from playwright.async_api import Browser, async_playwright

from consent.services import Services
from consent.storage.engines import open_database
from consent.storage.migrations import migrate
from tests.clock import START, SetClock
from tests.provision import postgres, redis
from tests.provision.needs import CHROMIUM, DRIVER, Missing
from tests.running import running

ENGINES = ("sqlite", "postgres")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Every name under .test and .localhost is this machine, so that pages can live on different sites; no other name is
    # looked up.
    "--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.localhost 127.0.0.1,"
    " MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
GRACE_SECONDS = 2
_numbers = itertools.count(1)

# Two busy cores make any single example slow: time is measured by the bench, never by a test.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


@pytest.fixture(autouse=True)
async def nothing_outlives_its_test() -> AsyncIterator[None]:
    """Fails a test that leaves a task behind: it would go on into the next test, in the same loop."""
    before = asyncio.all_tasks()
    yield
    new = asyncio.all_tasks() - before - {asyncio.current_task()}
    left = {task for task in new if not _is_of_the_browser(task)}
    if left:
        _, left = await asyncio.wait(left, timeout=GRACE_SECONDS)
    for task in left:
        task.cancel()
    assert not left, f"tasks go on after the test: {left}"


def _is_of_the_browser(task: asyncio.Task[Any]) -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "playwright" in code.co_filename


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real server's superuser database."""
    try:
        with postgres.running() as url:
            yield url
    except Missing as fault:
        pytest.fail(str(fault), pytrace=False)


@pytest.fixture(scope="session")
async def postgres_admin(postgres_server: str) -> AsyncIterator[Any]:
    """An asyncpg connection of the superuser, to make and drop databases with."""
    connection = await asyncpg.connect(postgres_server)
    yield connection
    await connection.close()


@pytest.fixture
async def postgres_url(postgres_server: str, postgres_admin: Any) -> AsyncIterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    name = f"test_{next(_numbers)}"
    await postgres_admin.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
    await postgres_admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file of this test's own, not yet there."""
    return f"sqlite:///{tmp_path / 'consent.db'}"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of this test's own, once on each engine (`-k sqlite`, `-k postgres`)."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
async def migrated_postgres(postgres_server: str, postgres_admin: Any) -> str:
    """The name of a PostgreSQL database with every table and no row: to be cloned, which is quicker than migrating."""
    await postgres_admin.execute("CREATE DATABASE migrated")
    await _migrate(urlunsplit(urlsplit(postgres_server)._replace(path="/migrated")))
    return "migrated"


@pytest.fixture(scope="session")
async def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a SQLite file."""
    path = tmp_path_factory.mktemp("migrated") / "consent.db"
    await _migrate(f"sqlite:///{path}")
    return path


async def _migrate(url: str) -> None:
    database = await open_database(url)
    await migrate(database, START)
    await database.close()


@pytest.fixture
async def migrated_postgres_url(
    postgres_server: str, postgres_admin: Any, migrated_postgres: str
) -> AsyncIterator[str]:
    """The URL of a PostgreSQL database of this test's own, migrated already."""
    name = f"test_{next(_numbers)}"
    await postgres_admin.execute(f"CREATE DATABASE {name} TEMPLATE {migrated_postgres}")
    yield urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
    await postgres_admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def migrated_sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """The URL of a SQLite file of this test's own, migrated already."""
    path = tmp_path / "consent.db"
    shutil.copy(migrated_sqlite, path)
    path.chmod(0o600)
    return f"sqlite:///{path}"


@pytest.fixture(params=ENGINES)
def migrated_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test's own, once on each engine."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[redis.Server]:
    """A real Redis of this test's own, which the test may stop, freeze and start again."""
    try:
        with redis.running(tmp_path) as server:
            yield server
    except Missing as fault:
        pytest.fail(str(fault), pytrace=False)


@pytest.fixture
def clock() -> SetClock:
    """A clock that the test moves."""
    return SetClock()


@pytest.fixture
async def services(database_url: str, clock: SetClock) -> AsyncIterator[Services]:
    """A running service without its HTTP, the Miami site published, once on each engine."""
    async with running(database_url, clock=clock) as opened:
        yield opened


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The real browser, headless; a test opens a context of its own in it."""
    try:
        DRIVER.path()
        executable = CHROMIUM.path()
    except Missing as fault:
        pytest.fail(str(fault), pytrace=False)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()
