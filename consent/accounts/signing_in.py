"""The trip of signing in: a link is asked for, mailed, opened, and pressed; or a passkey answers.

Invariant: whoever asks learns nothing about who may sign in: the same statements run for every address. A sign-in makes
a new session, never takes over one that was there.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from consent import auditing, ids, mailboxes, owing
from consent.accounts import links, sessions
from consent.clock import HOUR
from consent.errors import SignInRequired
from consent.mails import AccountMail
from consent.services import Services
from consent.storage import ceilings, members, sites
from consent.storage import sessions as stored
from consent.storage.database import Writer
from consent.storage.members import EVERYWHERE, Member

MAILS_AN_HOUR = 3
"""To one mailbox, however its address is written, for one network: no stranger uses up what is the person's own."""
MAILS_OF_ALL = 20
"""To one mailbox, whoever asks."""
USED_UP = "This link has been used, or is too old."


async def ask(services: Services, words: str, browser: str, network: str) -> None:
    """Owes a sign-in link to the address, if somebody may sign in by it; for the browser with this cookie alone.

    `network`: who asks, as far as it is counted together (`addresses.bucket`).

    Raises:
        Refused: no address.
    """
    mailbox, now = mailboxes.parse(words), services.clock()
    key, budget = services.addresses.of(mailbox), services.addresses.budget_of(mailbox)
    async with services.database.writing() as writer:
        member = await members.by_key(writer, key)
        has_room = await _take(services, writer, budget, network, now)
        may = member is not None and member.disabled_at is None
        about: dict[str, object] = {"browser": sessions.digest(browser).hex()}
        whom = member.id if member else ids.uuid7(now).bytes
        await owe(services, writer, "sign-in", whom, key, about, now, is_real=may and has_room)
    services.nudge.set()


async def _take(services: Services, writer: Writer, budget: bytes, network: str, now: int) -> bool:
    """Counts one more mail to the mailbox; what one network asks for too often is not counted against all."""
    window, asker = now // HOUR * HOUR, services.addresses.key(f"{budget.hex()} {network}").hex()
    is_own = await ceilings.take(writer, f"sign-in:{asker}", window, MAILS_AN_HOUR)
    return await ceilings.take(writer, f"sign-in:{budget.hex()}", window, MAILS_OF_ALL if is_own else 0)


async def owe(
    services: Services,
    writer: Writer,
    what: AccountMail,
    member: bytes,
    key: bytes,
    about: dict[str, object],
    at: int,
    *,
    is_real: bool = True,
) -> None:
    """Owes a mail about the console: of no site, so that no site's key sees it."""
    await owing.owe_mail(
        writer,
        site=EVERYWHERE,
        at=at,
        what=what,
        about={"member": ids.uuid_text(member), **about},
        key=key,
        sender_domain=urlsplit(services.settings.url).hostname or "localhost",
        is_real=is_real,
    )


async def use(services: Services, secret: str, browser: str, named: str) -> str:
    """Signs in by the link in the browser with this cookie, called by these words; gives the session's id.

    Raises:
        SignInRequired: it was used, is too old, or is another browser's.
    """
    if (await links.look(services, secret, browser)).state != "good":
        raise SignInRequired(USED_UP)
    now = services.clock()
    async with services.database.writing() as writer:
        id_ = await links.spend(writer, secret, now)
        member = await members.by_id(writer, id_) if id_ else None
        if member is None or member.disabled_at is not None:
            raise SignInRequired(USED_UP)
        begun = await begin(services, writer, member, named)
    await note(services, member, "member.signed_in", {"by": "link"})
    return begun


async def begin(services: Services, writer: Writer, member: Member, named: str) -> str:
    """A new session of the member; takes away what is long over."""
    now = services.clock()
    await stored.purge(writer, now - sessions.ABSOLUTE_MS, 100)
    return await sessions.begin(writer, member.id, named, now)


async def note(services: Services, member: Member, action: str, about: dict[str, object] | None = None) -> None:
    """Records what the member did about the own sign-in, at each site where they have a role."""
    for site in await places(services, member):
        await auditing.note(services, site, auditing.by_member(member.id), action, about)


async def places(services: Services, member: Member) -> Iterable[str]:
    """The published sites where the member has a role."""
    async with services.database.reading() as reader:
        held, published = await members.roles(reader, member.id), await sites.revisions(reader)
    return sorted(site for site in published if site in held or EVERYWHERE in held)
