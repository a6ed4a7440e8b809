"""Opens the engine that a database URL names; its driver is imported only then."""

from __future__ import annotations

from pathlib import Path

from consent.errors import Misconfigured
from consent.storage.database import Database


async def open_database(url: str) -> Database:
    """The engine behind `sqlite:///path` or `postgresql://…`, connected.

    Raises:
        Misconfigured: another scheme, or a server that does not know the user or the database.
        Unavailable: the engine cannot be reached.
    """
    if url.startswith("sqlite:///"):
        from consent.storage.sqlite import SqliteDatabase

        return await SqliteDatabase(sqlite_path(url)).open()
    if url.startswith(("postgresql://", "postgres://")):
        from consent.storage.postgres import PostgresDatabase

        return await PostgresDatabase(url).open()
    raise Misconfigured("CONSENT_DATABASE is neither sqlite:///path nor postgresql://…: give one of these")


def sqlite_path(url: str) -> Path:
    """`sqlite:///./consent.db` is relative, `sqlite:////data/consent.db` absolute."""
    return Path(url.removeprefix("sqlite:///"))
