"""What stays after an erasure, and why it may (GDPR, Art. 17(3) and 21); and for how long each kind of data is kept.

Invariant: whatever an erasure leaves behind that came of the person is named here, and nothing that names one stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from consent.directory import SiteSettings
from consent.notices import Retention


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that stays."""

    name: str
    what: str
    why: str


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """For how many days a kind of data is kept, and from when they count."""

    kind: str
    days: int
    what: str


_STAYS = (
    (
        "log",
        "For each record: its leaf in the log, the service's seal over its place, and the signed mark of the erasure.",
        "They say nothing without the record and its salt, which are gone, and show that no other record was altered"
        " (Art. 17(3)(b) and (e), Art. 32).",
    ),
    (
        "suppression",
        "A keyed hash of the address, among those that must not be mailed.",
        "So that no import and no other system has it mailed again (Art. 21(3), Art. 17(3)(b)).",
    ),
    (
        "forgotten",
        "The same hash with the day of the erasure.",
        "So that the erasure is done again should an older backup be put back (Art. 17(1), Art. 32).",
    ),
    (
        "deliveries",
        "That mails and events left, by ids, without address or content; they go with their time.",
        "To show what was sent, and to tell those who were told before that the person is erased (Art. 19).",
    ),
    (
        "budget",
        "A keyed hash that counts mails to the address, for eight days.",
        "So that nobody can flood the mailbox by signing it up again and again (Art. 32).",
    ),
    (
        "counts",
        "Counts by hour or day of many people.",
        "They hold nobody's id, and nobody can be told apart in them (recital 26).",
    ),
    (
        "claim",
        "That a request was answered, when, and how much came of it; not whose it was.",
        "To show that the request was answered (Art. 5(2), Art. 12(3)).",
    ),
    (
        "backups",
        "Backups from before, for as long as whoever runs the service keeps them.",
        "They cannot be changed one by one; when one is put back, the erasure is done in it again (Art. 32(1)(c)).",
    ),
)
STAYS: Mapping[str, Kept] = {name: Kept(name=name, what=what, why=why) for name, what, why in _STAYS}

PERIODS: Mapping[str, str] = {
    "records": "Visitors' consent records, after the choice has run out.",
    "ip": "The same of records with a hash of the network address, where that is sooner.",
    "unsubscribed": "Readers and their records, after the last list was left.",
    "bounced": "The same after a bounce or a complaint.",
    "pending": "Sign-ups that nobody confirmed.",
    "outbox": "Mails and events that were sent or given up.",
    "counters": "Counts, which hold nobody's id.",
    "audit": "What the publisher's people, keys and commands did.",
    "claims": "That people's requests were answered, without who they were.",
}
"""Each kind of data that has a period, in words."""


def in_force(settings: SiteSettings) -> Retention:
    """The site's periods.

    Where hashes of network addresses are kept, readers' records may hold one too, and stay no longer than those may.
    """
    kept = settings.retention
    if settings.ip == "none":
        return kept
    return msgspec.structs.replace(kept, unsubscribed_days=min(kept.unsubscribed_days, kept.ip_days))


def periods(retention: Retention) -> tuple[Period, ...]:
    """The periods of a site, for whoever asks how long."""
    days: Mapping[str, int] = msgspec.to_builtins(retention)
    return tuple(Period(kind=kind, days=days[f"{kind}_days"], what=what) for kind, what in PERIODS.items())


def stays(*, records: int, addresses: int) -> Sequence[Kept]:
    """What stays after an erasure of so many records and of so many addresses."""
    names = ["log"] * bool(records) + ["suppression", "forgotten", "deliveries", "budget"] * bool(addresses)
    return [STAYS[name] for name in (*names, "counts", "claim", "backups")]
