"""From what is owed to the mail that leaves: to whom, in which language, about which lists, with which links.

All of it is looked up when the mail leaves, so that whatever was decided since it was owed holds: a list that was
confirmed is not asked for again, and nobody who must not be mailed is. Links are dated when the mail was owed, so
that every attempt carries the same ones.

Invariant: a mail about an address that is not proven holds nothing but the way to prove it, or to deny it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import msgspec

from consent import ids, mailboxes, mails, receipting, records
from consent.clock import DAY
from consent.directory import Published
from consent.errors import MailDelayed
from consent.mail import Mail
from consent.mailboxes import Mailbox
from consent.mails import Letter, Links, MailKind
from consent.notices import Newsletter
from consent.services import Services
from consent.storage import outbox, pendings, subscribers, suppressions
from consent.storage import records as stored
from consent.storage.database import Reader
from consent.storage.funnel import Step
from consent.storage.outbox import Owed
from consent.storage.pendings import PendingList
from consent.storage.suppressions import ALL
from consent.tokens import AGES, LetterLink, TokenPurpose

DATED_BY: Mapping[MailKind, TokenPurpose] = {
    "confirm": "confirm",
    "reminder": "confirm",
    "change": "change",
    "manage": "manage",
}
"""The purpose of the link that the mail is there for: without it the mail is of no use."""


REPEATED = frozenset({"confirm", "already", "manage", "change"})
"""What strangers can ask for again and again. Those that could not leave in time must not leave together."""
UNDER_WAY_MS = 2_000
"""How long a sign-up may be under way: what was asked for so shortly before a mail may not be in it."""


class Nothing(NamedTuple):
    """There is nothing to send any more."""

    why: str


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that may leave, and what is to be noted once it did."""

    mail: Mail
    mailbox: Mailbox
    until: int | None
    """When it is of no use any more."""
    pending: bytes | None
    """The sign-up or change whose confirmation this is: nobody has proven the address yet."""
    steps: frozenset[Step]


