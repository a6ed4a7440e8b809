"""How much the sender of a sign-up is doubted: what was counted of late where it comes from, and the work it has done.

Invariant: a challenge is of use once, at the site and for the form that it was given for; a solution that is none, for
whatever reason, is as good as nothing sent. What is counted stands under keyed hashes: they tell a flood, no person.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from consent import challenges, clock, ids, mailboxes, risks
from consent.challenges import Challenge, Offer
from consent.clock import DAY, HOUR
from consent.errors import BadToken, ChallengeRequired
from consent.mailboxes import Mailbox
from consent.risks import Signals, Verdict
from consent.services import Services
from consent.storage import spent, tallies
from consent.storage.database import Writer
from consent.tokens import AGES

WINDOW = 600_000
REMEMBERED = 7 * DAY
"""How long a bounce is held against where its sign-up came from."""


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, as far as that can be told, and what came with it."""

    site: str
    at: int
    host: str
    """The address's domain, ASCII."""
    net: str
    domain: str
    """Labels, as `label` makes them."""
    is_robot: bool
    seconds: float | None
    solution: str | None


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the sender, and the challenge that came solved."""

    signals: Signals
    challenge: Challenge | None = None


def label(services: Services, kind: Literal["net", "domain"], of: str) -> str:
    """What a source of sign-ups is counted under."""
    return f"{kind}:{services.addresses.key(f'{kind}:{of}').hex()[:16]}"


def sender(
    services: Services,
    site: str,
    mailbox: Mailbox,
    address: str,
    *,
    hint: str = "",
    seconds: float | None = None,
    solution: str | None = None,
) -> Sender:
    """Who asks for this mailbox from this address of the network."""
    return Sender(
        site=site,
        at=services.clock(),
        host=mailbox.host,
        net=label(services, "net", address),
        domain=label(services, "domain", mailbox.domain),
        is_robot=bool(hint),
        seconds=seconds,
        solution=solution,
    )


def challenge(services: Services, site: str) -> Offer:
    """A challenge for the site's sign-ups, as hard as the times are.

    Raises:
        Unknown: no such site.
    """
    now, level = services.clock(), services.pressure.level(services.directory.get(site).id)
    posed = Challenge(id=str(ids.uuid7(now)), site=site, salt=ids.salts(1)[0].hex(), bits=risks.BITS[level])
    return Offer(
        challenge=services.tokens.sign("challenge", site, posed, now),
        salt=posed.salt,
        cost=posed.cost,
        bits=posed.bits,
        expires_at=clock.text(now + AGES["challenge"]),
    )


async def weigh(services: Services, asks: Sender) -> Weighed:
    """What is known of the sender.

    Raises:
        ChallengeRequired: it has to prove some work first.
    """
    if services.settings.limits == "off":
        return Weighed(signals=Signals())
    solved = _solved(services, asks.site, asks.solution) if asks.solution else None
    signals = await _signals(services, asks, solved)
    if risks.verdict(signals) == "challenge":
        await _count_challenged(services, asks, signals)
        raise required()
    return Weighed(signals=signals, challenge=solved)


async def spend(writer: Writer, weighed: Weighed, now: int) -> Verdict:
    """The verdict, once the challenge is used up; one that was used before proves nothing.

    Raises:
        ChallengeRequired: nothing is proven, and must be.
    """
    posed, signals = weighed.challenge, weighed.signals
    if posed and not await spent.spend(writer, f"challenge:{posed.id}", now + 2 * AGES["challenge"]):
        signals = msgspec.structs.replace(signals, solved=0)
    verdict = risks.verdict(signals)
    if verdict == "challenge":
        raise required()
    return verdict


async def count(writer: Writer, asks: Sender) -> None:
    """One more was asked for; the last statement of its transaction, for all sign-ups wait for the site's own row."""
    window = asks.at // WINDOW * WINDOW
    for about in (asks.domain, asks.net, ""):
        await tallies.add(writer, asks.site, "asked", about, window)


def required() -> ChallengeRequired:
    """What a sender in doubt is told."""
    return ChallengeRequired("solve the challenge that GET …/signups/challenge gives, and send its solution along")


async def _signals(services: Services, asks: Sender, solved: Challenge | None) -> Signals:
    site, now = asks.site, asks.at
    async with services.database.reading() as reader:
        from_net = await tallies.recent(reader, site, "asked", asks.net, now - HOUR)
        for_domain = await tallies.recent(reader, site, "asked", asks.domain, now - HOUR)
        bounced_from_net = await tallies.recent(reader, site, "bounced", asks.net, now - REMEMBERED)
        bounced_domain = await tallies.recent(reader, site, "bounced", asks.domain, now - REMEMBERED)
    return Signals(
        honeypot=asks.is_robot,
        seconds=asks.seconds,
        recent_from_net=from_net,
        recent_for_domain=for_domain,
        disposable=mailboxes.is_disposable(asks.host),
        has_mx=services.mx.known(asks.host),
        bounced_from_net=bounced_from_net,
        bounced_domain=bounced_domain,
        pressure=services.pressure.level(site),
        solved=solved.bits if solved else 0,
    )


def _solved(services: Services, site: str, solution: str) -> Challenge | None:
    try:
        token, number = challenges.split(solution)
        posed = services.tokens.read("challenge", site, token, Challenge)
    except BadToken:
        return None
    fits = (posed.site, posed.form) == (site, challenges.FORM)
    return posed if fits and challenges.solves(posed, number) else None


async def _count_challenged(services: Services, asks: Sender, signals: Signals) -> None:
    """Attack mode lasts as long as the attack, though nothing of it is taken; one net alone cannot make it last."""
    services.metrics.asked(asks.site, "challenge")
    if signals.pressure and signals.recent_from_net < risks.FREE_FROM_NET:
        async with services.database.writing() as writer:
            await count(writer, asks)
