"""Settings, Install: what to paste into the pages, and the checker that looks whether it was pasted rightly.

Invariant: the checker reads HTML that it is given; it fetches nothing and keeps nothing.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import discovering, embedding
from consent.inspection import Inspection, inspect
from consent.notices import Notice
from consent.web.console import settings
from consent.web.console.guard import Visit, act, page

LONGEST_PAGE = 1024 * 1024


class Paste(msgspec.Struct, frozen=True, kw_only=True):
    """Something to paste: what it is for, and the text."""

    id: str
    words: str
    hint: str
    text: str


@page("see")
async def install(visit: Visit) -> Response:
    """What to paste."""
    return _answer(visit)


@act("see", limit=LONGEST_PAGE)
async def check(visit: Visit) -> Response:
    """What is to be said of the HTML that was pasted."""
    html = visit.field("html")
    if not html.strip():
        return _answer(visit, status=422, fault="Paste the page's HTML: in the browser, View source, then copy all.")
    terms = discovering.terms(visit.services, visit.site)
    return _answer(visit, found=await asyncio.to_thread(inspect, html, terms), html=html)


def _answer(
    visit: Visit, *, status: int = 200, found: Inspection | None = None, html: str = "", fault: str = ""
) -> Response:
    return settings.answer(
        visit,
        "console/install.html",
        place="install",
        title="Install",
        status=status,
        scripts=("console-copy.js",),
        pastes=_pastes(visit),
        found=found,
        html=html,
        fault=fault,
    )


def _pastes(visit: Visit) -> list[Paste]:
    """In the order in which they are wanted."""
    site, url = visit.site, visit.services.settings.url
    head = embedding.snippet(site.notice, url, site.settings.mute)
    made = [
        Paste(id="head", words="In every page’s <head>, before everything else", hint=HEAD, text=head),
        Paste(id="held", words="What waits for a choice", hint=HELD, text=_held(site.notice)),
        Paste(id="back", words="The way back, in the footer", hint=BACK, text=WAY_BACK),
    ]
    if site.notice.newsletter is not msgspec.UNSET:
        made.append(Paste(id="letter", words="The newsletter’s form", hint=LETTER, text=_form(site.notice)))
    made.append(Paste(id="policy", words="If the site has a content policy", hint=POLICY, text=_policy(url)))
    return made


HEAD = "It asks what your visitors allow, and tells the tools on the page. Without it nothing below works."
HELD = "Mark each script, frame or picture that needs a choice. It loads once its purpose is allowed, and not before."
BACK = "Withdrawing must be as easy as giving. Any element will do."
LETTER = "The form appears where this element stands."
POLICY = "Add these sources to the Content-Security-Policy header. Nothing else is needed; no inline style, no eval."
WAY_BACK = '<a href="#" data-consent-open>Cookie settings</a>'


def _held(notice: Notice) -> str:
    """An example for each purpose that can be refused, in the notice's own ids."""
    lines = []
    for purpose in (each for each in notice.purposes if not each.required):
        service = f' data-service="{purpose.services[0].id}"' if purpose.services else ""
        lines.append(f'<script type="text/plain" data-purpose="{purpose.id}"{service} src="…"></script>')
    return "\n".join(lines)


def _form(notice: Notice) -> str:
    newsletter = notice.newsletter
    lists = () if isinstance(newsletter, msgspec.UnsetType) else newsletter.lists
    return "\n".join(f'<div data-newsletter="{each.id}"></div>' for each in lists)


def _policy(url: str) -> str:
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return f"script-src {origin}; connect-src {origin}"


ROUTES: list[BaseRoute] = [
    Route(settings.HOME, install, methods=["GET"]),
    Route(settings.HOME, check, methods=["POST"]),
]
