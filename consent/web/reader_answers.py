"""What a publisher's reads of subscribers, suppressions and outbox are answered with, as structs.

Invariant: a struct here is what a handler of `readers` sends, field for field; times are RFC 3339.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from consent.newsletter.rosters import Reader
from consent.storage.outbox import Kind, State
from consent.subscriptions import Reason

ListState = Literal["pending", "confirmed", "unsubscribed", "bounced", "complained"]


class Subscription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reader's place in one list."""

    list: str
    state: ListState
    since: str
    record: str | None = None
    """The consent record that moved it there."""
    via: str = ""
    variant: str = ""
    page: str = ""
    provenance: str = ""


class Suppressed(msgspec.Struct, frozen=True, kw_only=True):
    """Why an address is not mailed, for one list or for all (`*`)."""

    list: str
    reason: Reason
    since: str


class Looked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is known of an address at the site; without `subscriber` it is not proven yet."""

    email: str
    subscriber: str | None = None
    language: str
    created_at: str | None = None
    paused_until: str | None = None
    subscriptions: tuple[Subscription, ...]
    suppressions: tuple[Suppressed, ...]


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """Some subscribers, and where the next page begins (`after`; null: this is the last)."""

    subscribers: tuple[Reader, ...]
    next: str | None


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """An address that must not be mailed, as its key: the address itself is nowhere kept with it."""

    key: str
    list: str
    reason: Reason
    since: str


class Suppressions(msgspec.Struct, frozen=True, kw_only=True):
    """Some of them, and where the next page begins (`after`; null: this is the last)."""

    suppressions: tuple[Suppression, ...]
    next: str | None


class Owed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mail or an event that is owed, was told or was given up; `about` names ids, never an address."""

    id: str
    kind: Kind
    what: str
    about: dict[str, str | list[str]]
    state: State
    message_id: str
    attempts: int
    created_at: str
    due_at: str
    done_at: str | None = None
    delivered_at: str | None = None
    fault: str = ""


class Outbox(msgspec.Struct, frozen=True, kw_only=True):
    """Some of it, the oldest first, and where the next page begins (`after`; null: this is the last)."""

    outbox: tuple[Owed, ...]
    next: str | None


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """How many are tried again."""

    replayed: int


class ErasedReader(msgspec.Struct, frozen=True, kw_only=True):
    """How many records were emptied, whether anything was known of the address, and the address of a receipt of it."""

    records: int
    was_known: bool
    claim: str | None
