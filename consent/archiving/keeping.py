"""Takes over into a restored database what another one knew later: the one it replaces, or a file of erasures.

Both come as archives; from the first whatever `policy` says, from the second only who was erased, barred or shut out.

Invariant: an erasure is taken over only with the signature of the log's own key over that very record; whoever was
erased since the backup is gone with all rows, and whoever left has left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

import msgspec

from consent.archiving.admitting import TABLES as ADMITTED
from consent.archiving.admitting import Admission
from consent.archiving.checking import Checked, fits
from consent.archiving.form import Begin, Ended, Row, Rows, messages
from consent.archiving.policy import policy
from consent.storage import copying, merging, outbox, pendings, subscribers, suppressions
from consent.storage import records as stored
from consent.storage.copying import Columns
from consent.storage.database import Engine, Writer

Named = Mapping[str, Any]


class Kept(msgspec.Struct, kw_only=True):
    """What was taken over."""

    records: int = 0
    erasures: int = 0
    people: int = 0
    suppressions: int = 0
    departures: int = 0
    misfits: int = 0
    """Erasures of records that are others here."""


class Keeper:
    """Goes through an archive once and takes over what is to be kept."""

    def __init__(
        self, writer: Writer, engine: Engine, restored: Checked, known: Checked, at: int, *, is_whole: bool
    ) -> None:
        """`restored` is what was put back; `is_whole` is said of the database that is replaced, when its logs go on
        from those.
        """
        self._writer, self._engine, self._at = writer, engine, at
        self._restored, self._known, self._is_whole = restored.logs, known, is_whole
        self._erased: set[tuple[str, bytes]] = set()
        self._columns: dict[str, Columns] = {}
        self._heads: list[Named] = []
        self.kept = Kept()
        self.admission: Admission | None = None
        """Where the archive is the list of who may use the console."""

    async def keep(self, file: BinaryIO, key: str | None) -> Kept:
        """Takes over what the archive in the file knows."""
        names: list[str] = []
        table = ""
        for message in messages(file, key):
            match message:
                case Begin():
                    table, names = message.table, message.columns
                    await self._begin(table, names)
                case Rows():
                    await self._take(table, names, message.rows)
                case Ended(table="records"):
                    for head in self._heads:
                        await merging.move_head(self._writer, head["site"], head["size"], head["checkpoint"])
                case Ended(table="subscribers"):
                    await self._forget_erased()
                case Ended() if self.admission and table in ADMITTED:
                    self.kept.departures += await self.admission.ended(table)
        return self.kept

    async def _begin(self, table: str, names: list[str]) -> None:
        self._columns[table] = await copying.known(self._writer, self._engine, table, names)
        if self._is_whole and policy(table) == "stands":
            await copying.empty(self._writer, table)

    async def _take(self, table: str, names: list[str], rows: list[Row]) -> None:
        named = [dict(zip(names, row, strict=True)) for row in rows]
        rule = policy(table) if self._is_whole else "barred"
        if rule == "stands":
            await copying.insert(self._writer, table, names, rows)
        elif table in ("records", "tiles"):
            await self._add(table, [row for row in named if self._is_newer(row)])
        elif rule == "facts" and table != "sites":
            await self._add(table, named)
        elif self.admission and table in ADMITTED:
            self.admission.take(named)
        else:
            for row in named:
                await self._take_row(table, row)

    async def _add(self, table: str, rows: list[dict[str, Any]]) -> None:
        columns = self._columns[table]
        whole = [[row.get(name) for name in columns.names] for row in rows]
        added = await copying.insert_missing(self._writer, columns, whole)
        if table == "records":
            self.kept.records += added

    def _is_newer(self, row: Named) -> bool:
        """Whether a record or a tile is of what the restored log has not; tiles that are there are left out by key."""
        log = self._restored.get(row["site"])
        return self._is_whole and (log is None or "seq" not in row or row["seq"] > log.size)

    async def _take_row(self, table: str, row: dict[str, Any]) -> None:
        match table:
            case "sites" if self._is_whole:
                await self._take_site(row)
            case "logs" if self._is_whole and row["site"] not in self._restored:
                await self._add(table, [row])
            case "heads" if self._is_whole:
                await self._take_head(row)
            case _:
                await self._take_refusal(table, row)

    async def _take_refusal(self, table: str, row: dict[str, Any]) -> None:
        """What must hold of people and keys, from whichever of the two it is known."""
        match table:
            case "erasures":
                await self._take_erasure(row)
            case "subscribers":
                await self._take_subscriber(row)
            case "subscriptions":
                await self._take_subscription(row)
            case "suppressions":
                await self._take_suppression(row)
            case "forgotten":
                await self._forget_address(row["site"], row["key"], row["erased_at"])
                await self._add(table, [row])
            case "retired" if await merging.is_erased(self._writer, row["site"], row["seq"]):
                await self._add(table, [row])
            case "keys" if row["revoked_at"] is not None:
                self.kept.departures += await merging.revoke(self._writer, row["site"], row["id"], row["revoked_at"])

    async def _take_site(self, row: dict[str, Any]) -> None:
        """The later publication is in force: its number is taken, and records answer it."""
        revision = await merging.revision(self._writer, row["id"])
        if revision is not None and revision < row["revision"]:
            await merging.drop_site(self._writer, row["id"])
            revision = None
        if revision is None:
            await self._add("sites", [row])

    async def _take_head(self, row: dict[str, Any]) -> None:
        log = self._restored.get(row["site"])
        if log is None:
            await self._add("heads", [row])
        elif row["size"] > log.size:
            self._heads.append(row)

    async def _take_erasure(self, row: Named) -> None:
        site, seq = row["site"], row["seq"]
        record = await merging.record(self._writer, site, seq)
        if record is None or await merging.is_erased(self._writer, site, seq):
            return
        log = self._restored.get(site) or self._known.logs[site]
        if not fits(log, row, record["kind"], bytes(record["leaf"]), bytes(record["seal"])):
            self.kept.misfits += 1
            return
        if record["subject"] is not None:
            self._erased.add((site, bytes(record["subject"])))
        await stored.erase(self._writer, site, seq, row["erased_at"], row["seal"])
        self.kept.erasures += 1

    async def _take_subscriber(self, row: dict[str, Any]) -> None:
        self._erased.discard((row["site"], row["id"]))  # the reader is there still: only older records were emptied
        if not self._is_whole:
            return
        version = await merging.version(self._writer, row["site"], row["id"])
        if version is None:
            await self._make_room(row)
            await self._add("subscribers", [row])
        elif version < row["version"]:
            await self._make_room(row)
            await merging.readdress(self._writer, row)

    async def _make_room(self, row: Named) -> None:
        """Whoever had this address before is somebody who was erased, or moved on to another one."""
        other = await merging.readers_under(self._writer, row["site"], row["key"])
        if other and bytes(other["id"]) != row["id"]:
            await self._forget(row["site"], bytes(other["id"]))

    async def _forget_address(self, site: str, key: bytes, at: int) -> None:
        """Whoever had the address when it was erased; not who came with it later."""
        found = await merging.readers_under(self._writer, site, key)
        if found and found["created_at"] <= at:
            await self._forget(site, bytes(found["id"]))
        elif found is None:
            await merging.drop_pendings(self._writer, site, key, at)

    async def _forget_erased(self) -> None:
        for site, subject in sorted(self._erased):
            await self._forget(site, subject)

    async def _forget(self, site: str, id_: bytes) -> None:
        """Takes a reader's rows away, and what is owed to the address."""
        if found := await subscribers.by_id(self._writer, site, id_):
            await pendings.delete_of_key(self._writer, site, found.key)
            await pendings.delete_of_subscriber(self._writer, site, id_)
            await outbox.drop_of_key(self._writer, site, found.key, self._at)
            await subscribers.delete(self._writer, site, id_)
            self.kept.people += 1

    async def _take_subscription(self, row: dict[str, Any]) -> None:
        place = (row["site"], row["subscriber"], row["list"])
        if not self._is_whole:
            if row["state"] != "confirmed":
                self.kept.departures += await merging.end_subscription(self._writer, row)
            return
        if await merging.version(self._writer, row["site"], row["subscriber"]) is None:
            return
        since = await merging.since(self._writer, *place)
        if since is None or since < row["since"]:
            await merging.drop_subscription(self._writer, *place)
            await self._add("subscriptions", [row])
            self.kept.departures += row["state"] != "confirmed" and since is not None

    async def _take_suppression(self, row: Named) -> None:
        site, key = row["site"], row["key"]
        if row["reason"] == "erased":
            await self._forget_address(site, key, row["at"])
        await suppressions.put(self._writer, site, key, row["list"], row["reason"], row["at"])
        self.kept.suppressions += 1
