"""The tables `members` and `memberships`: who may use the console, and as what at which site.

Invariant: one mailbox is one member, however its address is written; a member who belongs to no site is gone, but for
one who is barred: forgotten, whoever it is would come back as somebody new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from consent.storage.database import Reader, Row, Writer

EVERYWHERE = "*"
"""In place of a site: every site, those that come later too."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person who may sign in."""

    id: bytes
    email: str
    key: bytes
    created_at: int
    disabled_at: int | None = None

    def __repr__(self) -> str:
        """Without who it is: a fault's report may end in a log."""
        return f"Member({self.id.hex()})"


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """What a member is at a site."""

    site: str
    member: Member
    email: str
    """As it was written when the role was given: how another site writes it is nothing to this one."""
    role: str
    since: int


async def by_id(reader: Reader, id_: bytes) -> Member | None:
    """The member with this id."""
    return _member(await reader.row(f"{_SELECT} WHERE id = $1", id_))


async def by_key(reader: Reader, key: bytes) -> Member | None:
    """The member whose address has this key."""
    return _member(await reader.row(f"{_SELECT} WHERE key = $1", key))


async def all_of(reader: Reader) -> Sequence[Member]:
    """Everybody, in the order they came."""
    return [Member(**dict(row)) for row in await reader.rows(f"{_SELECT} ORDER BY created_at, id")]


async def add(writer: Writer, member: Member) -> Member:
    """The member, new, or the one who is there with this mailbox already."""
    row = await writer.row(
        "INSERT INTO members (id, email, key, created_at) VALUES ($1, $2, $3, $4)"
        f" ON CONFLICT (key) DO UPDATE SET email = members.email RETURNING {_COLUMNS}",
        member.id,
        member.email,
        member.key,
        member.created_at,
    )
    return _member(row) or member


async def disable(writer: Writer, id_: bytes, at: int | None) -> bool:
    """May not sign in from now on, or may again (None); False when there is no such member."""
    was_there = await writer.execute("UPDATE members SET disabled_at = $2 WHERE id = $1", id_, at) == 1
    await writer.execute(_FORGET, id_)
    return was_there


async def roles(reader: Reader, id_: bytes) -> Mapping[str, str]:
    """What the member is, by site (or EVERYWHERE)."""
    rows = await reader.rows("SELECT site, role FROM memberships WHERE member = $1 ORDER BY site", id_)
    return {row["site"]: row["role"] for row in rows}


async def role_at(reader: Reader, site: str, id_: bytes) -> str | None:
    """What the member is at exactly this site (or EVERYWHERE)."""
    row = await reader.row("SELECT role FROM memberships WHERE site = $1 AND member = $2", site, id_)
    return str(row["role"]) if row else None


async def of_site(reader: Reader, site: str) -> Sequence[Membership]:
    """Who may see the site, those of every site too, in the order they came."""
    sql = (
        "SELECT s.site, s.email AS written, s.role, s.since, m.id, m.email, m.key, m.created_at, m.disabled_at"
        " FROM memberships s JOIN members m ON m.id = s.member WHERE s.site IN ($1, $2) ORDER BY s.since, m.id"
    )
    return [_membership(row) for row in await reader.rows(sql, site, EVERYWHERE)]


async def email_at(reader: Reader, site: str, id_: bytes) -> str | None:
    """The member's address as it was written at exactly this site (or EVERYWHERE)."""
    row = await reader.row("SELECT email FROM memberships WHERE site = $1 AND member = $2", site, id_)
    return str(row["email"]) if row else None


async def join(writer: Writer, site: str, member: Member, role: str, at: int) -> None:
    """Gives the member, the address as it is written here, this role at the site; one that was there is replaced."""
    sql = (
        "INSERT INTO memberships (site, member, email, role, since) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (site, member) DO UPDATE SET role = excluded.role"
    )
    await writer.execute(sql, site, member.id, member.email, role, at)


async def change(writer: Writer, site: str, id_: bytes, role: str) -> None:
    """Replaces the role that the member has at the site."""
    await writer.execute("UPDATE memberships SET role = $3 WHERE site = $1 AND member = $2", site, id_, role)


async def leave(writer: Writer, site: str, id_: bytes) -> bool:
    """Takes the member's role at the site away; who has none left anywhere is gone, and signed out. False: had none."""
    left = await writer.execute("DELETE FROM memberships WHERE site = $1 AND member = $2", site, id_)
    await writer.execute(_FORGET, id_)
    return left == 1


async def owners(writer: Writer, site: str) -> frozenset[bytes]:
    """Who owns the site and may sign in; until the transaction ends nobody else can change who does."""
    # Touching the rows holds them: of two that demote each other's owner at once, the second sees what the first did.
    await writer.execute("UPDATE memberships SET since = since WHERE site IN ($1, $2)", site, EVERYWHERE)
    sql = (
        "SELECT s.member FROM memberships s JOIN members m ON m.id = s.member"
        " WHERE s.site IN ($1, $2) AND s.role = 'owner' AND m.disabled_at IS NULL"
    )
    return frozenset(bytes(row["member"]) for row in await writer.rows(sql, site, EVERYWHERE))


_COLUMNS = "id, email, key, created_at, disabled_at"
_SELECT = f"SELECT {_COLUMNS} FROM members"
_FORGET = (
    "DELETE FROM members WHERE id = $1 AND disabled_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM memberships WHERE member = $1)"
)


def _member(row: Row | None) -> Member | None:
    return Member(**dict(row)) if row else None


def _membership(row: Row) -> Membership:
    fields = dict(row)
    site, email, role, since = (fields.pop(name) for name in ("site", "written", "role", "since"))
    return Membership(site=site, member=Member(**fields), email=email, role=role, since=since)
