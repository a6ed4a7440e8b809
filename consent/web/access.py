"""Who may: the site's own pages by their origin, publishers by their key, everybody only so often.

Invariant: a browser's Origin that is not the site's is refused here, on the server; CORS alone would
not stop a simple request.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Scope

from consent import addresses, keyring
from consent.directory import Published
from consent.errors import ForeignOrigin, KeyMissing, TooMany
from consent.limits import Rate
from consent.services import Services
from consent.storage.keys import StoredKey
from consent.web.requests import header, services_of


def check_origin(scope: Scope, site: Published) -> None:
    """Refuses a page of another origin; who sends none is no page.

    Raises:
        ForeignOrigin: the Origin is not one of the site's.
    """
    origin = header(scope, b"origin")
    if origin and not site.allows(origin):
        raise ForeignOrigin("this page's origin is not one of the site's: add it to `origins` in the site file")


async def check_rate(services: Services, what: str, address: str, rate: Rate) -> None:
    """Slows down an address that asks too often.

    Raises:
        TooMany: with the seconds to wait.
    """
    wait = await services.limits.wait(f"{what} {addresses.bucket(address)}", rate)
    if wait:
        raise TooMany(f"too many requests from this address: wait {wait} s", wait)


async def key_of(request: Request, scope_word: str) -> StoredKey:
    """The key that the request carries, when it may do this at the path's site.

    Raises:
        KeyMissing, OutOfScope, Unknown: as `keyring.check` says.
    """
    services = services_of(request.scope)
    kind, _, key = header(request.scope, b"authorization").partition(" ")
    if kind.lower() != "bearer" or not key:
        raise KeyMissing("give a key of this site: Authorization: Bearer ck_…")
    return await keyring.check(services.database, services.clock, request.path_params["site"], key.strip(), scope_word)
