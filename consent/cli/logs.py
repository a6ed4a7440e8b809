"""`consent export` and `consent verify`: what is in a site's log, and whether it is what was committed to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from consent import clock, exports, verifying, verifying_files
from consent.cli.opening import opened, run
from consent.cli.progress import bar
from consent.errors import Altered, Fault, Refused
from consent.exports import Selection
from consent.storage import logs as stored_logs
from consent.verifying import Verified


@click.group()
def export() -> None:
    """Write out what a site's log holds."""


@export.command()
@click.argument("site")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--since", metavar="T", help="Only records from this date or time on (RFC 3339).")
@click.option("--subject", metavar="UUID", help="Only this subject's records.")
def consents(site: str, form: str, since: str | None, subject: str | None) -> None:
    """Stream the consent records of SITE to stdout; JSON lines end with the signed checkpoint."""
    selection = Selection(since=_instant(since) if since else None, subject=subject)

    async def work() -> None:
        async with opened() as services:
            span = await exports.span(services.database, site, selection)
            chunks = exports.csv_text if form == "csv" else exports.jsonl
            with bar(f"exporting {site}") as tell:
                done = 0
                async for chunk in chunks(services.database, span):
                    sys.stdout.buffer.write(chunk)
                    done += chunk.count(b"\n")
                    tell(min(done, span.up_to - span.after), span.up_to - span.after)
            sys.stdout.buffer.flush()

    run(work())


@click.command()
@click.argument("what", metavar="[SITE|FILE]", required=False)
@click.option("--key", help="The log's public key that a FILE must be signed with (name+hash+key).")
def verify(what: str | None, key: str | None) -> None:
    """Check every record against the log: of SITE, of an exported FILE offline, or of all sites.

    Exits 1 and names the first bad record when anything was altered.
    """
    try:
        if what and Path(what).is_file():
            _verify_file(Path(what), key)
        else:
            run(_verify_sites(what))
    except Altered as error:
        click.echo(f"ALTERED: {error.detail}", err=True)
        sys.exit(1)


async def _verify_sites(only: str | None) -> None:
    async with opened() as services:
        async with services.database.reading() as reader:
            sites = [only] if only else [log.site for log in await stored_logs.all_logs(reader)]
        for site in sites:
            with bar(f"verifying {site}") as tell:
                found = await verifying.verify(services.database, services.vault, site, tell)
            _tell(found)


def _verify_file(path: Path, key: str | None) -> None:
    size = path.stat().st_size
    with bar(f"verifying {path.name}") as tell, path.open("rb") as file:

        def lines() -> Iterator[bytes]:
            for line in file:
                yield line
                tell(file.tell() if file.seekable() else 0, size)

        found = verifying_files.verify_file(lines(), key)
    if found.checkpoint:
        click.echo(f"{path.name}: {found.records} records, all as committed to, {found.erased} erased")
        click.echo(f"whole up to the checkpoint of {found.checkpoint.size}, signed by {found.key}")
    else:
        click.echo(f"{path.name}: {found.records} records, each as committed to; a selection, so not shown to be whole")


def _tell(found: Verified) -> None:
    click.echo(f"{found.site}: {found.records} records, all as committed to, {found.erased} erased")


def _instant(words: str) -> int:
    try:
        return clock.parse(words if "T" in words else f"{words}T00:00:00Z")
    except (ValueError, OverflowError):
        raise Refused(Fault("--since", "expected a date, or a time like 2026-11-22T10:00:00Z")) from None
