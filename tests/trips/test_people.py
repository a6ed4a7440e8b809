"""Who belongs to a site: invited, given another role, removed; what the log says of it, and who is signed out."""

from __future__ import annotations

import asyncio

import pytest

from consent import auditing, ids, mailboxes
from consent.accounts import everywhere, links, people, sessions, signing_in
from consent.accounts.people import INVITATIONS_AN_HOUR, INVITATIONS_TO_ONE
from consent.errors import Refused, TooMany, Unknown
from consent.services import Services
from consent.storage import members
from consent.storage.members import EVERYWHERE, Member
from tests.acts import SITE
from tests.reading import verified
from tests.running import publish
from tests.signing_in import BROWSER, a_member
from tests.trips.accounts import ON_ONE_ENGINE, acts, holds, owed_mails
from tests.web.stage import HARBOUR

ACTOR = auditing.by_member(b"\1" * 16)
OTHER = "harbour-post"


async def begun(services: Services, member: Member) -> str:
    """A session of the member's."""
    async with services.database.writing() as writer:
        return await signing_in.begin(services, writer, member, BROWSER)


async def roles(services: Services, site: str = SITE) -> dict[str, str]:
    """Who is what at the site."""
    return {one.email: one.role for one in await people.listed(services, site)}


async def test_an_invitation_is_a_role_a_mail_and_a_line_in_the_log(services: Services) -> None:
    invited = await people.invite(services, SITE, " Ann.Other@Example.org ", "dpo", ACTOR)
    assert invited.member.email == "Ann.Other@example.org"
    assert not invited.was_there
    assert await roles(services) == {"Ann.Other@example.org": "dpo"}
    [owed] = await owed_mails(services)
    named = ids.uuid_text(invited.member.id)
    assert (owed.what, owed.about) == ("invitation", {"member": named, "site": SITE})
    assert await acts(services) == [(str(ACTOR), "member.invited", {"member": named, "role": "dpo"})]
    assert await verified(services) >= 1


async def test_one_mailbox_is_one_member_at_every_site(services: Services) -> None:
    await publish(services, HARBOUR.read_bytes())
    first = await people.invite(services, SITE, "ann.other@gmail.com", "viewer", ACTOR)
    with pytest.raises(Refused) as refused:
        await people.invite(services, SITE, "AnnOther+news@googlemail.com", "owner", ACTOR)
    assert "viewer" in str(refused.value)
    second = await people.invite(services, OTHER, "annother@gmail.com", "owner", ACTOR)
    assert second.member == first.member
    assert (await roles(services), await roles(services, OTHER)) == (
        {"ann.other@gmail.com": "viewer"},
        {"annother@gmail.com": "owner"},
    )
    assert second.email == "annother@gmail.com", "how another site writes it is not told"
    for wrong in (("no address", "viewer"), ("b@example.org", "admin"), ("b@example.org", "")):
        with pytest.raises(Refused):
            await people.invite(services, SITE, *wrong, ACTOR)
    with pytest.raises(Unknown):
        await people.invite(services, "no-such-site", "b@example.org", "viewer", ACTOR)
    assert len(await everywhere.listed(services)) == 1


async def test_a_change_of_role_holds_at_once_and_who_is_barred_is_signed_out(services: Services) -> None:
    owner, other = await a_member(services), await a_member(services, "editor")
    kept, session = await begun(services, owner), await begun(services, other)
    await people.change(services, SITE, other.id, "viewer", ACTOR)
    signed = await sessions.find(services, session)
    assert signed and signed.role_at(SITE) == "viewer"
    about = {"member": ids.uuid_text(other.id), "role": "viewer", "was": "editor"}
    assert await acts(services) == [(str(ACTOR), "member.changed", about)]
    await everywhere.disable(services, other, may_sign_in=False)
    assert await sessions.find(services, session) is None
    assert await sessions.find(services, kept)
    sneaked = await begun(services, other)
    assert await sessions.find(services, sneaked) is None
    await everywhere.disable(services, other, may_sign_in=True)
    assert await sessions.find(services, await begun(services, other))


async def test_who_is_removed_sees_nothing_of_the_site_and_is_forgotten_with_the_last_role(services: Services) -> None:
    await publish(services, HARBOUR.read_bytes())
    owner, both = await a_member(services), await a_member(services, "dpo")
    session = await begun(services, both)
    await people.invite(services, OTHER, both.email, "viewer", ACTOR)
    assert await sessions.find(services, session), "another site's invitation ends nothing here"
    await people.remove(services, SITE, both.id, ACTOR)
    signed = await sessions.find(services, session)
    assert signed and (signed.role_at(SITE), signed.role_at(OTHER)) == (None, "viewer")
    for site, id_ in ((SITE, both.id), (SITE, b"\0" * 16), (OTHER, owner.id)):
        with pytest.raises(Unknown):
            await people.remove(services, site, id_, ACTOR)
        with pytest.raises(Unknown):
            await people.change(services, site, id_, "viewer", ACTOR)
        with pytest.raises(Unknown):
            await people.mail(services, site, id_)
    link = await everywhere.link(services, both)
    await people.remove(services, OTHER, both.id, ACTOR)
    assert await sessions.find(services, session) is None
    assert (await links.look(services, link.rpartition("/")[2], "")).state == "over"
    assert not await holds(services, both.email)
    assert (str(ACTOR), "member.removed", {"member": ids.uuid_text(both.id)}) in await acts(services)


