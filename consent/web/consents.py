"""`POST /v1/sites/{site}/consents` and `…/events`: what the widget sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope

from consent import choices, clock, ledger
from consent.directory import Published
from consent.figures import EVENTS
from consent.limits import Rate
from consent.notices import is_under
from consent.records import Answer, Circumstances, ConsentRequest, Digest, Name
from consent.services import Services
from consent.storage.figures import OTHER
from consent.storage.funnel import Step
from consent.web import access, bodies, circumstances, replies
from consent.web.requests import client_of, header, services_of

RATE = Rate(burst=600, per_minute=600)
LONGEST_PATH = 256

_request = msgspec.json.Decoder(ConsentRequest)

EventKind = Literal[
    "notice_shown",
    "prompt_shown",
    "prompt_declined",
    "prompt_later",
    "prompt_submitted",
    "form_shown",
    "form_submitted",
    "preferences_shown",
    "gpc_honored",
]


STEPS: Mapping[str, tuple[str, str]] = {
    "prompt_shown": ("shown", "prompt"),
    "prompt_declined": ("declined", "prompt"),
    "prompt_later": ("later", "prompt"),
    "prompt_submitted": ("submitted", "prompt"),
    "form_shown": ("shown", "form"),
    "form_submitted": ("submitted", "form"),
}
"""Which kinds are steps on the way to a subscription, and how they came about unless `via` says."""


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something was shown: a count, without anybody's id."""

    kind: EventKind
    notice: Digest | None = None
    language: Name | None = None
    variant: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,64}$(?!\n)")] | None = None
    via: Literal["form", "prompt", "page"] | None = None
    page: Annotated[str, msgspec.Meta(min_length=1, max_length=2048)] | None = None
    """Its path is counted with the steps of a sign-up; query and fragment are dropped."""


_event = msgspec.json.Decoder(Event)


async def give(scope: Scope, receive: Receive, site: str) -> Response:
    """Records one act; 201 when it is new, 200 when it came before."""
    services = services_of(scope)
    published, address = await _admit(services, scope, site)
    bodies.check_media(scope)
    request = bodies.decode(await bodies.read(scope, receive), _request)
    answer, is_new = await ledger.give(services, site, request, circumstances.of(services, scope, published, address))
    reply = replies.json(answer, 201 if is_new else 200)
    if published.settings.cookie_by_service and _is_in_reach(scope, published):
        asked = await services.directory.asked(published, request.notice) or published.asked
        text = choices.text(request, answer, asked)
        if not choices.has_later(header(scope, b"cookie"), text):  # a record that comes late undoes nothing
            reply.headers["Set-Cookie"] = _cookie(services, published, answer, text)
    return reply


def _is_in_reach(scope: Scope, site: Published) -> bool:
    """Whether the cookie is for the page that asks: a site may have pages of other domains too."""
    host = urlsplit(header(scope, b"origin")).hostname  # one of the site's, or none
    return host is None or is_under(host, site.settings.cookie_domain or "")


def _cookie(services: Services, site: Published, answer: Answer, text: str) -> str:
    """The choice as this service sets it beside the page: browsers keep such a cookie longer than a script's."""
    age = (clock.parse(answer.expires_at) - services.clock()) // 1000
    secure = "; Secure" if services.settings.url.startswith("https:") else ""
    scope = f"Domain={site.settings.cookie_domain}; Path=/; Max-Age={age}; SameSite=Lax{secure}"
    return f"{choices.COOKIE}={text}; {scope}"


async def count(scope: Scope, receive: Receive, site: str) -> Response:
    """Counts that something was shown."""
    services = services_of(scope)
    published, _ = await _admit(services, scope, site)
    bodies.check_media(scope)
    event = bodies.decode(await bodies.read(scope, receive), _event)
    if event.kind in EVENTS:
        await _count_notice(services, published, event, circumstances.coarse(services, scope))
    elif published.notice.newsletter:
        _count_step(services, site, event)
    return Response(status_code=204)


async def _count_notice(services: Services, published: Published, event: Event, seen: Circumstances) -> None:
    """What the site never published is counted as something else: nobody makes up notices or languages."""
    asked = await services.directory.asked(published, event.notice) if event.notice else published.asked
    languages = asked.languages if asked else published.asked.languages
    services.counting.note(
        published.id,
        services.clock(),
        EVENTS[event.kind],
        notice=asked.notice if asked else OTHER,
        language=event.language if event.language in languages else OTHER if event.language else "",
        seen=seen,
    )


def _count_step(services: Services, site: str, event: Event) -> None:
    step, via = STEPS[event.kind]
    day = services.clock() // clock.DAY * clock.DAY
    page = _path_of(event.page or "")
    services.counting.step(Step(site, day, step, event.via or via, event.variant or "", page))


def _path_of(page: str) -> str:
    """The page's path; what is no address of the web counts for no page."""
    try:
        parts = urlsplit(page)
    except ValueError:
        return ""
    is_page = parts.scheme in ("http", "https") and parts.netloc and page.isprintable()
    return (parts.path or "/")[:LONGEST_PATH] if is_page else ""


async def _admit(services: Services, scope: Scope, site: str) -> tuple[Published, str]:
    published = services.directory.get(site)
    access.check_origin(scope, published)
    address = client_of(scope, services.networks)
    await access.check_rate(services, f"consents {site}", address, RATE)
    return published, address