class _Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a mail goes to, and what it is about now."""

    id: str
    """Of what waits, or of the subscriber: what links name."""
    key: bytes
    email: str
    language: str
    version: int = 0
    lists: tuple[str, ...] = ()
    asked: tuple[PendingList, ...] = ()
    pending: bytes | None = None
    receipt: str | None = None


async def prepare(services: Services, reader: Reader, owed: Owed) -> Prepared | Nothing:
    """The mail that is owed, as it is to leave now.

    Raises:
        MailDelayed: this process does not have the site's notice yet.
    """
    site = services.directory.find(owed.site)
    if site is None:
        raise MailDelayed("the site is not published in this process")
    if isinstance(site.notice.newsletter, msgspec.UnsetType):
        return Nothing("the site has no newsletter any more")
    if owed.what in REPEATED and await outbox.has_newer(reader, owed, services.clock()):
        return Nothing("a later mail says the same")
    whom = await _whom(services, reader, owed)
    if isinstance(whom, Nothing):
        return whom
    allowed = await _allowed(reader, site, owed, whom)
    if isinstance(allowed, Nothing):
        return allowed
    return _written(services, site, site.notice.newsletter, owed, msgspec.structs.replace(whom, lists=allowed))


async def _whom(services: Services, reader: Reader, owed: Owed) -> _Reader | Nothing:
    if "pending" in owed.about:
        return await _waiting(reader, owed)
    return await _subscribed(services, reader, owed)


async def _waiting(reader: Reader, owed: Owed) -> _Reader | Nothing:
    """Who has yet to prove an address; what was confirmed meanwhile is not asked for again."""
    pending = await pendings.find(reader, owed.site, _id(owed, "pending"))
    if pending is None:
        return Nothing("what waited for an answer is gone")
    asked = tuple(one for one in await pendings.lists(reader, owed.site, pending.id) if one.confirmed_at is None)
    if pending.kind == "signup" and not asked:
        return Nothing("everything was confirmed already")
    if owed.what == "confirm" and (pending.mailed_at or 0) > pending.asked_at + UNDER_WAY_MS:
        return Nothing("a mail that says all of it went out before")
    return _Reader(
        id=ids.uuid_text(pending.id),
        key=pending.key,
        email=pending.email,
        language=pending.language,
        lists=tuple(one.list for one in asked),
        asked=asked,
        pending=pending.id,
    )


async def _subscribed(services: Services, reader: Reader, owed: Owed) -> _Reader | Nothing:
    """A subscriber, at the address that is proven now."""
    subscriber = await subscribers.by_id(reader, owed.site, _id(owed, "subscriber"))
    if subscriber is None:
        return Nothing("the subscriber is gone")
    if owed.what == "welcome" and (subscriber.paused_until or 0) > services.clock():
        return Nothing("the subscriber has paused")
    known = await subscribers.subscriptions(reader, owed.site, subscriber.id)
    confirmed = {one.list for one in known if one.state == "confirmed"}
    named = cast("list[str]", owed.about.get("lists", []))
    lists = tuple(one for one in named if _still(owed, is_confirmed=one in confirmed))
    if named and not lists:
        return Nothing("it was decided otherwise since")
    return _Reader(
        id=ids.uuid_text(subscriber.id),
        key=subscriber.key,
        email=subscriber.email,
        language=cast("str", owed.about.get("language") or subscriber.language),
        version=subscriber.version,
        lists=lists,
        receipt=await _receipt(services, reader, owed),
    )


def _still(owed: Owed, *, is_confirmed: bool) -> bool:
    """Whether what the mail says of a list is still so."""
    return is_confirmed if owed.what in ("welcome", "already") else not is_confirmed or owed.what != "goodbye"


async def _receipt(services: Services, reader: Reader, owed: Owed) -> str | None:
    """The receipt of the record that the mail is about."""
    if not isinstance(owed.about.get("record"), str):
        return None
    found = await stored.by_id(reader, owed.site, _id(owed, "record"))
    payload = found.payload if found else None
    return receipting.receipt(services.tokens, records.read_payload(payload)) if payload else None


async def _allowed(reader: Reader, site: Published, owed: Owed, whom: _Reader) -> tuple[str, ...] | Nothing:
    """The lists that may be mailed about to this address: what was suppressed since is not, nor what there is no more.

    What its owner left by choice is no bar: the mail that asks whether it is wanted again has to arrive.
    """
    barred = {one.list for one in await suppressions.of(reader, owed.site, whom.key) if one.strength > 1}
    newsletter = cast("Newsletter", site.notice.newsletter)
    offered = {one.id for one in newsletter.lists} - barred
    lists = tuple(one for one in whom.lists if one in offered)
    if ALL in barred or (whom.lists and not lists):
        return Nothing("this address must not be mailed any more, or the lists are gone")
    return lists


def _written(
    services: Services, site: Published, newsletter: Newsletter, owed: Owed, whom: _Reader
) -> Prepared | Nothing:
    kind = cast("MailKind", owed.what)
    links = _links(services, owed, whom)
    until = owed.created_at + AGES[DATED_BY[kind]] if kind in DATED_BY else None
    letter = Letter(kind=kind, language=whom.language, site=site.notice, lists=whom.lists, links=links, until=until)
    rendered = mails.render(letter)
    mail = Mail(
        id=ids.uuid_text(owed.id),
        site=owed.site,
        sender=newsletter.sender,
        to=whom.email,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=owed.message_id,
        headers=_headers(owed, whom, links),
    )
    steps = frozenset(_step(services, owed.site, one) for one in whom.asked) if kind == "confirm" else frozenset()
    return Prepared(mail=mail, mailbox=mailboxes.parse(whom.email), until=until, pending=whom.pending, steps=steps)


def _links(services: Services, owed: Owed, whom: _Reader) -> Links:
    """Where the mail leads: one that asks for a proof has nothing else in it."""

    def link(purpose: TokenPurpose, lists: tuple[str, ...] = ()) -> str:
        content = LetterLink(id=whom.id, site=owed.site, lists=lists, version=whom.version, at=owed.created_at)
        token = services.tokens.sign(purpose, owed.site, content, owed.created_at)
        return f"{services.settings.url}/{purpose}/{token}"

    if owed.what == "change":
        return Links(confirm=link("change"))
    if whom.pending is not None:
        return Links(confirm=link("confirm", whom.lists), not_me=link("not-me", whom.lists))
    can_leave = owed.what in ("welcome", "already") and len(whom.lists) == 1
    return Links(
        manage=link("manage"),
        unsubscribe=link("unsubscribe", whom.lists) if can_leave else None,
        receipt=f"{services.settings.url}/receipts/{whom.receipt}" if whom.receipt else None,
    )


def _headers(owed: Owed, whom: _Reader, links: Links) -> dict[str, str]:
    """The headers by which a mail program offers to leave (RFC 2369, RFC 8058), where there is one list to leave."""
    if links.unsubscribe is None:
        return {}
    headers = {"List-Unsubscribe": f"<{links.unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    if owed.what == "welcome":
        domain = owed.message_id.rpartition("@")[2].removesuffix(">")
        headers["List-Id"] = f"<{whom.lists[0]}.{domain}>"  # RFC 2919
    return headers


def _step(services: Services, site: str, asked: PendingList) -> Step:
    """That the mail went out, counted where it was asked for."""
    day = services.clock() // DAY * DAY
    return Step(site, day, "sent", asked.via, asked.variant, urlsplit(asked.page).path)


def _id(owed: Owed, name: str) -> bytes:
    return ids.parse_uuid(cast("str", owed.about[name]))
