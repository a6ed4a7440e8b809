"""What is owed and what became of it, as the console shows it: an endpoint's deliveries, and what is waiting or dead.

Invariant: a row tells whom it is about by ids alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import auditing, clock, ids
from consent.errors import Unknown
from consent.storage import attempts, outbox
from consent.storage.attempts import Attempt
from consent.storage.database import Reader
from consent.storage.outbox import Owed, State
from consent.web.console.guard import Visit, act, page

SHOWN = 25
NEWEST = b"\xff" * 16
STATES: dict[State, str] = {"dead": "Given up", "waiting": "Waiting", "done": "Done", "dropped": "Dropped"}
HOME = "/console/sites/{site}/readers/outbox"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery's line, with its attempts."""

    id: str
    kind: str
    what: str
    state: State
    owed: str
    due: str
    ended: str
    fault: str
    attempts: tuple[tuple[int, str, str, str], ...]
    """Number, when, how it ended, and the fault."""


async def of_endpoint(visit: Visit, endpoint: str) -> tuple[list[Line], str]:
    """The endpoint's newest deliveries (`?before=` an id), and the address of older ones or nothing."""
    before = ids.parsed_uuid(visit.request.query_params.get("before", "")) or NEWEST
    async with visit.services.database.reading() as reader:
        site, raw = visit.site.id, ids.parse_uuid(endpoint)
        rows = await outbox.page_of_endpoint(reader, site, raw, before, SHOWN + 1)
        lines = await _lines(reader, site, rows[:SHOWN])
    older = f"{visit.home}/settings/webhooks/{endpoint}?before={lines[-1].id}" if len(rows) > SHOWN else ""
    return lines, older


@page("see_people")
async def owed(visit: Visit) -> Response:
    """What is owed in one state: `?state=`, given up when not said."""
    asked = visit.request.query_params.get("state", "dead")
    state = cast(State, asked if asked in get_args(State) else "dead")
    after = ids.parsed_uuid(visit.request.query_params.get("after", "")) or b""
    async with visit.services.database.reading() as reader:
        rows = await outbox.page(reader, visit.site.id, state, after, SHOWN + 1)
        lines = await _lines(reader, visit.site.id, rows[:SHOWN])
    here = f"{visit.home}/readers/outbox"
    return visit.answer(
        "console/outbox.html",
        title="Outbox",
        tab="readers",
        place="outbox",
        state=state,
        states=STATES,
        rows=lines,
        here=here,
        on=f"{here}?state={state}&after={lines[-1].id}" if len(rows) > SHOWN else "",
    )


@act("answer")
async def replay(visit: Visit) -> Response:
    """Tries again what was given up: one, or all."""
    wanted, services, site = visit.field("id"), visit.services, visit.site.id
    one = ids.parsed_uuid(wanted)
    if wanted and one is None:
        raise Unknown("nothing that was given up has this id")
    async with services.appender.acting(site) as transaction:
        count = await outbox.replay(transaction.writer, site, one, services.clock())
        if one and not count:
            raise Unknown("nothing that was given up has this id")
        about = {"deliveries": count} | ({"delivery": wanted} if one else {})
        await transaction.append([auditing.draft(site, visit.actor, "delivery.replayed", about, services.clock())])
    services.nudge.set()
    return visit.to(f"{visit.home}/readers/outbox", told=f"{count} are tried again now." if count != 1 else AGAIN)


AGAIN = "It is tried again now."


async def _lines(reader: Reader, site: str, rows: Sequence[Owed]) -> list[Line]:
    return [_line(one, await attempts.of(reader, site, one.id)) for one in rows]


def _line(one: Owed, made: Sequence[Attempt]) -> Line:
    return Line(
        id=ids.uuid_text(one.id),
        kind=one.kind,
        what=one.what,
        state=one.state,
        owed=clock.text(one.created_at),
        due=clock.text(one.due_at) if one.state == "waiting" else "",
        ended=clock.text(one.done_at) if one.done_at is not None else "",
        fault=one.fault,
        attempts=tuple((each.number, clock.text(each.ended_at), each.how, each.fault) for each in made),
    )


ROUTES: list[BaseRoute] = [
    Route(HOME, owed, methods=["GET"]),
    Route(HOME, replay, methods=["POST"]),
]
