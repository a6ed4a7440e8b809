"""The audit record: what one of the publisher's people, keys or commands did at a site.

It stands in the same log as visitors' choices, so that nobody can take back what was done without its showing.

Invariant: it names people and readers by their ids only. Fields stand in alphabetical order.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import msgspec

from consent.records.shape import Uuid

AuditAction = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+\.[a-z_]+$(?!\n)", max_length=64)]
ActorKind = Literal["member", "key", "command", "service"]


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts: a member (UUID), an API key (its id), the command line, or the service by itself."""

    kind: ActorKind
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


class AuditDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An act on its way to the log."""

    site: str
    id: str
    actor: Actor
    action: str
    about: dict[str, str]

    @property
    def subject(self) -> str:
        """Nobody's but its own: acts are not erased with a person."""
        return self.id

    @property
    def refuses(self) -> bool:
        """Nothing is consented to here."""
        return False


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log, of an act of the publisher's."""

    about: dict[str, str]
    """What it was done to: ids and counts."""
    action: AuditAction
    """`notice.published`, `key.revoked` …"""
    by: str
    """`member:…`, `key:…`, `command` or `service`."""
    id: Uuid
    kind: Literal["audit"] = "audit"
    recorded_at: str
    seq: int
    site: str
    subject: Uuid
    """Its own id."""


class Noted(NamedTuple):
    """An act that is in the log."""

    record: AuditRecord
