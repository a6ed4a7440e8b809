"""What erasing a person takes: records are emptied, rows deleted, and nothing that was owed leaves any more.

The trip of a request is `forgetting`, that of a period that is over `sweeping.retiring`; both do it by these.

What stays proves that something was there and was erased: the leaf in the log, the signature over the erasure; and,
where there was an address, its keyed hash among the suppressions, so that no import brings the person back.

Invariant: the log verifies after every erasure. Erasing what is erased already changes nothing, and one who must not
be mailed is no less so afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from consent import ids
from consent.checkpoints import LogKey
from consent.errors import Unknown
from consent.owing import owe_event
from consent.rights.trails import Trail, pages
from consent.services import Services
from consent.storage import claims, logs, outbox, pendings, records, subscribers, suppressions, sweeps
from consent.storage.claims import Forgotten
from consent.storage.database import Reader, Writer
from consent.storage.records import StoredRecord
from consent.storage.subscribers import Subscriber

NEWSLETTER = "newsletter"


async def erase_address(
    services: Services, writer: Writer, site: str, key: bytes, log: LogKey, at: int, *, is_retired: bool = False
) -> int:
    """Whoever has the address, in the caller's transaction; gives how many records were emptied.

    A reader's records are those that the mailbox's answers made: a choice under the same id may be anybody's.

    What waits first, then the subscriber, then the rest: in the order in which the reader's own acts take them.
    """
    await pendings.delete_of_key(writer, site, key)
    found = await subscribers.by_key(writer, site, key)
    if found:
        await pendings.delete_of_subscriber(writer, site, found.id)
    subscriber = await subscribers.lock(writer, site, found.id) if found else None
    await suppressions.put(writer, site, key, suppressions.ALL, "erased", at)
    await claims.forget(writer, Forgotten(site=site, key=key, erased_at=at))
    await outbox.drop_of_key(writer, site, key, at)
    if subscriber is None:
        return 0
    await subscribers.delete(writer, site, subscriber.id)
    await owe_event(writer, site=site, at=at, event="subscriber.erased", about=_former(services, subscriber), key=key)
    emptied = 0
    async for page in pages(writer, site, Trail(subject=subscriber.id, kind=NEWSLETTER)):
        await empty(writer, site, page, log, at, is_retired=is_retired)
        emptied += len(page)
    return emptied


def _former(services: Services, subscriber: Subscriber) -> dict[str, object]:
    """With the address, sealed: who was told of it before has to be told that it is erased (GDPR, Art. 19)."""
    return {
        "subscriber": ids.uuid_text(subscriber.id),
        "former": services.vault.put(subscriber.email.encode()),
    }


async def empty(
    writer: Writer, site: str, rows: Sequence[StoredRecord], key: LogKey, at: int, *, is_retired: bool = False
) -> None:
    """Empties these records, in the caller's transaction; `is_retired`: for their time is over, and nobody asked.

    Raises:
        Duplicate: another transaction empties one of them.
    """
    for row in rows:
        seal = key.erasure_seal(row.seq, row.kind, row.leaf, row.seal, at)
        await records.erase(writer, site, row.seq, at, seal)
    if is_retired:
        await sweeps.retire(writer, site, [row.seq for row in rows])


async def log_key(services: Services, reader: Reader, site: str) -> LogKey:
    """The key that signs the site's erasures.

    Raises:
        Unknown: no such site.
    """
    log = await logs.find(reader, site)
    if log is None:
        raise Unknown(f"there is no site '{site[:64]}'")
    return LogKey(log.origin, services.vault.take(log.private_key))
