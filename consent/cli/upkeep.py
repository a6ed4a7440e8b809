"""`consent migrate` and `consent doctor`: is everything as it must be, and if not, what mends it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import click
import msgspec

from consent import clock
from consent.cli.examining import Finding, bad, fault, good, show, weak
from consent.cli.opening import run
from consent.errors import ConsentError
from consent.settings import NotStarted, Settings, from_environment
from consent.storage import migrations as stored_migrations
from consent.storage.database import Database
from consent.storage.engines import open_database


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
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor(form: str) -> None:
    """Look at settings, database, logs, mail, backups, clock and disk; say what is wrong and what mends it.

    `ok` is in order, `WARN` should be looked at, `BAD` does not work or is not safe; exits 1 when something is BAD.
    """

    async def work() -> list[Finding]:
        return [finding async for finding in _findings()]

    findings = run(work())
    if form == "json":
        click.echo(msgspec.json.encode(findings).decode())
    else:
        for finding in findings:
            show(finding)
    if any(finding.level == "bad" for finding in findings):
        sys.exit(1)


async def _findings() -> AsyncIterator[Finding]:
    try:
        settings = from_environment(makes_secret=False)
    except NotStarted as error:
        yield weak(
            "settings", f"nothing is here yet: {error.detail}", "`consent serve` makes the database and its secret"
        )
        return
    except ConsentError as error:
        yield bad("settings", error.detail, "correct the environment and ask again")
        return
    yield good("settings", f"{settings.url}, {len(settings.secrets)} secret(s)")
    from consent.cli.outside import around  # what asks mail servers and Redis is of no use to `migrate`

    async for finding in around(settings):
        yield finding
    try:
        database = await open_database(settings.database, reads_only=True)
    except ConsentError as error:
        yield fault("database", error)
        return
    try:
        async for finding in _in_database(settings, database):
            yield finding
    except ConsentError as error:
        yield fault("database", error)
    finally:
        await database.close()


async def _in_database(settings: Settings, database: Database) -> AsyncIterator[Finding]:
    from consent.cli.inside import sender_domains, within  # the same
    from consent.cli.outside import senders

    has_schema = False
    async for finding in within(settings, database):
        has_schema = has_schema or (finding.what, finding.level) == ("schema", "ok")
        yield finding
    if has_schema:
        async for finding in senders(settings, await sender_domains(database)):
            yield finding
