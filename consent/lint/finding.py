"""A finding: what a rule holds against a site file, so that a person can look the rule up and mend the file.

Invariant: a finding says all that its rule is: nobody has to know the linter to read one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from consent.notices import Notice, SiteFile

Severity = Literal["error", "warning"]
Objection = tuple[str, str]
"""Where in the file, and why."""
Check = Callable[[SiteFile, Notice], Iterator[Objection]]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that one rule holds against a file."""

    rule: str
    """The rule's number, `R01` and so on: regulators' rules and what belongs to them."""
    severity: Severity
    where: str
    """The place in the file, as faults name it: `theme.accent`."""
    why: str
    source: str
    jurisdiction: str

    def __str__(self) -> str:
        return f"{self.severity} {self.rule} {self.where}: {self.why} [{self.jurisdiction}: {self.source}]"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, and how a file is held against it: the file itself, and the notice that it makes."""

    id: str
    severity: Severity
    source: str
    jurisdiction: str
    check: Check

    def findings(self, site: SiteFile, notice: Notice) -> Iterator[Finding]:
        """What the rule holds against the file."""
        for where, why in self.check(site, notice):
            yield Finding(
                rule=self.id,
                severity=self.severity,
                where=where,
                why=why,
                source=self.source,
                jurisdiction=self.jurisdiction,
            )
