"""`consent erase SITE --subject UUID | --email ADDRESS`: erases a person; the log still verifies."""

from __future__ import annotations

import click

from consent import ids, mailboxes
from consent.cli.opening import opened, run
from consent.errors import Fault, Refused
from consent.rights import erasing
from consent.services import Services


@click.command()
@click.argument("site")
@click.option("--subject", metavar="UUID", help="Whose consent records are emptied.")
@click.option("--email", metavar="ADDRESS", help="Which reader is erased, with all that was signed up for.")
def erase(site: str, subject: str | None, email: str | None) -> None:
    """Erase a person at SITE; the log still verifies, and no import brings the person back."""
    if (subject is None) == (email is None):
        raise click.UsageError("give either --subject or --email")

    async def work() -> str:
        async with opened() as services:
            return await (_erase_subject(services, site, subject) if subject else _erase_email(services, site, email))

    click.echo(run(work()))


async def _erase_subject(services: Services, site: str, subject: str) -> str:
    try:
        raw = ids.parse_uuid(subject)
    except ValueError as error:
        raise Refused(Fault("--subject", str(error))) from None
    emptied = await erasing.erase_subject(services, site, raw, services.clock())
    return f"{site}: {emptied} records erased"


async def _erase_email(services: Services, site: str, email: str | None) -> str:
    done = await erasing.erase_subscriber(services, site, services.addresses.of(mailboxes.parse(email or "")))
    known = "and all that was kept with the address" if done.was_known else "the address was not known"
    return f"{site}: {done.records} records erased, {known}; no import brings it back"
