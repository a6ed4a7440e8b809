"""The outermost layer, in plain ASGI: the headers that every answer carries, CORS, and the last resort.

The two busiest addresses are taken here, before the router, for they are most of the traffic.

Invariant: every answer, errors included, carries the security headers and, for a page of the site's own
origins, the CORS headers; no exception leaves without becoming a problem.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consent import clock, ids, lines
from consent.web import problems
from consent.web.requests import header, services_of

Headers = list[tuple[bytes, bytes]]
Lane = Callable[[Scope, Receive, str], Awaitable[Response]]

STANDARD: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]
WHERE_SILENT: dict[bytes, bytes] = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cache-control": b"no-store",
}
HSTS = (b"strict-transport-security", b"max-age=31536000")
SITES = "/v1/sites/"
SCRIPTS = "/w/"
PREFLIGHT_SECONDS = b"7200"
REQUEST_ID = b"x-request-id"
CACHE_CONTROL, NO_STORE = b"cache-control", b"no-store"
GIVEN_ID = re.compile(r"[0-9a-f-]{16,64}", re.ASCII)
"""What is taken for an id of a proxy's: hex or a UUID, which no address and no token is."""


class Shell:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, lanes: Mapping[tuple[str, str], Lane], *, is_public: bool) -> None:
        self._app = app
        self._lanes = lanes
        self._standard = [*STANDARD, HSTS] if is_public else STANDARD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = header(scope, REQUEST_ID)
        id_ = given if given and GIVEN_ID.fullmatch(given) else ids.request_id()
        lines.request_id.set(id_)
        answer = _Answer(scope, send, self._standard, id_)
        try:
            await self._respond(scope, receive, answer.send)
        except ClientDisconnect:
            return
        except Exception as error:
            if answer.started:
                raise
            await problems.response(error)(scope, receive, answer.send)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        if method == "OPTIONS" and header(scope, b"access-control-request-method"):
            await Response(status_code=204)(scope, receive, send)
            return
        lane, name = self._lane(method, path)
        if lane and name:
            scope["endpoint"] = lane
            response = await lane(scope, receive, name)
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _lane(self, method: str, path: str) -> tuple[Lane | None, str]:
        """The lane for an address, and the name in it: a site's, or a script's."""
        if path.startswith(SITES):
            site, _, rest = path[len(SITES) :].partition("/")
            return self._lanes.get((method, rest)), site
        if path.startswith(SCRIPTS):
            return self._lanes.get((method, SCRIPTS)), path[len(SCRIPTS) :]
        return None, ""


class _Answer:
    """Adds the headers to one answer."""

    def __init__(self, scope: Scope, send: Send, standard: Headers, id_: str) -> None:
        self._scope, self._send, self._standard, self._id = scope, send, standard, id_
        self._began = clock.ticks()
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self._count(message["status"])
            headers: Headers = message["headers"]
            given = dict(headers)
            silent = [(name, value) for name, value in WHERE_SILENT.items() if name not in given]
            cors = _cors(self._scope) if self._scope["path"].startswith(SITES) else ()
            # What may be kept has no id: it would be told to others, and a stranger could choose it.
            ours = [(REQUEST_ID, self._id.encode())] if given.get(CACHE_CONTROL, NO_STORE) == NO_STORE else ()
            # A new list: some answers are sent often.
            message["headers"] = [*headers, *self._standard, *ours, *silent, *cors]
        await self._send(message)

    def _count(self, status: int) -> None:
        endpoint = getattr(self._scope.get("endpoint"), "__name__", "none")
        seconds = clock.ticks() - self._began
        services_of(self._scope).metrics.answered(endpoint, status, seconds)
        lines.answered(self._scope["method"], endpoint, status, seconds)


def _cors(scope: Scope) -> Headers:
    """For pages of the site's own origins; keys cannot be sent across origins, nor cookies but to set the choice's."""
    vary = [(b"vary", b"Origin")]
    origin = header(scope, b"origin")
    if not origin:
        return vary
    name, _, rest = scope["path"][len(SITES) :].partition("/")
    site = services_of(scope).directory.find(name)
    if site is None or not site.allows(origin):
        return vary
    allowed = [*vary, (b"access-control-allow-origin", origin.encode("latin-1"))]
    if site.settings.cookie_by_service and rest == "consents":
        allowed.append((b"access-control-allow-credentials", b"true"))
    if scope["method"] != "OPTIONS":
        return [*allowed, (b"access-control-expose-headers", b"Retry-After")]
    return [
        *allowed,
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"Content-Type"),
        (b"access-control-max-age", PREFLIGHT_SECONDS),
    ]
