"""The trip of a sign-up: an address is asked for, nothing is proven yet, and nobody learns what is known of it.

What comes of it waits apart (`storage.pendings`) and changes nothing until the button in the mail is pressed. How much
mail a stranger can cause is decided where it is counted, in the database, by the address alone.

Invariant: whatever is known of an address, the answer is the same, and so are the statements that are run for it: what
is not meant runs as one that touches nothing. What was sent decides whether a robot is suspected, never whom it names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from consent import ids, owing, records
from consent.clock import DAY
from consent.directory import Published
from consent.errors import Fault, Refused
from consent.insisting import insists
from consent.mailboxes import Mailbox
from consent.newsletter import weighing
from consent.newsletter.mailing import deliverable, lists_of, sender_domain
from consent.newsletter.weighing import Sender
from consent.records import Circumstances, Digest, Name
from consent.services import Services
from consent.storage import budgets, pendings, subscribers, suppressions
from consent.storage.database import Writer
from consent.storage.funnel import Step
from consent.storage.pendings import Pending, PendingList
from consent.storage.subscribers import Subscriber

NOBODY = bytes(16)

SourceName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$(?!\n)")]
SourceWords = Annotated[str, msgspec.Meta(max_length=200)]


class SignupRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a page or a form sends when a reader signs up: the body of `POST …/signups`."""

    email: Annotated[str, msgspec.Meta(max_length=320)]
    lists: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=50)]
    language: Name | None = None
    """The site's first one when it names none."""
    page: Annotated[str, msgspec.Meta(max_length=2048)] | None = None
    source: Annotated[dict[SourceName, SourceWords], msgspec.Meta(max_length=12)] = {}
    challenge: Annotated[str, msgspec.Meta(max_length=2048)] | None = None
    """A solved one, `token.number`."""
    notice: Digest | None = None
    """The digest of the words that were shown; the notice in force when it names none."""
    variant: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,64}$(?!\n)")] | None = None
    via: Literal["form", "prompt", "page"] = "form"
    hint: Annotated[str, msgspec.Meta(max_length=2048)] = msgspec.field(default="", name="url_2")
    """A field that people do not see: what is in it was written by a robot."""
    seconds: Annotated[float, msgspec.Meta(ge=0)] | None = None
    """From the form's appearance to its sending."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the service saw of a reader's request."""

    address: str = ""
    """Of the network, as far as it is counted together (`addresses.bucket`)."""
    ip_kept: str = ""
    """As much of it as the site's settings allow to keep."""
    circumstances: Circumstances = Circumstances()


