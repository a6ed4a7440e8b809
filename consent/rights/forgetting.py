"""The trip of an erasure that somebody asked for: first a look at what would go and what stays, then the act.

Invariant: everything that was brought is erased in one transaction, together with the claim and the audit record, or
nothing is; doing it again changes nothing but that it is on record that it was asked again.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent import auditing
from consent.checkpoints import LogKey
from consent.errors import Duplicate, Stale
from consent.insisting import insists
from consent.records import Actor
from consent.rights import claiming, keeping
from consent.rights.erasing import empty, erase_address, log_key
from consent.rights.finding import Found, Who, find
from consent.rights.keeping import Kept
from consent.rights.trails import Trail, pages
from consent.services import Services
from consent.storage import outbox, pendings, subscribers
from consent.storage.database import Reader, Writer


class Forgetting(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure takes, or took: how much by kind; what stays and why; and the receipt's link once it is done."""

    counts: dict[str, int]
    kept: tuple[Kept, ...]
    claim: str | None = None

    @property
    def is_empty(self) -> bool:
        """There is nothing to erase."""
        return not any(self.counts.values())


async def look(services: Services, site: str, who: Who) -> Forgetting:
    """What an erasure would take, and what would stay; nothing is changed.

    Raises:
        Unknown: no such site.
        Refused: what was brought cannot be read.
    """
    async with services.database.reading() as reader:
        found = await find(services, reader, site, who)
        counts = await _counted(reader, site, found)
    return Forgetting(counts=counts, kept=tuple(_kept(counts, found)))


@insists
async def erase(services: Services, site: str, who: Who, actor: Actor | None = None) -> Forgetting:
    """Erases all who are meant; without an actor the person did it.

    Raises:
        As `look`.
    """
    services.directory.get(site)
    try:
        async with services.appender.acting(site) as act:
            found = await find(services, act.writer, site, who)
            log = await log_key(services, act.writer, site)
            counts = await _erase(services, act.writer, site, found, log)
            kept = tuple(_kept(counts, found))
            said = await claiming.put(
                services,
                act.writer,
                site,
                "erasure",
                actor=actor,
                asked_by=who.kinds,
                counts=counts,
                kept=[one.name for one in kept],
            )
            if actor:
                about = {"claim": said.id, "by": " ".join(who.kinds), "records": counts["records"]}
                what = "subscriber.erased" if counts["readers"] else "subject.erased"
                await act.append([auditing.draft(site, actor, what, about, services.clock())])
    except Duplicate:
        raise Stale("the same records are being erased already") from None
    services.nudge.set()
    for _ in range(counts["readers"]):
        services.metrics.left(site, "erased")
    return Forgetting(counts=counts, kept=kept, claim=claiming.link(services, said))


async def _erase(services: Services, writer: Writer, site: str, found: Found, log: LogKey) -> dict[str, int]:
    """Counted before, for what a subscriber had is gone with the subscriber."""
    counts, at, emptied = await _counted(writer, site, found), services.clock(), 0
    for key in found.keys:
        emptied += await erase_address(services, writer, site, key, log, at)
    for trail in found.trails:
        async for page in pages(writer, site, trail):
            await empty(writer, site, page, log, at)
            emptied += len(page)
    return counts | {"records": emptied}


async def _counted(reader: Reader, site: str, found: Found) -> dict[str, int]:
    counts = dict.fromkeys(("records", "readers", "subscriptions", "waiting", "deliveries"), 0)
    for trail in found.trails:
        counts["records"] += await _count_records(reader, site, trail)
    for key in found.keys:
        subscriber = await subscribers.by_key(reader, site, key)
        id_ = subscriber.id if subscriber else None
        counts["readers"] += subscriber is not None
        counts["subscriptions"] += len(await subscribers.subscriptions(reader, site, id_)) if id_ else 0
        counts["waiting"] += len(await pendings.known_of(reader, site, key, id_))
        owed = await outbox.of_key(reader, site, key)
        counts["deliveries"] += sum(one.state == "waiting" and one.what != "subscriber.erased" for one in owed)
    return counts


async def _count_records(reader: Reader, site: str, trail: Trail) -> int:
    return sum([len(page) async for page in pages(reader, site, trail)])


def _kept(counts: dict[str, int], found: Found) -> Sequence[Kept]:
    return keeping.stays(records=counts["records"], addresses=len(found.keys))