async def test_who_is_barred_stays_so_whoever_removes_and_invites_them(services: Services) -> None:
    await a_member(services)
    barred = await a_member(services, "editor")
    await everywhere.disable(services, barred, may_sign_in=False)
    await people.remove(services, SITE, barred.id, ACTOR)
    invited = await people.invite(services, SITE, barred.email, "owner", ACTOR)
    assert invited.member.id == barred.id
    assert await sessions.find(services, await begun(services, barred)) is None
    await people.remove(services, SITE, barred.id, ACTOR)
    await everywhere.disable(services, barred, may_sign_in=True)
    assert not await holds(services, barred.email), "who may sign in again and has no role is gone"


async def test_a_site_keeps_its_last_owner(services: Services) -> None:
    first, second = await a_member(services), await a_member(services)
    done = await asyncio.gather(
        people.change(services, SITE, first.id, "viewer", ACTOR),
        people.remove(services, SITE, second.id, ACTOR),
        return_exceptions=True,
    )
    assert [type(one) for one in done if one is not None] == [Refused]
    [owner] = [one.member for one in await people.listed(services, SITE) if one.role == "owner"]
    for role in ("editor", "viewer", "dpo"):
        with pytest.raises(Refused, match="last owner"):
            await people.change(services, SITE, owner.id, role, ACTOR)
    with pytest.raises(Refused, match="last owner"):
        await people.remove(services, SITE, owner.id, ACTOR)
    barred = await a_member(services)
    await everywhere.disable(services, barred, may_sign_in=False)
    with pytest.raises(Refused, match="last owner"):
        await people.remove(services, SITE, owner.id, ACTOR)
    await a_member(services, "owner", EVERYWHERE)
    await people.remove(services, SITE, owner.id, ACTOR)


@ON_ONE_ENGINE
async def test_a_site_sends_so_many_invitations_an_hour(services: Services) -> None:
    for place in range(INVITATIONS_AN_HOUR):
        await people.invite(services, SITE, f"person{place}@example.org", "viewer", ACTOR)
    with pytest.raises(TooMany):
        await people.invite(services, SITE, "one-more@example.org", "viewer", ACTOR)
    assert "one-more@example.org" not in await roles(services)
    async with services.database.reading() as reader:
        mailbox = mailboxes.parse("one-more@example.org")
        assert await members.by_key(reader, services.addresses.of(mailbox)) is None


@ON_ONE_ENGINE
async def test_a_mailbox_gets_so_many_invitations_an_hour_of_all_sites(services: Services) -> None:
    await publish(services, HARBOUR.read_bytes())
    for place in range(INVITATIONS_TO_ONE + 2):
        site = (SITE, OTHER)[place % 2]
        invited = await people.invite(services, site, f"ann+{place}@gmail.com", "viewer", ACTOR)
        await people.remove(services, site, invited.member.id, ACTOR)
    assert len(await owed_mails(services)) == INVITATIONS_TO_ONE


async def test_the_command_line_says_who_may_do_what_everywhere(services: Services) -> None:
    await publish(services, HARBOUR.read_bytes())
    mailbox = mailboxes.parse("ann@example.org")
    invited = await everywhere.join(services, EVERYWHERE, mailbox, None)
    again = await everywhere.join(services, EVERYWHERE, mailbox, None)
    assert (invited.was_there, again.was_there) == (False, True)
    session = await begun(services, invited.member)
    signed = await sessions.find(services, session)
    assert signed and {signed.role_at(site) for site in (SITE, OTHER, "later")} == {"owner"}
    await everywhere.join(services, SITE, mailbox, "viewer")
    assert (await everywhere.find(services, mailbox)).roles == {EVERYWHERE: "owner", SITE: "viewer"}
    more = await sessions.find(services, session)
    assert more and more.role_at(SITE) == "owner"
    await everywhere.join(services, EVERYWHERE, mailbox, "dpo")
    less = await sessions.find(services, session)
    assert less and less.role_at(OTHER) == "dpo"
    await everywhere.leave(services, invited.member, EVERYWHERE)
    await everywhere.leave(services, invited.member, SITE)
    assert await sessions.find(services, session) is None
    with pytest.raises(Unknown):
        await everywhere.find(services, mailbox)
    said = [what for _, what, _ in await acts(services, OTHER)]
    assert said == ["member.invited", "member.changed", "member.removed"]
