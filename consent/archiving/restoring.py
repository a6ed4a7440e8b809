"""The trip of a restore: an archive takes the place of a database, and what that one knew later is kept.

All of it is one transaction, schema included: until it is committed the database is as it was. A log that went on after
the backup goes on from there (the records are taken over from the replaced database); where that cannot be, records are
lost, which nobody does without saying so.

Invariant: who was erased, barred or shut out before the restore is so after it; no mail leaves for the second time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from consent import ids
from consent.archiving.admitting import Admission, tells_who_may
from consent.archiving.backing_up import Order, back_up
from consent.archiving.checking import Checked, check
from consent.archiving.form import Begin, Rows, messages
from consent.archiving.keeping import Keeper, Kept
from consent.canonical import sha256_hex
from consent.errors import Altered, Misconfigured
from consent.storage import copying, heartbeats, merging
from consent.storage import migrations as stored_migrations
from consent.storage import sites as stored_sites
from consent.storage.database import Database, Engine, Migration, Writer
from consent.vault import Vault

HELD = "from a backup, and may have left before it was restored: replay it if it has not"
ALIVE_MS = 60_000

Progress = Callable[[int, int], object]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """An archive on disk, with the key it opens with."""

    path: Path
    key: str | None

    def open(self) -> BinaryIO:
        """The file, from its beginning.

        Raises:
            Misconfigured: it cannot be read.
        """
        try:
            return self.path.open("rb")
        except OSError as error:
            raise Misconfigured(
                f"{self.path} cannot be read ({error.strerror}): check the path and its rights"
            ) from None

    def check(self, vault: Vault | None, sizes: Mapping[str, int] | None = None) -> Checked:
        """Reads it whole."""
        with self.open() as file:
            return check(file, self.key, vault, sizes=sizes)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be restored, and what may be lost by it."""

    archive: Source
    vault: Vault
    at: int
    erasures: Source | None = None
    lose_records: bool = False


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    header_at: int
    records: dict[str, int]
    rows: int
    kept: Kept
    held: int
    lost: dict[str, int]
    had_before: bool


async def restore(database: Database, plan: Plan, tell: Progress = lambda done, of: None) -> Restored:
    """Puts the archive in the database's place.

    Raises:
        Malformed, Altered: the archive is not whole; nothing was changed.
        Misconfigured: keys do not fit, the schema is newer, a service runs, or records would be lost.
    """
    archive = plan.archive.check(plan.vault)
    if archive.header.kind != "whole":
        raise Misconfigured("this archive holds erasures alone: give it as --erasures beside a whole one")
    schema = _schema(archive)
    with tempfile.TemporaryDirectory(prefix="consent-restore-") as folder:
        replaced = await _replaced(database, plan, Path(folder) / "replaced")
        return await _restore(database, plan, _Known(plan, archive, replaced), schema, tell)


class _Known:
    """What the archive, the replaced database and a file of erasures know of the logs."""

    def __init__(self, plan: Plan, archive: Checked, replaced: Source | None) -> None:
        self.archive, self.replaced = archive, replaced
        sizes = {site: log.size for site, log in archive.logs.items()}
        self.before = _checked(replaced, plan, sizes) if replaced else None
        self.is_whole = bool(self.before) and self._goes_on(plan)
        self.erasures = plan.erasures.check(None) if plan.erasures else None
        self.lost = self._lost()

    def _goes_on(self, plan: Plan) -> bool:
        """Whether the logs of the replaced database and the archive are each the beginning of the other."""
        assert self.before
        if self.before.address_key and self.archive.address_key:
            ours, theirs = (plan.vault.take(one.address_key or "") for one in (self.before, self.archive))
            if ours != theirs:
                return False
        back = {site: log.size for site, log in self.before.logs.items()}
        archive = plan.archive.check(None, back)
        return all(
            (log.origin, log.public_key) == (other.origin, other.public_key)
            and (other.size == 0 or log.size < other.size or log.roots.get(other.size, log.root) == other.root)
            and (log.size == 0 or log.size > other.size or other.roots.get(log.size, other.root) == log.root)
            for site, log in archive.logs.items()
            if (other := self.before.logs.get(site))
        )

    def _lost(self) -> dict[str, int]:
        """How many records each log had that will not be there."""
        if self.is_whole:
            return {}
        lost: dict[str, int] = {}
        for known in (self.before, self.erasures):
            for site, log in known.logs.items() if known else ():
                ours = self.archive.logs.get(site)
                lost[site] = max(lost.get(site, 0), log.size - (ours.size if ours else 0))
        return {site: count for site, count in lost.items() if count > 0}


