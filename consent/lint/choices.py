"""Rules of what is decided: each purpose apart, said so that it can be understood, nothing set before.

Invariant: a purpose is judged by what the file says of it; what is known of its services is `necessity`'s.
"""

from __future__ import annotations

from collections.abc import Iterator

from consent.lint import phrases
from consent.lint.finding import Objection, Rule
from consent.lint.spots import described
from consent.notices import Notice, SiteFile
from consent.notices.sitefile import PurposeEntry
from consent.notices.wording import quoted

ADVERTISING = frozenset({"ad_storage", "ad_user_data", "ad_personalization"})
OPTIONAL = ADVERTISING | {"analytics_storage"}


def is_advertising(purpose: PurposeEntry) -> bool:
    """Whether a purpose says of itself that it is for advertising."""
    return purpose.sale_or_sharing or bool(ADVERTISING & set(purpose.signals))


def preset(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """What is on before anybody chose."""
    for at, purpose in enumerate(site.purposes):
        if purpose.preset and not purpose.required:
            yield Objection(f"purposes[{at}].preset", f"{quoted(purpose.id)} is on before anybody has chosen it")


def no_granularity(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """All or nothing."""
    if not site.notice.choose:
        yield Objection("notice.choose", "the purposes can only be accepted together")


def lumped(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """One switch for two purposes."""
    for at, purpose in enumerate(site.purposes):
        if ADVERTISING & set(purpose.signals) and "analytics_storage" in purpose.signals:
            yield Objection(
                f"purposes[{at}].signals", f"{quoted(purpose.id)} switches advertising and analytics together"
            )


def vague(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A description that says nothing."""
    for one in (each for each in described(site) if ".description." in each.where):
        purpose = site.purposes[int(one.where[len("purposes[") : one.where.index("]")])]
        if phrases.plain(one.text) == phrases.plain(purpose.name[one.language]):
            yield Objection(one.where, f"{quoted(one.text)} only repeats the name")
        elif phrases.is_all("vague", one.language, one.text):
            yield Objection(one.where, f"{quoted(one.text)} could stand for anything")


def legitimate_interest(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Storing or reading that may be refused, and leans on an interest."""
    for at, purpose in enumerate(site.purposes):
        if not purpose.required and purpose.legal_basis == "legitimate_interest":
            yield Objection(
                f"purposes[{at}].legal_basis", f"{quoted(purpose.id)} stores and reads by legitimate interest"
            )


def asked_in_vain(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """What is asked about although it leans on something else than the answer."""
    for at, purpose in enumerate(site.purposes):
        if not purpose.required and purpose.legal_basis not in ("consent", "legitimate_interest"):
            where, basis = f"purposes[{at}].legal_basis", purpose.legal_basis.replace("_", " ")
            yield Objection(where, f"{quoted(purpose.id)} can be refused, and yet leans on {basis}")


RULES = (
    Rule(
        id="R04",
        words="Nothing optional is switched on before somebody chose it.",
        jurisdiction="EU",
        source="CJEU C-673/17 (Planet49); EDPB cookie banner taskforce, type B",
        mend="leave preset out: every switch starts off",
        check=preset,
    ),
    Rule(
        id="R10",
        words="Purposes can be chosen one by one.",
        jurisdiction="EU, FR",
        source="GDPR, article 7 and recital 43; CNIL 2020-091",
        mend="leave notice.choose out: each purpose has a switch of its own",
        check=no_granularity,
    ),
    Rule(
        id="R10b",
        severity="warning",
        words="One purpose is one reason: measuring and advertising are two.",
        jurisdiction="EU, FR",
        source="GDPR, recital 43; EDPB 05/2020, 42-45",
        mend="make two purposes of it, each with its own services",
        check=lumped,
    ),
    Rule(
        id="R10c",
        severity="warning",
        words="A purpose is said so that its reader knows what is done and why.",
        jurisdiction="EU",
        source="GDPR, article 5(1)(b); WP 203, on purposes too vague; CNIL 2020-091",
        mend='say what is done with which data, such as "Count which pages are read, to plan our coverage"',
        check=vague,
    ),
    Rule(
        id="R19",
        words="Storing and reading in a browser is not done by legitimate interest.",
        jurisdiction="EU, UK",
        source="ePrivacy directive, article 5(3); EDPB cookie banner taskforce, type H",
        mend='legal_basis = "consent"',
        check=legitimate_interest,
    ),
    Rule(
        id="R19b",
        severity="warning",
        words="What is asked for leans on the answer, and what leans on something else is not asked for.",
        jurisdiction="EU",
        source="EDPB 05/2020, 121-123",
        mend='legal_basis = "consent", or required = true where it is needed for what the visitor asks for',
        check=asked_in_vain,
    ),
)
