"""The schema's migrations, read from `schema/migrations/` and handed to an engine in order.

Invariant: a migration and the row that records it are one transaction; a database that is newer than
this code, or whose applied migrations were edited since, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

from consent.canonical import sha256_hex
from consent.errors import Misconfigured
from consent.storage.database import Database, Engine, Migration, Reader, Row

TABLE = (
    "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)"
)

WRONG_SCHEMA = "the schema is not this program's: run consent migrate"


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


async def unapplied(database: Database) -> list[str]:
    """The names of the migrations that the database is without; it is only read.

    Raises:
        Misconfigured: as `pending`.
    """
    async with database.reading() as reader:
        names = {row["name"] for row in await _objects(reader, database.engine)}
        rows = await reader.rows("SELECT name, digest FROM migrations") if "migrations" in names else []
    applied = {row["name"]: row["digest"] for row in rows}
    return [migration.name for migration in pending(bundled(database.engine), applied)]


async def migrate(database: Database, at: int) -> list[str]:
    """Brings the database to this code's schema; gives the names of what was applied now."""
    return await database.migrate(bundled(database.engine), at)


async def require_current(database: Database) -> None:
    """Shows that the schema is this code's, without changing anything.

    Raises:
        Misconfigured: it is older, newer, or none of ours.
    """
    if missing := await unapplied(database):
        raise Misconfigured(f"the database lacks {missing[0]}: run `consent migrate`")


async def missing_objects(database: Database) -> list[str]:
    """What the migrations made and is there no more, or in other words: `trigger records_stay`, `index …`."""
    migrations = bundled(database.engine)
    async with database.reading() as reader:
        rows = await _objects(reader, database.engine)
    return lacking(migrations, rows)


def lacking(migrations: Sequence[Migration], rows: Sequence[Row]) -> list[str]:
    """The objects that the migrations make and that are not among the rows (kind, name, sql or None), by name.

    Where an engine keeps an object's own text, it must be the migration's; but that of a table which got a column later
    is the engine's own.
    """
    text = "\n".join(migration.sql for migration in migrations)
    altered = set(_ALTERED.findall(text))
    found = {
        (row["kind"], row["name"]) for row in rows if row["sql"] is None or row["name"] in altered or row["sql"] in text
    }
    made: dict[tuple[str, str], bool] = {}
    for verb, kind, name in _MADE.findall(text):
        made[kind.lower(), name] = verb == "CREATE"
    return sorted(f"{kind} {name}" for (kind, name), is_there in made.items() if is_there and (kind, name) not in found)


async def _objects(reader: Reader, engine: Engine) -> list[Row]:
    return await reader.rows(_SQLITE_OBJECTS if engine == "sqlite" else _POSTGRES_OBJECTS)


_MADE = re.compile(r"^(CREATE|DROP) (?:UNIQUE )?(TABLE|INDEX|TRIGGER|FUNCTION) (\w+)", re.MULTILINE)
_ALTERED = re.compile(r"^ALTER TABLE (\w+) ADD COLUMN", re.MULTILINE)
_SQLITE_OBJECTS = "SELECT type AS kind, name, sql FROM sqlite_master"
_POSTGRES_OBJECTS = """
SELECT CASE relkind WHEN 'i' THEN 'index' ELSE 'table' END AS kind, relname::text AS name, NULL AS sql
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'i')
UNION ALL SELECT 'trigger', tgname::text, NULL FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = current_schema()::regnamespace AND tgenabled IN ('O', 'A')
UNION ALL SELECT 'function', proname::text, NULL FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
"""
