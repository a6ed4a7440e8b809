"""Readers, in and out: the roster as a file, readers from elsewhere, and addresses that must not be mailed.

Invariant: an export is a form that is sent, for it is in the audit trail; a file that is brought in is read
line by line and not kept. No address is in an address.
"""

from __future__ import annotations

import io
from typing import cast, get_args

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import auditing
from consent.errors import Refused
from consent.newsletter import barring, importing
from consent.newsletter import rosters as trips
from consent.newsletter.importing import Imported, Terms
from consent.newsletter.rosters import Selection
from consent.storage import suppressions
from consent.subscriptions import State
from consent.web import filters
from consent.web.console.guard import Visit, act, page
from consent.web.pages import sheets

LARGEST = 8 * 1024 * 1024
HOME = "/console/sites/{site}/readers"
MEDIA = {"csv": "text/csv", "jsonl": "application/x-ndjson"}


@act("answer")
async def export(visit: Visit) -> Response:
    """The roster as a file, streamed."""
    kind, list_, state = visit.field("format"), visit.field("list"), visit.field("state")
    selection = Selection(
        list=list_ if list_ in visit.site.asked.lists else None,
        state=cast(State, state) if state in get_args(State) else None,
    )
    await trips.check(visit.services, visit.site.id, selection)
    about = {"list": selection.list or "all", "state": selection.state or "all"}
    await auditing.note(visit.services, visit.site.id, visit.actor, "subscribers.exported", about)
    stream = trips.csv_text if kind == "csv" else trips.jsonl
    ending = "csv" if kind == "csv" else "jsonl"
    name = f"{visit.site.id}-subscribers.{ending}"
    return filters.stream(visit.request, stream(visit.services, visit.site.id, selection), MEDIA[ending], name)


@page("answer")
async def bring(visit: Visit) -> Response:
    """The form that readers are brought in with."""
    return _bring(visit)


@act("answer", limit=LARGEST)
async def bring_in(visit: Visit) -> Response:
    """Brings them in, or says what that would do."""
    list_ = visit.field("list")
    terms = Terms(
        provenance=visit.field("provenance"),
        list=list_ if list_ in visit.site.asked.lists else None,
        is_dry=visit.field("do") != "import",
    )
    try:
        lines = io.StringIO(visit.field("lines"), newline="")
        done = await importing.import_readers(visit.services, visit.site.id, lines, terms, actor=visit.actor)
    except Refused as error:
        return _bring(visit, faults=[(fault.path, fault.message) for fault in error.faults])
    return _bring(visit, done=done, is_dry=terms.is_dry)


@page("see_people")
async def barred(visit: Visit) -> Response:
    """How many addresses must not be mailed, and why."""
    return await _barred(visit)


@act("answer")
async def bar(visit: Visit) -> Response:
    """Bars an address, or lifts what bars it."""
    asked = (visit.services, visit.site.id, visit.field("email").strip(), visit.actor)
    is_lifted = visit.field("do") == "lift"
    try:
        count = await barring.lift(*asked) if is_lifted else len(await barring.bar(*asked))
    except Refused as error:
        return await _barred(visit, fault=error.faults[0].message)
    return visit.to(f"{visit.home}/readers/suppressions", told=_said(count, is_lifted=is_lifted))


def _said(count: int, *, is_lifted: bool) -> str:
    if is_lifted:
        return "It may be mailed again; nothing is subscribed by that." if count else "Nothing barred this address."
    left = f" It was taken off {count} {'list' if count == 1 else 'lists'}." if count else ""
    return f"Nothing is mailed to this address any more.{left}"


async def _barred(visit: Visit, *, fault: str = "") -> Response:
    async with visit.services.database.reading() as reader:
        counts = await suppressions.counts(reader, visit.site.id)
    return visit.answer(
        "console/suppressions.html",
        title="Suppressions",
        tab="readers",
        place="suppressions",
        status=422 if fault else 200,
        counts=counts,
        fault=fault,
    )


def _bring(
    visit: Visit,
    *,
    done: Imported | None = None,
    is_dry: bool = True,
    faults: list[tuple[str, str]] | None = None,
) -> Response:
    language, lists = visit.site.notice.languages[0], sheets.lists_of(visit.site.notice)
    return visit.answer(
        "console/readers_import.html",
        title="Import readers",
        tab="readers",
        place="import",
        status=422 if faults else 200,
        scripts=("console-file.js",),
        lists=[("", "As each line says"), *((one.id, one.name[language]) for one in lists)],
        done=done,
        is_dry=is_dry,
        faults=faults or [],
        skipped=importing.WHY_SKIPPED,
    )


ROUTES: list[BaseRoute] = [
    Route(f"{HOME}/export", export, methods=["POST"]),
    Route(f"{HOME}/import", bring, methods=["GET"]),
    Route(f"{HOME}/import", bring_in, methods=["POST"]),
    Route(f"{HOME}/suppressions", barred, methods=["GET"]),
    Route(f"{HOME}/suppressions", bar, methods=["POST"]),
]
