"""What a handler behind a key is called with: the site, the key, the bundle, and the shortest ways to read the request.

Invariant: no handler made by `keyed` runs before the key was found to be the site's, in force and of the scope, and it
gets no body before the key was found so once more, for a body takes its time; a write that carries an Idempotency-Key
is done once, whoever repeats it.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent import auditing
from consent.records import Actor
from consent.services import Services
from consent.storage.keys import StoredKey
from consent.web import access, bodies, queries, repeats
from consent.web.requests import services_of

T = TypeVar("T", bound=msgspec.Struct)
READ = "read"


class Call:
    """One request by a key that may make it."""

    def __init__(self, request: Request, key: StoredKey, scope: str, limit: int) -> None:
        self.request = request
        self.key = key
        self.services: Services = services_of(request.scope)
        self.site: str = request.path_params["site"]
        self._scope, self._limit = scope, limit
        self._body: bytes | None = None

    @property
    def actor(self) -> Actor:
        """Who does it, for the audit trail."""
        return auditing.by_key(self.key.id)

    def path(self, name: str) -> str:
        """What stands at this place of the address."""
        return str(self.request.path_params[name])

    def query(self, kind: type[T]) -> T:
        """What is asked for in the address, as its struct.

        Raises:
            Refused: anything else, twice, or ill-formed.
        """
        return queries.read(self.request, kind)

    async def body(self) -> bytes:
        """The whole body; it may be asked for again.

        Raises:
            TooLarge, Malformed: as `bodies.read` says.
            KeyMissing, OutOfScope: the key was revoked, or has expired, while the body came.
        """
        if self._body is None:
            body = await bodies.read(self.request.scope, self.request.receive, self._limit)
            await access.key_of(self.request, self._scope)
            self._body = body
        return self._body

    async def json(self, decoder: msgspec.json.Decoder[T]) -> T:
        """The body as its struct.

        Raises:
            UnsupportedMedia, TooLarge, Malformed, Refused: as `bodies` says; and as `body`.
        """
        bodies.check_media(self.request.scope)
        return bodies.decode(await self.body(), decoder)

    async def note(self, action: str, about: Mapping[str, object] | None = None) -> None:
        """Puts what the key did into the site's log; asked by HEAD nothing is done, nor given away."""
        if self.request.method != "HEAD":
            await auditing.note(self.services, self.site, self.actor, action, about)


def keyed(
    scope: str, *, limit: int = bodies.LIMIT
) -> Callable[[Callable[[Call], Awaitable[Response]]], Callable[[Request], Awaitable[Response]]]:
    """Makes a handler of a function that takes a `Call`; `limit` is how long its body may be."""

    def wrapped(handler: Callable[[Call], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        @functools.wraps(handler)
        async def handle(request: Request) -> Response:
            call = Call(request, await access.key_of(request, scope), scope, limit)
            name = repeats.key_in(request) if scope != READ else None
            if name is None:
                return await handler(call)
            return await repeats.once(request, call.key, name, await call.body(), functools.partial(handler, call))

        return handle

    return wrapped
