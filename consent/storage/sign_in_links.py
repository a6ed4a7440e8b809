"""The table `sign_in_links`: secrets that were mailed or printed, of which only hashes are kept.

One asking may be mailed more than once, when it is not known whether the first attempt arrived. Each attempt has a
secret of its own, and all of them are good, so that no mail holds a dead link.

Invariant: a link opens once: whoever uses one ends all of its member's that were made for the same thing.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from consent.storage.database import Reader, Writer

LinkKind = Literal["invitation", "sign-in"]


class StoredLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link that can be used."""

    member: bytes
    kind: LinkKind
    browser: bytes | None
    """The hash of the cookie of the only browser it opens in; None: any."""
    asking: bytes
    """A UUIDv7: the later asking has the greater one."""
    made_at: int
    expires_at: int


async def add(writer: Writer, hash_: bytes, link: StoredLink) -> None:
    """A new link, by its secret's hash; it ends those of older askings for the same kind and browser."""
    older = (
        "DELETE FROM sign_in_links WHERE member = $1 AND kind = $2 AND asking < $3"
        " AND (browser = $4 OR browser IS NULL)"
    )
    await writer.execute(older, link.member, link.kind, link.asking, link.browser)
    await writer.execute(
        "INSERT INTO sign_in_links (hash, member, kind, browser, asking, made_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        hash_,
        link.member,
        link.kind,
        link.browser,
        link.asking,
        link.made_at,
        link.expires_at,
    )


async def has_newer(reader: Reader, member: bytes, kind: LinkKind, browser: bytes | None, asking: bytes) -> bool:
    """Whether a later asking for the same kind and browser has been answered already."""
    sql = (
        "SELECT 1 FROM sign_in_links WHERE member = $1 AND kind = $2 AND asking > $3"
        " AND (browser = $4 OR browser IS NULL) LIMIT 1"
    )
    return await reader.row(sql, member, kind, asking, browser) is not None


async def by_hash(reader: Reader, hash_: bytes, now: int) -> StoredLink | None:
    """The link, unless it is too old."""
    sql = f"SELECT {_COLUMNS} FROM sign_in_links WHERE hash = $1 AND expires_at > $2"
    row = await reader.row(sql, hash_, now)
    return StoredLink(**dict(row)) if row else None


async def spend(writer: Writer, hash_: bytes, now: int) -> StoredLink | None:
    """Uses the link; None when it is used, ended or too old. Of many at once, one is given it."""
    sql = f"DELETE FROM sign_in_links WHERE hash = $1 AND expires_at > $2 RETURNING {_COLUMNS}"
    row = await writer.row(sql, hash_, now)
    return StoredLink(**dict(row)) if row else None


async def end_all(writer: Writer, member: bytes) -> int:
    """Ends all links of the member; gives how many."""
    return await writer.execute("DELETE FROM sign_in_links WHERE member = $1", member)


async def purge(writer: Writer, before: int, limit: int) -> int:
    """Takes away links that were too old at this instant."""
    sql = (
        "DELETE FROM sign_in_links WHERE hash IN"
        " (SELECT hash FROM sign_in_links WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"
    )
    return await writer.execute(sql, before, limit)


_COLUMNS = "member, kind, browser, asking, made_at, expires_at"
