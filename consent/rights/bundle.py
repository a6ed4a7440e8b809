"""Everything that is kept of a person, as values: what an access gives (GDPR, Art. 15 and 20).

Invariant: these structs are the one definition of the bundle; its JSON schema, the API's and the pages' are made from
them. Instants are RFC 3339, ids UUIDs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from consent.records import Status
from consent.rights.keeping import Period


class KeptProof(msgspec.Struct, frozen=True, kw_only=True):
    """What ties a record to the log, in hex; `path` leads from the leaf to the root under the bundle's checkpoint."""

    leaf: str
    salt: str
    path: tuple[str, ...]


class KeptRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A consent record as it was committed to, its proof, and where its receipt is."""

    record: dict[str, Any]
    proof: KeptProof
    receipt: str


class KeptSubject(msgspec.Struct, frozen=True, kw_only=True):
    """A subject's records, and what holds now: each purpose's or list's status, unless it has expired."""

    subject: str
    is_current: bool
    status: Mapping[str, Status]
    records: tuple[KeptRecord, ...]


class KeptSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """A list and what the reader is to it."""

    list: str
    state: str
    since: str
    via: str
    variant: str
    page: str
    provenance: str
    record: str | None


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened with a reader."""

    at: str
    what: str
    lists: tuple[str, ...] = ()
    via: str = ""


class KeptReader(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber, with all that happened."""

    subscriber: str
    email: str
    language: str
    created_at: str
    paused_until: str | None
    subscriptions: tuple[KeptSubscription, ...]
    timeline: tuple[Moment, ...]


class KeptWaiting(msgspec.Struct, frozen=True, kw_only=True):
    """A list that was asked for at an address and waits for its confirmation, or was confirmed by it."""

    kind: str
    email: str
    list: str
    asked_at: str
    confirmed_at: str | None
    mailed_at: str | None
    reminded_at: str | None
    language: str
    notice: str
    page: str
    source: Mapping[str, str]
    via: str
    ip: str


class KeptSuppression(msgspec.Struct, frozen=True, kw_only=True):
    """That the address must not be mailed for a list, or for `*`, and why."""

    list: str
    reason: str
    at: str


class KeptDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A mail to the person, or an event that told another system of the person."""

    kind: Literal["mail", "webhook", "sync"]
    what: str
    to: str
    """Of an event: the kind of the system that is told, and its host."""
    state: str
    owed_at: str
    ended_at: str | None
    delivered_at: str | None


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Who else is told of subscribers, or carries their mail."""

    kind: str
    host: str


class ShownPurpose(msgspec.Struct, frozen=True, kw_only=True):
    """A purpose in the words that were shown, and whose code uses it."""

    id: str
    name: str
    description: str
    legal_basis: str
    services: tuple[Mapping[str, str], ...]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A notice in one language: the words of its first layer, its purposes and its lists."""

    language: str
    words: Mapping[str, str]
    purposes: tuple[ShownPurpose, ...]
    lists: Mapping[str, str]


class KeptNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that the records name."""

    digest: str
    published_at: str
    languages: tuple[str, ...]
    shown: tuple[Shown, ...]


class ToldController(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for the site."""

    name: str
    email: str
    country: str
    privacy_policy: str


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """A right, and how to use it."""

    article: str
    name: str
    how: str


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """The head that the proofs lead to, and the key to check it with."""

    size: int
    checkpoint: str
    key: str


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """Everything."""

    site: str
    made_at: str
    claim: str | None
    """The signed receipt of the request, as a link; None where nothing was asked for, only looked at."""
    asked_by: tuple[str, ...]
    controller: ToldController
    subjects: tuple[KeptSubject, ...]
    has_older: bool
    """There are older choices than the receipts and records that were brought: the first one's opens them all."""
    readers: tuple[KeptReader, ...]
    waiting: tuple[KeptWaiting, ...]
    suppressions: tuple[KeptSuppression, ...]
    deliveries: tuple[KeptDelivery, ...]
    notices: tuple[KeptNotice, ...]
    recipients: tuple[Recipient, ...]
    retention: tuple[Period, ...]
    rights: tuple[Right, ...]
    log: Log

    @property
    def counts(self) -> dict[str, int]:
        """How much there is, by kind."""
        return {
            "records": sum(len(subject.records) for subject in self.subjects),
            "readers": len(self.readers),
            "subscriptions": sum(len(reader.subscriptions) for reader in self.readers),
            "waiting": len(self.waiting),
            "suppressions": len(self.suppressions),
            "deliveries": len(self.deliveries),
        }

    @property
    def is_empty(self) -> bool:
        """Nothing is kept."""
        return not any(self.counts.values())
