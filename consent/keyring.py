"""The trip of an API key: made, shown once, checked, revoked.

Invariant: only a hash of a key is kept, and a key belongs to one site.
"""

from __future__ import annotations

import contextlib
import hashlib

from consent import ids
from consent.clock import Clock
from consent.errors import Fault, KeyMissing, OutOfScope, Refused, Unavailable, Unknown
from consent.storage import keys, sites
from consent.storage.database import Database
from consent.storage.keys import StoredKey

SCOPES = ("read", "write", "erase")
OPENING = "ck_"
TOUCH_MS = 60_000


async def make(database: Database, site: str, scopes: frozenset[str], at: int) -> tuple[str, StoredKey]:
    """A new key and its row; the key cannot be shown again.

    Raises:
        Refused: a scope that there is not.
        Unknown: no such site.
    """
    if not scopes or scopes - set(SCOPES):
        raise Refused(Fault("scope", f"expected one or more of {', '.join(SCOPES)}"))
    key = OPENING + ids.secret()
    row = StoredKey(site=site, id=str(ids.uuid7(at)), scopes=scopes, created_at=at, used_at=None, revoked_at=None)
    async with database.writing() as writer:
        if await sites.find(writer, site) is None:
            raise Unknown(f"there is no site '{site}': publish its site file first")
        await keys.add(writer, row, _hash(key))
    return key, row


async def check(database: Database, clock: Clock, site: str, key: str, scope: str) -> StoredKey:
    """The key's row, when it may do this at this site.

    Raises:
        KeyMissing: unknown or revoked.
        Unknown: a key of another site; to it this site does not exist.
        OutOfScope: it lacks the scope.
    """
    async with database.reading() as reader:
        row = await keys.by_hash(reader, _hash(key)) if key.startswith(OPENING) else None
    if row is None:
        raise KeyMissing("give a key of this site: Authorization: Bearer ck_…")
    if row.site != site:
        raise Unknown(f"there is no site '{site[:64]}'")
    if scope not in row.scopes:
        raise OutOfScope(f"the key lacks the scope '{scope}'")
    await _touch(database, row, clock())
    return row


async def listed(database: Database, site: str) -> list[StoredKey]:
    """The site's keys, revoked ones too."""
    async with database.reading() as reader:
        if await sites.find(reader, site) is None:
            raise Unknown(f"there is no site '{site}'")
        return await keys.of_site(reader, site)


async def revoke(database: Database, site: str, id_: str, at: int) -> None:
    """Ends a key.

    Raises:
        Unknown: the site has no such key in force.
    """
    async with database.writing() as writer:
        if not await keys.revoke(writer, site, id_, at):
            raise Unknown(f"the site '{site}' has no key '{id_}' in force")


async def _touch(database: Database, row: StoredKey, at: int) -> None:
    """Notes the use, at most once a minute: a read of the API is not worth a commit each time, nor failing for one."""
    if row.used_at is None or at - row.used_at > TOUCH_MS:
        with contextlib.suppress(Unavailable):
            async with database.writing() as writer:
                await keys.touch(writer, row.site, row.id, at)


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
