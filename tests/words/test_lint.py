"""The linter: what each rule holds against a file, in words that a person can look up."""

from __future__ import annotations

import re

import pytest

from consent.lint import RULES, Finding, lint
from consent.notices import read_site_file
from tests.running import MIAMI
from tests.words.sites.making import Place, altered, tables, toml


def findings(*changes: tuple[Place, object]) -> tuple[Finding, ...]:
    """What is held against the Harbour Post's file with these places altered."""
    raw = tables()
    for place, value in ((("theme", "reopen"), True), (("theme", "accent"), "#1d4f91"), *changes):
        altered(place, value, raw)
    return lint(read_site_file(toml(raw)))


def test_the_newspapers_own_file_is_clean() -> None:
    assert lint(read_site_file(MIAMI.read_bytes())) == ()


def test_a_finding_says_all_that_its_rule_is() -> None:
    (finding,) = findings((("theme", "reopen"), False))
    assert (finding.rule, finding.severity, finding.where) == ("R09", "warning", "theme.reopen")
    assert "data-consent-open" in finding.why
    assert str(finding) == (
        "warning R09 theme.reopen: without this button every page needs an element of its own with data-consent-open"
        " [EU: GDPR, article 7(3); EDPB cookie banner taskforce, type K]"
    )


@pytest.mark.parametrize(
    ("accent", "ratio"), [("#ffffff", "1.00"), ("#ffd700", "1.40"), ("#959595", "2.99"), ("#949494", None)]
)
def test_an_accent_that_is_hard_to_see_is_told_with_its_contrast(accent: str, ratio: str | None) -> None:
    told = findings((("theme", "accent"), accent))
    assert [re.findall(r"contrast of ([\d.]+):1", finding.why) for finding in told] == ([[ratio]] if ratio else [])
    assert {(finding.rule, finding.severity, finding.where) for finding in told} <= {("R05", "warning", "theme.accent")}


def test_findings_come_in_the_rules_order() -> None:
    told = findings((("theme", "reopen"), False), (("theme", "accent"), "#ffffff"))
    assert [finding.rule for finding in told] == [rule.id for rule in RULES]
    assert len({rule.id for rule in RULES}) == len(RULES)
