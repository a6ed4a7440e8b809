"""Signing in by a link: who gets one, how long and where it is good, that it is good once; and what a session is."""

from __future__ import annotations

import asyncio

import pytest

from consent import auditing, ids, mailboxes
from consent.accounts import everywhere, links, people, sessions, signing_in
from consent.accounts.links import LIVES
from consent.accounts.signing_in import MAILS_AN_HOUR, MAILS_OF_ALL
from consent.clock import HOUR
from consent.courier import account_letters
from consent.courier.letters import Nothing, Prepared
from consent.errors import Refused, SignInRequired
from consent.services import Services
from consent.storage.members import EVERYWHERE
from tests.acts import SITE
from tests.clock import SetClock
from tests.mail.making import words_of
from tests.mail.smtp_server import Postbox
from tests.reading import verified
from tests.signing_in import BROWSER, a_member
from tests.trips.accounts import ELSEWHERE, HERE, NETWORK, ON_ONE_ENGINE, acts, mailed, owed_mails, secret_in
from tests.trips.posting import arrived, deliver, posting


async def test_a_link_that_was_asked_for_signs_in_once(post: Services, postbox: Postbox) -> None:
    member = await a_member(post, "editor")
    secret = await mailed(post, postbox, member)
    [owed] = await owed_mails(post)
    assert (owed.what, owed.state, set(owed.about)) == ("sign-in", "done", {"member", "browser"})
    assert arrived(postbox)[0]["To"] == member.email
    looked = [await links.look(post, secret, HERE) for _ in range(3)]
    assert {one.state for one in looked} == {"good"}
    assert looked[0].member == member
    begun = await signing_in.use(post, secret, HERE, BROWSER)
    signed = await sessions.find(post, begun)
    assert signed and signed.member == member
    assert (signed.role_at(SITE), signed.role_at("harbour-post")) == ("editor", None)
    assert (await links.look(post, secret, HERE)).state == "over"
    with pytest.raises(SignInRequired):
        await signing_in.use(post, secret, HERE, BROWSER)
    by = f"member:{ids.uuid_text(member.id)}"
    assert await acts(post) == [(by, "member.signed_in", {"by": "link"})]
    assert await verified(post) >= 1


async def test_of_many_at_once_one_is_signed_in(post: Services, postbox: Postbox) -> None:
    secret = await mailed(post, postbox, await a_member(post))
    tries = [signing_in.use(post, secret, HERE, BROWSER) for _ in range(8)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, str) for one in done) == 1
    assert {type(one) for one in done if not isinstance(one, str)} == {SignInRequired}


