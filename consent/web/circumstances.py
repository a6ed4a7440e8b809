"""What the service itself sees of a request, beside what is sent: what a record may keep of it, and no more."""

from __future__ import annotations

from starlette.types import Scope

from consent import addresses
from consent.directory import Published
from consent.records import Circumstances
from consent.services import Services
from consent.web.requests import device, header, place_of, sends_gpc


def of(services: Services, scope: Scope, site: Published, address: str) -> Circumstances:
    """Place, device and signals; of the network's address what the site's settings allow."""
    place = place_of(scope, services.places, services.networks)
    kept = None
    if site.settings.ip == "hash":
        kept = addresses.truncated_hash(address, services.tokens.site_keys(site.id)[-1].encode()) or None
    return Circumstances(
        gpc_header=sends_gpc(scope),
        country=place.country,
        region=place.region,
        device=device(header(scope, b"user-agent")),
        ip=kept,
    )


def coarse(services: Services, scope: Scope) -> Circumstances:
    """As much of it as is counted: the country, and what sort of device."""
    place = place_of(scope, services.places, services.networks)
    return Circumstances(country=place.country, device=device(header(scope, b"user-agent")))
