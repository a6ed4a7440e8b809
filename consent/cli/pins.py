"""`consent site pin|pins|unpin`: loaders that pages name by their digest."""

from __future__ import annotations

from typing import get_args

import click

from consent import clock
from consent.cli.opening import opened, run
from consent.cli.sites import site
from consent.regimes import Regime
from consent.storage.pins import StoredPin
from consent.web import pinned
from consent.web.pinned import Pin


@site.command()
@click.argument("site")
@click.option("--regime", type=click.Choice(get_args(Regime)), help="How it asks, where the site's regime is auto.")
def pin(site: str, regime: str | None) -> None:
    """Store the loader that SITE has now, and print the tags that pin it and its layers by their digests."""

    async def work() -> Pin:
        async with opened() as services:
            await services.directory.refresh()
            return await pinned.pin(services, services.directory.get(site), regime)

    made = run(work())
    click.echo(made.import_map)
    click.echo(made.tag)
    click.echo(f"{site}@{made.version} is kept: paste both into <head>, the map before any module", err=True)
    if regime not in (None, "opt_in"):
        click.echo(f"it asks by {regime} wherever the visitor is: paste it only where that is the law", err=True)
    click.echo("pages with these tags go on with this notice after later publications: pin anew then", err=True)


@site.command()
@click.argument("site")
def pins(site: str) -> None:
    """List the pinned loaders of SITE: version, regime, made, and whether the notice it asks is in force."""

    async def work() -> tuple[list[StoredPin], str]:
        async with opened(reads_only=True) as services:
            await services.directory.refresh()
            return await pinned.listed(services.database, site), services.directory.get(site).digest

    rows, digest = run(work())
    for row in rows:
        state = "the notice in force" if row.notice == digest else "an earlier notice"
        click.echo(f"{row.version}  {row.regime}  made {clock.text(row.pinned_at)}  {state}")


@site.command()
@click.argument("site")
@click.argument("version")
def unpin(site: str, version: str) -> None:
    """Forget the pinned loader VERSION of SITE; no page may name it any more."""

    async def work() -> None:
        async with opened() as services:
            await pinned.drop(services.database, site, version)

    run(work())
    click.echo(f"{site}@{version} is forgotten", err=True)
