"""The table `suppressions`: keys of addresses that must not be mailed, which outlive erasure.

Invariant: a weaker reason never takes the place of a stronger one; `subscriptions.STRENGTH` says which is which.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent.storage.database import Reader, Writer
from consent.subscriptions import STRENGTH, Reason

ALL = "*"
"""All lists of the site."""
AT_ONCE = 200


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """An address's key and the list (or ALL) that it must not be mailed for."""

    key: bytes
    list: str
    reason: Reason
    strength: int
    at: int


async def put(writer: Writer, site: str, key: bytes, list_: str, reason: Reason, at: int) -> None:
    """Suppresses the address for the list; of two reasons the stronger stands, of equal ones the first."""
    await writer.execute(
        "INSERT INTO suppressions (site, key, list, reason, strength, at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (site, key, list) DO UPDATE SET reason = excluded.reason, strength = excluded.strength,"
        " at = excluded.at WHERE excluded.strength > suppressions.strength",
        site,
        key,
        list_,
        reason,
        STRENGTH[reason],
        at,
    )


async def of(reader: Reader, site: str, key: bytes) -> Sequence[Suppression]:
    """What is suppressed for this address, ALL first."""
    rows = await reader.rows(f"{_SELECT} WHERE site = $1 AND key = $2 ORDER BY list", site, key)
    return [Suppression(**dict(row)) for row in rows]


async def lift(writer: Writer, site: str, key: bytes, list_: str, *, up_to_strength: int) -> int:
    """Ends the suppression of exactly this list (or ALL) unless it is stronger; gives how many ended."""
    sql = "DELETE FROM suppressions WHERE site = $1 AND key = $2 AND list = $3 AND strength <= $4"
    return await writer.execute(sql, site, key, list_, up_to_strength)


async def page(reader: Reader, site: str, after: tuple[bytes, str] | None, limit: int) -> Sequence[Suppression]:
    """The site's suppressions after this (key, list), in that order."""
    key, list_ = after or (b"", "")
    sql = f"{_SELECT} WHERE site = $1 AND (key > $2 OR key = $2 AND list > $3) ORDER BY key, list LIMIT $4"
    return [Suppression(**dict(row)) for row in await reader.rows(sql, site, key, list_, limit)]


async def counts(reader: Reader, site: str) -> dict[str, int]:
    """How many addresses of the site are suppressed, by reason; one that has two is in both."""
    sql = (
        "SELECT reason, count(DISTINCT key) AS number FROM suppressions WHERE site = $1 GROUP BY reason ORDER BY reason"
    )
    return {row["reason"]: int(row["number"]) for row in await reader.rows(sql, site)}


async def keys_among(reader: Reader, site: str, keys: Sequence[bytes]) -> Sequence[Suppression]:
    """All suppressions of these addresses."""
    found = list[Suppression]()
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        marks = ", ".join(f"${place}" for place in range(2, len(some) + 2))
        rows = await reader.rows(f"{_SELECT} WHERE site = $1 AND key IN ({marks})", site, *some)
        found += [Suppression(**dict(row)) for row in rows]
    return found


_SELECT = "SELECT key, list, reason, strength, at FROM suppressions"
