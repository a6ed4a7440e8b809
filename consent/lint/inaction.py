"""Rules of what is no choice: closing, reading on, a page that opens for a yes alone.

Invariant: wishes (`[notice]` of the site file) and words that say the same are refused alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from consent.lint import phrases
from consent.lint.finding import Objection, Rule
from consent.lint.spots import asking, labels
from consent.notices import Notice, SiteFile
from consent.notices.wording import quoted

INACTION = {"continuing": "reading on", "scrolling": "scrolling", "waiting": "letting time pass"}


def closing_accepts(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Closing that is taken for a yes, by a wish or in words."""
    if site.notice.close == "accepts":
        yield Objection("notice.close", "the X is taken for a yes")
    for label in (one for key in ("close_refuse", "close_later") for one in labels(site, key)):
        yes = phrases.said("yes", label.language, label.text)
        if yes and not phrases.said("no", label.language, label.text):
            yield Objection(label.where, f"the X is called {quoted(label.text)}, which says yes ({quoted(yes)})")
    for one in asking(site):
        if hit := phrases.said("closing", one.language, one.text):
            yield Objection(one.where, f"{quoted(hit)} takes closing for a yes")


def inaction_accepts(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """Anything else that is no choice and is taken for one."""
    for field, act in INACTION.items():
        if getattr(site.notice, field) == "accepts":
            yield Objection(f"notice.{field}", f"{act} is taken for a yes")
    for one in asking(site):
        if hit := phrases.said("continuing", one.language, one.text):
            yield Objection(one.where, f"{quoted(hit)} takes reading on for a yes")


def wall(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A page that cannot be read without a yes."""
    if site.notice.wall:
        yield Objection("notice.wall", "who refuses cannot read on")
    for one in asking(site):
        if hit := phrases.said("wall", one.language, one.text):
            yield Objection(one.where, f"{quoted(hit)} makes the yes a condition")


def pay_or_accept(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """A yes, or money."""
    for one in asking(site):
        if hit := phrases.said("pay", one.language, one.text):
            yield Objection(one.where, f"{quoted(hit)} offers a yes or a price, and no plain refusal")


RULES = (
    Rule(
        id="R06",
        words="Closing the notice never accepts: what was off stays off, and its label says so.",
        jurisdiction="EU; IT",
        source="Garante, 10 June 2021; EDPB 05/2020",
        mend='let closing refuse or wait (consent.close = "refuse" or "ask_later"), and strike the words',
        check=closing_accepts,
    ),
    Rule(
        id="R07",
        words="Scrolling, reading on, going to another page or letting time pass is never a yes.",
        jurisdiction="EU",
        source="EDPB 05/2020, example 16; CNIL 2020-092; CJEU C-673/17 (Planet49)",
        mend="strike it: only a button that says so gives consent",
        check=inaction_accepts,
    ),
    Rule(
        id="R08",
        words="Nobody is kept from reading for having refused.",
        jurisdiction="EU",
        source="EDPB 05/2020, 38-41",
        mend="strike it: the page is there for those who refuse as well",
        check=wall,
    ),
    Rule(
        id="R08b",
        severity="warning",
        words="A yes or a price is a free choice only where the authority has allowed it.",
        jurisdiction="EU",
        source="EDPB 08/2024; case by case in FR",
        mend="have it judged first; this notice always has a plain refusal as well",
        check=pay_or_accept,
    ),
)
