"""One attempt to deliver what is owed, and what is noted of its end.

Invariant: an attempt never raises, and takes no longer than `PATIENCE_SECONDS`; whether a mail may leave is looked up
when it leaves. A failure that is about the address ends all mail to it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Literal, get_args

import msgspec

from consent import ids
from consent.courier import account_letters, deliveries, letters
from consent.courier.letters import Nothing, Prepared
from consent.errors import AddressRefused, ConsentError, MailDelayed, MailRefused
from consent.mails import AccountMail
from consent.newsletter import leaving
from consent.services import Services
from consent.storage import attempts, budgets, ceilings, outbox, pendings
from consent.storage.attempts import Attempt
from consent.storage.database import Writer
from consent.storage.outbox import Owed
from consent.sync.delivery import SCHEDULE, Retry, Told

PATIENCE_SECONDS = 90
MINUTE, HOUR = 60_000, 3_600_000
BACK_OFF = (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR)
ATTEMPTS = 8
LONGEST_WAIT = 10 * HOUR
BUDGETED = frozenset({"confirm", "reminder", "already", "manage", "change"})
"""The mails that a stranger can cause, by whatever site or list."""
ACCOUNTS = frozenset(get_args(AccountMail))
"""The mails about the console: of no site, and to no reader."""
SPREAD = 10 * MINUTE
"""Over how long a new hour's first mails are spread that waited for it."""

log = logging.getLogger(__name__)


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended."""

    how: Literal["done", "again", "put_off", "dead", "dropped"]
    outcome: str
    """As it is counted."""
    at: int
    """When it ended; when it is due again, if it is."""
    fault: str = ""
    began_at: int = 0
    """When what a mail says was looked up."""
    prepared: Prepared | None = None
    is_bounced: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it was handed over: then it must not be again."""
        return self.how == "done"


async def attempt(services: Services, owed: Owed) -> Ended:
    """Delivers it, if that is still to be done."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await (_mail(services, owed) if owed.kind == "mail" else _event(services, owed))
    except TimeoutError:
        return _again(services, owed, "it took too long")
    except ConsentError as error:
        return _again(services, owed, f"it cannot be made now ({error.code})")
    except Exception as error:  # noqa: BLE001 - its text may hold an address
        log.error("%s of %s meets a fault of the program: %s", *named(owed), type(error).__name__)
        return _again(services, owed, f"a fault of the program ({type(error).__name__})")


async def mark(services: Services, owed: Owed, ended: Ended) -> None:
    """Notes how an attempt ended.

    Raises:
        ConsentError: it cannot be noted now.
    """
    if ended.is_bounced and ended.prepared is not None and owed.what not in ACCOUNTS:
        await _bounced(services, owed, ended.prepared)
    async with services.database.writing() as writer:
        await _note(writer, owed, ended)
        if ended.how != "put_off":  # which was no attempt
            made = Attempt(number=owed.attempts, ended_at=services.clock(), how=ended.how, fault=ended.fault)
            await attempts.add(writer, owed.site, owed.id, made)
    if owed.kind == "mail":
        services.metrics.mailed(owed.what, ended.outcome)
    else:
        services.metrics.delivered(owed.kind, ended.outcome)
    if ended.how == "done" and ended.prepared is not None:
        for step in ended.prepared.steps:
            services.counting.step(step)
    if ended.how == "dead":
        log.warning("%s of %s is given up: %s", *named(owed), ended.fault)


async def _mail(services: Services, owed: Owed) -> Ended:
    now = services.clock()
    prepared = await _prepare(services, owed)
    if isinstance(prepared, Nothing):
        return Ended(how="dropped", outcome="dropped", at=now, fault=prepared.why)
    if prepared.until is not None and now >= prepared.until:
        return Ended(how="dead", outcome="dead", at=now, fault="its link would be too old")
    if not await _may_arrive(services, prepared):
        return Ended(how="dropped", outcome="dropped", at=now, fault="nobody takes mail for the domain")
    if (later := await _put_off_until(services, owed, prepared)) is not None:
        return Ended(how="put_off", outcome="delayed", at=later)
    return await _handed_over(services, owed, prepared, now)


async def _prepare(services: Services, owed: Owed) -> Prepared | Nothing:
    if owed.what in ACCOUNTS:
        return await account_letters.prepare(services, owed)
    async with services.database.reading() as reader:
        return await letters.prepare(services, reader, owed)


async def _handed_over(services: Services, owed: Owed, prepared: Prepared, began_at: int) -> Ended:
    try:
        await services.mailer.send(prepared.mail)
    except MailDelayed as error:
        return _again(services, owed, error.detail, error.retry_after)
    except MailRefused as error:
        return Ended(how="dead", outcome="refused", at=services.clock(), fault=error.detail)
    except AddressRefused as error:
        fault = error.detail
        return Ended(
            how="dropped", outcome="refused", at=services.clock(), fault=fault, prepared=prepared, is_bounced=True
        )
    return Ended(how="done", outcome="sent", at=services.clock(), began_at=began_at, prepared=prepared)


async def _event(services: Services, owed: Owed) -> Ended:
    """Whoever delivers it knows when to give up."""
    try:
        await deliveries.deliver(services, owed)
    except Retry as error:
        wait = SCHEDULE[min(owed.attempts, len(SCHEDULE) - 1)]
        return _delayed(services, wait, error.detail, error.retry_after)
    except Told as error:
        return Ended(how="dead", outcome="dead", at=services.clock(), fault=error.detail)
    return Ended(how="done", outcome="told", at=services.clock())


async def _may_arrive(services: Services, prepared: Prepared) -> bool:
    """False when the domain of an address that is not proven takes no mail: a bounce harms the sender's name."""
    if prepared.pending is None or not services.mailer.leaves:
        return True
    return await services.mx.has_mail(prepared.mailbox.host) is not False


