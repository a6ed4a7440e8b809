"""What a publisher's reads and writes are answered with, as structs: the answers' one definition, and the document's.

Invariant: a struct here is what a handler of `publisher` sends, field for field.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from consent.lint import Finding
from consent.records import AuditRecord, ConsentRecord, Status
from consent.tokens import Receipt


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """One publication: which notice came in force, when, and what it changed."""

    revision: int
    notice: str
    published_at: str
    changes: tuple[str, ...]


class Publications(msgspec.Struct, frozen=True, kw_only=True):
    """The digest of the notice in force, and publications, the newest first; `next` leads on (null: these are all)."""

    current: str
    publications: tuple[Publication, ...]
    next: str | None


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What came of publishing; `asks_again` says that the change is material."""

    notice: str
    revision: int
    asks_again: bool
    changes: tuple[str, ...]
    findings: tuple[Finding, ...]
    """Warnings of the linter, under which it was published."""


class Proof(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What ties a line to the log, in hex; `path` (from the leaf up to the root) where others are left out."""

    leaf: str
    salt: str
    path: tuple[str, ...] = ()


class ErasureProof(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What shows that the service itself erased a record: the log's signature (`erasure`, in base64)."""

    leaf: str
    seal: str
    erasure: str
    path: tuple[str, ...] = ()


class Line(ConsentRecord, frozen=True, kw_only=True, omit_defaults=True):
    """A record as exports carry it."""

    proof: Proof


class AuditLine(AuditRecord, frozen=True, kw_only=True):
    """What one of the publisher's people, keys or commands did, as exports carry it."""

    proof: Proof


class ErasedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A record whose person was erased; its leaf is still in the log."""

    erased_at: str
    kind: str
    seq: int
    proof: ErasureProof


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines, what leads to the next page (`after`; null: this is the last), and how long the log is.

    A page may have fewer lines than asked for, or none, and yet lead on: it looks at no more than 10,000 records.
    """

    consents: tuple[msgspec.Raw, ...]
    next: str | None
    size: int


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of a subject, and what holds: each purpose's or list's status, unless it has expired."""

    subject: str
    is_current: bool
    status: Mapping[str, Status]
    records: tuple[ConsentRecord, ...]


class ErasedSubject(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of the subject were emptied: none when there were none, or they were erased before.

    `claim` is the address of a receipt of the erasure, for the person.
    """

    records: int
    claim: str | None


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether a token is a receipt of the site: then what it says, else why not."""

    valid: bool
    code: str | None = None
    receipt: Receipt | None = None
