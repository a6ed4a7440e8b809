"""What only the command line does with people: roles at every site, links to hand over, and who may not sign in.

Invariant: each published site's log says what became of whoever may see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from consent import auditing, ids
from consent.accounts import links, people, signing_in
from consent.accounts.people import Invited
from consent.accounts.roles import Role
from consent.auditing import COMMAND
from consent.errors import Unknown
from consent.mailboxes import Mailbox
from consent.services import Services
from consent.storage import members, sessions, sign_in_links
from consent.storage.members import EVERYWHERE, Member


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A member with the roles they have, by site."""

    member: Member
    roles: Mapping[str, str]


async def listed(services: Services) -> Sequence[Listed]:
    """Everybody."""
    async with services.database.reading() as reader:
        return [Listed(member=one, roles=await members.roles(reader, one.id)) for one in await members.all_of(reader)]


async def find(services: Services, mailbox: Mailbox) -> Listed:
    """Whose mailbox it is.

    Raises:
        Unknown: nobody's.
    """
    async with services.database.reading() as reader:
        member = await members.by_key(reader, services.addresses.of(mailbox))
        if member is None:
            raise Unknown("nobody has this address: see consent user list")
        return Listed(member=member, roles=await members.roles(reader, member.id))


async def join(services: Services, site: str, mailbox: Mailbox, role: Role | None) -> Invited:
    """Gives the mailbox's member a role at the site or EVERYWHERE; None: the one they have, else owner.

    Raises:
        Unknown, Refused: as `people.join`.
    """
    now = services.clock()
    async with services.database.reading() as reader:
        known = await members.by_key(reader, services.addresses.of(mailbox))
        held = await members.role_at(reader, site, known.id) if known else None
    wanted = role or people.role_of(held or "owner")
    if site != EVERYWHERE:
        return await people.join(services, site, mailbox, wanted, COMMAND)
    async with services.database.writing() as writer:
        member = await members.add(writer, people.made(services, mailbox, now))
        if held != wanted:
            written = msgspec.structs.replace(member, email=mailbox.address)
            await members.join(writer, EVERYWHERE, written, wanted, now)
    if held != wanted:
        about: dict[str, object] = {"role": wanted, "of": "every site"}
        await _note(services, member.id, "member.changed" if held else "member.invited", about)
    return Invited(member, mailbox.address, held is not None)


async def leave(services: Services, member: Member, site: str) -> None:
    """Takes the member's role at the site or EVERYWHERE away.

    Raises:
        Unknown, Refused: as `people.remove`.
    """
    if site != EVERYWHERE:
        await people.remove(services, site, member.id, COMMAND)
        return
    places = await signing_in.places(services, member)
    async with services.database.writing() as writer:
        if not await members.leave(writer, EVERYWHERE, member.id):
            raise Unknown(people.NOBODY)
    for place in places:
        await auditing.note(services, place, COMMAND, "member.removed", {"member": ids.uuid_text(member.id)})


async def disable(services: Services, member: Member, *, may_sign_in: bool) -> None:
    """Bars the member from signing in, at once; or lets them in again: who has no role any more is gone then."""
    async with services.database.writing() as writer:
        await sessions.end_all(writer, member.id)
        await sign_in_links.end_all(writer, member.id)
        await members.disable(writer, member.id, None if may_sign_in else services.clock())
    await _note(services, member.id, "member.changed", {"may_sign_in": "yes" if may_sign_in else "no"})


async def link(services: Services, member: Member) -> str:
    """A one-time link that signs the member in, in any browser."""
    now = services.clock()
    async with services.database.writing() as writer:
        secret = await links.make(writer, member.id, "invitation", now, asking=ids.uuid7(now).bytes)
    return links.address(services, secret)


async def mail(services: Services, member: Member, site: str) -> None:
    """Owes the member an invitation by mail."""
    about: dict[str, object] = {"site": site}
    async with services.database.writing() as writer:
        await signing_in.owe(services, writer, "invitation", member.id, member.key, about, services.clock())


async def _note(services: Services, member: bytes, action: str, about: dict[str, object]) -> None:
    async with services.database.reading() as reader:
        found = await members.by_id(reader, member)
    for place in await signing_in.places(services, found) if found else ():
        await auditing.note(services, place, COMMAND, action, {"member": ids.uuid_text(member), **about})
