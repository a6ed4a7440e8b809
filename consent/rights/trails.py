"""What is meant of a subject: some of its records, never simply all that somebody says are the subject's.

A subject's id says nothing of who brings it: the service records whatever a page asserts. So a record proves what was
done as this subject from then on, and nothing of what was there before; and a choice leads to choices alone, never to
the reader who has the same id.

Invariant: what a trail does not cover is neither shown nor emptied by it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import msgspec

from consent.storage import records
from consent.storage.database import Reader
from consent.storage.records import StoredRecord

AT_ONCE = 500
EVERYTHING = 1 << 62


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """A subject's records of one kind (None: of any), from this place of the log on."""

    subject: bytes
    kind: str | None = None
    first: int = 1


def joined(trails: Iterable[Trail]) -> tuple[Trail, ...]:
    """The same, each subject and kind once, by what covers most."""
    found: dict[tuple[bytes, str | None], Trail] = {}
    for trail in trails:
        known = found.get((trail.subject, trail.kind))
        if known is None or trail.first < known.first:
            found[trail.subject, trail.kind] = trail
    whole = {subject for subject, kind in found if kind is None}
    return tuple(trail for trail in found.values() if trail.kind is None or trail.subject not in whole)


async def pages(reader: Reader, site: str, trail: Trail, up_to: int = EVERYTHING) -> AsyncIterator[list[StoredRecord]]:
    """The records of a trail, in order, many at once."""
    after = trail.first - 1
    while page := await records.page_of_subject(reader, site, trail.subject, after, up_to, AT_ONCE):
        after = page[-1].seq
        if within := [row for row in page if trail.kind in (None, row.kind)]:
            yield within


async def has_older(reader: Reader, site: str, trail: Trail) -> bool:
    """Whether the subject has records of the kind from before."""
    if trail.first == 1:
        return False
    before = Trail(subject=trail.subject, kind=trail.kind)
    async for _ in pages(reader, site, before, trail.first - 1):
        return True
    return False
