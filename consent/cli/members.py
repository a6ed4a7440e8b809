"""`consent user invite|list|role|remove|disable|enable`: who may use the console."""

from __future__ import annotations

from collections.abc import Sequence

import click

from consent import clock, mailboxes
from consent.accounts import everywhere, people, roles
from consent.accounts.everywhere import Listed
from consent.cli.opening import opened, run
from consent.storage.members import EVERYWHERE

ROLE = click.Choice(roles.ROLES)
SITE = click.option("--site", default=EVERYWHERE, help="At this site alone; every site when it is left out.")


@click.group("user")
def members() -> None:
    """Invite people to the console, and say what each may do."""


@members.command()
@click.argument("email")
@SITE
@click.option("--role", type=ROLE, help="What they may do: owner for who is new, else unchanged.")
@click.option("--mail", is_flag=True, help="Mail the invitation and print nothing.")
def invite(email: str, site: str, role: str | None, mail: bool) -> None:
    """Print a link that signs EMAIL in to the console, once, alone on stdout; good for 72 hours."""

    async def work() -> str:
        async with opened() as services:
            wanted = people.role_of(role) if role else None
            invited = await everywhere.join(services, site, mailboxes.parse(email), wanted)
            if not mail:
                return await everywhere.link(services, invited.member)
            await everywhere.mail(services, invited.member, site)
            return ""

    if made := run(work()):
        click.echo(made)
        click.echo("the link works once, within 72 hours, for whoever opens it: hand it over with care", err=True)
    else:
        click.echo("the running service mails the invitation", err=True)


@members.command("list")
@SITE
def list_(site: str) -> None:
    """List everybody: address, roles, since when; those of one site with --site."""

    async def work() -> Sequence[Listed]:
        async with opened(reads_only=True) as services:
            return await everywhere.listed(services)

    for one in run(work()):
        if site == EVERYWHERE or {site, EVERYWHERE} & set(one.roles):
            held = ", ".join(f"{role} of {_words(place)}" for place, role in one.roles.items())
            state = "  may not sign in" if one.member.disabled_at else ""
            click.echo(f"{one.member.email}  {held}  since {clock.text(one.member.created_at)}{state}")


@members.command()
@click.argument("email")
@click.argument("role", type=ROLE)
@SITE
def role(email: str, role: str, site: str) -> None:
    """Give EMAIL, who is a member, the ROLE, from their next request on."""

    async def work() -> None:
        async with opened() as services:
            mailbox = mailboxes.parse(email)
            await everywhere.find(services, mailbox)
            await everywhere.join(services, site, mailbox, people.role_of(role))

    run(work())
    click.echo(f"{role} of {_words(site)} from now on", err=True)


@members.command()
@click.argument("email")
@click.option("--site", help="Their role at this site alone; every role when it is left out.")
def remove(email: str, site: str | None) -> None:
    """Take the roles of EMAIL away, at once; who has none left is signed out and forgotten, unless disabled."""

    async def work() -> None:
        async with opened() as services:
            found = await everywhere.find(services, mailboxes.parse(email))
            for place in [site] if site else list(found.roles):
                await everywhere.leave(services, found.member, place)

    run(work())
    click.echo("removed", err=True)


@members.command()
@click.argument("email")
def disable(email: str) -> None:
    """Let EMAIL sign in no more, and sign them out; their roles remain."""
    _set(email, may_sign_in=False)
    click.echo("may not sign in any more", err=True)


@members.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let EMAIL sign in again."""
    _set(email, may_sign_in=True)
    click.echo("may sign in again", err=True)


def _set(email: str, *, may_sign_in: bool) -> None:
    async def work() -> None:
        async with opened() as services:
            found = await everywhere.find(services, mailboxes.parse(email))
            await everywhere.disable(services, found.member, may_sign_in=may_sign_in)

    run(work())


def _words(site: str) -> str:
    return "every site" if site == EVERYWHERE else site
