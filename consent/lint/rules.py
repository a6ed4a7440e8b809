"""The rules that a site file is held against, all of them, in the order in which their findings are told.

Invariant: a rule looks at a file that was read (`SiteFile`) and at its notice, and never raises.
"""

from __future__ import annotations

import re
from itertools import chain

from consent.lint import (
    accessible,
    choices,
    first_layer,
    inaction,
    kept,
    lifetimes,
    looks,
    necessity,
    newsletters,
    recipients,
    states,
    wording,
)
from consent.lint.finding import Finding, Row, Rule
from consent.notices import SiteFile, compile_notice


def _place(rule: Rule) -> tuple[str, int, str]:
    letter, number, more = re.fullmatch(r"([A-Z])(\d+)([a-z]?)", rule.id).groups()  # type: ignore[union-attr]
    return letter, int(number), more


_THEMES = (
    first_layer,
    inaction,
    choices,
    necessity,
    lifetimes,
    recipients,
    looks,
    wording,
    states,
    newsletters,
    kept,
    accessible,
)
RULES: tuple[Rule, ...] = tuple(sorted(chain.from_iterable(theme.RULES for theme in _THEMES), key=_place))


def lint(site: SiteFile) -> tuple[Finding, ...]:
    """Everything that the rules hold against a file that `read_site_file` gave."""
    notice = compile_notice(site)
    return tuple(finding for rule in RULES for finding in rule.findings(site, notice))


def rules_table() -> tuple[Row, ...]:
    """The rules as they are listed, those too that no file can break."""
    return tuple(rule.row() for rule in RULES)
