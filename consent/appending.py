"""Appends a group of drafts to the logs of their sites, in one transaction.

The script below is the whole of it: lock the heads, catch up with what other processes appended, number
the drafts, commit to each with a fresh salt, extend the trees, sign the new heads. `acting` runs the same script inside
a transaction that changes other tables too, for what must not be recorded without them.

Invariant: records, tree and head move together or not at all; what is kept in memory of a tree is
replaced only after the commit, and is checked against the locked head before it is used.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec

from consent import ids, records
from consent.checkpoints import LogKey, signed_root
from consent.clock import Clock
from consent.errors import Contradiction, Unknown
from consent.records import AnyDraft, AnyRecord, AuditDraft, ConsentRecord, NewsletterDraft, Noted, Recorded
from consent.storage import logs
from consent.storage import records as stored
from consent.storage.database import Database, Row, Script, Value, Writer
from consent.storage.driving import driven
from consent.tree import TILE, Tree
from consent.vault import Vault

Outcome = Recorded | Noted | Exception
MAX_CATCH_UP = 4 * TILE
"""How many leaves to read one by one before reading the tree's edge anew is cheaper."""


class Appender:
    """Knows each log's key and where its tree stood last."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._keys: dict[str, LogKey] = {}
        self._trees: dict[str, Tree] = {}

    async def append(self, drafts: Sequence[AnyDraft], *, look_up: bool) -> list[Outcome]:
        """One outcome a draft, in order: its record, or why it was not recorded.

        With `look_up`, drafts whose id is there already get the stored record (or Contradiction);
        without, such an id is Duplicate for the whole group.
        """
        by_site: dict[str, list[int]] = {}
        for place, draft in enumerate(drafts):
            by_site.setdefault(draft.site, []).append(place)
        for site in by_site:
            await self._learn_key(site)
        trees, outcomes = await self._database.run(self._script(drafts, by_site, look_up))
        self._trees.update(trees)
        return outcomes

    @contextlib.asynccontextmanager
    async def acting(self, site: str) -> AsyncIterator[Act]:
        """One transaction over the tables and the site's log.

        Raises:
            Unknown: no such site.
        """
        await self._learn_key(site)
        trees: dict[str, Tree] = {}
        async with self._database.writing() as writer:
            yield Act(self, site, writer, trees)
        self._trees.update(trees)

    async def _learn_key(self, site: str) -> None:
        if site not in self._keys:
            async with self._database.reading() as reader:
                log = await logs.find(reader, site)
            if log is None:
                raise Unknown(f"there is no log for the site '{site}'")
            self._keys[site] = LogKey(log.origin, self._vault.take(log.private_key))

    def _script(
        self, drafts: Sequence[AnyDraft], by_site: Mapping[str, Sequence[int]], look_up: bool
    ) -> Script[tuple[dict[str, Tree], list[Outcome]]]:
        outcomes: list[Outcome | None] = [None] * len(drafts)
        trees: dict[str, Tree] = {}
        for site in sorted(by_site):  # one order for all processes, so that none waits in a circle
            places = by_site[site]
            results = yield from self._site_script(site, [drafts[place] for place in places], look_up, trees)
            for place, outcome in zip(places, results, strict=True):
                outcomes[place] = outcome
        return trees, [outcome for outcome in outcomes if outcome is not None]

    def _site_script(
        self, site: str, drafts: Sequence[AnyDraft], look_up: bool, trees: dict[str, Tree]
    ) -> Script[list[Outcome]]:
        tree = yield from _caught_up(site, self._trees.get(site))
        known = (yield from _known(site, drafts)) if look_up else {}
        fresh = _unrepeated(drafts, known)
        before = yield from _before(site, [drafts[place] for place in fresh])
        at = self._clock()
        made = [_make(drafts[place], tree.size + number, at, before) for number, place in enumerate(fresh, 1)]
        if made:
            yield from self._store(site, tree, made, at)
            trees[site] = tree
        known |= {record.id: record for record in made}
        return [_outcome(draft, known, is_new=place in fresh) for place, draft in enumerate(drafts)]

    def _store(self, site: str, tree: Tree, made: Sequence[AnyRecord], at: int) -> Script[None]:
        key = self._keys[site]
        leaves, rows = [], []
        for record, salt in zip(made, ids.salts(len(made)), strict=True):
            data = records.payload(record)
            leaves.append(records.leaf(data, salt))
            rows.append(_row(record, at, data, salt, leaves[-1], key))
        tiles = tree.append(leaves)
        yield stored.insert(rows)
        if tiles:
            yield logs.insert_tiles(site, tiles)
        yield logs.move_head(site, tree.size, key.sign(tree.size, tree.root()))


class Act:
    """A transaction that moves rows and, at its end, appends to the log of one site."""

    def __init__(self, appender: Appender, site: str, writer: Writer, trees: dict[str, Tree]) -> None:
        self.writer = writer
        self._appender = appender
        self._site = site
        self._trees = trees

    async def append(self, drafts: Sequence[NewsletterDraft | AuditDraft]) -> list[ConsentRecord]:
        """The drafts' records, which are in the log once the transaction is committed.

        At most once in a transaction, and last: it locks the log's head, for which every visitor's choice waits.
        """
        if not drafts:
            return []
        script = self._appender._site_script(self._site, drafts, False, self._trees)
        outcomes = await driven(self.writer, script)
        return [outcome.record for outcome in outcomes if isinstance(outcome, Recorded)]


def _caught_up(site: str, tree: Tree | None) -> Script[Tree]:
    """The tree at the locked head: a copy to extend, so that a rollback leaves nothing behind.

    One whose root is not the signed one is read anew: the database was put back to another state under a
    running process.
    """
    [head] = yield logs.lock_head(site)
    size = int(head["size"])
    if tree is None or not 0 <= size - tree.size <= MAX_CATCH_UP:
        return (yield from _resumed(site, size))
    if size == tree.size and signed_root(head["checkpoint"]) != tree.root():
        return (yield from _resumed(site, size))
    tree = tree.copy()
    if size > tree.size:
        rows = yield stored.leaves_after(site, tree.size)
        tree.append(bytes(row[0]) for row in rows)
    return tree


def _resumed(site: str, size: int) -> Script[Tree]:
    """The tree of `size` leaves, from its stored edge."""
    rows: list[Row] = yield stored.leaves_after(site, size - size % TILE)
    edges = [[bytes(row[0]) for row in rows]]
    level, full = 0, size // TILE
    while full:
        rows = yield logs.tile_roots_from(site, level, full - full % TILE)
        edges.append([bytes(row[0]) for row in rows])
        level, full = level + 1, full // TILE
    return Tree(size, edges)


def _known(site: str, drafts: Sequence[AnyDraft]) -> Script[dict[str, AnyRecord]]:
    rows = yield stored.find_each([(site, ids.parse_uuid(draft.id)) for draft in drafts])
    found = [records.read_any(row["kind"], row["payload"]) for row in rows]
    return {record.id: record for record in found}


def _before(site: str, drafts: Sequence[AnyDraft]) -> Script[dict[str, Mapping[str, str]]]:
    """Each subject's status until now; asked only where something is refused, for only that can withdraw."""
    refusing = {draft.subject for draft in drafts if draft.refuses}
    if not refusing:
        return {}
    rows = yield stored.latest_each([(site, ids.parse_uuid(subject)) for subject in refusing])
    return {ids.uuid_text(row["subject"]): _status_in(row["payload"]) for row in rows}


