"""`consent key new|list|revoke`: API keys of a site."""

from __future__ import annotations

import click

from consent import clock, keyring
from consent.cli.opening import opened, run
from consent.storage.keys import StoredKey


@click.group()
def key() -> None:
    """Make, list and revoke a site's API keys."""


@key.command()
@click.argument("site")
@click.option("--scope", default="read", show_default=True, help="read, write, erase; several joined by commas.")
def new(site: str, scope: str) -> None:
    """Print a new API key of SITE, once, alone on stdout."""

    async def work() -> tuple[str, StoredKey]:
        async with opened() as services:
            scopes = frozenset(scope.replace(",", " ").split())
            return await keyring.make(services.database, site, scopes, services.clock())

    made, row = run(work())
    click.echo(made)
    click.echo(f"key {row.id} of {site}: {', '.join(sorted(row.scopes))}; it cannot be shown again", err=True)


@key.command("list")
@click.argument("site")
def list_(site: str) -> None:
    """List the keys of SITE: id, scopes, made, last used, revoked."""

    async def work() -> list[StoredKey]:
        async with opened(reads_only=True) as services:
            return await keyring.listed(services.database, site)

    for row in run(work()):
        state = f"revoked {clock.text(row.revoked_at)}" if row.revoked_at else "in force"
        used = f"used {clock.text(row.used_at)}" if row.used_at else "never used"
        click.echo(f"{row.id}  {','.join(sorted(row.scopes))}  made {clock.text(row.created_at)}  {used}  {state}")


@key.command()
@click.argument("site")
@click.argument("id")
def revoke(site: str, id: str) -> None:
    """End the key ID of SITE at once."""

    async def work() -> None:
        async with opened() as services:
            await keyring.revoke(services.database, site, id, services.clock())

    run(work())
    click.echo(f"key {id} is revoked", err=True)
