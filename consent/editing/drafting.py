"""Drafts: begun from what is in force or from a file, saved by several people, kept aside where they disagree.

Invariant: a save names the version that it was written over. Over an older one, what only one side changed is taken
from it; where both changed the same, what was sent becomes a draft of its own beside the first, and nothing is chosen
for anybody.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from consent import auditing, ids
from consent.appending import Act
from consent.canonical import encode
from consent.clock import DAY
from consent.editing import files, labels
from consent.editing.merging import differences, merge
from consent.errors import Fault, Refused, Stale, Unknown
from consent.insisting import insists
from consent.notices import Table, fitted, site_faults
from consent.records import Actor
from consent.services import Services
from consent.storage import drafts, sites
from consent.storage.database import Reader
from consent.storage.drafts import StoredDraft, StoredVersion

MOST_DRAFTS = 50
MOST_BYTES = 512 * 1024
KEPT = 30 * DAY
"""How long a draft that ended waits for whoever still writes it."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft, opened: its newest version's tables and what is wrong with them."""

    id: str
    version: int
    begun_from: int
    aside_of: str | None
    made_by: str
    made_at: int
    saved_by: str
    saved_at: int
    tables: Table
    faults: tuple[Fault, ...]
    has_ended: bool = False
    """It was published or discarded; saving brings it back."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A draft in the list of all."""

    id: str
    version: int
    begun_from: int
    aside_of: str | None
    saved_by: str
    saved_at: int
    faults: int
    """How many things were to be mended in it when it was saved."""


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What came of saving."""

    draft: str
    """The draft that holds what was sent: the one that was saved, or the one kept aside."""
    version: int
    is_new: bool
    """Something was different from the version that was seen."""
    brought: tuple[StoredVersion, ...] = ()
    """What others had saved since, and is in it now."""
    places: tuple[str, ...] = ()
    """Where that was, in words."""
    is_aside: bool = False


async def begin(services: Services, site: str, actor: Actor, raw: Table | None = None, revision: int = 0) -> str:
    """A new draft, of these tables, or of a publication (0: the one in force); gives its id.

    Raises:
        Unknown: the site has no such publication.
        Refused: there are too many drafts already.
    """
    async with services.database.reading() as reader:
        in_force = await publication_in_force(reader, site)
        raw = await files.published(reader, site, revision or in_force) if raw is None else raw
    now = services.clock()
    id_ = ids.uuid7(now).bytes
    async with services.appender.acting(site) as act:
        await drafts.purge(act.writer, site, now - KEPT)
        await _add(act, site, _new(id_, raw, revision or in_force, actor, now), actor)
    return ids.uuid_text(id_)


async def opened(services: Services, site: str, draft: str) -> Draft:
    """The draft as it was saved last.

    Raises:
        Unknown: there is none of this id.
    """
    async with services.database.reading() as reader:
        found = await drafts.find(reader, site, raw_id(draft))
    if found is None:
        raise Unknown("there is no such draft: or it ended long ago")
    tables = files.tables(found.file)
    return _opened(found, tables, site_faults(tables))


async def listed(services: Services, site: str) -> list[Listed]:
    """The site's drafts, the one saved last first; none of them is read for it."""
    async with services.database.reading() as reader:
        found = await drafts.of_site(reader, site)
    return [
        Listed(
            id=ids.uuid_text(one.id),
            version=one.version,
            begun_from=one.begun_from,
            aside_of=ids.uuid_text(one.aside_of) if one.aside_of else None,
            saved_by=one.saved_by,
            saved_at=one.saved_at,
            faults=one.faults,
        )
        for one in found
    ]


@insists
async def save(
    services: Services, site: str, draft: str, seen: int, change: Callable[[Table], Table], actor: Actor
) -> Saved:
    """Saves what `change` makes of the version that was seen.

    Raises:
        Unknown: there is no such draft any more.
        Refused: it is longer than any site file, or would be kept aside where there are too many drafts already.
    """
    async with services.database.reading() as reader:
        stored = await drafts.find(reader, site, raw_id(draft))
        if stored is None:
            raise Unknown("there is no such draft: or it ended long ago")
        kept = await drafts.version(reader, site, stored.id, seen)
        since = await drafts.versions(reader, site, stored.id, seen) if kept else []
    before = files.tables(kept.file if kept else stored.file)
    ours = fitted(change(before)).tables
    if kept and ours == before:
        return Saved(draft=draft, version=stored.version, is_new=False, brought=tuple(since))
    merged = merge(before if kept else {}, ours, files.tables(stored.file))
    if merged.conflicts:
        return await _put_aside(services, site, stored, seen, ours, actor)
    version = await follow(services, site, stored, merged.tables, actor)
    places = tuple(labels.place(one.steps) for one in differences(before, files.tables(stored.file)))
    return Saved(draft=draft, version=version, is_new=True, brought=tuple(since), places=places)


