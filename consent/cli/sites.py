"""`consent site check|publish FILE`, `consent site snippet SITE`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from consent import embedding, publishing
from consent.cli.opening import opened, run
from consent.lint import lint
from consent.publishing import Publisher, Publishing

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def site() -> None:
    """Check a site file, put it in force, or print what its pages need."""


@site.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Say what is wrong with a site FILE, one line a fault or a finding; exit 1 when anything is."""
    checked = publishing.check(file.read_bytes())
    findings = lint(checked)
    for finding in findings:
        click.echo(str(finding))
    if findings:
        sys.exit(1)
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

    done = run(work())
    for finding in lint(site_file):
        click.echo(str(finding), err=True)
    for partner in done.neighbours.unknown:
        words = f"there is no site '{partner}' yet: nothing goes along to it until it is published and names this one"
        click.echo(f"warning consent.together: {words}", err=True)
    for other in done.neighbours.sharing:
        words = f"the cookie of '{other}' reaches the same hosts: a choice at one site replaces that at the other"
        click.echo(f"warning consent.cookie_domain: {words}; give each a domain of its own", err=True)
    _tell(done)


@site.command()
@click.argument("site")
@click.option("--nonce", is_flag=True, help="Leave room for the nonce of a Content Security Policy.")
def snippet(site: str, nonce: bool) -> None:
    """Print what every page of SITE has to begin its <head> with."""

    async def work() -> str:
        async with opened(reads_only=True) as services:
            await services.directory.refresh()
            found = services.directory.get(site)
            return embedding.snippet(found.notice, services.settings.url, found.settings.mute, nonce=nonce)

    click.echo(run(work()))


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
