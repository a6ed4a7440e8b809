"""`/v1/sites/{site}/webhooks` behind a key: where a publisher's events go, and the providers that are told who joined.

Invariant: a secret is in one answer alone, the one to its making, and in the same one again to who repeats that by its
Idempotency-Key.
"""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from consent.connections import connecting
from consent.connections.connecting import EndpointRequest
from consent.web import filters, replies
from consent.web.calls import Call, keyed

SECRET = {"Cache-Control": "no-store"}

_endpoint = msgspec.json.Decoder(EndpointRequest)


@keyed("read")
async def list_endpoints(call: Call) -> Response:
    """The site's endpoints, without their secrets: there are few, and all are told."""
    filters.check(call.request, ())
    return replies.json(await connecting.listed(call.services, call.site))


@keyed("write")
async def connect(call: Call) -> Response:
    """A new endpoint, with its secret."""
    made = await connecting.connect(call.services, call.site, await call.json(_endpoint), call.actor)
    return replies.json(made, 201, SECRET)


@keyed("write")
async def remove(call: Call) -> Response:
    """Takes an endpoint away."""
    await connecting.remove(call.services, call.site, call.path("endpoint"), call.actor)
    return Response(status_code=204)


@keyed("write")
async def test(call: Call) -> Response:
    """Tries an endpoint at once."""
    tried = await connecting.test(call.services, call.site, call.path("endpoint"))
    await call.note("webhook.tested", {"endpoint": call.path("endpoint")})
    return replies.json(tried)


@keyed("write")
async def enable(call: Call) -> Response:
    """Takes up an endpoint again that was switched off."""
    taken_up = await connecting.enable(call.services, call.site, call.path("endpoint"), call.actor)
    return replies.json(taken_up)


@keyed("write")
async def renew(call: Call) -> Response:
    """A new secret for an endpoint."""
    made = await connecting.renew(call.services, call.site, call.path("endpoint"), call.actor)
    return replies.json(made, headers=SECRET)
