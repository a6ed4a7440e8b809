"""Signing up: `POST /v1/sites/{site}/signups` by script or by a plain form, and the challenge for who is in doubt.

A script is answered with JSON and never sent elsewhere; a form is answered with a page, and where its sender has to be
asked again, that page holds what was typed. Both go through one gate.

Invariant: what is answered depends on what was sent alone, never on what is known of the address; and nobody is sent on
to a page that is not the site's.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from consent import addresses, newsletter
from consent.directory import Published
from consent.errors import ChallengeRequired, ConsentError, Refused, Unknown
from consent.limits import Rate
from consent.newsletter import Seen, SignupRequest
from consent.services import Services
from consent.web import access, bodies, circumstances, evenly, following, forms, replies, speaking
from consent.web.forms import Fields
from consent.web.pages import asking, failures
from consent.web.requests import client_of, header, services_of

RATE = Rate(burst=60, per_minute=60)
SCRIPTED = frozenset({"cors", "no-cors", "same-origin"})
"""What `Sec-Fetch-Mode` says of a script's request; a form that its page sends navigates."""
OWN_PAGES = frozenset({"same-origin", "same-site", "none"})

_request = msgspec.json.Decoder(SignupRequest)


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody is told, whatever becomes of it."""

    status: str
    message: str


async def sign_up(request: Request) -> Response:
    """Takes a sign-up; the answer is the same for every address."""
    if forms.is_form(request.scope):
        return await _for_people(request)
    services, site = await _admit(request)
    bodies.check_media(request.scope, (*bodies.MEDIA, *forms.MEDIA))
    body = bodies.decode(await bodies.read(request.scope, request.receive), _request)
    language = body.language or speaking.language(request.scope, site.notice)
    body = msgspec.structs.replace(body, language=language)
    async with evenly.answered():
        await newsletter.sign_up(services, site.id, body, seen(request, services, site))
    return _accepted(site, language)


async def pose(request: Request) -> Response:
    """A proof of work for a sender in doubt, good for ten minutes and one sign-up."""
    services, site = await _admit(request)
    return replies.json(newsletter.challenge(services, site.id))


def published(services: Services, request: Request) -> Published:
    """The path's site, when it has newsletters.

    Raises:
        Unknown: no such site, or it has none.
    """
    site = services.directory.get(request.path_params["site"])
    if not site.notice.newsletter:
        raise Unknown(f"the site '{site.id}' has no newsletter: its site file has no [newsletter]")
    return site


def seen(request: Request, services: Services, site: Published) -> Seen:
    """What the service itself saw of who asks."""
    address = client_of(request.scope, services.networks)
    found = circumstances.of(services, request.scope, site, address)
    return Seen(address=addresses.bucket(address), ip_kept=found.ip or "", circumstances=found)


async def _admit(request: Request) -> tuple[Services, Published]:
    services = services_of(request.scope)
    site = published(services, request)
    if not _is_own_page(request, services):
        access.check_origin(request.scope, site)
    await access.check_rate(services, f"signups {site.id}", client_of(request.scope, services.networks), RATE)
    return services, site


def _is_own_page(request: Request, services: Services) -> bool:
    """Whether the page is the service's own: the hosted form, or the check for who is in doubt.

    A page that keeps its referrer to itself sends `Origin: null` with a form, and then the browser itself says whether
    the page is of the same site (Fetch, "append a request Origin header").
    """
    origin = header(request.scope, b"origin")
    if origin == "null":
        return forms.is_form(request.scope) and header(request.scope, b"sec-fetch-site") in OWN_PAGES
    parts = urlsplit(services.settings.url)
    return origin == f"{parts.scheme}://{parts.netloc}"


def _accepted(site: Published, language: str) -> Response:
    return replies.json(Accepted(status="accepted", message=asking.message(site, language)), 202)


async def _for_people(request: Request) -> Response:
    """A form; who sent it by a script, or wants no page, is answered as a program."""
    try:
        return await _by_form(request)
    except ConsentError as error:
        if _is_scripted(request):
            raise
        return failures.answer(request, error)


async def _by_form(request: Request) -> Response:
    services, site = await _admit(request)
    fields = await forms.read(request.scope, request.receive)
    language = speaking.language(request.scope, site.notice, dict(fields).get("language"))
    next_ = dict(fields).get("next", "")
    wants_page = failures.prefers_page(request) and not _is_scripted(request)
    try:
        body = _read(request, site, fields, language)
        async with evenly.answered():
            await newsletter.sign_up(services, site.id, body, seen(request, services, site))
    except ChallengeRequired:
        if not wants_page:
            raise
        page = asking.challenge(site, language, fields, newsletter.challenge(services, site.id))
        return following.allow(page, site, next_)
    except Refused as error:
        if not wants_page:
            raise
        page = asking.form(site, language, typed(fields), error.faults, status=422)
        return following.allow(page, site, next_)
    if _is_scripted(request):
        return _accepted(site, language)
    return _go_on(services, site, next_, language)


def _go_on(services: Services, site: Published, next_: str, language: str) -> Response:
    asked = f"{services.settings.url}/newsletter/{site.id}/asked?{urlencode({'language': language})}"
    return RedirectResponse(following.next_of(site, next_) or asked, 303)


def _is_scripted(request: Request) -> bool:
    """Whether a script asks: it gets JSON, for a redirect to another page would fail it, whatever that page is."""
    return header(request.scope, b"sec-fetch-mode") in SCRIPTED or failures.wants_json(request)


def typed(fields: Fields) -> asking.Typed:
    """What the form's sender typed and chose, for the page that asks again."""
    once = dict(fields)
    return asking.Typed(
        email=once.get("email", ""),
        lists=tuple(value for name, value in fields if name == "list"),
        next=once.get("next", ""),
        variant=once.get("variant", ""),
    )


def _read(request: Request, site: Published, fields: Fields, language: str) -> SignupRequest:
    """The form's fields as a request; `utm_…` go into its source, and the page is the referrer where none is named."""
    once = forms.once(fields, repeated=frozenset({"list"}))
    source = {name: once.pop(name) for name in list(once) if name.startswith("utm_")}
    referrer = following.next_of(site, header(request.scope, b"referer"))
    body: dict[str, object] = {"via": "form", "lists": [value for name, value in fields if name == "list"]}
    body |= {name: value for name, value in once.items() if value or name in ("email", "url_2")}
    body.pop("next", None)
    body["language"] = once.get("language") or language
    if source:
        body["source"] = source
    if "page" not in body and referrer:
        body["page"] = referrer
    if "seconds" in body:
        body["seconds"] = _seconds(once["seconds"])
    return forms.convert(body, SignupRequest)


def _seconds(words: str) -> float | str:
    return float(words) if re.fullmatch(r"\d{1,7}(\.\d{1,6})?", words, re.ASCII) else words
