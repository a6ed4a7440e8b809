"""`consent access SITE …` and `consent erase SITE …`: what the law gives a person, from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click
import msgspec

from consent import auditing
from consent.cli.opening import opened, run
from consent.rights import Who, accessing, forgetting
from consent.rights.bundle import Bundle
from consent.rights.forgetting import Forgetting

Command = Callable[..., None]


def _who(command: Command) -> Command:
    """The options that say who; each may be given several times, for a person may have several of each."""
    for name, mark, words in (
        ("--record", "UUID", "The id of one of the person's records."),
        ("--receipt", "TOKEN", "A receipt, or its link."),
        ("--email", "ADDRESS", "A reader's address."),
        ("--subject", "UUID", "The id of a visitor's browser, or of a subscriber."),
    ):
        command = click.option(name, f"{name[2:]}s", metavar=mark, multiple=True, help=words)(command)
    return command


def _brought(
    subjects: tuple[str, ...], emails: tuple[str, ...], receipts: tuple[str, ...], records: tuple[str, ...]
) -> Who:
    who = Who(subjects=subjects, emails=emails, receipts=receipts, records=records)
    if not who.kinds:
        raise click.UsageError("say who: --subject, --email, --receipt or --record")
    return who


@click.command()
@click.argument("site")
@_who
def access(
    site: str, subjects: tuple[str, ...], emails: tuple[str, ...], receipts: tuple[str, ...], records: tuple[str, ...]
) -> None:
    """Everything that is kept of a person at SITE, as JSON, with the receipt of the request."""
    who = _brought(subjects, emails, receipts, records)

    async def work() -> Bundle:
        async with opened() as services:
            await services.directory.refresh()
            return await accessing.access(services, site, who, auditing.COMMAND)

    sys.stdout.write(msgspec.json.format(msgspec.json.encode(run(work())), indent=2).decode() + "\n")


@click.command()
@click.argument("site")
@_who
@click.option("--dry-run", is_flag=True, help="Only say what would go, and what would stay.")
def erase(
    site: str,
    subjects: tuple[str, ...],
    emails: tuple[str, ...],
    receipts: tuple[str, ...],
    records: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Erase a person at SITE; the log still verifies, and no import brings the person back."""
    who = _brought(subjects, emails, receipts, records)

    async def work() -> Forgetting:
        async with opened() as services:
            await services.directory.refresh()
            if dry_run:
                return await forgetting.look(services, site, who)
            return await forgetting.erase(services, site, who, auditing.COMMAND)

    _tell(site, run(work()), "would be erased" if dry_run else "erased", has_address=bool(emails))


def _tell(site: str, done: Forgetting, verb: str, *, has_address: bool) -> None:
    counts = done.counts
    click.echo(f"{site}: {counts['records']} records {verb}")
    if counts["readers"] or counts["waiting"]:
        click.echo(f"{site}: and all that was kept with the address; no import brings it back")
    elif has_address:
        click.echo(f"{site}: the address was not known; no import brings it back")
    for one in done.kept:
        click.echo(f"stays: {one.what} {one.why}")
    if done.claim:
        click.echo(f"receipt: {done.claim}")
