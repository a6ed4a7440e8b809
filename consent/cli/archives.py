"""`consent backup` and `consent restore`: one file that either engine can be restored from.

Invariant: a file gets its name only when it was read back whole; an interrupted command leaves neither half a file nor
half a database.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from consent import auditing, clock, ids, verifying
from consent.archiving.backing_up import Order, back_up
from consent.archiving.checking import Checked, check
from consent.archiving.form import Kind
from consent.archiving.restoring import Plan, Restored, Source
from consent.archiving.restoring import restore as restore_archive
from consent.cli.opening import opened, run
from consent.cli.progress import bar
from consent.errors import Altered, ConsentError, Malformed, Misconfigured
from consent.settings import Settings, from_environment
from consent.storage import backups
from consent.storage import sites as stored_sites
from consent.storage.engines import open_database
from consent.vault import Vault


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--erasures-only", is_flag=True, help="Only who was erased, barred or shut out: no address is in it.")
@click.option("--force", is_flag=True, help="Take the place of a file that is there.")
@click.option("--check", "only_checks", is_flag=True, help="Make nothing; read FILE and say whether it is whole.")
def backup(file: Path, erasures_only: bool, force: bool, only_checks: bool) -> None:
    """Write all that the service keeps to FILE, while it runs, and read it back.

    Encrypted when CONSENT_BACKUP_KEY is set. The secret is not in it: keep that elsewhere, for without it
    nothing opens.
    """
    settings = from_environment(makes_secret=False)
    if only_checks:
        _tell_checked(file, _checked(file, settings, Vault(settings.secrets)))
        return
    if file.exists() and not force:
        raise Misconfigured(f"{file} is there already: give another name, or --force")
    kind: Kind = "erasures" if erasures_only else "whole"
    at = clock.now()
    with _beside(file) as (making, written):
        run(_write(settings, written, Order(kind=kind, url=settings.url, at=at)))
        written.flush()
        os.fsync(written.fileno())
        checked = _checked(making, settings, Vault(settings.secrets) if kind == "whole" else None)
    run(_note(settings, file, checked))
    _tell_checked(file, checked)


@contextlib.contextmanager
def _beside(file: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """A file of the owner's alone that takes the name when the block ends well."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 0600
    except OSError as error:
        raise Misconfigured(
            f"nothing can be written to {file.parent} ({error.strerror}): give another folder"
        ) from None
    try:
        with os.fdopen(handle, "wb") as written:
            yield Path(name), written
        os.replace(name, file)
    except OSError as error:
        raise Misconfigured(
            f"the backup cannot be written ({error.strerror}): make room, or give another folder"
        ) from None
    finally:
        Path(name).unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def _write(settings: Settings, file: BinaryIO, order: Order) -> None:
    database = await open_database(settings.database, reads_only=True)
    try:
        with bar("backing up") as tell:
            await back_up(database, file, settings.backup_key, order, tell)
    finally:
        await database.close()


def _checked(file: Path, settings: Settings, vault: Vault | None) -> Checked:
    with bar(f"checking {file.name}") as tell, Source(path=file, key=settings.backup_key).open() as opened_file:
        return check(opened_file, settings.backup_key, vault, tell=lambda done: tell(done, done))


async def _note(settings: Settings, file: Path, checked: Checked) -> None:
    """The backup is good whether or not the database can say so."""
    row = backups.Backup(
        id=ids.uuid7(checked.header.made_at).bytes,
        kind=checked.header.kind,
        made_at=checked.header.made_at,
        bytes=file.stat().st_size,
        rows_kept=checked.rows,
        is_encrypted=int(settings.backup_key is not None),
        checked_at=clock.now(),
    )
    try:
        database = await open_database(settings.database)
        try:
            async with database.writing() as writer:
                await backups.add(writer, row)
        finally:
            await database.close()
    except ConsentError as error:
        click.echo(f"the backup is whole, but the database cannot note it: {error.detail}", err=True)


def _tell_checked(file: Path, checked: Checked) -> None:
    header = checked.header
    what = "whole" if header.kind == "whole" else "erasures alone"
    click.echo(f"{file}: {what}, {checked.rows} rows of {clock.text(header.made_at)}, {file.stat().st_size} bytes")
    for site, log in sorted(checked.logs.items()):
        shown = "as its log signed them" if header.kind == "whole" else "in its log"
        click.echo(f"{site}: {log.size} records, {shown}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--erasures", type=click.Path(dir_okay=False, path_type=Path), help="A later archive, to know who was erased since."
)
@click.option("--lose-records", is_flag=True, help="Restore even where later records cannot be kept.")
def restore(file: Path, erasures: Path | None, lose_records: bool) -> None:
    """Put FILE in the database's place; what that one knew later is kept.

    Who was erased, barred or shut out since the backup stays so, later records are taken over, and no mail leaves
    twice. The service must be stopped meanwhile.
    """
    settings = from_environment(makes_secret=False)
    later = Source(path=erasures, key=settings.backup_key) if erasures else None
    plan = Plan(
        archive=Source(path=file, key=settings.backup_key),
        vault=Vault(settings.secrets),
        at=clock.now(),
        erasures=later,
        lose_records=lose_records,
    )
    try:
        done = run(_restore(settings, plan))
    except (Malformed, Altered) as error:
        click.echo(f"consent: {error.detail}; nothing was changed", err=True)
        sys.exit(1)
    _tell_restored(done)
    if not run(_verify(done)):
        sys.exit(1)


async def _restore(settings: Settings, plan: Plan) -> Restored:
    database = await open_database(settings.database)
    try:
        with bar("restoring") as tell:
            return await restore_archive(database, plan, tell)
    finally:
        await database.close()


def _tell_restored(done: Restored) -> None:
    click.echo(f"restored {done.rows} rows as they were at {clock.text(done.header_at)}")
    kept = done.kept
    if done.had_before:
        click.echo(f"kept of the database that was here: {kept.records} later records")
    click.echo(f"erased again: {kept.erasures} records, {kept.people} people; {kept.suppressions} suppressions stand")
    if kept.misfits:
        click.echo(f"{kept.misfits} erasures are of records that are not in this archive", err=True)
    for site, count in sorted(done.lost.items()):
        click.echo(
            f"LOST: {count} records of {site} that came after the backup; whoever holds a later checkpoint of this log"
            " will see that it was put back",
            err=True,
        )
    if not done.had_before:
        click.echo(
            "There was no database here to keep anything of: whoever was erased or left after the backup is back,"
            " unless --erasures named a later file; and API keys that were revoked since are in force again",
            err=True,
        )
    if done.held:
        click.echo(f"{done.held} mails may have left before: see `consent mail list SITE --state dead`", err=True)


async def _verify(done: Restored) -> bool:
    """Proves each log, and puts the restore itself on record."""
    is_good = True
    async with opened() as services:
        async with services.database.reading() as reader:
            known = await stored_sites.names(reader)
        for site in known:
            about = {"made_at": clock.text(done.header_at), "lost": done.lost.get(site, 0)}
            try:
                await verifying.verify(services.database, services.vault, site)
                await auditing.note(services, site, auditing.COMMAND, "database.restored", about)
            except Altered as error:
                click.echo(f"ALTERED: {site}: {error.detail}", err=True)
                is_good = False
    return is_good
