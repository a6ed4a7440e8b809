"""Two sides of a draft brought together: with the draft it was kept beside, or with a publication that came since.

Invariant: who chooses has seen exactly the two versions that are brought together; when either changed meanwhile,
nothing is done.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from consent import ids
from consent.editing import files
from consent.editing.drafting import Saved, follow, publication_in_force, raw_id
from consent.editing.merging import Merged, Side, merge
from consent.errors import Fault, Overtaken, Refused, Unknown
from consent.insisting import insists
from consent.notices import Table
from consent.records import Actor
from consent.services import Services
from consent.storage import drafts, sites
from consent.storage.database import Reader
from consent.storage.drafts import StoredDraft


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """Two sides to bring together: what both began from, ours and theirs."""

    ancestor: Table
    ours: Table
    theirs: Table
    seen: str
    """Which versions of the two these are; it differs as soon as either is another."""
    their_name: str
    by: str
    at: int

    def merged(self, chosen: Mapping[str, Side] | None = None) -> Merged:
        """Both in one."""
        return merge(self.ancestor, self.ours, self.theirs, chosen)


async def meeting(services: Services, site: str, draft: str) -> Meeting | None:
    """What the draft has to be brought together with: the draft it was kept beside, or a publication that came since.

    None when there is nothing.
    """
    async with services.database.reading() as reader:
        stored = await drafts.find(reader, site, raw_id(draft))
        if stored is None:
            raise Unknown("there is no such draft: or it ended long ago")
        met = await _with_first(reader, site, stored) if stored.aside_of else None
        return met or await _with_publication(reader, site, stored)


@insists
async def settle(
    services: Services, site: str, draft: str, seen: str, chosen: Mapping[str, Side], actor: Actor
) -> Saved:
    """Brings the two sides of the draft's meeting together as chosen; a draft that was aside is gone afterwards.

    Raises:
        Overtaken: another version, or another publication, came since the choice was offered.
        Refused: something was not chosen.
    """
    async with services.database.reading() as reader:
        stored = await drafts.find(reader, site, raw_id(draft))
        first = await drafts.find(reader, site, stored.aside_of) if stored and stored.aside_of else None
        in_force = await publication_in_force(reader, site)
    met = await meeting(services, site, draft)
    if stored is None or met is None or met.seen != seen:
        raise Overtaken("something else was saved meanwhile: look at both again")
    merged = met.merged(chosen)
    if missing := [one.where for one in merged.conflicts if one.where not in chosen]:
        raise Refused(*(Fault(where, "choose one of the two") for where in missing))
    if first is None:
        version = await follow(services, site, stored, merged.tables, actor, in_force)
        return Saved(draft=draft, version=version, is_new=True)
    version = await follow(services, site, first, merged.tables, actor)
    async with services.database.writing() as writer:
        await drafts.end(writer, site, stored.id, stored.version, stored.begun_from, services.clock())
    return Saved(draft=ids.uuid_text(first.id), version=version, is_new=True)


async def _with_first(reader: Reader, site: str, aside: StoredDraft) -> Meeting | None:
    first = await drafts.find(reader, site, aside.aside_of or b"")
    kept = await drafts.version(reader, site, aside.aside_of or b"", aside.aside_version or 0)
    if first is None:
        return None
    return Meeting(
        ancestor=files.tables(kept.file) if kept else {},
        ours=files.tables(aside.file),
        theirs=files.tables(first.file),
        seen=f"{aside.version}-{first.version}",
        their_name="the draft",
        by=first.saved_by,
        at=first.saved_at,
    )


async def _with_publication(reader: Reader, site: str, stored: StoredDraft) -> Meeting | None:
    in_force = await sites.find(reader, site)
    if in_force is None or in_force.revision <= stored.begun_from:
        return None
    theirs = await files.published(reader, site, in_force.revision)
    by = await files.published_by(reader, site, in_force.revision)
    return Meeting(
        ancestor=await files.published(reader, site, stored.begun_from),
        ours=files.tables(stored.file),
        theirs=theirs,
        seen=f"{stored.version}-{in_force.revision}",
        their_name=f"publication {in_force.revision}",
        by=by,
        at=in_force.published_at,
    )
