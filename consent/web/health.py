"""What operators and crawlers ask: is it alive, can it commit, what does it count, what is its policy."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from consent import clock
from consent.errors import ConsentError, Unavailable
from consent.metrics import CONTENT_TYPE
from consent.storage import outbox
from consent.web import problems, replies
from consent.web.requests import services_of

READY_SECONDS = 3
CONTACT = "mailto:security@{host}"


async def alive(request: Request) -> Response:
    """The process answers; nothing else is asked."""
    return replies.json({"status": "ok"})


async def ready(request: Request) -> Response:
    """Records can be committed; 503 when the last ones could not, or a row cannot now."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await services_of(request.scope).recorder.store.check()
    except TimeoutError:
        return problems.response(Unavailable("the store did not commit in time"))
    except ConsentError as error:
        return problems.response(error if isinstance(error, Unavailable) else Unavailable("the store cannot commit"))
    return replies.json({"status": "ok"})


async def metrics(request: Request) -> Response:
    """The figures, for Prometheus; those of the outbox as it stands now, unless the store cannot be read."""
    services = services_of(request.scope)
    with contextlib.suppress(ConsentError):
        async with services.database.reading() as reader:
            held, oldest = await outbox.counts(reader), await outbox.oldest_due(reader)
        services.metrics.outbox(held, max(0, services.clock() - oldest) if oldest is not None else 0)
    return Response(services.metrics.page(), media_type=CONTENT_TYPE)


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
