"""The trip of who belongs to a site: invited, given another role, removed; all of it in the site's log.

Invariant: a site that has owners keeps one who may sign in, whatever is done here at once. What is done at one site
tells nothing of another and ends nothing there: a session looks its roles up at each request, and ends with the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from consent import auditing, ids, mailboxes
from consent.accounts import signing_in
from consent.accounts.roles import ROLES, Role
from consent.clock import HOUR
from consent.errors import Fault, Refused, TooMany, Unknown
from consent.insisting import insists
from consent.mailboxes import Mailbox
from consent.records import Actor, AuditDraft
from consent.services import Services
from consent.storage import ceilings, members
from consent.storage.database import Reader, Writer
from consent.storage.members import EVERYWHERE, Member, Membership

LAST_OWNER = "This is the last owner of the site: make somebody else an owner first."
NOBODY = "This person has no role at this site."
RUNS_IT = "somebody who runs the service"
INVITATIONS_AN_HOUR = 30
"""Of one site."""
INVITATIONS_TO_ONE = 3
"""An hour, to one mailbox, whatever sites invite it."""


class Invited(NamedTuple):
    """Who was invited, the address as it is written at this site, and whether they were there before."""

    member: Member
    email: str
    was_there: bool


async def called(reader: Reader, site: str, id_: bytes, *, is_told_all: bool) -> str | None:
    """How a member is called at the site: by the address as it is written there; None: has no role there.

    Who has a role at every site alone is named only to somebody who has one, too (`is_told_all`).
    """
    written = await members.email_at(reader, site, id_)
    everywhere = None if written else await members.email_at(reader, EVERYWHERE, id_)
    return written or (everywhere if is_told_all or everywhere is None else RUNS_IT)


async def listed(services: Services, site: str) -> Sequence[Membership]:
    """Who may see the site."""
    async with services.database.reading() as reader:
        return await members.of_site(reader, site)


async def invite(services: Services, site: str, words: str, role: str, actor: Actor) -> Invited:
    """Gives the address a role at the site, and owes it an invitation by mail.

    Raises:
        Refused: no address, no role, or somebody who is there already.
        TooMany: too many invitations of the site in this hour.
    """
    return await join(services, site, mailboxes.parse(words), role_of(role), actor, is_new=True, mails=True)


async def mail(services: Services, site: str, id_: bytes) -> None:
    """Owes a member of the site the invitation once more.

    Raises:
        Unknown: nobody of this site by this id.
        TooMany: as `invite`.
    """
    async with services.database.writing() as writer:
        member = await members.by_id(writer, id_)
        if member is None or await members.role_at(writer, site, id_) is None:
            raise Unknown(NOBODY)
        await _owe_invitation(services, writer, site, member)
    services.nudge.set()


@insists
async def join(
    services: Services,
    site: str,
    mailbox: Mailbox,
    role: Role,
    actor: Actor,
    *,
    is_new: bool = False,
    mails: bool = False,
) -> Invited:
    """Gives the mailbox's member, new or not, a role at one site; with `mails`, owes the invitation.

    Raises:
        Refused: with `is_new`, somebody who has a role there; or the last owner, who would be none.
        Unknown: no such site.
        TooMany: as `invite`.
    """
    now, noted = services.clock(), list[AuditDraft]()
    async with services.appender.acting(site) as act:
        member = await members.add(act.writer, made(services, mailbox, now))
        held = await members.role_at(act.writer, site, member.id)
        if held is not None and is_new:
            raise Refused(Fault("email", f"This person is {held} of the site already."))
        if held != role:
            await _keep_an_owner(act.writer, site, member.id, role)
            await members.join(act.writer, site, msgspec.structs.replace(member, email=mailbox.address), role, now)
            action = "member.changed" if held else "member.invited"
            noted = [auditing.draft(site, actor, action, {"member": ids.uuid_text(member.id), "role": role}, now)]
        if mails:
            await _owe_invitation(services, act.writer, site, member)
        if noted:
            await act.append(noted)
    services.nudge.set()
    return Invited(member, mailbox.address, held is not None)


@insists
async def change(services: Services, site: str, id_: bytes, role: str, actor: Actor) -> None:
    """Gives a member of the site another role, from their next request on.

    Raises:
        Refused: no role; or the last owner, who would be none.
        Unknown: nobody of this site by this id.
    """
    wanted, now = role_of(role), services.clock()
    async with services.appender.acting(site) as act:
        held = await members.role_at(act.writer, site, id_)
        if held is None:
            raise Unknown(NOBODY)
        if held == wanted:
            return
        await _keep_an_owner(act.writer, site, id_, wanted)
        await members.change(act.writer, site, id_, wanted)
        about = {"member": ids.uuid_text(id_), "role": wanted, "was": held}
        await act.append([auditing.draft(site, actor, "member.changed", about, now)])


@insists
async def remove(services: Services, site: str, id_: bytes, actor: Actor) -> None:
    """Takes a member's role at the site away, at once; who has none left anywhere is signed out, and gone.

    Raises:
        Refused: the last owner.
        Unknown: nobody of this site by this id.
    """
    async with services.appender.acting(site) as act:
        await _keep_an_owner(act.writer, site, id_, None)
        if not await members.leave(act.writer, site, id_):
            raise Unknown(NOBODY)
        about = {"member": ids.uuid_text(id_)}
        await act.append([auditing.draft(site, actor, "member.removed", about, services.clock())])


async def _keep_an_owner(writer: Writer, site: str, id_: bytes, role: Role | None) -> None:
    """Refuses to take the last owner's role; holds who owns the site until the transaction ends."""
    owners = await members.owners(writer, site)
    if role == "owner" or owners != {id_} or await members.role_at(writer, site, id_) != "owner":
        return
    if await members.role_at(writer, EVERYWHERE, id_) != "owner":
        raise Refused(Fault("role", LAST_OWNER))


def role_of(words: str) -> Role:
    """The role of this name.

    Raises:
        Refused: there is none.
    """
    for role in ROLES:
        if role == words:
            return role
    raise Refused(Fault("role", f"expected one of {', '.join(ROLES)}"))


def made(services: Services, mailbox: Mailbox, at: int) -> Member:
    """The mailbox's member, as a new one."""
    return Member(id=ids.uuid7(at).bytes, email=mailbox.address, key=services.addresses.of(mailbox), created_at=at)


async def _owe_invitation(services: Services, writer: Writer, site: str, member: Member) -> None:
    now = services.clock()
    if not await ceilings.take(writer, f"invitations:{site}", now // HOUR * HOUR, INVITATIONS_AN_HOUR):
        raise TooMany("Too many invitations were sent from this site: wait an hour.", HOUR // 1000)
    # Whether other sites invited the same person is not told: the mail is left out, as it is for who may not sign in.
    mailbox = services.addresses.budget_of(mailboxes.parse(member.email)).hex()
    has_room = await ceilings.take(writer, f"invitations-to:{mailbox}", now // HOUR * HOUR, INVITATIONS_TO_ONE)
    about: dict[str, object] = {"site": site}
    await signing_in.owe(services, writer, "invitation", member.id, member.key, about, now, is_real=has_room)
