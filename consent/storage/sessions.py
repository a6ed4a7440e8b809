"""The table `sessions`: who is signed in, of which only a hash of the cookie's id is kept.

Invariant: a session that has ended, or is older than it may be, is never found again.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent.storage.database import Reader, Writer


class StoredSession(msgspec.Struct, frozen=True, kw_only=True):
    """One signed-in browser of a member."""

    id: bytes
    """What the list calls it; it opens nothing."""
    member: bytes
    browser: str
    made_at: int
    seen_at: int


async def add(writer: Writer, hash_: bytes, session: StoredSession) -> None:
    """A new session, by the hash of its cookie's id."""
    await writer.execute(
        "INSERT INTO sessions (hash, id, member, browser, made_at, seen_at) VALUES ($1, $2, $3, $4, $5, $6)",
        hash_,
        session.id,
        session.member,
        session.browser,
        session.made_at,
        session.seen_at,
    )


async def by_hash(reader: Reader, hash_: bytes, *, made_since: int, seen_since: int) -> StoredSession | None:
    """The session, unless it was made or last seen before these instants."""
    sql = f"{_SELECT} WHERE hash = $1 AND made_at > $2 AND seen_at > $3"
    row = await reader.row(sql, hash_, made_since, seen_since)
    return StoredSession(**dict(row)) if row else None


async def of_member(reader: Reader, member: bytes, *, made_since: int, seen_since: int) -> Sequence[StoredSession]:
    """The member's sessions, the one last seen first."""
    sql = f"{_SELECT} WHERE member = $1 AND made_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, id"
    return [StoredSession(**dict(row)) for row in await reader.rows(sql, member, made_since, seen_since)]


async def touch(writer: Writer, hash_: bytes, at: int) -> None:
    """Notes that it was used; a clock that runs behind takes no life from it."""
    await writer.execute("UPDATE sessions SET seen_at = $2 WHERE hash = $1 AND seen_at < $2", hash_, at)


async def end(writer: Writer, member: bytes, id_: bytes) -> bool:
    """Ends one of the member's sessions; False when there is no such."""
    return await writer.execute("DELETE FROM sessions WHERE member = $1 AND id = $2", member, id_) == 1


async def end_by_hash(writer: Writer, hash_: bytes) -> bool:
    """Ends the session of this cookie."""
    return await writer.execute("DELETE FROM sessions WHERE hash = $1", hash_) == 1


async def end_all(writer: Writer, member: bytes) -> int:
    """Ends all sessions of the member; gives how many."""
    return await writer.execute("DELETE FROM sessions WHERE member = $1", member)


async def purge(writer: Writer, before: int, limit: int) -> int:
    """Takes away sessions that were last seen before this instant."""
    sql = "DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE seen_at < $1 ORDER BY seen_at LIMIT $2)"
    return await writer.execute(sql, before, limit)


_SELECT = "SELECT id, member, browser, made_at, seen_at FROM sessions"
