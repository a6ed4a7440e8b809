"""`/console`: what a publisher sees of a site, read only.

A signed link opens it for a day. `link` makes one; `ROUTES` are the addresses.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from consent import ids
from consent.tokens import Reference, Tokens
from consent.web.console import pages

ROUTES: list[BaseRoute] = [
    Route("/console", pages.closed),
    Route("/console/{token}", pages.overview),
    Route("/console/{token}/records/{seq}", pages.record),
]


def link(tokens: Tokens, url: str, site: str, now: int) -> str:
    """The address that opens the site's console for a day from `now` (milliseconds)."""
    reference = Reference(id=str(ids.uuid7(now)), site=site)
    return f"{url}/console/{tokens.sign('console', site, reference, now)}"
