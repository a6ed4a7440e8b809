"""`POST /v1/sites/{site}/hand-offs` and `…/open`: a choice that goes along to another site of the controller."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent import handing_off, regimes
from consent.directory import Published
from consent.handing_off import HandOffRequest, OpenRequest
from consent.limits import Rate
from consent.services import Services
from consent.web import access, bodies, replies
from consent.web.requests import client_of, place_of, services_of

RATE = Rate(burst=60, per_minute=60)
TOKEN_BYTES = 2 * 1024
"""A hand-off's token names two sites and a record; a receipt, which may be longer, has the usual room."""

_request = msgspec.json.Decoder(HandOffRequest)
_opening = msgspec.json.Decoder(OpenRequest)


async def hand_over(request: Request) -> Response:
    """A token for the partner site that the visitor goes to."""
    services, site = await _admit(request)
    body = bodies.decode(await bodies.read(request.scope, request.receive), _request)
    return replies.json(handing_off.hand_over(services, site, body), 201)


async def open_(request: Request) -> Response:
    """What the choice that came along decides here."""
    services, site = await _admit(request)
    body = bodies.decode(await bodies.read(request.scope, request.receive, TOKEN_BYTES), _opening)
    place = place_of(request.scope, services.places, services.networks)
    regime = regimes.under(site.notice.regime, *place).regime
    return replies.json(await handing_off.open_(services, site, body, regime))


async def _admit(request: Request) -> tuple[Services, Published]:
    services = services_of(request.scope)
    site = services.directory.get(request.path_params["site"])
    access.check_origin(request.scope, site)
    address = client_of(request.scope, services.networks)
    await access.check_rate(services, f"hand-offs {site.id}", address, RATE)
    bodies.check_media(request.scope)
    return services, site
