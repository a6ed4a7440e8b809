"""The newsletter's trips: sign up, confirm, not me, unsubscribe; each link has one that looks and one that acts.

Signing up and what a confirmation mail's links do have rooms of their own a floor below; here is how a list is left.

Invariant: a link to unsubscribe ends its one list, whenever it is used and however often. Whoever holds it, by a mail
that was passed on, is told no more of the subscriber than whose list it is, half hidden.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from consent import mailboxes
from consent.directory import Published
from consent.errors import BadToken
from consent.insisting import insists
from consent.newsletter import leaving
from consent.newsletter.confirming import Confirmed, ConfirmPage, RefusePage, confirm, confirming, not_me, refusing
from consent.newsletter.joining import Words
from consent.newsletter.leaving import Moved
from consent.newsletter.mailing import owe_letter, spoken
from consent.newsletter.reader_links import Opened, opened
from consent.newsletter.signing_up import Seen, SignupRequest, sign_up
from consent.newsletter.weighing import challenge
from consent.services import Services
from consent.storage import subscribers
from consent.storage.database import Reader, Writer
from consent.storage.subscribers import Subscriber, Subscription
from consent.subscriptions import after

__all__ = [
    "ConfirmPage",
    "Confirmed",
    "LeavePage",
    "RefusePage",
    "Seen",
    "SignupRequest",
    "Words",
    "challenge",
    "confirm",
    "confirming",
    "leaving_page",
    "not_me",
    "refusing",
    "sign_up",
    "unsubscribe",
]

HIDDEN = "•••"


class LeavePage(msgspec.Struct, frozen=True, kw_only=True):
    """What a link to unsubscribe is about, or what became of it; without a site the link is none of ours."""

    state: Literal["confirmed", "gone"]
    site: str | None = None
    language: str | None = None
    list: str | None = None
    email: str = ""
    """In part: the link may have been passed on. Nothing of an address that the link was not mailed to."""


async def leaving_page(services: Services, token: str) -> LeavePage:
    """What a link to unsubscribe is about; changes nothing, and a link that is none is about nothing."""
    found = _to_leave(services, token)
    if found is None:
        return LeavePage(state="gone")
    async with services.database.reading() as reader:
        subscriber = await subscribers.by_id(reader, found.site.id, found.id)
        held = await _held(reader, found, subscriber)
    return _leave_page(found, subscriber, is_on=held is not None)


@insists
async def unsubscribe(services: Services, token: str, seen: Seen, *, one_click: bool = False) -> LeavePage:
    """Leaves the link's one list, at once; whatever the link is, and however often, nothing else comes of it.

    With `one_click` (RFC 8058) a program asked: nobody is mailed a goodbye.
    """
    found = _to_leave(services, token)
    if found is None:
        return LeavePage(state="gone")
    how, moved = leaving.by(leaving.UNSUBSCRIBED, "link", seen.circumstances), leaving.NOTHING
    async with services.appender.acting(found.site.id) as act:
        subscriber = await subscribers.lock(act.writer, found.site.id, found.id)
        if subscriber:
            moved = await leaving.move(services, act.writer, found.site.id, subscriber, found.link.lists, how)
        if subscriber and moved.lists and not one_click:
            await _owe_goodbye(act.writer, found.site, subscriber, moved, services.clock())
        await act.append(moved.drafts)
    leaving.count(services, found.site.id, moved)
    services.nudge.set()
    return _leave_page(found, subscriber, is_on=False)


def _to_leave(services: Services, token: str) -> Opened | None:
    try:
        found = opened(services, "unsubscribe", token)
    except BadToken:
        return None
    return found if len(found.link.lists) == 1 else None


async def _held(reader: Reader, found: Opened, subscriber: Subscriber | None) -> Subscription | None:
    """The subscription that the link ends, when there is something to end."""
    known = await subscribers.subscriptions(reader, found.site.id, subscriber.id) if subscriber else ()
    return next((one for one in known if one.list in found.link.lists and after(one.state, "unsubscribe")), None)


async def _owe_goodbye(writer: Writer, site: Published, subscriber: Subscriber, moved: Moved, at: int) -> None:
    record = moved.drafts[0].id
    await owe_letter(writer, site, subscriber, "goodbye", at, lists=moved.lists, record=record)


def _leave_page(found: Opened, subscriber: Subscriber | None, *, is_on: bool) -> LeavePage:
    return LeavePage(
        state="confirmed" if is_on else "gone",
        site=found.site.id,
        language=spoken(found.site, subscriber),
        list=found.link.lists[0],
        email=_shown(found, subscriber),
    )


def _shown(found: Opened, subscriber: Subscriber | None) -> str:
    if subscriber is None:
        return ""
    return mailboxes.shown(subscriber.email) if subscriber.version == found.link.version else HIDDEN
