"""`consent export subscribers`, `import subscribers`, `suppress`, `sweep`: who is subscribed, and who must not be."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click

from consent import sweeping
from consent.auditing import COMMAND
from consent.cli.logs import export, instant
from consent.cli.opening import opened, run
from consent.cli.progress import bar
from consent.newsletter import barring, importing, rosters
from consent.newsletter.importing import Imported, Terms
from consent.newsletter.rosters import Selection
from consent.storage import subscribers as stored
from consent.subscriptions import State


@export.command()
@click.argument("site")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--list", "list_", metavar="ID", help="Only subscriptions to this list.")
@click.option("--state", type=click.Choice(get_args(State)), help="Only subscriptions in this state.")
@click.option("--since", metavar="T", help="Only subscriptions that changed from this date or time on (RFC 3339).")
def subscribers(site: str, form: str, list_: str | None, state: State | None, since: str | None) -> None:
    """Stream the readers of SITE to stdout, with the links that a mailing needs."""
    selection = Selection(list=list_, state=state, since=instant(since) if since else None)

    async def work() -> None:
        async with opened(reads_only=True) as services:
            await services.directory.refresh()
            await rosters.check(services, site, selection)
            async with services.database.reading() as reader:
                total = await stored.count(reader, site)
            chunks = rosters.csv_text if form == "csv" else rosters.jsonl
            with bar(f"exporting {site}") as tell:
                done = 0
                async for chunk in chunks(services, site, selection):
                    sys.stdout.buffer.write(chunk)
                    done += chunk.count(b"\n")
                    tell(min(done, total), total)
            sys.stdout.buffer.flush()

    run(work())


@click.group("import")
def import_() -> None:
    """Bring in what was kept elsewhere."""


@import_.command("subscribers")
@click.argument("site")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--provenance", required=True, help="Where the consents come from, in a sentence: the log keeps it.")
@click.option("--list", "list_", metavar="ID", help="The list of lines that name none.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def import_subscribers(site: str, path: Path, provenance: str, list_: str | None, dry_run: bool) -> None:
    """Subscribe the readers in FILE (CSV or JSON lines with email, list, language, confirmed_at, provenance, state).

    Nobody is mailed, and who left or must not be mailed is left alone. Exits 1 when a line was refused.
    """
    terms = Terms(provenance=provenance, list=list_, is_dry=dry_run)

    async def work() -> Imported:
        async with opened() as services:
            with bar(f"importing into {site}") as tell:
                return await importing.import_readers(
                    services, site, _lines(path), terms, lambda done: tell(done, done), COMMAND
                )

    done = run(work())
    _tell_imported(done, "would be" if dry_run else "were")
    if done.refused:
        sys.exit(1)


def _lines(path: Path) -> Iterator[str]:
    """Line ends stay as they are: the reader of CSV tells them from those inside of a cell."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        yield from file


def _tell_imported(done: Imported, verb: str) -> None:
    click.echo(f"{done.lines} lines: {done.readers} readers {verb} subscribed, {done.subscriptions} subscriptions")
    for why, number in sorted(done.skipped.items()):
        click.echo(f"{number} subscriptions were skipped: they {importing.WHY_SKIPPED[why]}")
    for fault in done.faults:
        click.echo(str(fault), err=True)
    if done.refused:
        click.echo(f"{done.refused} lines were refused", err=True)


@click.command()
@click.argument("site")
@click.argument("email")
@click.option("--lift", is_flag=True, help="End what bars the address; nothing is subscribed by that.")
def suppress(site: str, email: str, lift: bool) -> None:
    """Never mail EMAIL for SITE again, whoever signs it up."""

    async def work() -> str:
        async with opened() as services:
            if lift:
                return f"{await barring.lift(services, site, email)} suppressions lifted"
            left = await barring.bar(services, site, email)
            return f"suppressed; taken off {len(left)} lists"

    click.echo(f"{site}: {run(work())}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def sweep(dry_run: bool) -> None:
    """Take away what is kept too long, and owe the reminders that are due; the service does it too, once a day."""

    async def work() -> sweeping.Swept:
        async with opened() as services:
            return await sweeping.sweep(services, is_dry=dry_run)

    done = run(work())
    verb = "would go" if dry_run else "gone"
    for table, number in done.purged.items():
        click.echo(f"{table}: {number} {verb}")
    for site, kinds in done.retained.items():
        for kind, number in kinds.items():
            click.echo(f"{site} {kind}: {number} {verb}")
    click.echo(f"reminders: {done.reminded} {'would be ' if dry_run else ''}owed")
    click.echo(f"pauses: {done.resumed} {'would be ' if dry_run else ''}over")
