"""Records: every choice of the site's visitors and readers, the newest first; finding one by whatever is at hand.

Invariant: what is typed into the search goes in a form and never into an address, for it may be a receipt. An export is
in the audit trail before its first line leaves.
"""

from __future__ import annotations

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import auditing, exports, recognising
from consent.errors import Fault, Refused
from consent.exports import Span
from consent.recognising import Meant
from consent.web import filters as streams
from consent.web.console import record_filters
from consent.web.console.guard import Visit, act, page
from consent.web.console.record_filters import Filters
from consent.web.console.rows import Row, row

HOME = "/console/sites/{site}/records"
SHOWN = 25
FAR = 1 << 53
FORMS = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the table: its rows, and the addresses of the pages beside it."""

    rows: tuple[Row, ...] = ()
    newer: str = ""
    older: str = ""
    is_cut: bool = False
    """So many were looked at that the look ended before the page was full."""
    size: int = 0


@page("see_people")
async def records(visit: Visit) -> Response:
    """The table."""
    return await _answer(visit, record_filters.read(visit.request.query_params))


@act("see_people")
async def search(visit: Visit) -> Response:
    """To what was meant; what cannot be is told beside the field, which keeps what was typed."""
    typed = visit.field("q")
    try:
        meant = await recognising.understand(visit.services, visit.site.id, typed)
    except Refused as error:
        return await _answer(visit, record_filters.read({}), typed=typed, fault=error.faults[0].message)
    return visit.to(_place(visit, meant), told=meant.told)


def _place(visit: Visit, meant: Meant) -> str:
    """Where it is shown."""
    match meant.kind:
        case "record":
            return f"{visit.home}/records/{meant.seq}"
        case "subject":
            return f"{visit.home}/records?subject={meant.id}"
        case "notice":
            return f"{visit.home}/notices/{meant.id}"


@act("see_people")
async def export(visit: Visit) -> Response:
    """The records that the filters let through, as a file."""
    asked, form = record_filters.read(dict(visit.form)), visit.field("format")
    if form not in FORMS:
        raise Refused(Fault("format", "choose JSON lines or CSV"))
    if asked.faults:
        return await _answer(visit, asked)
    database, site = visit.services.database, visit.site.id
    span = await exports.span(database, site, asked.selection)
    about = {"format": form, "filters": " ".join(name for name, value in asked.typed.items() if value) or "none"}
    await auditing.note(visit.services, site, visit.actor, "consents.exported", {**about, "up_to": span.up_to})
    chunks = exports.jsonl(database, span) if form == "jsonl" else exports.csv_text(database, span)
    return streams.stream(visit.request, chunks, FORMS[form], f"{site}-consents.{form}")


async def _answer(visit: Visit, asked: Filters, *, typed: str = "", fault: str = "") -> Response:
    """The page; with faults nothing is looked up, for it would not be what was asked for."""
    shown = Shown() if asked.faults or fault else await _look(visit, asked)
    return visit.answer(
        "console/records.html",
        title="Records",
        tab="records",
        status=422 if asked.faults or fault else 200,
        here=f"{visit.home}/records",
        asked=asked,
        options=record_filters.options(visit.site.notice),
        shown=shown,
        typed=typed,
        fault=fault,
    )


async def _look(visit: Visit, asked: Filters) -> Shown:
    span = await exports.span(visit.services.database, visit.site.id, asked.selection)
    before, after = (_whole(visit.request.query_params.get(name, "")) for name in ("before", "after"))
    if after:
        return await _newer(visit, asked, span, after)
    start = min(span.up_to, before - 1) if before else span.up_to
    place = msgspec.structs.replace(span, up_to=max(span.after, start))
    found = await exports.find(visit.services.database, place, SHOWN, newest_first=True)
    here, first = f"{visit.home}/records", found.rows[0].seq if found.rows else before - 1
    return Shown(
        rows=tuple(map(row, found.rows)),
        newer=f"{here}?{asked.query(after=first)}" if before else "",
        older=f"{here}?{asked.query(before=found.last)}" if found.last else "",
        is_cut=found.last is not None and len(found.rows) < SHOWN,
        size=span.size,
    )


async def _newer(visit: Visit, asked: Filters, span: Span, after: int) -> Shown:
    """Back towards the newest: what comes after a number, shown in the table's order."""
    place = msgspec.structs.replace(span, after=min(max(after, span.after), span.up_to))
    found = await exports.find(visit.services.database, place, SHOWN)
    here, rows = f"{visit.home}/records", found.rows[::-1]
    return Shown(
        rows=tuple(map(row, rows)),
        newer=f"{here}?{asked.query(after=found.last)}" if found.last else "",
        older=f"{here}?{asked.query(before=rows[-1].seq if rows else after + 1)}",
        is_cut=found.last is not None and len(rows) < SHOWN,
        size=span.size,
    )


def _whole(words: str) -> int:
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 16 else 0


ROUTES: list[BaseRoute] = [
    Route(HOME, records, methods=["GET"]),
    Route(HOME, search, methods=["POST"]),
    Route(f"{HOME}/export", export, methods=["POST"]),
]
