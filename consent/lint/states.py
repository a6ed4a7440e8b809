"""Rules of places: what the United States want where data is sold or shared, and that no place gets less than it wants.

Invariant: what a regime shows is `regimes`' own; here it is only said where a file takes it away.
"""

from __future__ import annotations

from collections.abc import Iterator

from consent import regimes
from consent.lint import phrases
from consent.lint.choices import is_advertising
from consent.lint.finding import Objection, Rule
from consent.lint.known import spotted
from consent.lint.spots import described, labels
from consent.notices import Notice, SiteFile, sells
from consent.notices.wording import quoted

# By statute, word for word; the second has a form for California alone.
STATUTORY = {
    "do_not_sell": ("do not sell or share my personal information",),
    "privacy_choices": ("your privacy choices", "your california privacy choices"),
}


def presumes(site: SiteFile) -> bool:
    """Whether purposes run for some visitors before they chose."""
    return site.consent.regime != "opt_in"


def asymmetric(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """More steps to opt out than to opt in."""
    if site.notice.refuse != "button" and presumes(site):
        yield Objection("notice.refuse", "to say yes takes one button, to say no something else")


def no_opt_out(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Sale without the way out that the law names."""
    if not sells(notice):
        return
    if site.consent.regime == "notice_only":
        yield Objection("consent.regime", "purposes that sell or share run for everybody, with no opt-out by its name")
    elif presumes(site) and not notice.look.reopen:
        why = "the link that the law wants is this button: without it every page needs one of its own, called so"
        yield Objection("theme.reopen", why)


def renamed(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """The statutory words in other words."""
    for key, allowed in STATUTORY.items():
        for one in labels(site, key):
            if one.language.partition("-")[0] == "en" and phrases.plain(one.text) not in allowed:
                yield Objection(
                    one.where, f"{quoted(one.text)} is not what the law calls it", f"“{allowed[0].title()}”"
                )


def deaf(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A signal that is not heard."""
    if not site.notice.gpc:
        yield Objection("notice.gpc", "the browser's signal would be passed over")


def unheard(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Advertising that the signal does not switch off."""
    told: set[int] = set()
    for one in spotted(site):
        purpose = site.purposes[one.purpose]
        if one.known.kind != "advertising" or purpose.required or purpose.sale_or_sharing or not presumes(site):
            continue
        if one.purpose not in told:
            told.add(one.purpose)
            why = f"{quoted(purpose.id)} has {one.known.name}, and is not marked as sale or sharing: GPC leaves it on"
            yield Objection(f"purposes[{one.purpose}].sale_or_sharing", why)


def lenient(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A controller's own law wants more than the regime gives."""
    regime, country = site.consent.regime, site.controller.country
    if regime in ("opt_out", "notice_only") and _wants_opt_in(country):
        yield Objection("consent.regime", f"{quoted(regime)} for everybody, and {country} wants to be asked first")


def lenient_abroad(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Visitors from stricter places get the lenient notice."""
    regime, country = site.consent.regime, site.controller.country
    if regime in ("opt_out", "notice_only") and not _wants_opt_in(country):
        yield Objection("consent.regime", f"{quoted(regime)} for everybody, whose place is not known among them")


def _wants_opt_in(country: str) -> bool:
    listed = any(country in law.places.split() for law in regimes.LAWS)
    return listed and regimes.at(country).regime == "opt_in"


def sensitive(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Data of special kinds."""
    for one in described(site):
        purpose = site.purposes[int(one.where[len("purposes[") : one.where.index("]")])]
        hit = "" if purpose.required else phrases.said("sensitive", one.language, one.text)
        if hit:
            yield Objection(one.where, f"{quoted(hit)}: data of a special kind")


def children(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Advertising to children."""
    if not site.consent.children:
        return
    known = {one.purpose: one for one in spotted(site) if one.known.kind == "advertising"}
    for at, purpose in enumerate(site.purposes):
        if at in known:
            yield Objection(known[at].where, f"{known[at].known.name} profiles, and the site is made for children")
        elif is_advertising(purpose):
            yield Objection(
                f"purposes[{at}]", f"{quoted(purpose.id)} is advertising, and the site is made for children"
            )


RULES = (
    Rule(
        id="R24",
        words="To opt out takes no more steps than to opt in.",
        jurisdiction="US-CA",
        source="11 CCR 7004(a)(2)(A)-(C)",
        mend='leave notice.refuse out: it is "button"',
        check=asymmetric,
    ),
    Rule(
        id="R26",
        severity="warning",
        words="Where data is sold or shared, every page has the opt-out that the law names.",
        jurisdiction="US-CA",
        source="11 CCR 7026(a)(4), 7013-7015",
        mend='regime = "auto" or "opt_out", and leave theme.reopen out',
        check=no_opt_out,
    ),
    Rule(
        id="R26b",
        words="The opt-out is called what the law calls it.",
        jurisdiction="US-CA",
        source="11 CCR 7013(a), 7015(b)",
        check=renamed,
    ),
    Rule(
        id="R27",
        words="Global Privacy Control is an opt-out of sale and sharing.",
        jurisdiction="US",
        source="11 CCR 7025(c); the laws of CO, CT, DE, MD, MN, MT, NE, NH, NJ, OR, TX",
        mend="leave notice.gpc out: the signal is heard",
        check=deaf,
    ),
    Rule(
        id="R27b",
        severity="warning",
        words="Advertising across sites counts as sale or sharing, and the signal switches it off.",
        jurisdiction="US",
        source="Cal. Civ. Code 1798.140(ah); 11 CCR 7025(c)",
        mend="sale_or_sharing = true, unless a contract makes the service a mere processor",
        check=unheard,
    ),
    Rule(
        id="R31",
        severity="warning",
        words="Data of special kinds wants explicit consent, and in California a way to limit its use.",
        jurisdiction="EU, US-CA",
        source="GDPR, article 9; 11 CCR 7014",
        mend="take it out, or have the purpose judged by whoever answers for data protection",
        check=sensitive,
    ),
    Rule(
        id="R33",
        words="Who is at home where consent comes first asks first.",
        jurisdiction="EU, UK and others",
        source="ePrivacy directive, article 5(3); the table of laws in consent/regimes.py",
        mend='regime = "auto": each visitor is asked as the law of the place wants, and opt-in where none is known',
        check=lenient,
    ),
    Rule(
        id="R33b",
        severity="warning",
        words="Where the place is not known, the strictest rule holds.",
        jurisdiction="all",
        source="GDPR, article 3(2); EDPB 05/2020",
        mend='regime = "auto"',
        check=lenient_abroad,
    ),
    Rule(
        id="R36",
        words="Children are not profiled for advertising.",
        jurisdiction="EU, US-CA",
        source="GDPR, article 8 and recital 38; DSA, article 28(2); Cal. Civ. Code 1798.120(c)",
        mend="take the purpose out of a site that is made for children",
        check=children,
    ),
)
