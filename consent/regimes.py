"""Which law's way of asking applies at a place (opt-in, opt-out or notice-only), and how the notice is then laid out.

`LAWS` is legal data, not code: countries and regions with what suffices there, and the source. It errs on the strict
side: where lawyers differ the stricter reading stands, with the doubt said, and nothing is opt-out or notice-only that
is not listed so. It is a default for publishers, not advice to them: one who knows better fixes the site's regime.

Invariant: a place that is not known, or not in the table, gets the strictest, opt-in.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

import msgspec

Regime = Literal["opt_in", "opt_out", "notice_only"]
Label = Literal["reopen", "do_not_sell", "privacy_choices"]


class Rule(NamedTuple):
    """What holds at a place: the way of asking, and what the way back is called where data is sold or shared."""

    regime: Regime
    label: Label = "reopen"


class Law(NamedTuple):
    """Places (`DE`, or `US-CA` where a region differs from its country) with one rule, and where it is written."""

    rule: Rule
    places: str
    source: str


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """How the notice is laid out; what is not a regime names words of the texts' section `notice`."""

    regime: Regime
    intro: str
    says: tuple[str, ...]
    buttons: tuple[str, ...]
    reopen: Label


OPT_IN = STRICTEST = Rule("opt_in")
OPT_OUT = Rule("opt_out", "do_not_sell")
CALIFORNIA = Rule("opt_out", "privacy_choices")
NOTICE_ONLY = Rule("notice_only")

LAWS = (
    Law(OPT_IN, "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK", "2002/58/EC 5(3)"),
    Law(OPT_IN, "IS LI NO", "2002/58/EC 5(3), in the EEA"),
    Law(OPT_IN, "AX BL GF GP MF MQ RE YT", "the EU's or a member state's law, under a code of their own"),
    # The Act of 2025 frees a site's own statistics and appearance from consent, not advertising.
    Law(OPT_IN, "GB GG GI IM JE", "PECR reg. 6; Data (Use and Access) Act 2025, sch. A1; the islands' after it"),
    # In doubt: by the TCA alone informing would suffice; the authority wants consent for profiling of high risk.
    Law(OPT_IN, "CH", "FADP; TCA art. 45c; FDPIC's guidelines on cookies, 2025"),
    Law(OPT_IN, "AD AL BA GE MC MD ME MK RS SM UA XK", "laws after the GDPR or Convention 108+"),
    Law(OPT_IN, "AM AZ BY KZ RU UZ", "laws that want consent for personal data, such as RU: 152-FZ art. 9"),
    Law(OPT_IN, "TR", "KVKK (6698) art. 5; its authority's guideline on cookies, 2022"),
    Law(OPT_IN, "BR", "LGPD art. 7; ANPD's guide on cookies, 2022"),
    Law(OPT_IN, "AR CL CO CR EC PA PE UY", "AR: 25.326 · CL: 21.719 · CO: 1581 · CR: 8968 · EC: LOPDP · PE: 29733"),
    Law(OPT_IN, "CA-QC", "Quebec: P-39.1 s. 8.1 (Law 25): what identifies, locates or profiles is off by default"),
    # In doubt: an opt-out may suffice for what is not sensitive (the OPC's guidelines on behavioural advertising).
    Law(OPT_IN, "CA", "PIPEDA, sch. 1, 4.3"),
    Law(OPT_IN, "CN IN KR", "CN: PIPL art. 13 · IN: DPDP Act 2023 s. 6 · KR: PIPA art. 15"),
    Law(OPT_IN, "ID MY PH TH TW VN", "ID: 27/2022 · MY: PDPA s. 6 · PH: DPA s. 12 · TH: PDPA s. 19 · TW: PDPA art. 19"),
    Law(OPT_IN, "EG GH KE MA MU NG RW SN TN TZ UG ZA ZM ZW", "ZA: POPIA s. 11 · NG: NDPA s. 25 · KE: DPA s. 30"),
    # In doubt: IL's law lets informed silence count in places.
    Law(OPT_IN, "AE BH IL JO OM QA SA", "SA: PDPL art. 5 · AE: 45/2021 art. 4 · QA: 13/2016 art. 4 · IL: PPL s. 1"),
    # Federal law asks for no consent. Some twenty states give a right to opt out; the others get the same.
    Law(
        OPT_OUT, "US", "CA Civ. Code 1798.120 and the laws of CO, CT, DE, MD, MN, MT, NE, NH, NJ, OR, TX, VA and others"
    ),
    Law(OPT_OUT, "AS GU MP PR UM VI", "the United States, under codes of their own"),
    Law(CALIFORNIA, "US-CA", "11 CCR 7013, 7015: the one link “Your Privacy Choices” may stand for both others"),
    # In doubt: consent is needed where the receiver ties the data to a person (APPI art. 31); the publisher must know.
    Law(NOTICE_ONLY, "JP", "APPI art. 21; Telecommunications Business Act art. 27-12: tell, or let opt out"),
    # In doubt: tacit consent wants a notice that says how to switch it off, which this one does.
    Law(NOTICE_ONLY, "MX", "LFPDPPP: tacit consent after a privacy notice"),
    Law(NOTICE_ONLY, "AU NZ", "AU: Privacy Act 1988, APP 5 · NZ: Privacy Act 2020, IPP 3"),
    # In doubt: deemed consent has conditions (an assessment, a time to object) that are the publisher's to meet.
    Law(NOTICE_ONLY, "SG", "PDPA s. 15A: consent deemed by notification"),
    Law(NOTICE_ONLY, "HK", "PDPO, DPP 1(3): tell at or before collection"),
)

