"""A running application on each engine, one a module: most tests only ask, and none minds what others recorded."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from consent.storage.engines import open_database
from tests.clock import SetClock
from tests.conftest import ENGINES
from tests.web.stage import Stage, staged
from tests.web.statements import WatchedDatabase

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def module_clock() -> SetClock:
    """The clock of the module's application."""
    return SetClock()


@pytest.fixture(scope="module")
def module_sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SQLite file of the module's own, not yet there."""
    return f"sqlite:///{tmp_path_factory.mktemp('web') / 'consent.db'}"


@pytest.fixture(scope="module")
async def module_postgres_url(postgres_server: str, postgres_admin: Any) -> AsyncIterator[str]:
    """An empty PostgreSQL database of the module's own."""
    name = f"web_{next(_numbers)}"
    await postgres_admin.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
    await postgres_admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module", params=ENGINES)
def module_url(request: pytest.FixtureRequest) -> str:
    """An empty database of the module's own, once on each engine."""
    url: str = request.getfixturevalue(f"module_{request.param}_url")
    return url


@pytest.fixture(scope="module")
async def stage(module_url: str, module_clock: SetClock) -> AsyncIterator[Stage]:
    """The application with two sites published, once on each engine, shared by the module's tests."""
    async with staged(module_url, module_clock) as made:
        yield made


@pytest.fixture(scope="module")
async def console(module_sqlite_url: str, module_clock: SetClock) -> AsyncIterator[Stage]:
    """The application on one engine, over a database that writes down what it is asked: for what no storage decides."""
    database = WatchedDatabase(await open_database(module_sqlite_url))
    async with staged(module_sqlite_url, module_clock, database=database) as made:
        yield made