async def discard(services: Services, site: str, draft: str, actor: Actor) -> None:
    """Ends the draft; whoever is still writing it brings it back by saving. One that ended already stays so."""
    now = services.clock()
    async with services.appender.acting(site) as act:
        found = await drafts.find(act.writer, site, raw_id(draft))
        if found and await drafts.end(act.writer, site, found.id, found.version, found.begun_from, now):
            await act.append([auditing.draft(site, actor, "draft.discarded", {"draft": draft}, now)])


async def follow(
    services: Services, site: str, stored: StoredDraft, tables: Table, actor: Actor, begun_from: int = 0
) -> int:
    """Puts the next version of the draft in; gives its number.

    Raises:
        Stale: somebody else was quicker; nothing happened.
    """
    next_ = StoredVersion(
        version=stored.version + 1,
        file=_text(tables),
        faults=len(site_faults(tables)),
        saved_by=str(actor),
        saved_at=services.clock(),
    )
    async with services.database.writing() as writer:
        if not await drafts.follow(writer, site, stored.id, stored.version, begun_from or stored.begun_from, next_):
            raise Stale("somebody else saved the draft at the same moment")
    return next_.version


async def _put_aside(services: Services, site: str, stored: StoredDraft, seen: int, ours: Table, actor: Actor) -> Saved:
    now = services.clock()
    id_ = ids.uuid7(now).bytes
    beside = msgspec.structs.replace(
        _new(id_, ours, stored.begun_from, actor, now), aside_of=stored.id, aside_version=seen
    )
    async with services.appender.acting(site) as act:
        await _add(act, site, beside, actor)
    return Saved(draft=ids.uuid_text(id_), version=1, is_new=True, is_aside=True)


async def _add(act: Act, site: str, draft: StoredDraft, actor: Actor) -> None:
    """Puts a new draft in, where there is room, and tells the audit trail; the last thing in its transaction."""
    if await drafts.count(act.writer, site) >= MOST_DRAFTS:
        raise Refused(Fault("", f"a site has at most {MOST_DRAFTS} drafts: discard one first"))
    await drafts.add(act.writer, site, draft)
    about = {"draft": ids.uuid_text(draft.id)}
    if draft.aside_of:
        about["aside_of"] = ids.uuid_text(draft.aside_of)
    await act.append([auditing.draft(site, actor, "draft.begun", about, draft.made_at)])


async def publication_in_force(reader: Reader, site: str) -> int:
    """The number of the publication in force."""
    found = await sites.find(reader, site)
    if found is None:
        raise Unknown("there is no such site")
    return found.revision


def _new(id_: bytes, raw: Table, begun_from: int, actor: Actor, now: int) -> StoredDraft:
    tables = fitted(raw).tables
    return StoredDraft(
        id=id_,
        version=1,
        begun_from=begun_from,
        aside_of=None,
        aside_version=None,
        made_by=str(actor),
        made_at=now,
        file=_text(tables),
        faults=len(site_faults(tables)),
        saved_by=str(actor),
        saved_at=now,
    )


def _text(tables: Table) -> str:
    text = encode(tables).decode()
    if len(text) > MOST_BYTES:
        raise Refused(Fault("", f"a site file has at most {MOST_BYTES // 1024} KiB"))
    return text


def _opened(stored: StoredDraft, tables: Table, faults: tuple[Fault, ...]) -> Draft:
    return Draft(
        id=ids.uuid_text(stored.id),
        version=stored.version,
        begun_from=stored.begun_from,
        aside_of=ids.uuid_text(stored.aside_of) if stored.aside_of else None,
        made_by=stored.made_by,
        made_at=stored.made_at,
        saved_by=stored.saved_by,
        saved_at=stored.saved_at,
        tables=tables,
        faults=faults,
        has_ended=stored.ended_at is not None,
    )


def raw_id(words: str) -> bytes:
    """A draft's id; what is none is no draft's."""
    try:
        return ids.parse_uuid(words)
    except ValueError:
        raise Unknown("there is no such draft") from None
