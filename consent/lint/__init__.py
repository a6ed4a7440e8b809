"""The linter: what a site file may say, and regulators (or people's eyes) would object to.

Each rule is one value: its id, its words, what it holds against a file or who keeps it anyway, whose law it is and
where that is written. `lint` runs them all; errors stop a publication (`publishing.gate`), warnings go with it. What a
file must not say at all is a fault of reading (`notices`), not a finding. The rules are listed in README.md.

Invariant: everything here is pure; the same file has the same findings, in the rules' order.
"""

from __future__ import annotations

from consent.lint.finding import Finding, Row, Rule, Severity
from consent.lint.rules import RULES, lint, rules_table

__all__ = ["RULES", "Finding", "Row", "Rule", "Severity", "lint", "rules_table"]
