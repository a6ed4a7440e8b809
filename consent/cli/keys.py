"""`consent key new|list|revoke`: API keys of a site."""

from __future__ import annotations

import click

from consent import auditing, clock, keyring
from consent.cli.opening import opened, run
from consent.storage.keys import StoredKey


@click.group()
def key() -> None:
    """Make, list and revoke a site's API keys."""


@key.command()
@click.argument("site")
@click.option("--scope", default="read", show_default=True, help="read, write, erase; several joined by commas.")
@click.option("--name", default="", help="What people call it, such as the program that gets it.")
@click.option("--days", type=click.IntRange(1, 3650), help="It opens nothing any more after so many days.")
def new(site: str, scope: str, name: str, days: int | None) -> None:
    """Print a new API key of SITE, once, alone on stdout."""

    async def work() -> tuple[str, StoredKey]:
        async with opened() as services:
            scopes = frozenset(scope.replace(",", " ").split())
            ends = services.clock() + days * clock.DAY if days else None
            by = auditing.COMMAND
            return await keyring.make(services, site, scopes, actor=by, name=name, expires_at=ends)

    made, row = run(work())
    click.echo(made)
    click.echo(f"key {row.id} of {site}: {', '.join(sorted(row.scopes))}; it cannot be shown again", err=True)


@key.command("list")
@click.argument("site")
def list_(site: str) -> None:
    """List the keys of SITE: id, scopes, made, last used, in force or not, name."""

    async def work() -> list[StoredKey]:
        async with opened(reads_only=True) as services:
            return await keyring.listed(services.database, site)

    for row in run(work()):
        used = f"used {clock.text(row.used_at)}" if row.used_at else "never used"
        made = f"made {clock.text(row.created_at)}"
        told = (row.id, ",".join(sorted(row.scopes)), made, used, _state(row), row.name)
        click.echo("  ".join(told).rstrip())


def _state(row: StoredKey) -> str:
    if row.revoked_at:
        return f"revoked {clock.text(row.revoked_at)}"
    if row.expires_at is None:
        return "in force"
    return f"{'expired' if row.expires_at <= clock.now() else 'in force until'} {clock.text(row.expires_at)}"


@key.command()
@click.argument("site")
@click.argument("id")
def revoke(site: str, id: str) -> None:
    """End the key ID of SITE at once."""

    async def work() -> None:
        async with opened() as services:
            await keyring.revoke(services, site, id, actor=auditing.COMMAND)

    run(work())
    click.echo(f"key {id} is revoked", err=True)
