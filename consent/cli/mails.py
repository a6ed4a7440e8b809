"""`consent mail list|replay|test`: what is owed and what was given up, and whether mails leave at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import click
import msgspec

from consent import clock, ids, mailboxes
from consent.cli.opening import opened, run
from consent.directory import Published
from consent.errors import Fault, Refused, Unknown
from consent.mail import Mail
from consent.services import Services
from consent.storage import outbox
from consent.storage import sites as stored_sites
from consent.storage.database import Reader
from consent.storage.outbox import Owed, State

AT_ONCE = 500


@click.group()
def mail() -> None:
    """Look at what is owed, send again what was given up, try whether mails leave."""


@mail.command("list")
@click.argument("site")
@click.option(
    "--state",
    type=click.Choice(get_args(State)),
    default="dead",
    show_default=True,
    help="What became of them.",
)
def list_(site: str, state: State) -> None:
    """List the mails and events that SITE owes: id, what, when it was owed, attempts, what went wrong."""

    async def work() -> int:
        async with opened(reads_only=True) as services, services.database.reading() as reader:
            await _require(reader, site)
            after, number = b"", 0
            while rows := await outbox.page(reader, site, state, after, AT_ONCE):
                _tell(rows)
                after, number = rows[-1].id, number + len(rows)
            return number

    if not run(work()):
        click.echo(f"nothing of {site} is {state}", err=True)


@mail.command()
@click.argument("site")
@click.argument("id", required=False)
def replay(site: str, id: str | None) -> None:
    """Try again what SITE has given up: the one with this ID, or all of it."""
    raw = _raw(id) if id else None

    async def work() -> int:
        async with opened() as services, services.database.writing() as writer:
            await _require(writer, site)
            return await outbox.replay(writer, site, raw, services.clock())

    number = run(work())
    if id and not number:
        raise Unknown(f"{site} has given up nothing with the id {id}")
    click.echo(f"{number} will be tried again")


@mail.command()
@click.argument("site")
@click.argument("address")
def test(site: str, address: str) -> None:
    """Send a mail to ADDRESS as SITE does, at once, and say what the mail server answers."""
    reader = mailboxes.parse(address).address

    async def work() -> tuple[str, str]:
        async with opened() as services:
            await services.directory.refresh()
            made = _test_mail(services.directory.get(site), reader, services)
            try:
                return await services.mailer.send(made), await services.mailer.check()
            finally:
                await services.mailer.close()

    sent, way = run(work())
    click.echo(f"taken, {way}: {sent}")


def _test_mail(site: Published, to: str, services: Services) -> Mail:
    newsletter = site.notice.newsletter
    if isinstance(newsletter, msgspec.UnsetType):
        raise Refused(Fault("SITE", "its site file has no [newsletter], so there is nobody to send from"))
    id_ = str(ids.uuid7(services.clock()))
    words = f"Mails of {site.notice.name} arrive."
    domain = newsletter.sender.rpartition("@")[2].removesuffix(">")
    return Mail(
        id=id_,
        site=site.id,
        sender=newsletter.sender,
        to=to,
        subject=words,
        text=f"{words}\n",
        html=f"<!doctype html>\n<title>{id_}</title>\n<p>Mails arrive.</p>\n",
        message_id=f"<{id_}@{domain}>",
    )


def _tell(rows: Sequence[Owed]) -> None:
    for row in rows:
        times = f"{clock.text(row.created_at)}  attempts {row.attempts}"
        click.echo(f"{ids.uuid_text(row.id)}  {row.kind:<7}  {row.what:<26}  {times}  {row.fault}".rstrip())


async def _require(reader: Reader, site: str) -> None:
    if site not in await stored_sites.names(reader):
        raise Unknown(f"there is no site '{site}'")


def _raw(id_: str) -> bytes:
    try:
        return ids.parse_uuid(id_)
    except ValueError:
        raise Refused(Fault("ID", "expected an id as `consent mail list` shows it")) from None
