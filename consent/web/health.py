"""What operators and crawlers ask: is it alive, can it commit, what does it count, what is its policy."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from consent import __version__, clock
from consent.errors import ConsentError, Misconfigured, Unavailable
from consent.metrics import CONTENT_TYPE
from consent.pulse import LATE_MS
from consent.services import Services
from consent.storage import outbox, standing
from consent.storage.migrations import unapplied
from consent.storage.standing import Standing
from consent.web import problems, replies
from consent.web.requests import services_of

READY_SECONDS = 3
OVERDUE_MS = 900_000
CONTACT = "mailto:security@{host}"


async def alive(request: Request) -> Response:
    """The process answers; nothing else is asked."""
    return replies.json({"status": "ok"})


async def ready(request: Request) -> Response:
    """Records can be committed: 503 when the last ones could not, a row cannot now, or the schema is not migrated.

    What is late beside the requests makes it `degraded`, and still 200: visitors' choices are recorded all the same.
    """
    services = services_of(request.scope)
    try:
        async with asyncio.timeout(READY_SECONDS):
            await services.recorder.check()
            parts = await _parts(services)
    except TimeoutError:
        return problems.response(Unavailable("the store did not commit in time"))
    except ConsentError as error:
        return problems.response(error if isinstance(error, Unavailable) else Unavailable("the store cannot commit"))
    status = "ok" if all(words == "ok" for words in parts.values()) else "degraded"
    return replies.json({"status": status, "parts": parts})


async def _parts(services: Services) -> dict[str, str]:
    """Each part with `ok`, or what is the matter.

    Raises:
        Unavailable: without this one nothing is recorded.
    """
    late = services.pulse.late()
    parts = {"store": "ok", "writer": "ok", "schema": await _schema(services), "outbox": await _outbox(services)}
    return parts | {part: "late" if part in late else "ok" for part in services.pulse.ages()}


async def _schema(services: Services) -> str:
    """A schema that a newer program has migrated on may serve this one for as long as the two change places."""
    try:
        missing = await unapplied(services.database)
    except Misconfigured:
        return "newer than this program"
    if missing:
        raise Unavailable("the schema is not migrated")
    return "ok"


async def _outbox(services: Services) -> str:
    async with services.database.reading() as reader:
        due_at = await outbox.oldest_due(reader)
    return "late" if due_at is not None and services.clock() - due_at > OVERDUE_MS else "ok"


async def metrics(request: Request) -> Response:
    """The figures, for Prometheus; those of the database as it stands now, unless it cannot be read."""
    services = services_of(request.scope)
    late = services.pulse.late()
    services.metrics.late({part: part in late for part in LATE_MS})
    with contextlib.suppress(ConsentError):
        async with services.database.reading() as reader:
            _tell(services, await standing.look(reader))
    return Response(services.metrics.page(), media_type=CONTENT_TYPE)


def _tell(services: Services, now: Standing) -> None:
    told = services.metrics
    told.outbox(now.outbox, _since(services, now.due_at) or 0)
    told.stands(__version__, services.database.engine, now.records, now.erased)
    backup = now.backup
    made = _since(services, backup.made_at if backup else None)
    told.upkeep(now.sessions, _since(services, now.swept_at), made, backup.bytes if backup else 0)


def _since(services: Services, at: int | None) -> int | None:
    """Milliseconds since then; None for never."""
    return None if at is None else max(0, services.clock() - at)


async def gpc(request: Request) -> Response:
    """That this service honours Global Privacy Control (the GPC specification, section 4)."""
    return replies.json({"gpc": True, "lastUpdate": "2026-11-22"})


async def security(request: Request) -> Response:
    """Where to tell of a weakness (RFC 9116)."""
    services = services_of(request.scope)
    host = urlsplit(services.settings.url).hostname or "localhost"
    expires = clock.text(services.clock() + 180 * clock.DAY)
    lines = (f"Contact: {CONTACT.format(host=host)}", f"Expires: {expires}")
    return Response("\n".join((*lines, "Preferred-Languages: en", "")), media_type="text/plain; charset=utf-8")


async def robots(request: Request) -> Response:
    """Nothing here is for search engines."""
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain; charset=utf-8")
