"""Settings, Cookies found: what a page left in the publisher's own browser, held against the notice.

Invariant: no visitor is looked at: what is compared was written down by whoever pasted it.
"""

from __future__ import annotations

from typing import cast

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import clock, discovering
from consent.errors import Refused
from consent.inspection import ANSWERS, Answer, Compared, traces
from consent.web.console import settings
from consent.web.console.guard import Visit, act, page

LONGEST = 1024 * 1024
KINDS = {
    "cookie": "cookie",
    "local_storage": "local storage",
    "session_storage": "session storage",
    "indexed_db": "database",
}


@page("see")
async def found(visit: Visit) -> Response:
    """What was found, and how to look."""
    return await _answer(visit)


@act("edit", limit=LONGEST)
async def look(visit: Visit) -> Response:
    """What is to be said of what was pasted."""
    answer = visit.field("answer")
    if answer not in ANSWERS:
        return await _answer(visit, status=422, faults=[("answer", "Say what had been answered.")])
    try:
        compared = await discovering.look(
            visit.services, visit.site, visit.field("traces"), cast(Answer, answer), visit.actor
        )
    except Refused as error:
        return await _answer(visit, status=422, faults=[("traces", f"{error.faults[0].message.capitalize()}.")])
    return await _answer(visit, compared=compared)


@act("edit")
async def forget(visit: Visit) -> Response:
    """Takes away what was found."""
    await discovering.forget(visit.services, visit.site.id, visit.actor)
    return visit.to(f"{visit.home}/settings/cookies", told="What was found is forgotten.")


async def _answer(
    visit: Visit,
    *,
    status: int = 200,
    compared: Compared | None = None,
    faults: list[tuple[str, str]] | None = None,
) -> Response:
    async with visit.services.database.reading() as reader:
        known = await discovering.known(reader, visit.site.id, visit.site.notice)
    return settings.answer(
        visit,
        "console/cookies_found.html",
        place="cookies",
        title="Cookies found",
        status=status,
        scripts=("console-copy.js",),
        script=traces.SCRIPT,
        answers=list(ANSWERS.items()),
        compared=compared,
        known=known,
        kinds=KINDS,
        at=clock.text,
        faults=faults or [],
        written=visit.field("traces") if faults else "",
    )


ROUTES: list[BaseRoute] = [
    Route(f"{settings.HOME}/cookies", found, methods=["GET"]),
    Route(f"{settings.HOME}/cookies", look, methods=["POST"]),
    Route(f"{settings.HOME}/cookies/forget", forget, methods=["POST"]),
]