_RULES = {place: law.rule for law in LAWS for place in law.places.split()}
_FIXED: dict[str, Rule] = {rule.regime: rule for rule in (OPT_IN, OPT_OUT, NOTICE_ONLY)}
_INTRO = {"opt_in": "intro", "opt_out": "intro_presumed", "notice_only": "intro_presumed"}
_SAYS: dict[str, tuple[str, ...]] = {
    "opt_in": ("services", "opt_in", "withdraw"),
    "opt_out": ("services", "presumed", "sale", "withdraw"),
    "notice_only": ("services", "presumed", "withdraw"),
}
# Yes and no side by side, in the same order everywhere; who is only informed has nothing to accept.
_BUTTONS = {
    "opt_in": ("accept", "refuse", "choose"),
    "opt_out": ("accept", "refuse", "choose"),
    "notice_only": ("acknowledge", "choose"),
}


OPT_OUT_DAYS = 365
"""Who opted out is not asked to come back for a year (Cal. Civ. Code 1798.135(c)(4))."""


def lasts(regime: str, days: int) -> int:
    """How many days a choice holds that the site file gives so many: under an opt-out regime a year at least."""
    return max(days, OPT_OUT_DAYS) if regime == "opt_out" else days


def at(country: str | None, region: str | None = None) -> Rule:
    """The rule at a place, by ISO 3166 codes (`US`, `CA`); a region that is not in the table is like its country."""
    if country is None:
        return STRICTEST
    return _RULES.get(f"{country}-{region}") or _RULES.get(country, STRICTEST)


def under(setting: str, country: str | None, region: str | None = None) -> Rule:
    """The rule for a visitor under a site's setting: by the place where that is `auto`, else the same everywhere."""
    return at(country, region) if setting == "auto" else of(setting)


def of(setting: str) -> Rule:
    """The rule under a site's setting that needs no place: a fixed one's own, the strictest for `auto`."""
    return _FIXED.get(setting, STRICTEST)


@cache
def layout(rule: Rule, *, sells: bool) -> Layout:
    """How a site's notice is laid out; `sells` is whether some purpose of it counts as a sale or sharing."""
    regime = rule.regime
    says = tuple(key for key in _SAYS[regime] if sells or key != "sale")
    label = rule.label if sells else "reopen"
    return Layout(regime=regime, intro=_INTRO[regime], says=says, buttons=_BUTTONS[regime], reopen=label)


def words(layout: Layout) -> frozenset[str]:
    """The keys of the texts' section `notice` that a layout names; where there is an opt-out, also what came of it."""
    outcomes = ("gpc_honored", "opted_out") if layout.regime == "opt_out" else ()
    return frozenset((layout.intro, *layout.says, *layout.buttons, layout.reopen, *outcomes))


def every(setting: str) -> frozenset[Rule]:
    """The rules that visitors of a site may meet under its setting."""
    return frozenset((STRICTEST, *_RULES.values())) if setting == "auto" else frozenset((of(setting),))


def allowed(setting: str) -> tuple[Regime, ...]:
    """The regimes a record may name under a site's setting; `auto` means any, by the visitor's place."""
    known: tuple[Regime, ...] = ("opt_in", "opt_out", "notice_only")
    return known if setting == "auto" else tuple(regime for regime in known if regime == setting)
