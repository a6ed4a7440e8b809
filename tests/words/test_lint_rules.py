"""Each rule of the linter: a file that breaks it, told at its place, and one that only comes near."""

from __future__ import annotations

import pytest

from consent.lint import RULES, lint
from consent.notices import read_site_file
from tests.words.sites import breaking_asking, breaking_using
from tests.words.sites.breaking import Changes
from tests.words.sites.making import altered, tables, toml
from tests.words.test_lint import MENDED

CASES = breaking_asking.CASES | breaking_using.CASES


def told(changes: Changes) -> list[tuple[str, str]]:
    """Rule and place of everything that is held against the Harbour Post's file with these changes."""
    raw = tables()
    for place, value in (*MENDED, *changes.items()):
        altered(place, value, raw)
    return [(one.rule, one.where) for one in lint(read_site_file(toml(raw)))]


def test_every_rule_that_looks_has_its_cases() -> None:
    assert set(CASES) == {rule.id for rule in RULES if rule.check}


@pytest.mark.parametrize("rule", CASES)
def test_what_breaks_a_rule_is_told_at_its_place(rule: str) -> None:
    broken, _ = CASES[rule]
    for changes, where in broken:
        assert (rule, where) in told(changes), changes


@pytest.mark.parametrize("rule", CASES)
def test_what_only_comes_near_is_not(rule: str) -> None:
    _, near = CASES[rule]
    assert near, rule
    for changes in near:
        assert rule not in {one for one, _ in told(changes)}, changes
