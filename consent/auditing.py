"""Who did what: every act of the publisher's people, keys and commands is a record in the site's log.

Invariant: an act names people by ids, never by addresses; what is owed to the log with other rows goes along in their
transaction (`draft`), what stands alone has one of its own (`note`).
"""

from __future__ import annotations

from collections.abc import Mapping

from consent import ids
from consent.records import Actor, AuditDraft
from consent.services import Services

COMMAND = Actor(kind="command")
SERVICE = Actor(kind="service")


def by_member(id_: bytes) -> Actor:
    """The member, by the id."""
    return Actor(kind="member", id=ids.uuid_text(id_))


def by_key(id_: str) -> Actor:
    """The API key, by the id."""
    return Actor(kind="key", id=id_)


def draft(site: str, actor: Actor, action: str, about: Mapping[str, object] | None, at: int) -> AuditDraft:
    """The act, for `Act.append`; what it is about as text."""
    told = {name: str(value) for name, value in (about or {}).items()}
    return AuditDraft(site=site, id=str(ids.uuid7(at)), actor=actor, action=action, about=told)


async def note(
    services: Services, site: str, actor: Actor, action: str, about: Mapping[str, object] | None = None
) -> None:
    """Records the act, durably once this returns.

    Raises:
        Unknown: no such site.
        Unavailable: the store cannot commit.
    """
    async with services.appender.acting(site) as act:
        await act.append([draft(site, actor, action, about, services.clock())])
