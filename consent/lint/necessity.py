"""Rules of what needs no consent, and of what a refusal keeps away.

Invariant: what is known of a service (`known`) outweighs what a file calls the purpose it stands under.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from consent.lint.choices import OPTIONAL
from consent.lint.finding import Objection, Rule
from consent.lint.known import Spotted, spotted
from consent.notices import Notice, SiteFile
from consent.notices.sitefile import CookieEntry
from consent.notices.wording import quoted

FOR = {"advertising": "advertising", "measurement": "measuring visits", "embed": "content from elsewhere"}


def inflated(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """What is called necessary and is not."""
    for at, purpose in ((at, purpose) for at, purpose in enumerate(site.purposes) if purpose.required):
        signals = [name for name in purpose.signals if name in OPTIONAL]
        if signals:
            yield Objection(
                f"purposes[{at}].signals", f"{quoted(purpose.id)} cannot be refused and grants {signals[0]}"
            )
    for _, where, by, known in _required(site):
        if known.kind in FOR:
            yield Objection(
                where, f"{quoted(by)} is {known.name}, for {FOR[known.kind]}, under a purpose that nobody can refuse"
            )


def exempted(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Measuring that asks nobody."""
    for _, where, by, known in _required(site):
        if known.kind == "exemptible":
            yield Objection(where, f"{quoted(by)} is {known.name}, which measures visits without asking")


def _required(site: SiteFile) -> Iterator[Spotted]:
    return (one for one in spotted(site) if site.purposes[one.purpose].required)


def twice(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """One cookie under two purposes, so that refusing the one does not keep it away."""
    kept = list(_kept(site))
    first: dict[tuple[str, str, str], tuple[int, str]] = {}
    for at, where, cookie in kept:
        first.setdefault(_key(cookie, cookie.name), (at, where))
    for at, where, cookie in kept:
        # A star stands for any end, so what is covered is found by its beginnings.
        names = [cookie.name, *(f"{cookie.name[:end]}*" for end in range(2, len(cookie.name)))]
        others = (first[key] for name in names if (key := _key(cookie, name)) in first)
        if other := next((one for one in others if one[0] != at), None):
            yield Objection(where, f"{quoted(cookie.name)} stands at {other[1]} as well, under another purpose")


def _kept(site: SiteFile) -> Iterator[tuple[int, str, CookieEntry]]:
    for at, purpose in enumerate(site.purposes):
        for number, service in enumerate(purpose.services):
            for which, cookie in enumerate(service.cookies):
                yield at, f"purposes[{at}].services[{number}].cookies[{which}]", cookie


def _key(cookie: CookieEntry, name: str) -> tuple[str, str, str]:
    host = "" if isinstance(cookie.domain, msgspec.UnsetType) else cookie.domain.lstrip(".")
    return cookie.kind, host, name


RULES = (
    Rule(
        id="R20",
        words="Only what the visitor asked for needs no consent: not advertising, not embeds, hardly any measuring.",
        jurisdiction="EU",
        source="ePrivacy directive, article 5(3); EDPB cookie banner taskforce, type I",
        mend="move it to a purpose of its own that can be refused",
        check=inflated,
    ),
    Rule(
        id="R15b",
        severity="warning",
        words="Measuring visits without consent is allowed in few places, and there on conditions.",
        jurisdiction="FR, UK",
        source="CNIL, 4 July 2025, and article 82; DUAA 2025, schedule A1",
        mend="make it a purpose that can be refused; or keep to one site, anonymous figures and a plain way to object",
        check=exempted,
    ),
    Rule(
        id="R39",
        words="What is refused stays away: no cookie stands under two purposes.",
        jurisdiction="EU",
        source="GDPR, recital 43; EDPB 05/2020, 42-45",
        mend="name each cookie once, under the purpose for which it is set",
        check=twice,
    ),
)
