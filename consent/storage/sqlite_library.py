"""Which SQLite this process is linked with, and what its library can be trusted with.

`pysqlite3` brings a current one where its wheel exists; elsewhere the standard module's is used.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from consent.canonical import sha256_hex
from consent.storage.database import Migration
from consent.storage.migrations import TABLE, pending

try:
    from pysqlite3 import dbapi2
except ImportError:  # no wheel for this machine
    from sqlite3 import dbapi2

dbapi: Any = dbapi2
VERSION: str = dbapi.sqlite_version


def loses_rows(version: tuple[int, ...]) -> bool:
    """Whether a checkpoint that races a WAL reset can lose committed rows (fixed in 3.51.3, 3.50.7, 3.44.6)."""
    if version[:2] in ((3, 50), (3, 44)):
        return version < {50: (3, 50, 7), 44: (3, 44, 6)}[version[1]]
    return (3, 7, 0) <= version < (3, 51, 3)


LOSES_ROWS = loses_rows(tuple(int(part) for part in VERSION.split(".")))


def statements(script: str) -> list[str]:
    """The script's single statements, whatever is left at its end too; a trigger's inner semicolons do not end it."""
    found, text = [], ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            found.append(text)
            text = ""
    return [*found, text] if text.strip() else found


def apply_migrations(connection: Any, migrations: Sequence[Migration], at: int) -> list[str]:
    """Applies what is missing, one transaction each; a second process waits for the first and finds it done."""
    applied_now = []
    for _ in range(len(migrations) + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            name = _apply_next(connection, migrations, at)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        if name is None:
            break
        applied_now.append(name)
    return applied_now


def _apply_next(connection: Any, migrations: Sequence[Migration], at: int) -> str | None:
    connection.execute(TABLE)
    applied = {row[0]: row[1] for row in connection.execute("SELECT name, digest FROM migrations")}
    missing = pending(migrations, applied)
    if not missing:
        return None
    migration = missing[0]
    for statement in statements(migration.sql):
        connection.execute(statement)
    row = (migration.name, sha256_hex(migration.sql.encode()), at)
    connection.execute("INSERT INTO migrations (name, digest, applied_at) VALUES (?, ?, ?)", row)
    return migration.name
