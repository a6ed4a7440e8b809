"""The schema's migrations, read from `schema/migrations/` and handed to an engine in order.

Invariant: a migration and the row that records it are one transaction; a database that is newer than
this code, or whose applied migrations were edited since, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files

from consent.canonical import sha256_hex
from consent.errors import Misconfigured
from consent.storage.database import Database, Engine, Migration

TABLE = (
    "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)"
)


def bundled(engine: Engine) -> list[Migration]:
    """The migrations for this engine: `0001_name.sql`, or `0001_name.<engine>.sql` where the two must differ."""
    found = []
    for entry in sorted(files("consent").joinpath("schema/migrations").iterdir(), key=lambda entry: entry.name):
        name, _, kind = entry.name.removesuffix(".sql").partition(".")
        if entry.name.endswith(".sql") and kind in ("", engine):
            found.append(Migration(name, entry.read_text("utf-8")))
    return found


def pending(migrations: Sequence[Migration], applied: Mapping[str, str]) -> list[Migration]:
    """What is not applied yet, given the applied names and their digests.

    Raises:
        Misconfigured: the database knows migrations that this code does not, or other texts of them.
    """
    known = {migration.name: sha256_hex(migration.sql.encode()) for migration in migrations}
    for name, digest in applied.items():
        if name not in known:
            raise Misconfigured(f"the database is newer than this program (it has {name}): install the newer consent")
        if digest != known[name]:
            raise Misconfigured(f"the migration {name} was edited after it was applied: restore its text")
    return [migration for migration in migrations if migration.name not in applied]


async def migrate(database: Database, at: int) -> list[str]:
    """Brings the database to this code's schema; gives the names of what was applied now."""
    return await database.migrate(bundled(database.engine), at)
