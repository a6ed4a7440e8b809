"""`/demo/console`: the publisher's console, signed in as somebody who owns the demo's site.

Invariant: this is mounted by `consent demo` alone; nothing else signs in whoever asks.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from consent import auditing, mailboxes
from consent.accounts import people, signing_in
from consent.web.console import signing_in as pages
from consent.web.requests import header, services_of

OWNER = "owner@example.org"


class Console:
    """The way in, for a service at one address and one site of it."""

    def __init__(self, service_url: str, site: str) -> None:
        self._url, self._site = service_url, site

    async def enter(self, request: Request) -> Response:
        """Signs in; first to the service's own name, where its cookies and passkeys live."""
        services = services_of(request.scope)
        if header(request.scope, b"host") != self._url.partition("//")[2]:
            return RedirectResponse(f"{self._url}/demo/console", 303)
        owner = mailboxes.parse(OWNER)
        joined = await people.join(services, self._site, owner, "owner", auditing.COMMAND)
        async with services.database.writing() as writer:
            begun = await signing_in.begin(services, writer, joined.member, pages.browser_of(request))
        return await pages.entered(request, services, begun, f"/console/sites/{self._site}")
