"""A second PostgreSQL database, to restore into."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.conftest import ENGINES

_numbers = itertools.count(1)


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """Nothing here is about migrating, so that each test's database is a clone of one that is migrated."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url


@pytest.fixture
async def other_postgres_url(postgres_server: str, postgres_admin: Any) -> AsyncIterator[str]:
    """The URL of another empty PostgreSQL database."""
    name = f"elsewhere_{next(_numbers)}"
    await postgres_admin.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(postgres_server)._replace(path=f"/{name}"))
    await postgres_admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
