"""The trip of a check: every record against the log, in the database or in an exported file.

Invariant: nothing is believed that can be computed. The first record that is not what the log committed
to is named, whatever was altered: a payload, a column, a place, a tile, or the head; and so is a notice whose
words are not those that the record answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from consent import records, tree, verifying_notices
from consent.checkpoints import LogKey, open_note
from consent.errors import Altered, Unknown
from consent.storage import logs, sites
from consent.storage import records as stored
from consent.storage.database import Database, Reader, Row
from consent.storage.logs import Head, StoredLog
from consent.tree import Tile, Tree
from consent.vault import Vault

PAGE = 4 * tree.TILE
"""Small enough to stay in the processor's cache: reading goes a third faster than by thousands."""

ESSENTIAL = {"sites": "the row", "logs": "the log", "heads": "the log's head"}
"""What no site is without."""

NOTICE = re.compile(r'"notice":"([0-9a-f]{64})"')
"""Inside a text of canonical JSON every quote has a stroke before it, so that none can pretend to be this field."""

AUDIT = "audit"
"""The kind of record that answers no notice: what one of those it names became may be gone, as a draft."""

Progress = Callable[[int, int], object]
"""Told how many records of how many are checked."""


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in order."""

    site: str
    records: int
    erased: int
    checkpoint: str


async def verify(database: Database, vault: Vault, site: str, progress: Progress = lambda done, of: None) -> Verified:
    """Checks the whole log of a site.

    Raises:
        Altered: names the first record or the notice that is wrong, or says what of the tree or the site is.
        Unknown: nothing of such a site is there.
    """
    log, head = await _log_and_head(database, site)
    key = LogKey(log.origin, vault.take(log.private_key))
    if key.public != log.public_key or not log.origin.endswith(f"/log/{site}"):
        raise Altered("the log's name or public key was replaced")
    root = _signed_root(log, head)
    check = _Check(database, site, key, head.size)
    await check.records(progress)
    await check.nothing_beyond()
    if check.tree.root() != root:
        raise Altered("the records do not give the root that the log signed: some record and its seal were replaced")
    await verifying_notices.verify(database, site, check.notices)
    return Verified(site=site, records=head.size, erased=check.erased, checkpoint=head.checkpoint)


async def _log_and_head(database: Database, site: str) -> tuple[StoredLog, Head]:
    async with database.reading() as reader:
        found = await sites.tables(reader, site)
        if not found:
            raise Unknown(f"there is no site '{site}'")
        missing = [words for table, words in ESSENTIAL.items() if table not in found]
        if missing:
            left = ", ".join(sorted(found))
            raise Altered(f"{' and '.join(missing)} of the site '{site}' is missing, while it is still in: {left}")
        log, head = await logs.find(reader, site), await logs.head(reader, site)
    if log is None or head is None:
        raise Altered(f"the log of the site '{site}' is missing")
    return log, head


def _signed_root(log: StoredLog, head: Head) -> bytes:
    try:
        signed = open_note(head.checkpoint, log.origin, log.public_key)
    except (ValueError, TypeError, AttributeError) as error:
        raise Altered(f"the log's head was altered: {error}") from None
    if signed.size != head.size:
        raise Altered(f"the log's head says {head.size} records, but {signed.size} were signed")
    return signed.root


class _Check:
    """One walk over a log."""

    def __init__(self, database: Database, site: str, key: LogKey, size: int) -> None:
        self._database, self._site, self._key, self._size = database, site, key, size
        self.tree = Tree()
        self.erased = 0
        self.notices: dict[str, int] = {}
        """The notices that records answer, each with the first that does."""
        self._asked = ""

    async def records(self, progress: Progress) -> None:
        while self.tree.size < self._size:
            async with self._database.reading() as reader:
                limit = min(PAGE, self._size - self.tree.size)
                page = await stored.verify_page(reader, self._site, self.tree.size, limit)
                if not page:
                    raise _missing(self.tree.size + 1)
                leaves = [
                    self._leaf(seq, row) or await self._erased(reader, seq, row)
                    for seq, row in enumerate(page, self.tree.size + 1)
                ]
                await self._tiles(reader, self.tree.append(leaves))
            progress(self.tree.size, self._size)

    def _leaf(self, seq: int, row: Row) -> bytes | None:
        """The record's leaf, once it is shown to be right; None for an emptied record."""
        found, id_, subject, kind, recorded_at, payload, salt, leaf, seal = row
        if found != seq or not isinstance(found, int):
            raise _missing(seq) if isinstance(found, int) else _odd(found, seq)
        if payload is None:
            return None
        try:
            is_sealed = self._key.seal(seq, id_, subject, kind, recorded_at, leaf) == seal
            is_committed = records.leaf(payload.encode(), salt) == leaf
        except (TypeError, AttributeError, ValueError, OverflowError):  # a column was emptied or made something else
            is_sealed = is_committed = False
        if not is_sealed or not is_committed:
            what = "its content is not what was committed to" if is_sealed else "its place or a column was altered"
            raise Altered(f"record {seq} was altered: {what}", seq)
        if (self._asked not in payload or not self._asked) and kind != AUDIT:
            self._learn_notice(seq, payload)
        return bytes(leaf)

    def _learn_notice(self, seq: int, payload: str) -> None:
        """Most records answer the notice of the one before; in canonical JSON that is told by a glance."""
        if answers := NOTICE.search(payload):
            self._asked = answers[0]
            self.notices.setdefault(answers[1], seq)

    async def _erased(self, reader: Reader, seq: int, row: Row) -> bytes:
        """An emptied record counts as erased only where the service itself put that on record."""
        _, id_, subject, kind, recorded_at, _, salt, leaf, seal = row
        erasure = await stored.erasure(reader, self._site, seq)
        is_empty = id_ is subject is recorded_at is salt is None
        try:
            expected = self._key.erasure_seal(seq, kind, leaf, seal, erasure["erased_at"]) if erasure else None
            is_sealed = erasure is not None and expected == erasure["seal"]
        except (TypeError, AttributeError, ValueError, OverflowError):  # a column was made something else
            is_sealed = False
        if not is_empty or not is_sealed:
            raise Altered(f"record {seq} was emptied, but not by an erasure of this service", seq)
        self.erased += 1
        return bytes(leaf)

    async def _tiles(self, reader: Reader, tiles: list[Tile]) -> None:
        for level in sorted({tile.level for tile in tiles}):
            await self._tiles_of_level(reader, level, [tile for tile in tiles if tile.level == level])

    async def _tiles_of_level(self, reader: Reader, level: int, tiles: list[Tile]) -> None:
        kept = await logs.tiles(reader, self._site, level, tiles[0].number, tiles[-1].number)
        for tile in tiles:
            if kept.get(tile.number) != (tile.hashes, tile.root):
                first = (tile.number << 8 * (tile.level + 1)) + 1
                last = first + (1 << 8 * (tile.level + 1)) - 1
                raise Altered(f"the tree's tile over records {first} to {last} was altered", first)

    async def nothing_beyond(self) -> None:
        """No row and no tile outside the log. Both are read before the head: what is appended meanwhile is counted."""
        async with self._database.reading() as reader:
            first, last = await stored.ends(reader, self._site)
            tiles, head = await logs.tile_numbers(reader, self._site), await logs.head(reader, self._site)
            size = head.size if head else 0
            if last is not None and not _is_within(last, size):
                raise _inserted(await stored.first_after(reader, self._site, size))
            rows, counted = await stored.rows_and_size(reader, self._site)
            needless = await stored.needless_erasure(reader, self._site)
        if first is not None and not (isinstance(first, int) and first >= 1):
            raise _inserted(first)
        if rows != counted:
            raise Altered(f"there are {rows} records, but the log's head says {counted}")
        if needless is not None:
            seq = needless if isinstance(needless, int) else None
            raise Altered(f"the erasure of record {needless} was inserted behind the log's back", seq)
        for level, number in tiles:
            if not _is_full(level, number, size):
                raise Altered(f"a tile of level {level} was inserted, over records that are not there")


def _is_within(place: object, size: int) -> bool:
    return isinstance(place, int) and place <= size


def _is_full(level: object, number: object, size: int) -> bool:
    """Whether a log of this size has filled the tile."""
    return isinstance(level, int) and 0 <= level < 8 and _is_within(number, (size >> 8 * (level + 1)) - 1)


def _inserted(seq: object) -> Altered:
    return Altered(f"record {seq} was inserted behind the log's back", seq if isinstance(seq, int) else None)


def _odd(found: object, seq: int) -> Altered:
    return Altered(f"a row numbered {found} stands where record {seq} belongs", seq)


def _missing(seq: int) -> Altered:
    return Altered(f"record {seq} is missing", seq)
