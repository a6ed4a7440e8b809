"""`Idempotency-Key`: a write that may have been done already is not done again, but answered as it was then.

As the IETF's draft has it (draft-ietf-httpapi-idempotency-key-header): the same key with another request is 422, with
one that is still under way 409. Only what was done is kept, for a day, sealed: a request that was refused, or that
failed, changed nothing, and may be mended and sent again by the same key.

Invariant: of equal requests at one time one runs; an answer is given again to the API key alone that it was given to.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent.clock import DAY
from consent.errors import Malformed, Repeating, Reused, Unavailable
from consent.services import Services
from consent.storage import idempotency
from consent.storage.keys import StoredKey
from consent.web.requests import header, services_of

HEADER = b"idempotency-key"
REPLAYED = "Idempotency-Replayed"
FORM = re.compile(r'"([\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]{1,255})')
KEPT_MS = DAY
LEASE_MS = 60_000
"""How long a request may take before an equal one may take its place: its process is dead by then."""
KEPT_HEADERS = ("content-type", "cache-control", "location")


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """An answer as it is kept."""

    status: int
    headers: dict[str, str]
    body: bytes


def key_in(request: Request) -> str | None:
    """The request's Idempotency-Key, quoted as the draft has it or bare; None when there is none.

    Raises:
        Malformed: it is too long, empty, or no such text.
    """
    if HEADER not in {name for name, _ in request.scope["headers"]}:
        return None
    found = FORM.fullmatch(header(request.scope, HEADER).strip())
    if found is None:
        raise Malformed("an Idempotency-Key is one text of 1 to 255 printable ASCII characters without blanks")
    return found[1] or found[2]


async def once(
    request: Request, key: StoredKey, name: str, body: bytes, act: Callable[[], Awaitable[Response]]
) -> Response:
    """The answer to the request: by doing it, or as it was given when it was done.

    Raises:
        Reused: another request came by this key.
        Repeating: the same one is under way.
    """
    services, now = services_of(request.scope), services_of(request.scope).clock()
    place = hashlib.sha256(f"{key.id}\0{name}".encode()).digest()
    if (kept := await _claim(services, key.site, place, _digest(request, body), now)) is not None:
        return kept
    sealed = None
    try:
        response = await act()
        if 200 <= response.status_code < 300:
            sealed = _sealed(services, response)
    finally:
        with contextlib.suppress(Unavailable):  # what was done is done: its answer goes out all the same
            await _end(services, key.site, place, now, sealed)
    return response


async def _claim(services: Services, site: str, place: bytes, request: bytes, now: int) -> Response | None:
    """None: the request is ours to do; else the answer that was given to it."""
    async with services.database.writing() as writer:
        until, older_than = now + LEASE_MS, now - KEPT_MS
        if await idempotency.claim(writer, site, place, request, now, until=until, older_than=older_than):
            return None
        kept = await idempotency.find(writer, site, place)
    if kept is None or (kept.answer is None and kept.request == request):
        raise Repeating("the same request is under way: ask again in a moment")
    if kept.request != request:
        raise Reused("this Idempotency-Key was used for another request: make a new one for each")
    answer = msgspec.msgpack.decode(services.vault.take(kept.answer or ""), type=Answer)
    return Response(answer.body, answer.status, {**answer.headers, REPLAYED: "true"})


async def _end(services: Services, site: str, place: bytes, claimed_at: int, sealed: str | None) -> None:
    """Keeps the answer, or gives the claim back where nothing was done."""
    async with services.database.writing() as writer:
        if sealed is None:
            await idempotency.release(writer, site, place, claimed_at)
        else:
            await idempotency.keep(writer, site, place, claimed_at, sealed)


def _sealed(services: Services, response: Response) -> str:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    answer = Answer(response.status_code, headers, bytes(response.body))
    return services.vault.put(msgspec.msgpack.encode(answer))


def _digest(request: Request, body: bytes) -> bytes:
    """What makes two requests the same: method, address and body."""
    address = f"{request.method} {request.url.path}?{request.url.query}\0"
    return hashlib.sha256(address.encode() + hashlib.sha256(body).digest()).digest()
