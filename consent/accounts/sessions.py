"""Who is signed in: a session is made by signing in, and ended by its member, by time, or with the member's last role.

Invariant: a session's id is known to its browser alone; whoever may not sign in any more is signed out at the next
request, and whoever has another role has it from then on.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Mapping, Sequence

import msgspec

from consent import ids
from consent.accounts.roles import ALLOWED, ROLES, Role
from consent.clock import HOUR
from consent.errors import Unavailable, Unknown
from consent.services import Services
from consent.storage import members, sessions
from consent.storage.database import Writer
from consent.storage.members import EVERYWHERE, Member
from consent.storage.sessions import StoredSession

IDLE_MS = 2 * HOUR
"""A session that is not used for so long is over."""
ABSOLUTE_MS = 12 * HOUR
"""However much it is used, a session is over then: a working day."""
TOUCH_MS = 60_000
"""How often at most it is noted that a session is used."""
SHORTEST, LONGEST = 40, 64
"""Letters of what may be a session's id: nothing else is looked for."""


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A member who is signed in, by this session, with the roles of this instant."""

    session: StoredSession
    member: Member
    roles: Mapping[str, Role]
    """By site, or EVERYWHERE."""

    def role_at(self, site: str) -> Role | None:
        """What the member is at the site: of a role for it and one for every site, the one that allows more."""
        held = [self.roles[place] for place in (site, EVERYWHERE) if place in self.roles]
        return max(held, key=lambda role: len(ALLOWED[role]), default=None)


async def begin(writer: Writer, member: bytes, browser: str, at: int) -> str:
    """Signs the member in; gives the new id for the cookie."""
    secret = ids.secret()
    session = StoredSession(id=ids.uuid7(at).bytes, member=member, browser=browser, made_at=at, seen_at=at)
    await sessions.add(writer, digest(secret), session)
    return secret


async def find(services: Services, secret: str) -> Signed | None:
    """Who is signed in with this id; None when nobody is."""
    if not SHORTEST <= len(secret) <= LONGEST:
        return None
    now = services.clock()
    async with services.database.reading() as reader:
        session = await sessions.by_hash(reader, digest(secret), made_since=now - ABSOLUTE_MS, seen_since=now - IDLE_MS)
        member = await members.by_id(reader, session.member) if session else None
        if session is None or member is None or member.disabled_at is not None:
            return None
        held = known(await members.roles(reader, member.id))
    await _touch(services, secret, session, now)
    return Signed(session=session, member=member, roles=held)


async def listed(services: Services, member: bytes) -> Sequence[StoredSession]:
    """The member's sessions in force, the one last seen first."""
    now = services.clock()
    async with services.database.reading() as reader:
        return await sessions.of_member(reader, member, made_since=now - ABSOLUTE_MS, seen_since=now - IDLE_MS)


async def end(services: Services, member: bytes, id_: bytes) -> None:
    """Ends one of the member's sessions.

    Raises:
        Unknown: the member has no such session.
    """
    async with services.database.writing() as writer:
        if not await sessions.end(writer, member, id_):
            raise Unknown("this session has ended already")


async def end_this(services: Services, secret: str) -> None:
    """Signs this browser out."""
    async with services.database.writing() as writer:
        await sessions.end_by_hash(writer, digest(secret))


async def end_all(services: Services, member: bytes) -> int:
    """Signs the member out everywhere; gives how many sessions that ended."""
    async with services.database.writing() as writer:
        return await sessions.end_all(writer, member)


def form_token(secret: str) -> str:
    """What a form of this session carries, so that no other page can send one."""
    return hmac.digest(secret.encode(), b"consent console form", "sha256").hex()


def digest(secret: str) -> bytes:
    """What is kept of a secret of 256 bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def known(held: Mapping[str, str]) -> dict[str, Role]:
    """The roles that this program knows."""
    return {site: role for site, words in held.items() for role in ROLES if role == words}


async def _touch(services: Services, secret: str, session: StoredSession, now: int) -> None:
    """Notes the use; a page that only shows something does not fail for it."""
    if now - session.seen_at > TOUCH_MS:
        with contextlib.suppress(Unavailable):
            async with services.database.writing() as writer:
                await sessions.touch(writer, digest(secret), now)
