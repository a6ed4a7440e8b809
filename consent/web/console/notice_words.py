"""One published notice: its words in each language to be read, and the widget with them, as in force or as it once was.

Invariant: what is shown is the stored document that the digest names.
"""

from __future__ import annotations

import re

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import clock, notices
from consent.errors import Unknown
from consent.notices import Notice
from consent.storage import sites
from consent.web.console import preview, visiting
from consent.web.console.guard import Visit, page
from consent.web.pages import sheets

HOME = "/console/sites/{site}/notices/{digest}"
DIGEST = re.compile("[0-9a-f]{64}")
POLICY = visiting.policy(more="frame-src 'self'")
MANY = 200
REGIMES = {
    "opt_in": "Opt-in (Europe, and wherever nothing else is known)",
    "opt_out": "Opt-out (United States)",
    "california": "Opt-out (California)",
    "notice_only": "Notice only",
}
THEMES = {"auto": "As your screen", "light": "Light", "dark": "Dark"}
LAYERS = {
    "notice": "First layer",
    "preferences": "Second layer",
    "placeholder": "In place of a frame",
    "signup": "Sign-up form",
    "prompt": "Prompt",
    "reopen": "The way back",
}


@page("see")
async def words(visit: Visit) -> Response:
    """The words in one language, beside the widget."""
    notice = await _notice(visit)
    view = preview.view_of(visit.request.query_params, notice)
    there, digest = preview.offers(notice), visit.request.path_params["digest"]
    return visit.answer(
        "console/notice_words.html",
        title="Notice",
        tab="notice",
        headers={"Content-Security-Policy": POLICY},
        notice=notice,
        digest=digest,
        in_force=digest == visit.site.digest,
        published=await _published(visit, digest),
        view=view,
        language=view.language,
        sections=_sections(notice, view.language),
        lists=sheets.lists_of(notice),
        frame=f"{visit.home}/notices/{digest}/frame?{preview.query(view)}",
        options={
            "language": [(one, one) for one in there.languages],
            "theme": [(one, THEMES[one]) for one in there.themes],
            "regime": [(one, REGIMES[one]) for one in there.regimes],
            "layer": [(one, LAYERS[one]) for one in there.layers],
        },
    )


@page("see")
async def frame(visit: Visit) -> Response:
    """The frame's page."""
    notice = await _notice(visit)
    return preview.frame(notice, preview.view_of(visit.request.query_params, notice))


async def _notice(visit: Visit) -> Notice:
    digest, found = visit.request.path_params["digest"], None
    if DIGEST.fullmatch(digest):
        async with visit.services.database.reading() as reader:
            found = await sites.notice(reader, visit.site.id, digest)
    if found is None:
        raise Unknown("This site never published a notice with this digest.")
    return notices.parse_notice(found.document.encode())


async def _published(visit: Visit, digest: str) -> list[str]:
    """The instants at which it came in force."""
    async with visit.services.database.reading() as reader:
        found = await sites.publications(reader, visit.site.id, MANY)
    return [clock.text(one.published_at) for one in found if one.notice == digest]


def _sections(notice: Notice, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """All words of a language, section by section."""
    texts = msgspec.to_builtins(notice.texts[language])
    return [(section, sorted(words.items())) for section, words in texts.items()]


ROUTES: list[BaseRoute] = [Route(HOME, words, methods=["GET"]), Route(f"{HOME}/frame", frame, methods=["GET"])]
