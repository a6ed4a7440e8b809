"""`/v1/sites/{site}/webhooks` behind a key: where a publisher's events go, and the providers that are told who joined.

Invariant: a secret is in one answer alone, the one to its making.
"""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent.connections import connecting
from consent.connections.connecting import EndpointRequest
from consent.web import access, bodies, replies
from consent.web.requests import services_of

_endpoint = msgspec.json.Decoder(EndpointRequest)


async def list_endpoints(request: Request) -> Response:
    """The site's endpoints, without their secrets."""
    await access.key_of(request, "read")
    return replies.json(await connecting.listed(services_of(request.scope), request.path_params["site"]))


async def connect(request: Request) -> Response:
    """A new endpoint, with its secret."""
    await access.key_of(request, "write")
    bodies.check_media(request.scope)
    wanted = bodies.decode(await bodies.read(request.scope, request.receive), _endpoint)
    made = await connecting.connect(services_of(request.scope), request.path_params["site"], wanted)
    return replies.json(made, 201, {"Cache-Control": "no-store"})


async def remove(request: Request) -> Response:
    """Takes an endpoint away."""
    await access.key_of(request, "write")
    await connecting.remove(services_of(request.scope), request.path_params["site"], request.path_params["endpoint"])
    return Response(status_code=204)


async def test(request: Request) -> Response:
    """Tries an endpoint at once."""
    await access.key_of(request, "write")
    site, endpoint = request.path_params["site"], request.path_params["endpoint"]
    return replies.json(await connecting.test(services_of(request.scope), site, endpoint))


async def enable(request: Request) -> Response:
    """Takes up an endpoint again that was switched off."""
    await access.key_of(request, "write")
    site, endpoint = request.path_params["site"], request.path_params["endpoint"]
    return replies.json(await connecting.enable(services_of(request.scope), site, endpoint))


async def renew(request: Request) -> Response:
    """A new secret for an endpoint."""
    await access.key_of(request, "write")
    site, endpoint = request.path_params["site"], request.path_params["endpoint"]
    made = await connecting.renew(services_of(request.scope), site, endpoint)
    return replies.json(made, headers={"Cache-Control": "no-store"})
