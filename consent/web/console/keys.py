"""Settings, Keys: the API keys of a site, made and revoked.

Invariant: a key is in one page alone, the answer to its making; nothing keeps that page.
"""

from __future__ import annotations

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import clock, keyring
from consent.clock import DAY
from consent.errors import Refused
from consent.keyring import SCOPES
from consent.storage.keys import StoredKey
from consent.web.console import settings
from consent.web.console.guard import Visit, act, page

MEANS = {
    "read": "records, readers, statistics and the log",
    "write": "publish notices, webhooks, and replay what failed",
    "erase": "erase people",
}
LIVES = (("", "Until it is revoked"), ("30", "30 days"), ("90", "90 days"), ("365", "A year"))
UNUSED_DAYS = 90


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A key's line."""

    id: str
    name: str
    scopes: tuple[str, ...]
    made: str
    used: str
    ends: str
    state: str
    """in force, unused, expired or revoked."""


@page("connect")
async def keys(visit: Visit) -> Response:
    """The site's keys."""
    return await _answer(visit)


@act("connect")
async def make(visit: Visit) -> Response:
    """A new key, shown once."""
    scopes = frozenset(value for name, value in visit.form if name == "scope")
    days = visit.field("days")
    lives = int(days) * DAY if days in dict(LIVES) and days else None
    try:
        key, _ = await keyring.make(
            visit.services,
            visit.site.id,
            scopes,
            actor=visit.actor,
            name=visit.field("name").strip(),
            expires_at=visit.services.clock() + lives if lives else None,
        )
    except Refused as error:
        faults = [("scope-read" if fault.path == "scope" else "name", fault.message) for fault in error.faults]
        return await _answer(visit, status=422, faults=faults)
    return await _answer(visit, made=key)


@act("connect")
async def revoke(visit: Visit) -> Response:
    """Ends a key."""
    await keyring.revoke(visit.services, visit.site.id, visit.field("id"), actor=visit.actor)
    return visit.to(f"{visit.home}/settings/keys", told="The key is revoked: it opens nothing any more.")


async def _answer(
    visit: Visit, *, status: int = 200, made: str = "", faults: list[tuple[str, str]] | None = None
) -> Response:
    rows = await keyring.listed(visit.services.database, visit.site.id)
    now = visit.services.clock()
    return settings.answer(
        visit,
        "console/keys.html",
        place="keys",
        title="Keys",
        status=status,
        scripts=("console-copy.js",),
        keys=[_row(one, now) for one in reversed(rows)],
        made=made,
        faults=faults or [],
        scopes=[(scope, MEANS[scope]) for scope in SCOPES],
        lives=LIVES,
    )


def _row(key: StoredKey, now: int) -> KeyRow:
    return KeyRow(
        id=key.id,
        name=key.name or "without a name",
        scopes=tuple(scope for scope in SCOPES if scope in key.scopes),
        made=clock.text(key.created_at),
        used=clock.text(key.used_at) if key.used_at else "",
        ends=clock.text(key.expires_at) if key.expires_at else "",
        state=_state(key, now),
    )


def _state(key: StoredKey, now: int) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and key.expires_at <= now:
        return "expired"
    return "unused" if now - (key.used_at or key.created_at) > UNUSED_DAYS * DAY else "in force"


ROUTES: list[BaseRoute] = [
    Route(f"{settings.HOME}/keys", keys, methods=["GET"]),
    Route(f"{settings.HOME}/keys", make, methods=["POST"]),
    Route(f"{settings.HOME}/keys/revoke", revoke, methods=["POST"]),
]
