"""Sign-in links: made when they leave, looked at without harm, used once.

Invariant: of a link's secret only the hash is kept, and a link that was asked for in a browser opens in that one alone.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from consent import ids
from consent.accounts.sessions import LONGEST, SHORTEST, digest
from consent.services import Services
from consent.storage import members, sign_in_links
from consent.storage.database import Writer
from consent.storage.members import Member
from consent.storage.sign_in_links import LinkKind, StoredLink

MINUTE = 60_000
LIVES: dict[LinkKind, int] = {"invitation": 72 * 60 * MINUTE, "sign-in": 15 * MINUTE}
"""How long a link is good, from when it leaves."""


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What a link would do: sign this member in (`good`), nothing here (`elsewhere`), or nothing any more (`over`)."""

    state: Literal["good", "elsewhere", "over"]
    kind: LinkKind = "sign-in"
    member: Member | None = None


async def make(
    writer: Writer, member: bytes, kind: LinkKind, at: int, *, asking: bytes, browser: bytes | None = None
) -> str:
    """A new link's secret, which ends older ones; `browser`: the hash of the cookie of the only one it opens in."""
    secret = ids.secret()
    link = StoredLink(member=member, kind=kind, browser=browser, asking=asking, made_at=at, expires_at=at + LIVES[kind])
    await sign_in_links.add(writer, digest(secret), link)
    return secret


def address(services: Services, secret: str) -> str:
    """The link itself."""
    return f"{services.settings.url}/console/sign-in/{secret}"


async def look(services: Services, secret: str, browser: str) -> Looked:
    """What the link would do in a browser with this cookie; changes nothing."""
    if not SHORTEST <= len(secret) <= LONGEST:
        return Looked(state="over")
    async with services.database.reading() as reader:
        link = await sign_in_links.by_hash(reader, digest(secret), services.clock())
        member = await members.by_id(reader, link.member) if link else None
    if link is None or member is None or member.disabled_at is not None:
        return Looked(state="over")
    is_here = link.browser is None or link.browser == digest(browser)
    return Looked(state="good" if is_here else "elsewhere", kind=link.kind, member=member)


async def spend(writer: Writer, secret: str, now: int) -> bytes | None:
    """Uses the link and ends the member's others; gives the member, None when it was used or is too old."""
    link = await sign_in_links.spend(writer, digest(secret), now)
    if link is not None:
        await sign_in_links.end_all(writer, link.member)
    return link.member if link else None
