"""`/newsletter/{site}`: the service's own pages to sign up on, for who has no script and no form of their own.

Invariant: nothing here tells whether an address is known.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from consent.directory import Published
from consent.errors import ConsentError, Refused
from consent.limits import Rate
from consent.newsletter import preferences
from consent.services import Services
from consent.web import access, evenly, following, forms, signups, speaking
from consent.web.pages import asking, failures
from consent.web.requests import client_of, services_of

RATE = Rate(burst=60, per_minute=60)
LINKS = Rate(burst=10, per_minute=10)
ABOUT: dict[str, asking.About] = {"signup": "signup", "link": "link"}

Handler = Callable[[Request], Awaitable[Response]]


def _for_people(rate: Rate) -> Callable[[Handler], Handler]:
    """Slows down who asks too often, and gives a person's browser a page when something is wrong."""

    def wrapped(handler: Handler) -> Handler:
        @functools.wraps(handler)
        async def answer(request: Request) -> Response:
            services = services_of(request.scope)
            try:
                address = client_of(request.scope, services.networks)
                await access.check_rate(services, f"hosted {handler.__name__}", address, rate)
                return await handler(request)
            except ConsentError as error:
                return failures.answer(request, error)

        return answer

    return wrapped


@_for_people(RATE)
async def form(request: Request) -> Response:
    """The form; `?list=` says what is ticked, `?next=` where its sender goes on to."""
    site, language = _page_of(request)
    asked = request.query_params
    ticked = tuple(one.id for one in asking.lists(site) if one.id in asked.getlist("list"))
    page = asking.form(site, language, asking.Typed(lists=ticked, next=asked.get("next", "")))
    return following.allow(page, site, asked.get("next", ""))


@_for_people(RATE)
async def asked(request: Request) -> Response:
    """What everybody is told after signing up, or after asking for a link."""
    site, language = _page_of(request)
    return asking.asked(site, language, about=ABOUT.get(request.query_params.get("about", ""), "signup"))


@_for_people(LINKS)
async def link(request: Request) -> Response:
    """Mails a subscriber the link to the preferences; who is none is told the same."""
    services = services_of(request.scope)
    site = signups.published(services, request)
    fields = forms.once(await forms.read(request.scope, request.receive))
    language = speaking.language(request.scope, site.notice, fields.get("language"))
    try:
        async with evenly.answered():
            await preferences.mail_link(services, site.id, fields.get("email", ""))
    except Refused as error:
        return asking.asked(
            site, language, about="link", typed=fields.get("email", ""), faults=error.faults, status=422
        )
    return _to_asked(services, site, language)


def _to_asked(services: Services, site: Published, language: str) -> Response:
    query = urlencode({"language": language, "about": "link"})
    return RedirectResponse(f"{services.settings.url}/newsletter/{site.id}/asked?{query}", 303)


def _page_of(request: Request) -> tuple[Published, str]:
    site = signups.published(services_of(request.scope), request)
    return site, speaking.language(request.scope, site.notice, request.query_params.get("language"))
