"""Rules of time: how long a choice lasts, when somebody is asked again, how long a measuring cookie may stay.

Invariant: spans are compared in days; a month has 30.44 of them and half a year 182, one day more or less forgiven.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from consent.lint.finding import Objection, Rule
from consent.lint.known import by_cookie, spotted
from consent.notices import Notice, SiteFile
from consent.notices.wording import quoted

SIX_MONTHS, SHORT_SIX, THIRTEEN_MONTHS = 184, 180, 396
_DAYS = {"second": 1 / 86400, "minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "month": 30.44, "year": 365.25}
SOON = 30


def days(lifetime: str) -> float:
    """A cookie's lifetime in days: none for a session, without end for one that stays until it is deleted."""
    if lifetime in ("session", "persistent"):
        return 0 if lifetime == "session" else float("inf")
    number, unit = lifetime.split()
    return int(number) * _DAYS[unit.removesuffix("s")]


def refusal_days(site: SiteFile) -> tuple[str, int]:
    """How long a refusal lasts, and where that is said."""
    asking = site.consent
    if isinstance(asking.refusal_days, msgspec.UnsetType):
        return "consent.expires_days", asking.expires_days
    return "consent.refusal_days", asking.refusal_days


def asks_first(site: SiteFile) -> bool:
    """Whether some visitors are asked before anything runs."""
    return site.consent.regime in ("auto", "opt_in")


def long_choice(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A yes that outlives what the authorities call good practice."""
    lasts = site.consent.expires_days
    if lasts > SIX_MONTHS and asks_first(site):
        yield Objection("consent.expires_days", f"a choice lasts {lasts} days, more than six months")


def uneven(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A no that is forgotten before a yes."""
    where, lasts = refusal_days(site)
    if SHORT_SIX <= lasts < site.consent.expires_days:
        yield Objection(where, f"a refusal lasts {lasts} days and a yes {site.consent.expires_days}")


def asked_again(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Who refused is asked again too soon."""
    where, lasts = refusal_days(site)
    if lasts < SHORT_SIX and asks_first(site):
        yield Objection(where, f"who refused is asked again after {lasts} days, less than six months")


def long_measuring(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A cookie that measures without consent for longer than that is allowed."""
    for one in spotted(site):
        if not site.purposes[one.purpose].required or one.known.kind != "exemptible":
            continue
        service = one.where.partition(".cookies")[0]
        number = int(service[service.rindex("[") + 1 : -1])
        for which, cookie in enumerate(site.purposes[one.purpose].services[number].cookies):
            if by_cookie(cookie) in (one.known, None) and days(cookie.lifetime) > THIRTEEN_MONTHS:
                why = f"{quoted(cookie.name)} measures without consent and stays {cookie.lifetime}, more than 13 months"
                yield Objection(f"{service}.cookies[{which}].lifetime", why)


def nagging(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """An offer of the newsletter that soon comes again to who declined it."""
    newsletter = site.newsletter
    if newsletter and newsletter.prompt and newsletter.prompt.decline_days < SOON:
        lasts = newsletter.prompt.decline_days
        yield Objection("newsletter.prompt.decline_days", f"who said no is asked again after {lasts} days")


RULES = (
    Rule(
        id="R13",
        severity="warning",
        words="A choice lasts about six months.",
        jurisdiction="FR, IT",
        source="CNIL 2020-092; Garante, 10 June 2021",
        mend="expires_days = 182",
        check=long_choice,
    ),
    Rule(
        id="R13b",
        severity="warning",
        words="A refusal is remembered for as long as a yes.",
        jurisdiction="FR",
        source="CNIL 2020-092",
        mend="leave refusal_days out: then both last expires_days",
        check=uneven,
    ),
    Rule(
        id="R14",
        words="Who refused is not asked again for six months, unless what is asked has changed.",
        jurisdiction="IT, EU",
        source="Garante, 10 June 2021; EDPB 03/2022, overloading",
        mend="expires_days = 182, and leave refusal_days out",
        check=asked_again,
    ),
    Rule(
        id="R15",
        words="A cookie that measures visits without consent stays no longer than 13 months.",
        jurisdiction="FR",
        source="CNIL 2020-091, article 5; CNIL, 4 July 2025",
        mend='lifetime = "13 months", set so in the service as well; or move it to a purpose that can be refused',
        check=long_measuring,
    ),
    Rule(
        id="R22d",
        severity="warning",
        words="A no to the newsletter is a no for longer than a month.",
        jurisdiction="EU",
        source="EDPB 03/2022, overloading",
        mend="decline_days = 365",
        check=nagging,
    ),
)
