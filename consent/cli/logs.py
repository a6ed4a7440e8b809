"""`consent export` and `consent verify`: what is in a site's log, and whether it is what was committed to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from consent import clock, exports, receipt_lines, verifying, verifying_files
from consent.cli.opening import opened, run
from consent.cli.progress import bar
from consent.errors import Altered, Fault, Refused, Unknown
from consent.exports import Selection
from consent.services import Services
from consent.storage import sites as stored_sites


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
    selection = Selection(since=instant(since) if since else None, subject=subject)

    async def work() -> None:
        async with opened(reads_only=True) as services:
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
    """Check every record against the log: of SITE, of a FILE offline (an export or a receipt), or of all sites.

    Exits 1 and names the first bad record when anything was altered.
    """
    try:
        if what and Path(what).is_file():
            _verify_file(Path(what), key)
        elif not run(_verify_sites(what)):
            sys.exit(1)
    except Altered as error:
        _tell_altered(error)
        sys.exit(1)


async def _verify_sites(only: str | None) -> bool:
    """Whether every site is in order; all are looked at, whatever one of them shows."""
    async with opened(reads_only=True) as services:
        async with services.database.reading() as reader:
            known = await stored_sites.names(reader)
        if only and only not in known:
            raise Unknown(f"there is no site and no file of that name: {only}")
        if not known:
            raise Unknown("no sites: there is nothing to verify in this database")
        verdicts = [await _verify_site(services, site) for site in ([only] if only else known)]
    return all(verdicts)


async def _verify_site(services: Services, site: str) -> bool:
    try:
        with bar(f"verifying {site}") as tell:
            found = await verifying.verify(services.database, services.vault, site, tell)
    except Altered as error:
        _tell_altered(error, f"{site}: ")
        return False
    click.echo(f"{found.site}: {found.records} records, all as committed to, {found.erased} erased")
    return True


def _verify_file(path: Path, key: str | None) -> None:
    size = path.stat().st_size
    receipt = receipt_lines.read(path.read_bytes()) if size <= receipt_lines.LONGEST else None
    with bar(f"verifying {path.name}") as tell, path.open("rb") as file:

        def lines() -> Iterator[bytes]:
            for line in file:
                yield line
                tell(file.tell() if file.seekable() else 0, size)

        try:
            found = verifying_files.verify_file(receipt or lines(), key)
        except Refused as refused:
            raise click.BadParameter(refused.faults[0].message, param_hint="--key") from None
    head = f"the checkpoint of {found.checkpoint.size}, signed by {found.key}"
    if receipt:
        click.echo(f"{path.name}: a receipt in order: its record is in the log, as it was committed to")
        click.echo(f"in the log up to {head}")
    elif found.is_whole:
        click.echo(f"{path.name}: {found.records} records, all as committed to, {found.erased} erased")
        click.echo(f"whole up to {head}")
    else:
        click.echo(f"{path.name}: {found.records} records, each is in the log; a selection, so not shown to be whole")
        click.echo(f"in the log up to {head}")


def _tell_altered(error: Altered, where: str = "") -> None:
    click.echo(f"ALTERED: {where}{error.detail}", err=True)


def instant(words: str) -> int:
    """The instant of a date or a time that was typed.

    Raises:
        Refused: neither.
    """
    try:
        return clock.parse(words if "T" in words else f"{words}T00:00:00Z")
    except (ValueError, OverflowError):
        raise Refused(Fault("--since", "expected a date, or a time like 2026-11-22T10:00:00Z")) from None
