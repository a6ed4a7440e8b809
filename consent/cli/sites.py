"""`consent site check|publish FILE`."""

from __future__ import annotations

from pathlib import Path

import click

from consent import publishing
from consent.cli.opening import opened, run
from consent.publishing import Publisher, Publishing

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def site() -> None:
    """Check a site file, or put it in force."""


@site.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Say what is wrong with a site FILE, one line a fault; exit 1 when anything is."""
    checked = publishing.check(file.read_bytes())
    click.echo(f"{checked.id}: in order ({len(checked.purposes)} purposes, {len(checked.languages)} languages)")


@site.command()
@click.argument("file", type=FILE)
def publish(file: Path) -> None:
    """Create or update the site in FILE; running services take it up within two seconds."""
    site_file = publishing.check(file.read_bytes())

    async def work() -> Publishing:
        async with opened() as services:
            publisher = Publisher(
                database=services.database, vault=services.vault, clock=services.clock, url=services.settings.url
            )
            return await publishing.publish(publisher, site_file)

    _tell(run(work()))


def _tell(done: Publishing) -> None:
    click.echo(done.digest)
    if done.is_new:
        click.echo(f"{done.site}: published for the first time")
    elif not done.changes and not done.asks_again:
        click.echo(f"{done.site}: the notice in force says the same already; visitors are not asked again")
    for change in done.changes:
        click.echo(f"  {'material' if change.material else 'cosmetic'}: {change}")
    if done.changes:
        again = "visitors are asked again" if done.asks_again else "visitors are not asked again"
        click.echo(f"{done.site}: publication {done.revision}; {again}")