class _Status(msgspec.Struct):
    status: dict[str, str]


_read_status = msgspec.json.Decoder(_Status).decode


def _status_in(payload: str) -> Mapping[str, str]:
    return _read_status(payload).status


def _unrepeated(drafts: Sequence[AnyDraft], known: Mapping[str, AnyRecord]) -> dict[int, None]:
    """The places of the drafts whose id is neither known nor earlier in the same group, in order."""
    first: dict[str, int] = {}
    for place, draft in enumerate(drafts):
        if draft.id not in known:
            first.setdefault(draft.id, place)
    return dict.fromkeys(first.values())


def _make(draft: AnyDraft, seq: int, at: int, before: dict[str, Mapping[str, str]]) -> AnyRecord:
    subject = draft.subject
    record = records.record(draft, seq, at, before.get(subject, {}))
    if isinstance(record, ConsentRecord):
        before[subject] = record.status
    return record


def _outcome(draft: AnyDraft, known: Mapping[str, AnyRecord], *, is_new: bool) -> Outcome:
    record = known[draft.id]
    if is_new and not isinstance(record, ConsentRecord):
        return Noted(record)
    if isinstance(record, ConsentRecord) and (is_new or records.says_the_same(draft, record)):
        return Recorded(record, is_new)
    return Contradiction("this id was recorded before with other content: make a new id for a new decision")


def _row(record: AnyRecord, at: int, data: bytes, salt: bytes, leaf: bytes, key: LogKey) -> tuple[Value, ...]:
    """In the order of `storage.records.COLUMNS`."""
    id_, subject = ids.parse_uuid(record.id), ids.parse_uuid(record.subject)
    seal = key.seal(record.seq, id_, subject, record.kind, at, leaf)
    return (record.site, record.seq, id_, subject, record.kind, at, data.decode(), salt, leaf, seal)