class _Asking(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-up that fits the site; its lists were asked for at once, so that one line of details says all of them."""

    site: Published
    sender: Sender
    lists: tuple[str, ...]
    pending: Pending
    budget: bytes
    """What the address's mails are counted under."""
    details: PendingList


@insists
async def sign_up(services: Services, site: str, request: SignupRequest, seen: Seen) -> None:
    """Takes a sign-up: what it says to whoever sent it, this says by returning nothing, always.

    Raises:
        Unknown: no such site.
        Refused: what the sender can see is wrong: the address's form, a list or a language that there is not.
        ChallengeRequired: the sender has to prove some work first.
    """
    asking = await _checked(services, services.directory.get(site), request, seen)
    weighed = await weighing.weigh(services, asking.sender)
    async with services.database.writing() as writer:
        verdict = await weighing.spend(writer, weighed, asking.sender.at)
        await _take(writer, asking, is_meant=verdict == "accept")
    services.nudge.set()
    services.metrics.asked(site, verdict)
    if verdict == "accept":
        services.counting.step(step(asking.site.id, "asked", asking.sender.at, asking.details))


def step(site: str, name: str, at: int, asked: PendingList) -> Step:
    """How far somebody came, counted where it was asked for."""
    return Step(site, at // DAY * DAY, name, asked.via, asked.variant, urlsplit(asked.page).path)


async def _checked(services: Services, site: Published, request: SignupRequest, seen: Seen) -> _Asking:
    mailbox = deliverable(services, request.email)
    asked = await services.directory.asked(site, request.notice or site.digest)
    language = request.language or site.notice.languages[0]
    offered = lists_of(site)
    faults = [Fault("lists", f"there is no list '{name}'") for name in request.lists if name not in offered]
    if asked is None:
        faults.append(Fault("notice", "this site never published a notice with this digest"))
    else:
        # Or the record would name words that say nothing of what was asked for.
        unsaid = [name for name in request.lists if name in offered and name not in asked.lists]
        faults += [Fault("lists", f"the notice has no list '{name}'") for name in unsaid]
        if language not in asked.languages:
            faults.append(Fault("language", f"the notice has no '{language}'"))
    if request.page is not None and not records.is_page(request.page):
        faults.append(Fault("page", "expected an http or https address"))
    if faults:
        raise Refused(*faults)
    return _asking(services, site, mailbox, msgspec.structs.replace(request, language=language), seen)


def _asking(services: Services, site: Published, mailbox: Mailbox, request: SignupRequest, seen: Seen) -> _Asking:
    key, language = services.addresses.of(mailbox), request.language or ""
    sender = weighing.sender(
        services,
        site.id,
        mailbox,
        seen.address,
        hint=request.hint,
        seconds=request.seconds,
        solution=request.challenge,
    )
    id_ = ids.uuid7(sender.at).bytes
    details = PendingList(
        list="",
        asked_at=sender.at,
        notice=request.notice or site.digest,
        language=language,
        page=records.without_query(request.page) if request.page else "",
        source=request.source,
        via=request.via,
        variant=request.variant or "",
        ip=seen.ip_kept,
    )
    return _Asking(
        site=site,
        sender=sender,
        lists=tuple(dict.fromkeys(request.lists)),
        pending=Pending(id=id_, key=key, kind="signup", email=mailbox.address, language=language, asked_at=sender.at),
        budget=services.addresses.budget_of(mailbox),
        details=details,
    )


async def _take(writer: Writer, asking: _Asking, *, is_meant: bool) -> None:
    """One row of statements for everybody; what is known only decides which of them touch something."""
    site, key, now = asking.site.id, asking.pending.key, asking.sender.at
    blocked = {one.list for one in await suppressions.of(writer, site, key) if one.strength > 1}
    subscriber = await subscribers.by_key(writer, site, key)
    id_, language = (subscriber.id, subscriber.language) if subscriber else (NOBODY, "")
    known = {one.list for one in await subscribers.subscriptions(writer, site, id_) if one.state == "confirmed"}
    may_have = [name for name in asking.lists if is_meant and not blocked & {name, suppressions.ALL}]
    wanted = [name for name in may_have if name not in known]
    pending = ids.uuid_text(await _wait(writer, asking, wanted, subscriber))
    due = await budgets.take(writer, asking.budget, now, is_real=bool(may_have))
    waits: dict[str, object] = {"pending": pending, "net": asking.sender.net}
    knows: dict[str, object] = {
        "subscriber": ids.uuid_text(id_),
        "lists": may_have,
        "language": language,
        "address_of": "subscriber",
    }
    await owing.owe_mail(
        writer,
        site=site,
        at=now,
        what="confirm" if wanted else "already",
        about=waits if wanted else knows,
        key=key,
        sender_domain=sender_domain(asking.site),
        due_at=due,
        is_real=due is not None and bool(may_have),
    )
    asked: dict[str, object] = {"pending": pending, "lists": wanted or list(asking.lists)}
    await owing.owe_event(writer, site=site, at=now, event="signup.pending", about=asked, key=key, is_real=bool(wanted))
    await weighing.count(writer, asking.sender)


async def _wait(writer: Writer, asking: _Asking, wanted: Sequence[str], known: Subscriber | None) -> bytes:
    """What is wanted waits for its confirmation; gives the id of what does.

    Who is known is asked at the address that was proven: another way to write it might come back, and end everything.
    """
    site, is_real = asking.site.id, bool(wanted)
    waits = msgspec.structs.replace(asking.pending, email=known.email) if known else asking.pending
    pending = await pendings.upsert(writer, site, waits, is_real=is_real)
    lists = [msgspec.structs.replace(asking.details, list=name) for name in wanted or asking.lists]
    await pendings.add_lists(writer, site, pending, lists, is_real=is_real)
    return pending
