"""The trip of an API key: made, shown once, checked, revoked.

Invariant: only a hash of a key is kept, a key belongs to one site, and every process asks the database each time: a
revoked or expired key opens nothing any more, at once. Who made and who revoked it is in the site's log.
"""

from __future__ import annotations

import contextlib
import hashlib

from consent import auditing, ids
from consent.clock import Clock
from consent.errors import Fault, KeyMissing, OutOfScope, Refused, Unavailable, Unknown
from consent.records import Actor
from consent.services import Services
from consent.storage import keys, sites
from consent.storage.database import Database
from consent.storage.keys import StoredKey

SCOPES = ("read", "write", "erase")
OPENING = "ck_"
TOUCH_MS = 60_000
LONGEST_NAME = 64


async def make(
    services: Services,
    site: str,
    scopes: frozenset[str],
    *,
    actor: Actor,
    name: str = "",
    expires_at: int | None = None,
) -> tuple[str, StoredKey]:
    """A new key and its row; the key cannot be shown again.

    Raises:
        Refused: a scope that there is not, a name that is too long, an end that is past.
        Unknown: no such site.
    """
    at = services.clock()
    _check(scopes, name, expires_at, at)
    key = OPENING + ids.secret()
    row = StoredKey(site=site, id=str(ids.uuid7(at)), name=name, scopes=scopes, created_at=at, expires_at=expires_at)
    async with services.database.reading() as reader:
        if await sites.find(reader, site) is None:
            raise Unknown(f"there is no site '{site}': publish its site file first")
    async with services.appender.acting(site) as act:
        await keys.add(act.writer, row, hash_of(key))
        about = {"key": row.id, "scopes": " ".join(sorted(scopes))}
        await act.append([auditing.draft(site, actor, "key.made", about, at)])
    return key, row


async def check(database: Database, clock: Clock, site: str, key: str, scope: str) -> StoredKey:
    """The key's row, when it may do this at this site.

    Raises:
        KeyMissing: unknown, expired or revoked.
        Unknown: a key of another site; to it this site does not exist.
        OutOfScope: it lacks the scope.
    """
    async with database.reading() as reader:
        row = await keys.by_hash(reader, hash_of(key)) if key.startswith(OPENING) else None
    now = clock()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        raise KeyMissing("give a key of this site: Authorization: Bearer ck_…")
    if row.site != site:
        raise Unknown(f"there is no site '{site[:64]}'")
    if scope not in row.scopes:
        raise OutOfScope(f"the key lacks the scope '{scope}'")
    await _touch(database, row, now)
    return row


async def listed(database: Database, site: str) -> list[StoredKey]:
    """The site's keys, expired and revoked ones too."""
    async with database.reading() as reader:
        if await sites.find(reader, site) is None:
            raise Unknown(f"there is no site '{site}'")
        return await keys.of_site(reader, site)


async def revoke(services: Services, site: str, id_: str, *, actor: Actor) -> None:
    """Ends a key.

    Raises:
        Unknown: the site has no such key in force.
    """
    at = services.clock()
    async with services.appender.acting(site) as act:
        if not await keys.revoke(act.writer, site, id_, at):
            raise Unknown(f"the site '{site}' has no key '{id_}' in force")
        await act.append([auditing.draft(site, actor, "key.revoked", {"key": id_}, at)])


def hash_of(key: str) -> bytes:
    """What is kept of a key: it has 256 random bits, so that a plain hash is enough."""
    return hashlib.sha256(key.encode()).digest()


def _check(scopes: frozenset[str], name: str, expires_at: int | None, now: int) -> None:
    if not scopes or scopes - set(SCOPES):
        raise Refused(Fault("scope", f"expected one or more of {', '.join(SCOPES)}"))
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(Fault("name", f"expected at most {LONGEST_NAME} printable characters"))
    if expires_at is not None and expires_at <= now:
        raise Refused(Fault("expires_at", "the key would have expired already"))


async def _touch(database: Database, row: StoredKey, at: int) -> None:
    """Notes the use, at most once a minute: a read of the API is not worth a commit each time, nor failing for one."""
    if row.used_at is None or at - row.used_at > TOUCH_MS:
        with contextlib.suppress(Unavailable):
            async with database.writing() as writer:
                await keys.touch(writer, row.site, row.id, at)