@ON_ONE_ENGINE
async def test_a_link_is_good_in_its_own_browser_and_in_its_time(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    member = await a_member(post)
    secret = await mailed(post, postbox, member)
    for browser in (ELSEWHERE, "", HERE + " "):
        assert (await links.look(post, secret, browser)).state == "elsewhere"
        with pytest.raises(SignInRequired):
            await signing_in.use(post, secret, browser, BROWSER)
    clock.forward(LIVES["sign-in"] - 1)
    assert (await links.look(post, secret, HERE)).state == "good"
    clock.forward(1)
    assert (await links.look(post, secret, HERE)).state == "over"
    for nonsense in ("", "x", secret[:-1], secret + "x", "é" * 43, "\udcff" * 43):
        assert (await links.look(post, nonsense, HERE)).state == "over"


async def test_a_new_link_ends_the_older_of_the_same_browser_alone(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    """Else a stranger who asks again and again would keep somebody from ever signing in."""
    member = await a_member(post)
    first = await mailed(post, postbox, member)
    strangers = await mailed(post, postbox, member, ELSEWHERE)
    assert (await links.look(post, first, HERE)).state == "good"
    clock.forward(1)
    second = await mailed(post, postbox, member)
    assert (await links.look(post, first, HERE)).state == "over"
    await signing_in.use(post, second, HERE, BROWSER)
    assert (await links.look(post, strangers, ELSEWHERE)).state == "over"


async def test_every_attempt_of_one_mail_has_a_link_that_works(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    """An attempt may have arrived though nobody said so: whichever of its mails is read, its link is good, once."""
    member = await a_member(post)
    await signing_in.ask(post, member.email, HERE, NETWORK)
    [owed] = await owed_mails(post)
    lost = await account_letters.prepare(post, owed)
    assert isinstance(lost, Prepared)
    clock.forward(60_000)
    await deliver(post)
    secrets = [secret_in(lost.mail.text), secret_in(words_of(arrived(postbox)[0], "plain"))]
    assert len(set(secrets)) == 2
    assert [(await links.look(post, secret, HERE)).state for secret in secrets] == ["good", "good"]
    await signing_in.use(post, secrets[0], HERE, BROWSER)
    assert (await links.look(post, secrets[1], HERE)).state == "over"
    assert isinstance(await account_letters.prepare(post, owed), Prepared)


@ON_ONE_ENGINE
async def test_a_late_attempt_of_an_older_mail_does_not_end_the_newer_link(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    member = await a_member(post)
    await signing_in.ask(post, member.email, HERE, NETWORK)
    [older] = await owed_mails(post)
    clock.forward(1000)
    newer = await mailed(post, postbox, member)
    assert isinstance(await account_letters.prepare(post, older), Nothing)
    assert (await links.look(post, newer, HERE)).state == "good"


@ON_ONE_ENGINE
async def test_nobody_else_is_mailed_and_the_answer_is_the_same(post: Services, postbox: Postbox) -> None:
    barred = await a_member(post)
    await everywhere.disable(post, barred, may_sign_in=False)
    for address in ("nobody@example.org", barred.email):
        await signing_in.ask(post, address, HERE, NETWORK)
    with pytest.raises(Refused):
        await signing_in.ask(post, "no address", HERE, NETWORK)
    await deliver(post)
    assert postbox.taken == []
    assert await owed_mails(post) == []


async def test_who_is_barred_or_gone_meanwhile_gets_no_mail_and_no_way_in(post: Services, postbox: Postbox) -> None:
    barred, gone = await a_member(post), await a_member(post, "viewer")
    for member in (barred, gone):
        await signing_in.ask(post, member.email, HERE, NETWORK)
    await everywhere.disable(post, barred, may_sign_in=False)
    await people.remove(post, SITE, gone.id, auditing.COMMAND)
    await deliver(post)
    assert postbox.taken == []
    assert {one.state for one in await owed_mails(post)} == {"dropped"}


@ON_ONE_ENGINE
async def test_no_stranger_uses_up_a_mailbox_however_it_is_written(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    await everywhere.join(post, EVERYWHERE, mailboxes.parse("ann.other@gmail.com"), None)
    spellings = ("annother@gmail.com", "Ann.Other+x@gmail.com", "a.n.n.other@googlemail.com", "annother+y@gmail.com")
    for place in range(2 * MAILS_OF_ALL):
        await signing_in.ask(post, spellings[place % 4], f"browser {place}", "10.6.6.6")
    await deliver(post)
    assert len(postbox.taken) == MAILS_AN_HOUR
    await signing_in.ask(post, spellings[0], HERE, NETWORK)
    await deliver(post)
    assert len(postbox.taken) == MAILS_AN_HOUR + 1
    assert {mail["To"] for mail in arrived(postbox)} == {"ann.other@gmail.com"}
    for place in range(MAILS_OF_ALL):
        await signing_in.ask(post, spellings[0], f"browser {place}", f"10.7.7.{place}")
    async with post.database.reading() as reader:
        assert await reader.rows("SELECT scope FROM ceilings WHERE scope LIKE '%10.%'") == []
    assert len(await owed_mails(post)) == MAILS_OF_ALL
    clock.forward(HOUR)
    await signing_in.ask(post, spellings[0], HERE, "10.6.6.6")
    assert len(await owed_mails(post)) == MAILS_OF_ALL + 1


@ON_ONE_ENGINE
async def test_an_address_that_refuses_is_not_mailed_again_and_nothing_else(post: Services, postbox: Postbox) -> None:
    """A bounce of a reader bars the address; one of the console's people must not."""
    member = await a_member(post)
    postbox.answers["RCPT"] = "550 no such mailbox"
    await signing_in.ask(post, member.email, HERE, NETWORK)
    await deliver(post)
    [owed] = await owed_mails(post)
    assert owed.state == "dropped"
    async with post.database.reading() as reader:
        assert await reader.rows("SELECT key FROM suppressions") == []


@ON_ONE_ENGINE
async def test_no_flood_of_other_mail_holds_these_back(database_url: str, clock: SetClock, postbox: Postbox) -> None:
    async with posting(database_url, clock, postbox, per_hour=2) as services:
        for place in range(3):
            await people.invite(services, SITE, f"person{place}@example.org", "dpo", auditing.COMMAND)
        await deliver(services)
        assert len(postbox.taken) == 3
        words = words_of(arrived(postbox)[0], "plain").replace("\n", " ")
        assert (
            "invited to the consent console of “Miami New Times” at 127.0.0.1:8000, as data-protection officer" in words
        )


@ON_ONE_ENGINE
async def test_a_mail_leads_nowhere_else_and_is_from_no_strangers_site(post: Services, clock: SetClock) -> None:
    """A site's name is its owner's to choose, and so is its newsletter's sender."""
    for name, told in (
        ("The Miami Times", "The Miami Times"),
        ("Win\r\nat https://evil.example/x now", "Win at now"),
        ("www.evil.example", ""),
        ("evil.example “press”", "evil·example press"),
        ("x@evil.example", ""),
    ):
        assert account_letters.harmless(name) == told
    theirs, owner = await a_member(post, "owner", "some-other-site"), await a_member(post)
    for member, sender in ((theirs, "consent <console@127.0.0.1>"), (owner, "consent <newsletter@miaminewtimes.com>")):
        clock.forward(1)
        await signing_in.ask(post, member.email, HERE, NETWORK)
        prepared = await account_letters.prepare(post, (await owed_mails(post))[-1])
        assert isinstance(prepared, Prepared)
        assert prepared.mail.sender == sender
