"""Readers: who is subscribed to what, one reader's timeline, and finding one by the exact address.

Invariant: an address is in no address of a page: it is sent in a form, and what it leads to is named by an id. Whoever
is shown one person stands in the audit trail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import ids
from consent.editing import labels
from consent.errors import Refused, Unknown
from consent.newsletter import rosters
from consent.newsletter.rosters import Selection
from consent.rights import accessing
from consent.rights.bundle import Bundle
from consent.rights.finding import Who
from consent.storage import subscribers
from consent.subscriptions import State
from consent.web.console.guard import Visit, act, page
from consent.web.console.rows import SAID
from consent.web.pages import sheets

SHOWN = 50
HOME = "/console/sites/{site}/readers"
STATES: tuple[State, ...] = get_args(State)


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """A list's line: how many are in each state."""

    id: str
    name: str
    numbers: Mapping[str, int]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the table is held to: a list, a state, and after which reader it begins."""

    list: str
    state: State | None
    after: bytes


@page("see_people")
async def readers(visit: Visit) -> Response:
    """The readers, and how many each list has."""
    return await _answer(visit)


@act("see_people")
async def find(visit: Visit) -> Response:
    """The reader with exactly this address; who only waits or is suppressed is shown at once."""
    email = visit.field("email").strip()
    try:
        bundle = await accessing.look(visit.services, visit.site.id, Who(emails=(email,)) if email else Who())
    except Refused as error:
        words = "Type an address." if not email else error.faults[0].message
        return await _answer(visit, status=422, fault=words)
    if bundle.readers:
        return visit.to(f"{visit.home}/readers/{bundle.readers[0].subscriber}")
    if bundle.is_empty:
        return await _answer(visit, fault="Nothing is known of this address at this site.")
    await accessing.note_look(visit.services, visit.site.id, visit.actor, bundle)
    return _shown(visit, bundle)


@page("see_people")
async def one(visit: Visit) -> Response:
    """One reader: lists, timeline, mails."""
    try:
        raw = ids.parse_uuid(visit.request.path_params["reader"])
    except ValueError:
        raise Unknown("there is no such reader") from None
    async with visit.services.database.reading() as reader:
        if await subscribers.by_id(reader, visit.site.id, raw) is None:
            raise Unknown("there is no such reader, or it was erased")
    bundle = await accessing.look(visit.services, visit.site.id, Who(subjects=(ids.uuid_text(raw),)))
    if visit.request.method != "HEAD":  # which shows nothing
        await accessing.note_look(visit.services, visit.site.id, visit.actor, bundle)
    return _shown(visit, bundle)


def _shown(visit: Visit, bundle: Bundle) -> Response:
    return visit.answer(
        "console/reader.html",
        title="Reader",
        tab="readers",
        place="readers",
        bundle=bundle,
        reader=bundle.readers[0] if bundle.readers else None,
        numbers={one.record["id"]: one.record["seq"] for subject in bundle.subjects for one in subject.records},
        names=_names(visit),
        said=SAID,
        language=labels.language,
    )


async def _answer(visit: Visit, *, status: int = 200, fault: str = "") -> Response:
    asked, site = _asked(visit), visit.site.id
    selection = Selection(list=asked.list or None, state=asked.state)
    found = await rosters.page(visit.services, site, selection, asked.after, SHOWN + 1)
    async with visit.services.database.reading() as reader:
        counts = await subscribers.count_by_state(reader, site)
    return visit.answer(
        "console/readers.html",
        title="Readers",
        tab="readers",
        place="readers",
        status=status,
        readers=found[:SHOWN],
        tallies=_tallies(visit, counts),
        names=_names(visit),
        language=labels.language,
        asked=asked,
        states=STATES,
        fault=fault,
        on=_further(visit, asked, found[SHOWN - 1].id) if len(found) > SHOWN else "",
    )


def _asked(visit: Visit) -> Asked:
    """The query; what is not one of the site's lists or states is left out."""
    query = visit.request.query_params
    list_, state, after = query.get("list", ""), query.get("state", ""), query.get("after", "")
    return Asked(
        list=list_ if list_ in visit.site.asked.lists else "",
        state=state if state in STATES else None,
        after=ids.parsed_uuid(after) or b"",
    )


def _names(visit: Visit) -> dict[str, str]:
    """How each list is called, in the site's first language."""
    language = visit.site.notice.languages[0]
    return {each.id: each.name[language] for each in sheets.lists_of(visit.site.notice)}


def _tallies(visit: Visit, counts: Mapping[tuple[str, str], int]) -> list[Tally]:
    """A line for each list that there is or that somebody is on."""
    names = _names(visit)
    known = [*names, *sorted({name for name, _ in counts} - names.keys())]
    return [
        Tally(id=each, name=names.get(each, each), numbers={state: counts.get((each, state), 0) for state in STATES})
        for each in known
    ]


def _further(visit: Visit, asked: Asked, last: str) -> str:
    kept = {"list": asked.list, "state": asked.state or "", "after": last}
    return f"{visit.home}/readers?{urlencode({name: value for name, value in kept.items() if value})}"


ROUTES: list[BaseRoute] = [
    Route(HOME, readers, methods=["GET"]),
    Route(HOME, find, methods=["POST"]),
    Route(f"{HOME}/{{reader}}", one, methods=["GET"]),
]
