"""`consent webhook add|list|remove|test|enable|renew SITE …`: where a site's events go."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator

import click
import msgspec

from consent.cli.opening import opened, run
from consent.connections import connecting
from consent.connections.connecting import Connected, EndpointRequest, Endpoints, Tried
from consent.errors import Fault, Refused
from consent.services import Services

KINDS = ("webhook", "listmonk", "mailchimp", "brevo", "buttondown", "ghost")


@click.group()
def webhook() -> None:
    """Connect a site's webhooks and mailing providers."""


@webhook.command()
@click.argument("site")
@click.argument("url", required=False)
@click.option("--kind", type=click.Choice(KINDS), default="webhook", show_default=True, help="What it is.")
@click.option("--event", "events", multiple=True, help="An event that a webhook is told; all when left out.")
@click.option("--list", "lists", multiple=True, metavar="OURS[=THEIRS]", help="A list, and what it is called there.")
@click.option(
    "--secrets",
    is_flag=True,
    help="Read what the provider gave from stdin, a line NAME=VALUE each (listmonk: user, token; others: key).",
)
def add(site: str, url: str | None, kind: str, events: tuple[str, ...], lists: tuple[str, ...], secrets: bool) -> None:
    """Connect URL to SITE, and print its secret (or where its own webhooks go), once, alone on stdout."""
    wanted = _wanted(
        kind=kind, url=url, events=list(events) or None, lists=_lists(lists), secrets=_secrets() if secrets else {}
    )

    async def work() -> Connected:
        async with _opened() as services:
            return await connecting.connect(services, site, wanted)

    made = run(work())
    if shown := made.secret or made.inbound:
        click.echo(shown)
    click.echo(f"{kind} {made.endpoint.id} of {site}; what is shown here cannot be shown again", err=True)


@webhook.command("list")
@click.argument("site")
def list_(site: str) -> None:
    """List the endpoints of SITE: id, kind, where, and how they fare."""

    async def work() -> Endpoints:
        async with opened(reads_only=True) as services:
            return await connecting.listed(services, site)

    for one in run(work()).endpoints:
        state = f"switched off {one.disabled_at}: {one.fault or ''}" if one.disabled_at else "in force"
        click.echo(f"{one.id}  {one.kind}  {one.url}  made {one.created_at}  {state}")


@webhook.command()
@click.argument("site")
@click.argument("id")
def remove(site: str, id: str) -> None:
    """Take the endpoint ID of SITE away."""

    async def work() -> None:
        async with opened() as services:
            await connecting.remove(services, site, id)

    run(work())
    click.echo(f"endpoint {id} is gone", err=True)


@webhook.command()
@click.argument("site")
@click.argument("id")
def enable(site: str, id: str) -> None:
    """Take up the endpoint ID of SITE again that was switched off."""

    async def work() -> None:
        async with opened() as services:
            await connecting.enable(services, site, id)

    run(work())
    click.echo(f"endpoint {id} is in force", err=True)


@webhook.command()
@click.argument("site")
@click.argument("id")
def renew(site: str, id: str) -> None:
    """Print a new secret of the endpoint ID of SITE, once; until the next, a webhook is signed with both."""

    async def work() -> Connected:
        async with _opened() as services:
            return await connecting.renew(services, site, id)

    made = run(work())
    if shown := made.secret or made.inbound:
        click.echo(shown)


@webhook.command("test")
@click.argument("site")
@click.argument("id")
def test_(site: str, id: str) -> None:
    """Try the endpoint ID of SITE at once; exit 1 when it does not take it."""

    async def work() -> Tried:
        async with _opened() as services:
            return await connecting.test(services, site, id)

    tried = run(work())
    click.echo("it was taken" if tried.told else f"it was not taken: {tried.fault}", err=True)
    if not tried.told:
        sys.exit(1)


@contextlib.asynccontextmanager
async def _opened() -> AsyncIterator[Services]:
    """With what is published, which says what lists there are."""
    async with opened() as services:
        await services.directory.refresh()
        yield services


def _wanted(**fields: object) -> EndpointRequest:
    try:
        return msgspec.convert(fields, EndpointRequest)
    except msgspec.ValidationError as error:
        raise Refused(Fault("", str(error))) from None


def _lists(words: tuple[str, ...]) -> dict[str, str]:
    """`news=3` or `news`: one name serves for both sides."""
    pairs = [word.partition("=") for word in words]
    return {ours: theirs or ours for ours, _, theirs in pairs}


def _secrets() -> dict[str, str]:
    """Not as arguments: those are seen by whoever lists the machine's processes."""
    pairs = [line.strip().partition("=") for line in sys.stdin if line.strip()]
    return {name.strip(): value.strip() for name, _, value in pairs}
