"""What is counted of a notice, and what follows from it: who decided, and how often nobody did.

A notice is counted as shown each time that a page shows it; a decision is counted once, when its record is new. A
choice that is changed later in the settings is a decision again, without having been asked for: so more may be decided
than was shown, and what was ignored is never less than none.

Invariant: everything that a visitor does is of exactly one kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

ACTIONS: Mapping[str, str] = {
    "accept_all": "accepted",
    "reject_all": "refused",
    "save": "chosen",
    "dismiss": "dismissed",
    "acknowledge": "acknowledged",
    "gpc": "gpc",
    "withdraw": "withdrawn",
    "import": "imported",
}
"""A record's action -> what it is counted as."""
EVENTS: Mapping[str, str] = {"notice_shown": "shown", "gpc_honored": "gpc", "preferences_shown": "preferences"}
"""An event's kind -> what it is counted as; the others are steps of a sign-up."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How often each was done."""

    shown: int = 0
    accepted: int = 0
    """Everything, with one button."""
    refused: int = 0
    """Everything, with one button."""
    chosen: int = 0
    """One by one, in the settings."""
    dismissed: int = 0
    acknowledged: int = 0
    gpc: int = 0
    """A browser's signal was honoured instead of asking: each time on a page, and when it changed a choice."""
    withdrawn: int = 0
    imported: int = 0
    """A choice that was made at a partner site came along."""
    preferences: int = 0
    """The settings were opened."""

    @property
    def decided(self) -> int:
        """How many answered what they were asked: a signal, a withdrawal and an import answer nothing."""
        return self.accepted + self.refused + self.chosen + self.dismissed + self.acknowledged

    @property
    def ignored(self) -> int:
        """How often it was shown without an answer."""
        return max(0, self.shown - self.decided)


NAMES = Counts.__struct_fields__


def of_totals(totals: Iterable[tuple[str | int, str, int]]) -> dict[str | int, Counts]:
    """From (value, kind, number) to the counts of each value; kinds of a later program are passed over."""
    found: dict[str | int, dict[str, int]] = {}
    for value, kind, number in totals:
        if kind in NAMES:
            found.setdefault(value, {})[kind] = number
    return {value: Counts(**numbers) for value, numbers in found.items()}


def added(counts: Iterable[Counts]) -> Counts:
    """All of them together."""
    rows = list(counts)
    return Counts(**{name: sum(getattr(row, name) for row in rows) for name in NAMES})
