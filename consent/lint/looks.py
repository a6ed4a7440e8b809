"""Rules of the look: what can be seen, and the way back.

Invariant: only what a publisher can mend is found; what the widget mends by itself is among the kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from consent.lint.finding import Objection, Rule
from consent.notices import Notice, SiteFile
from consent.notices.colours import PAPERS, SEEN, contrast


def pale_accent(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """An accent that is hard to tell from the white paper that the buttons lie on.

    On dark paper, which is the visitor's wish and not the site's, the widget's edge stands in and nothing is to mend.
    """
    accent, paper = notice.look.accent, PAPERS["light"]
    ratio = contrast(accent, paper)
    if ratio < SEEN:
        # Rounded down, so that what is too little never reads as enough.
        found = f"{accent} on the light paper ({paper}) has a contrast of {int(ratio * 100) / 100:.2f}:1"
        less = f"less than {SEEN:g}:1: the widget draws an edge of its own around the buttons"
        yield Objection("theme.accent", f"{found}, {less}")


def no_way_back(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """No button of the widget's own to withdraw with."""
    if not notice.look.reopen:
        why = "without this button every page needs an element of its own with data-consent-open"
        yield Objection("theme.reopen", why)


RULES = (
    Rule(
        id="R05",
        severity="warning",
        words="The buttons can be seen: 3:1 against what they lie on.",
        jurisdiction="EU",
        source="WCAG 2.2, 1.4.11; EDPB cookie banner taskforce, type F",
        mend="choose a darker accent",
        check=pale_accent,
    ),
    Rule(
        id="R09",
        severity="warning",
        words="Withdrawing is as easy as giving: every page has the way back.",
        jurisdiction="EU",
        source="GDPR, article 7(3); EDPB cookie banner taskforce, type K",
        mend="leave reopen out (it is true), or give every page a link with data-consent-open",
        check=no_way_back,
    ),
)
