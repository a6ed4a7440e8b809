"""What would change, and doing it: comparing, publishing a draft, rolling back to an earlier publication.

Invariant: nothing is put in force that was not shown first; the form carries what it was compared with.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent.editing import comparing, drafting, files, releasing
from consent.editing.comparing import Comparison
from consent.errors import Overtaken, Refused, Unknown
from consent.publishing import Publishing
from consent.web import problems
from consent.web.console.guard import Visit, act, page

NOTICE = "/console/sites/{site}/notice"


@page("see")
async def compare(visit: Visit) -> Response:
    """Two publications, or one and what is in force."""
    asked = visit.request.query_params
    new, old = _whole(asked.get("to", "")) or visit.site.revision, _whole(asked.get("from", ""))
    async with visit.services.database.reading() as reader:
        tables = await files.published(reader, visit.site.id, new)
    found = await comparing.compare(visit.services, visit.site.id, tables, old or max(1, new - 1))
    return _answer(visit, f"Publication {new}", found, kind="compare", to=new)


@page("edit")
async def look(visit: Visit) -> Response:
    """What would change if the draft came in force."""
    return await _look(visit)


@act("publish")
async def publish(visit: Visit) -> Response:
    """Puts the draft in force, as it was seen."""
    version, revision = _whole(visit.field("version")), _whole(visit.field("revision"))
    draft = visit.request.path_params["draft"]
    try:
        done = await releasing.publish(
            visit.services, visit.site.id, draft, version, revision, visit.actor, may_change_periods=_may(visit)
        )
    except (Overtaken, Refused) as error:
        return await _look(visit, error)
    return visit.to(f"{visit.home}/notice", told=_done(done))


@page("publish")
async def look_back(visit: Visit) -> Response:
    """What would change if an earlier publication came in force again."""
    return await _look_back(visit)


@act("publish")
async def roll_back(visit: Visit) -> Response:
    """Puts it in force again, as a new publication."""
    revision = _whole(visit.field("revision"))
    try:
        done = await releasing.roll_back(
            visit.services, visit.site.id, _to(visit), revision, visit.actor, may_change_periods=_may(visit)
        )
    except (Overtaken, Refused) as error:
        return await _look_back(visit, error)
    return visit.to(f"{visit.home}/notice", told=f"Rolled back to publication {_to(visit)}. {_done(done)}")


async def _look(visit: Visit, error: Overtaken | Refused | None = None) -> Response:
    draft = await drafting.opened(visit.services, visit.site.id, visit.request.path_params["draft"])
    found = await comparing.compare(visit.services, visit.site.id, draft.tables)
    return _answer(visit, "What would change", found, error, kind="publish", draft=draft)


async def _look_back(visit: Visit, error: Overtaken | Refused | None = None) -> Response:
    to = _to(visit)
    async with visit.services.database.reading() as reader:
        tables = await files.published(reader, visit.site.id, to)
    found = await comparing.compare(visit.services, visit.site.id, tables)
    return _answer(visit, f"Roll back to publication {to}", found, error, kind="roll_back", to=to)


def _answer(
    visit: Visit,
    title: str,
    found: Comparison,
    error: Overtaken | Refused | None = None,
    *,
    draft: object = None,
    to: int = 0,
    **shown: Any,
) -> Response:
    return visit.answer(
        "console/compare.html",
        tab="notice",
        title=title,
        status=problems.status_of(error) if error else 200,
        found=found,
        overtaken=error if isinstance(error, Overtaken) else None,
        refused=error.faults if isinstance(error, Refused) and found.may_be_published else (),
        draft=draft,
        to=to,
        **shown,
    )


def _may(visit: Visit) -> bool:
    return visit.may("connect")


def _done(done: Publishing) -> str:
    again = "Visitors are asked again." if done.asks_again else "Nobody is asked again."
    return f"Publication {done.revision} is in force. {again}"


def _to(visit: Visit) -> int:
    to = _whole(visit.request.path_params["revision"])
    if not to:
        raise Unknown("there is no such publication of the site")
    return to


def _whole(words: str) -> int:
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 10 else 0


ROUTES: list[BaseRoute] = [
    Route(f"{NOTICE}/compare", compare),
    Route(f"{NOTICE}/publish/{{draft}}", look),
    Route(f"{NOTICE}/publish/{{draft}}", publish, methods=["POST"]),
    Route(f"{NOTICE}/roll-back/{{revision}}", look_back),
    Route(f"{NOTICE}/roll-back/{{revision}}", roll_back, methods=["POST"]),
]
