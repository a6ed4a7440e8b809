"""The linter: what a site file may say, and regulators (or people's eyes) would object to.

Each rule is one value: its id, what it holds against a file, whose law it is and where that is written. `lint` runs
them all. What a file must not say at all is a fault of reading (`notices`), not a finding.

Invariant: everything here is pure; the same file has the same findings, in the rules' order.
"""

from __future__ import annotations

from consent.lint.finding import Finding, Severity
from consent.lint.rules import RULES, lint

__all__ = ["RULES", "Finding", "Severity", "lint"]
