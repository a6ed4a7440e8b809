"""Archives in the tests: made of a running service, put back into a database of either engine."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from consent.archiving.backing_up import Order, back_up
from consent.archiving.checking import Checked, check
from consent.archiving.form import Kind
from consent.archiving.restoring import Plan, Restored, Source, restore
from consent.services import Services
from consent.storage.engines import open_database
from consent.vault import Vault
from tests.running import SECRET, settings
from tests.running import running as running_with_site

KEY = "a-backup-key-for-tests-0123456789-abcdef"


async def archive(services: Services, path: Path, key: str | None = None, kind: Kind = "whole") -> Path:
    """An archive of the service as it is now."""
    with path.open("wb") as file:
        order = Order(kind=kind, url=services.settings.url, at=services.clock())
        await back_up(services.database, file, key, order)
    return path


def checked(path: Path, key: str | None = None) -> Checked:
    """The archive, read whole."""
    with path.open("rb") as file:
        return check(file, key, Vault(settings("", SECRET).secrets))


async def put_back(url: str, path: Path, at: int, key: str | None = None, **plan: Any) -> Restored:
    """Restores the archive into the database of this URL."""
    database = await open_database(url)
    try:
        vault = Vault(settings(url, SECRET).secrets)
        return await restore(database, Plan(archive=Source(path=path, key=key), vault=vault, at=at, **plan))
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def again(url: str, clock: Any) -> AsyncIterator[Services]:
    """The service on a restored database."""
    async with running_with_site(url, clock=clock) as services:
        yield services
