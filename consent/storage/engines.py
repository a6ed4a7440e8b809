"""Opens the engine that a database URL names; its driver is imported only then."""

from __future__ import annotations

from pathlib import Path

from consent.errors import Misconfigured
from consent.storage.database import Database


async def open_database(url: str, *, reads_only: bool = False) -> Database:
    """The engine behind `sqlite:///path` or `postgresql://…`, connected; with `reads_only` no file is made or changed.

    Raises:
        Misconfigured: another scheme, a server that does not know the user or the database, or no file to read.
        Unavailable: the engine cannot be reached.
    """
    if url.startswith("sqlite:///"):
        from consent.storage.sqlite import SqliteDatabase

        path = sqlite_path(url)
        if reads_only and not (path.is_file() and path.stat().st_size):
            raise Misconfigured(f"there is no database at {path}: check CONSENT_DATABASE and the folder you are in")
        return await SqliteDatabase(path, reads_only=reads_only).open()
    if url.startswith(("postgresql://", "postgres://")):
        from consent.storage.postgres import PostgresDatabase

        return await PostgresDatabase(url).open()
    raise Misconfigured("CONSENT_DATABASE is neither sqlite:///path nor postgresql://…: give one of these")


def sqlite_path(url: str) -> Path:
    """`sqlite:///./consent.db` is relative, `sqlite:////data/consent.db` absolute."""
    return Path(url.removeprefix("sqlite:///"))
