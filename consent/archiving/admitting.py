"""Who may use the console after a restore: nobody who was removed, barred or lowered since the backup.

A later archive of the same service, or its file of erasures, is the list of who still may: people, their roles and
their passkeys, by their ids. What is restored and not on the list is taken away.

Invariant: nothing here lets anybody in, nor allows more than the backup did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from consent.accounts.roles import ALLOWED
from consent.accounts.sessions import known as known_roles
from consent.archiving.checking import Checked
from consent.storage import members, merging
from consent.storage.database import Writer

Named = Mapping[str, Any]
TABLES = ("members", "memberships", "passkeys")


def tells_who_may(restored: Checked, known: Checked) -> bool:
    """Whether the other archive's list counts: it is of the same service, and not older."""
    is_ours = not restored.logs or any(
        log.public_key == other.public_key
        for site, log in restored.logs.items()
        if (other := known.logs.get(site)) is not None
    )
    return is_ours and known.header.made_at >= restored.header.made_at


class Admission:
    """Takes the list table by table; each is held against what was restored when it has ended."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._listed: list[Named] = []

    def take(self, rows: Sequence[Named]) -> None:
        """More of the list of this table."""
        self._listed.extend(rows)

    async def ended(self, table: str) -> int:
        """Takes away what is not on it; gives how much that was."""
        listed, self._listed = self._listed, []
        match table:
            case "members":
                return await self._members({row["id"]: row["disabled_at"] for row in listed})
            case "memberships":
                return await self._roles({(row["site"], row["member"]): row["role"] for row in listed})
            case _:
                there = [bytes(row["id"]) for row in await merging.passkeys(self._writer)]
                gone = set(there) - {row["id"] for row in listed}
                return sum([await merging.drop_passkey(self._writer, id_) for id_ in sorted(gone)])

    async def _members(self, listed: Mapping[bytes, int | None]) -> int:
        changed = 0
        for member in await members.all_of(self._writer):
            barred_at = listed.get(member.id)
            if member.id not in listed:
                changed += await merging.drop_member(self._writer, member.id)
            elif barred_at is not None and member.disabled_at is None:
                changed += await members.disable(self._writer, member.id, barred_at)
        return changed

    async def _roles(self, listed: Mapping[tuple[str, bytes], str]) -> int:
        changed = 0
        for row in await merging.memberships(self._writer):
            site, member, held = row["site"], bytes(row["member"]), row["role"]
            later = listed.get((site, member))
            if later is None:
                changed += await members.leave(self._writer, site, member)
            elif (lower := _lower(held, later)) != held:
                await members.change(self._writer, site, member, lower)
                changed += 1
        return changed


def _lower(held: str, later: str) -> str:
    """The one of two roles that allows less; where each allows what the other does not, what both do."""
    roles = known_roles({"held": held, "later": later})
    if len(roles) < 2:
        return "viewer"
    less, more = sorted(roles.values(), key=lambda role: len(ALLOWED[role]))
    return less if ALLOWED[less] <= ALLOWED[more] else "viewer"
