"""`POST /v1/sites/{site}/consents` and `…/events`: what the widget sends."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope

from consent import addresses, ledger
from consent.directory import Published
from consent.limits import Rate
from consent.records import Circumstances, ConsentRequest, Digest, Name
from consent.services import Services
from consent.storage.counters import Counter
from consent.web import access, bodies, replies
from consent.web.requests import client_of, device, header, sends_gpc, services_of

RATE = Rate(burst=600, per_minute=600)
HOUR = 3_600_000

_request = msgspec.json.Decoder(ConsentRequest)

EventKind = Literal[
    "notice_shown", "prompt_shown", "prompt_declined", "prompt_later", "prompt_submitted", "preferences_shown"
]


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something was shown: a count, without anybody's id."""

    kind: EventKind
    notice: Digest | None = None
    language: Name | None = None
    variant: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,64}$(?!\n)")] | None = None


_event = msgspec.json.Decoder(Event)


async def give(scope: Scope, receive: Receive, site: str) -> Response:
    """Records one act; 201 when it is new, 200 when it came before."""
    services = services_of(scope)
    published, address = await _admit(services, scope, site)
    bodies.check_media(scope)
    request = bodies.decode(await bodies.read(scope, receive), _request)
    answer, is_new = await ledger.give(services, site, request, _circumstances(services, scope, published, address))
    return replies.json(answer, 201 if is_new else 200)


async def count(scope: Scope, receive: Receive, site: str) -> Response:
    """Counts that something was shown."""
    services = services_of(scope)
    published, _ = await _admit(services, scope, site)
    bodies.check_media(scope)
    event = bodies.decode(await bodies.read(scope, receive), _event)
    language = event.language if event.language in published.notice.languages else ""
    notice = event.notice if event.notice in (None, published.digest) else "earlier"
    hour = services.clock() // HOUR * HOUR
    services.counting.count(Counter(site, hour, event.kind, notice or "", language or "", event.variant or ""))
    return Response(status_code=204)


async def _admit(services: Services, scope: Scope, site: str) -> tuple[Published, str]:
    published = services.directory.get(site)
    access.check_origin(scope, published)
    address = client_of(scope, services.networks)
    await access.check_rate(services, f"consents {site}", address, RATE)
    return published, address


def _circumstances(services: Services, scope: Scope, site: Published, address: str) -> Circumstances:
    named = services.places.header
    country = services.places.country(header(scope, named) if named else "", address)
    kept = None
    if site.settings.ip == "hash":
        kept = addresses.truncated_hash(address, services.tokens.site_keys(site.id)[-1].encode()) or None
    return Circumstances(
        gpc_header=sends_gpc(scope), country=country, device=device(header(scope, b"user-agent")), ip=kept
    )
