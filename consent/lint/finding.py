"""A rule, and a finding: what a rule holds against a site file, so that a person can look it up and mend the file.

Invariant: a finding says all that its rule is: nobody has to know the linter to read one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import msgspec

from consent.notices import Notice, SiteFile

Severity = Literal["error", "warning"]


class Objection(NamedTuple):
    """Where in the file, why, and what to write instead where the rule's own advice would say too little."""

    where: str
    why: str
    mend: str = ""


Check = Callable[[SiteFile, Notice], Iterator[Objection]]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that one rule holds against a file."""

    rule: str
    """The rule's number, `R01` and so on; a letter after it tells rules of one matter apart."""
    severity: Severity
    where: str
    """The place in the file, as faults name it: `theme.accent`."""
    why: str
    """What is wrong there, with its numbers."""
    words: str
    """The rule itself, in one sentence."""
    mend: str
    """What to write instead."""
    jurisdiction: str
    source: str

    def __str__(self) -> str:
        return f"{self.severity} {self.rule} {self.where}: {self.why} [{self.jurisdiction}: {self.source}]"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it is listed, without its check."""

    id: str
    severity: Severity
    words: str
    jurisdiction: str
    source: str
    kept_by: str
    """Who keeps it whatever the file says, and the test that shows it; empty where the linter looks."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: either files are held against it (`check`), or no file can break it (`kept_by`)."""

    id: str
    severity: Severity = "error"
    words: str
    jurisdiction: str
    source: str
    mend: str = ""
    check: Check | None = None
    kept_by: str = ""

    def findings(self, site: SiteFile, notice: Notice) -> Iterator[Finding]:
        """What the rule holds against the file."""
        for where, why, mend in self.check(site, notice) if self.check else ():
            yield Finding(
                rule=self.id,
                severity=self.severity,
                where=where,
                why=why,
                words=self.words,
                mend=mend or self.mend,
                jurisdiction=self.jurisdiction,
                source=self.source,
            )

    def row(self) -> Row:
        """The rule as it is listed."""
        told = {name: getattr(self, name) for name in Row.__struct_fields__}
        return Row(**told)
