"""The rules that a site file is held against, in the order in which their findings are told.

Invariant: a rule looks at a file that was read (`SiteFile`) and at its notice, and never raises.
"""

from __future__ import annotations

from collections.abc import Iterator

from consent.lint.finding import Finding, Objection, Rule
from consent.notices import Notice, SiteFile, compile_notice
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
        yield "theme.accent", f"{found}, less than {SEEN:g}:1: the widget draws an edge of its own around the buttons"


def no_way_back(site: SiteFile, notice: Notice) -> Iterator[Objection]:
    """No button of the widget's own to withdraw with."""
    if not notice.look.reopen:
        yield "theme.reopen", "without this button every page needs an element of its own with data-consent-open"


RULES: tuple[Rule, ...] = (
    Rule(
        id="R05",
        severity="warning",
        source="WCAG 2.2, 1.4.11; EDPB cookie banner taskforce, type F",
        jurisdiction="EU",
        check=pale_accent,
    ),
    Rule(
        id="R09",
        severity="warning",
        source="GDPR, article 7(3); EDPB cookie banner taskforce, type K",
        jurisdiction="EU",
        check=no_way_back,
    ),
)


def lint(site: SiteFile) -> tuple[Finding, ...]:
    """Everything that the rules hold against a file that `read_site_file` gave."""
    notice = compile_notice(site)
    return tuple(finding for rule in RULES for finding in rule.findings(site, notice))