async def _put_off_until(services: Services, owed: Owed, prepared: Prepared) -> int | None:
    """When it may leave, if not now: not soon after another that a stranger can cause, nor when this hour is full."""
    if owed.what in ACCOUNTS:  # those have limits of their own, and no flood of sign-ups may lock the publisher out
        return None
    now, most = services.clock(), services.settings.mail_per_hour
    hour = now // HOUR * HOUR
    async with services.database.writing() as writer:
        if owed.what in BUDGETED:
            budget = services.addresses.budget_of(prepared.mailbox)
            if (later := await budgets.hand_over(writer, budget, owed.id, now)) is not None:
                return later
        domain = f"domain:{prepared.mailbox.domain}"
        if await ceilings.take(writer, domain, hour, most // 2) and await ceilings.take(writer, "*", hour, most):
            return None
    return hour + HOUR + _part_of(SPREAD)


def _again(services: Services, owed: Owed, fault: str, retry_after: int | None = None) -> Ended:
    """Another attempt, later and later; none after the last."""
    if owed.attempts >= ATTEMPTS:
        return Ended(how="dead", outcome="dead", at=services.clock(), fault=fault)
    return _delayed(services, BACK_OFF[min(owed.attempts, len(BACK_OFF)) - 1], fault, retry_after)


def _delayed(services: Services, wait: int, fault: str, retry_after: int | None) -> Ended:
    """As late as both sides want; no two processes or mails come back at the same instant."""
    wait = max(wait, min((retry_after or 0) * 1000, LONGEST_WAIT))
    due = services.clock() + wait + _part_of(wait // 4)
    return Ended(how="again", outcome="delayed", at=due, fault=fault)


def _part_of(span: int) -> int:
    """Some milliseconds of the span, by chance."""
    return int.from_bytes(ids.salts(1)[0][:6]) * span >> 48


async def _note(writer: Writer, owed: Owed, ended: Ended) -> None:
    site, id_, prepared = owed.site, owed.id, ended.prepared
    match ended.how:
        case "done":
            await outbox.done(writer, site, id_, ended.at)
            if prepared is not None and prepared.pending is not None and owed.what != "reminder":
                await pendings.mailed(writer, site, prepared.pending, ended.began_at)
        case "again":
            await outbox.again(writer, site, id_, ended.at, ended.fault)
        case "put_off":
            await outbox.put_off(writer, site, id_, ended.at)
        case "dead":
            await outbox.dead(writer, site, id_, ended.at, ended.fault)
        case "dropped":
            await outbox.drop(writer, site, id_, ended.at, ended.fault)


async def _bounced(services: Services, owed: Owed, prepared: Prepared) -> None:
    """The address is dead for all of the site's mail; a sign-up's tells of where it came from, too."""
    is_signup = prepared.pending is not None and owed.what in ("confirm", "reminder")
    sources = leaving.sources(services, owed.about, prepared.mail.to) if is_signup else ()
    await leaving.bounce(services, owed.site, services.addresses.of(prepared.mailbox), sources)


def named(owed: Owed) -> tuple[str, str]:
    """What it is, and whose: for the log."""
    return f"{owed.what} {ids.uuid_text(owed.id)}", owed.site
