"""`consent migrate` and `consent doctor`: is everything as it must be, and if not, what mends it."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import click
import msgspec

from consent import clock
from consent.cli.opening import run
from consent.errors import ConsentError
from consent.mail import open_transport
from consent.metrics import Metrics
from consent.services import limits_of
from consent.settings import Settings, from_environment
from consent.storage import heartbeats, logs, outbox, pins, records
from consent.storage import migrations as stored_migrations
from consent.storage.database import Database
from consent.storage.engines import open_database, sqlite_path
from consent.vault import Vault

FREE_BYTES = 1 << 30
CLOCK_MS = 60_000
LATE_SECONDS = 900


MENDS = (
    ("is locked", "end the program that holds the database: `fuser` with the file's name shows which"),
    ("disk is full", "make room on the disk, or move the database"),
    ("not a database", "CONSENT_DATABASE names another kind of file: correct it, or put a backup in its place"),
    ("malformed", "stop the service and put the newest backup in the database's place"),
    ("readonly", "give the service's user the right to write the file and its folder"),
    ("does not exist", "check CONSENT_DATABASE, and create the folder it names"),
    ("there is no database", "check CONSENT_DATABASE; `consent migrate` makes a new database there"),
    ("cannot be opened", "check CONSENT_DATABASE, and the rights of the file and its folder"),
    ("cannot be reached", "check CONSENT_DATABASE, that the server runs, and that it is reachable from here"),
    ("refuses the user", "check the user, the password and the database's name in CONSENT_DATABASE"),
    ("fsync=off", "set fsync=on in postgresql.conf and restart the server"),
    ("is newer than", "install the version of consent that wrote it"),
    ("was edited", "install consent anew: a released migration's text never changes"),
    ("the schema is not", "consent migrate"),
)
"""What a fault's words show to be wrong, and what mends just that."""


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at; `mend` says what to do when it is not in order."""

    what: str
    is_good: bool
    words: str
    mend: str = ""


@click.command()
def migrate() -> None:
    """Bring the database to this version's schema."""

    async def work() -> list[str]:
        database = await open_database(from_environment().database)
        try:
            return await stored_migrations.migrate(database, clock.now())
        finally:
            await database.close()

    applied = run(work())
    for name in applied:
        click.echo(f"applied {name}")
    if not applied:
        click.echo("the schema is up to date")


@click.command()
def doctor() -> None:
    """Look at settings, database, library, clock and disk; say what is wrong and what mends it."""

    async def work() -> list[Finding]:
        return [finding async for finding in _findings()]

    findings = run(work())
    for finding in findings:
        mark = click.style("ok  ", fg="green") if finding.is_good else click.style("BAD ", fg="red")
        click.echo(f"{mark} {finding.what:<10} {finding.words}")
        if not finding.is_good:
            click.echo(f"     {'':<10} mend: {finding.mend}")
    if not all(finding.is_good for finding in findings):
        sys.exit(1)


async def _findings() -> AsyncIterator[Finding]:
    try:
        settings = from_environment(makes_secret=False)
    except ConsentError as error:
        yield Finding("settings", False, error.detail, "correct the environment and ask again")
        return
    yield Finding("settings", True, f"{settings.url}, {len(settings.secrets)} secret(s)")
    yield _proxies(settings)
    yield await _limits(settings)
    yield await _mail(settings)
    if settings.database.startswith("sqlite:///"):
        for finding in _files(sqlite_path(settings.database)):
            yield finding
    try:
        database = await open_database(settings.database, reads_only=True)
    except ConsentError as error:
        yield _fault("database", error)
        return
    try:
        async for finding in _in_database(settings, database):
            yield finding
    except ConsentError as error:
        yield _fault("database", error)
    finally:
        await database.close()


def _fault(what: str, error: ConsentError) -> Finding:
    """What the engine said, with the mend for just that."""
    mend = next((mend for words, mend in MENDS if words in error.detail), "check CONSENT_DATABASE, and its server")
    return Finding(what, False, error.detail, mend)


def _proxies(settings: Settings) -> Finding:
    if settings.is_public and not settings.trusted_proxies:
        mend = "set CONSENT_TRUSTED_PROXIES to the proxy that ends TLS, or all visitors share one rate limit"
        return Finding("proxies", False, "the URL is https, but no proxy is trusted", mend)
    return Finding("proxies", True, " ".join(settings.trusted_proxies) or "none, visitors connect directly")


async def _limits(settings: Settings) -> Finding:
    mend = "correct CONSENT_LIMITS, or start the server it names"
    try:
        limits = limits_of(settings, clock.now, Metrics())
    except ConsentError as error:
        return Finding("limits", False, error.detail, mend)
    try:
        return Finding("limits", True, await limits.check())
    except ConsentError as error:
        return Finding("limits", False, error.detail, mend)
    finally:
        await limits.close()


