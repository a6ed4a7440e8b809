"""What providers post: of our mails (`/v1/mail-events/…`), and of who left at a publisher's mailing provider.

Invariant: a message is read as it came, byte by byte, for that is what is signed; nothing in it is answered with.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from consent.connections import departures, inbound
from consent.limits import Rate
from consent.sync.inbound.events import Heard
from consent.web import access, bodies
from consent.web.requests import client_of, services_of

LIMIT = 1024 * 1024
"""Bytes; some providers tell of many mails at once."""
RATE = Rate(burst=600, per_minute=1200)


async def hear_mail(request: Request) -> Response:
    """What a mail provider tells of our mails."""
    heard = await _heard(request)
    await inbound.hear(services_of(request.scope), request.path_params["provider"], heard)
    return _thanks()


async def hear_site(request: Request) -> Response:
    """What a publisher's mailing provider tells of who left there."""
    heard, to = await _heard(request), request.path_params
    await departures.hear(services_of(request.scope), to["site"], to["endpoint"], heard)
    return _thanks()


async def show_site(request: Request) -> Response:
    """That somebody listens: Mailchimp asks before it takes an address."""
    to = request.path_params
    await _check_rate(request)
    await departures.require(services_of(request.scope), to["site"], to["endpoint"], to["secret"])
    return _thanks()


async def _heard(request: Request) -> Heard:
    await _check_rate(request)
    body = await bodies.read(request.scope, request.receive, LIMIT)
    secret = request.path_params.get("secret", "")
    return Heard(dict(request.headers), body, secret, services_of(request.scope).clock())


async def _check_rate(request: Request) -> None:
    services = services_of(request.scope)
    await access.check_rate(services, "mail events", client_of(request.scope, services.networks), RATE)


def _thanks() -> Response:
    return Response("heard\n", media_type="text/plain")