def _checked(replaced: Source, plan: Plan, sizes: Mapping[str, int]) -> Checked | None:
    """What the replaced database holds; None when it is damaged and may be given up."""
    try:
        return replaced.check(plan.vault, sizes)
    except (Altered, Misconfigured) as error:
        if plan.lose_records:
            return None
        raise Misconfigured(
            f"the database that would be replaced is not in order ({error.detail}), so that nothing of it can be kept:"
            " look at it with `consent verify`, or give --lose-records"
        ) from None


async def _replaced(database: Database, plan: Plan, path: Path) -> Source | None:
    """A copy of what is replaced; None when there is nothing of a service in it."""
    missing = await stored_migrations.unapplied(database)
    if len(missing) == len(stored_migrations.bundled(database.engine)):
        return None
    async with database.reading() as reader:
        last = await heartbeats.last(reader)
        serving = [at for name, at in last.items() if name.startswith(heartbeats.SERVING)]
    if any(0 <= plan.at - at < ALIVE_MS for at in serving):
        raise Misconfigured(
            "a service runs on this database: stop it first (one that was killed is believed for a minute)"
        )
    await stored_migrations.migrate(database, plan.at)
    async with database.reading() as reader:
        if not await stored_sites.names(reader):
            return None
    copy = Source(path=path, key=ids.secret())  # nobody else's, and gone with this process
    with path.open("wb") as file:
        await back_up(database, file, copy.key, Order(url="", at=plan.at))
    return copy


def _schema(archive: Checked) -> Sequence[str]:
    """The names of the archive's migrations, each one that this program knows."""
    header = archive.header
    known = {one.name: sha256_hex(one.sql.encode()) for one in stored_migrations.bundled(header.engine)}
    for name, digest in header.schema:
        if name not in known:
            raise Misconfigured(f"the archive is newer than this program (it has {name}): install the newer consent")
        if known[name] != digest:
            raise Misconfigured(f"the archive was made with another text of the migration {name}: install its consent")
    return [name for name, _ in header.schema]


async def _restore(database: Database, plan: Plan, known: _Known, schema: Sequence[str], tell: Progress) -> Restored:
    if known.lost and not plan.lose_records:
        words = ", ".join(f"{count} of {site}" for site, count in sorted(known.lost.items()))
        raise Misconfigured(
            f"records that came after the backup would be lost ({words}): give --lose-records to lose them"
        )
    engine = database.engine
    before, after = _parted(stored_migrations.bundled(engine), schema)
    async with database.writing() as writer:
        await copying.tear_down(writer, engine)
        await copying.build(writer, engine, before, plan.at)
        await _load(writer, engine, plan.archive, lambda done: tell(done, known.archive.rows))
        await copying.build(writer, engine, after, plan.at)
        kept = await _keep(writer, database, plan, known)
        held = 0 if known.is_whole else await merging.hold_mails(writer, plan.at, HELD)
        await merging.release(writer)
    return Restored(
        header_at=known.archive.header.made_at,
        records={site: log.size for site, log in known.archive.logs.items()},
        rows=known.archive.rows,
        kept=kept,
        held=held,
        lost=known.lost,
        had_before=known.replaced is not None,
    )


def _parted(migrations: Sequence[Migration], schema: Sequence[str]) -> tuple[list[Migration], list[Migration]]:
    """Those that the archive was made after, and those that are still to come."""
    before = [one for one in migrations if one.name in schema]
    return before, [one for one in migrations if one.name not in schema]


async def _load(writer: Writer, engine: Engine, archive: Source, tell: Callable[[int], object]) -> None:
    table, columns, done = "", [""], 0
    with archive.open() as file:
        for message in messages(file, archive.key):
            match message:
                case Begin():
                    table, columns = message.table, message.columns
                    await copying.known(writer, engine, table, columns)
                case Rows():
                    await copying.insert(writer, table, columns, message.rows)
                    done += len(message.rows)
                    tell(done)


async def _keep(writer: Writer, database: Database, plan: Plan, known: _Known) -> Kept:
    """From the replaced database first, then from the file: of two that know of an erasure the first is enough."""
    kept = Kept()
    for source, checked, is_whole in (
        (known.replaced, known.before, known.is_whole),
        (plan.erasures, known.erasures, False),
    ):
        if source and checked:
            keeper = Keeper(writer, database.engine, known.archive, checked, plan.at, is_whole=is_whole)
            if not known.is_whole and tells_who_may(known.archive, checked):
                keeper.admission = Admission(writer)
            with source.open() as file:
                found = await keeper.keep(file, source.key)
            sums = {name: getattr(kept, name) + getattr(found, name) for name in Kept.__struct_fields__}
            kept = Kept(**sums)
    return kept
