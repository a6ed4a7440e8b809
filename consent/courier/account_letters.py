"""From an invitation or a sign-in link that is owed to the mail that leaves.

The link's secret is made here, for this very attempt, and its hash kept before the mail is handed over. An attempt
whose end is not known may have arrived: its link stays good beside those of later attempts, until one of them is used.

Invariant: no secret and no address is kept with what is owed; nobody is mailed who may not sign in any more; what a
site is called makes no link in a mail, and no site's sender stands on the mail of somebody who has no role there.
"""

from __future__ import annotations

import re
from typing import cast
from urllib.parse import urlsplit

import msgspec

from consent import ids, mailboxes, mails
from consent.accounts import links
from consent.clock import HOUR
from consent.courier.letters import Nothing, Prepared
from consent.mail import Mail
from consent.mails import AccountLetter, AccountMail
from consent.services import Services
from consent.storage import members, sign_in_links
from consent.storage.members import EVERYWHERE, Member
from consent.storage.outbox import Owed
from consent.storage.sign_in_links import LinkKind

ROLES = {"dpo": "data-protection officer"}
"""What a role is called in a sentence, where that is another word."""
LATEST_MS: dict[LinkKind, int] = {"invitation": 72 * HOUR, "sign-in": HOUR}
"""How long after it was asked for a link is still mailed: who asked to sign in has given up by then."""


LONGEST_NAME = 60
LINKING = re.compile(r"https?\b|www\.|[/\\@<>]", re.IGNORECASE)
"""What makes a word one that mail programs make a link of."""


async def prepare(services: Services, owed: Owed) -> Prepared | Nothing:
    """The mail, with a link of its own that is good from now on."""
    kind, now = cast("LinkKind", owed.what), services.clock()
    browser = bytes.fromhex(cast("str", owed.about["browser"])) if "browser" in owed.about else None
    async with services.database.writing() as writer:
        member = await members.by_id(writer, ids.parse_uuid(cast("str", owed.about["member"])))
        if member is None or member.disabled_at is not None:
            return Nothing("whom it is for may not sign in any more")
        if await sign_in_links.has_newer(writer, member.id, kind, browser, owed.id):
            return Nothing("a later mail says the same")
        held = await members.roles(writer, member.id)
        secret = await links.make(writer, member.id, kind, now, asking=owed.id, browser=browser)
    role = held.get(str(owed.about.get("site", EVERYWHERE)), "viewer")
    return _written(services, owed, member, role, links.address(services, secret), list(held))


def _written(services: Services, owed: Owed, member: Member, role: str, link: str, held: list[str]) -> Prepared:
    kind, about = cast("AccountMail", owed.what), str(owed.about.get("site", EVERYWHERE))
    letter = AccountLetter(
        kind=kind,
        link=link,
        host=urlsplit(services.settings.url).netloc,
        place=_place(services, about),
        role=ROLES.get(role, role),
    )
    rendered = mails.render_account(letter)
    mail = Mail(
        id=ids.uuid_text(owed.id),
        site=owed.site,
        sender=_sender(services, held, about),
        to=member.email,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=owed.message_id,
        headers={},
    )
    until = owed.created_at + LATEST_MS[kind]
    return Prepared(mail=mail, mailbox=mailboxes.parse(member.email), until=until, pending=None, steps=frozenset())


def _place(services: Services, site: str) -> str:
    found = services.directory.find(site)
    if site == EVERYWHERE:
        return "every site"
    return f"“{(harmless(found.notice.name) if found else '') or site}”"


def harmless(name: str) -> str:
    """A site's name in one short line, without what leads elsewhere: an owner could have us mail it to strangers."""
    words = [word for word in name.split() if not LINKING.search(word)]
    line = re.sub(r"(?<=\w)[.\u3002\uff0e\uff61](?=\w)", "·", " ".join(words))  # “example·org” is no address either
    return "".join(letter for letter in line if letter.isprintable() and letter not in "“”")[:LONGEST_NAME].strip()


def _sender(services: Services, held: list[str], about: str) -> str:
    """A sender that the provider lets through: of the site that it is about, or another of the member's; else ours."""
    own = [site for site in services.directory.all() if site.id in held or EVERYWHERE in held]
    for site in sorted(own, key=lambda site: (site.id != about, site.id)):
        if not isinstance(site.notice.newsletter, msgspec.UnsetType):
            return f"consent <{site.notice.newsletter.sender.rpartition('<')[2].removesuffix('>')}>"
    return f"consent <console@{urlsplit(services.settings.url).hostname}>"