async def _mail(settings: Settings) -> Finding:
    """Whether mails could leave now; none is sent."""
    transport = open_transport(settings.mail, clock.now)
    try:
        return Finding("mail", True, await transport.check())
    except ConsentError as error:
        return Finding("mail", False, error.detail, "correct CONSENT_MAIL, or mend the server it names")
    finally:
        await transport.close()


def _files(path: Path) -> list[Finding]:
    folder = path.absolute().parent
    findings = []
    if folder.is_dir():
        free = shutil.disk_usage(folder).free
        words = f"{free / (1 << 30):.1f} GiB free in {folder}"
        findings.append(Finding("disk", free > FREE_BYTES, words, "make room, or move the database"))
    kept = [one for one in (path, Path(f"{path}.secret")) if one.is_file()]
    open_ones = [one for one in kept if stat.S_IMODE(one.stat().st_mode) & 0o077]
    return findings + [Finding("rights", False, f"others can read {one}", f"chmod 600 {one}") for one in open_ones]


async def _in_database(settings: Settings, database: Database) -> AsyncIterator[Finding]:
    facts = await database.facts()
    yield Finding("database", True, ", ".join(f"{name} {value}" for name, value in facts.items()))
    if database.engine == "sqlite":
        safe = facts["safe"] == "yes"
        mend = "install the pysqlite3 wheel, or a Python linked with SQLite 3.51.3 or newer"
        yield Finding("library", safe, f"SQLite {facts['version']}, safe: {facts['safe']}", mend)
    schema = await _schema(database)
    yield schema
    if schema.is_good:
        yield await _keys(database, Vault(settings.secrets))
        yield await _pins(database)
        yield await _outbox(database)
        yield await _clock(database)
        yield await _writing(settings)


async def _schema(database: Database) -> Finding:
    try:
        missing = await stored_migrations.unapplied(database)
        gone = [] if missing else await stored_migrations.missing_objects(database)
    except ConsentError as error:
        return _fault("schema", error)
    if missing:
        return Finding("schema", False, f"not applied yet: {', '.join(missing)}", "consent migrate")
    if gone:
        mend = "make them anew from schema/migrations/, then run `consent verify`: without them rows could be changed"
        return Finding("schema", False, f"gone or altered: {', '.join(gone)}", mend)
    return Finding("schema", True, "up to date")


async def _writing(settings: Settings) -> Finding:
    """Writes the row that says only that it could be written."""
    try:
        database = await open_database(settings.database)
        try:
            async with database.writing() as writer:
                await heartbeats.beat(writer, clock.now())
        finally:
            await database.close()
    except ConsentError as error:
        return _fault("writing", error)
    return Finding("writing", True, "a row was committed")


async def _keys(database: Database, vault: Vault) -> Finding:
    async with database.reading() as reader:
        found = await logs.all_logs(reader)
    try:
        for log in found:
            vault.take(log.private_key)
    except ConsentError as error:
        return Finding("log keys", False, error.detail, "put the older secret in front, separated by a space")
    return Finding("log keys", True, f"{len(found)} log(s), every key opens with the secret")


async def _pins(database: Database) -> Finding:
    """What pages have pinned; an older notice is no fault, but worth knowing."""
    async with database.reading() as reader:
        all_, older = await pins.counts(reader)
    return Finding("pins", True, f"{all_} pinned loader(s), {older} with an earlier notice" if all_ else "none")


async def _outbox(database: Database) -> Finding:
    """What is owed; what was given up is somebody's mail that never came."""
    async with database.reading() as reader:
        counts, oldest = await outbox.counts(reader), await outbox.oldest_due(reader)
    waiting, dead = counts.get("waiting", 0), counts.get("dead", 0)
    late = max(0, clock.now() - oldest) // 1000 if oldest else 0
    words = f"{waiting} waiting, the oldest {late} s overdue, {dead} given up"
    if dead:
        return Finding("outbox", False, words, "`consent mail list SITE` shows why; then `consent mail replay SITE`")
    return Finding("outbox", late < LATE_SECONDS, words, "see that the service runs and that mails can leave")


async def _clock(database: Database) -> Finding:
    """The clock against the newest record of each log: it must not have gone back."""
    now, newest = clock.now(), 0
    async with database.reading() as reader:
        for log in await logs.all_logs(reader):
            head = await logs.head(reader, log.site)
            last = await records.page(reader, log.site, head.size - 1, head.size, 1) if head and head.size else []
            newest = max([newest, *(row.recorded_at or 0 for row in last)])
    behind = newest - now
    words = f"{clock.text(now)}"
    if behind > CLOCK_MS:
        words += f", {behind // 1000} s before the newest record"
    return Finding("clock", behind <= CLOCK_MS, words, "set the machine's clock (NTP)")
