"""`/console/sites/{site}/notice/experiments`: two notices shown by a draw, and what has come of it until now.

Invariant: what is said of a difference holds however often the page is looked at.
"""

from __future__ import annotations

from math import isinf

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import clock, ids
from consent.editing import drafting, judging, trying
from consent.editing.judging import Compared
from consent.errors import Refused, Unknown
from consent.figures.sequential import Verdict
from consent.storage.experiments import Experiment
from consent.web.console import visiting
from consent.web.console.guard import Visit, act, page

HOME = "/console/sites/{site}/notice/experiments"
WORDS = {"accepted": "Accept all", "refused": "Refuse all", "chosen": "Chosen one by one"}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one act."""

    words: str
    first: int
    second: int
    times: str
    """How many times as often the second is answered so, as a range."""
    p: str
    is_decided: bool


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment as the page tells it."""

    id: str
    first: str
    second: str
    started: str
    since: str
    ended: str
    outcome: str
    shown: tuple[int, int]
    lines: tuple[Line, ...]


@page("see")
async def experiments(visit: Visit) -> Response:
    """The one that runs, and the ones before."""
    return await _answer(visit)


@act("publish")
async def change(visit: Visit) -> Response:
    """Begins one with a draft, or ends the one that runs."""
    services, site, do = visit.services, visit.site.id, visit.field("do")
    here = f"{visit.home}/notice/experiments"
    if do == "begin":
        draft, _, version = visit.field("draft").partition(" ")
        try:
            await trying.begin(services, site, draft, int(version) if version.isdecimal() else 0, visit.actor)
        except Refused as error:
            return await _answer(visit, faults=[("draft", fault.message) for fault in error.faults])
        return visit.to(here, told="It runs: every second visitor is shown the draft from now on.")
    if do not in ("keep", "adopt"):
        raise Unknown("there is no such button")
    await trying.end(services, site, visit.field("experiment"), visit.actor, is_adopted=do == "adopt")
    told = "The second notice is in force now, for everybody." if do == "adopt" else "The first notice stays in force."
    return visit.to(here, told=told)


async def _answer(visit: Visit, *, faults: list[tuple[str, str]] | None = None) -> Response:
    services, site = visit.services, visit.site.id
    running = await trying.running(services, site)
    past = [one for one in await trying.past(services, site) if running is None or one.id != running.id]
    whole = [] if running else [one for one in await drafting.listed(services, site) if not one.faults]
    drafts = [(f"{one.id} {one.version}", f"Version {one.version}, {clock.text(one.saved_at)[:16]}") for one in whole]
    return visit.answer(
        "console/experiments.html",
        tab="notice",
        title="Experiments",
        status=422 if faults else 200,
        headers={"Content-Security-Policy": visiting.policy(more="frame-src 'self'")},
        running=await _told(visit, running) if running else None,
        past=[await _told(visit, one) for one in past],
        drafts=drafts,
        faults=faults or [],
    )


async def _told(visit: Visit, one: Experiment) -> Told:
    found = await judging.compared(visit.services, visit.site.id, one)
    return Told(
        id=ids.uuid_text(one.id),
        first=one.first,
        second=one.second,
        started=clock.text(one.started_at),
        since=clock.text(found.since),
        ended=clock.text(one.ended_at) if one.ended_at else "",
        outcome=one.outcome or "",
        shown=(found.first.shown, found.second.shown),
        lines=tuple(_lines(found)),
    )


def _lines(found: Compared) -> list[Line]:
    answered = _line("Answered at all", found.decided)
    return [answered, *(_line(WORDS[kind], verdict) for kind, verdict in found.acts.items())]


def _line(words: str, verdict: Verdict) -> Line:
    high = "any number of" if isinf(verdict.high) else f"{verdict.high:.2f}"
    return Line(
        words=words,
        first=verdict.acts - verdict.on_second,
        second=verdict.on_second,
        times=f"{verdict.low:.2f} to {high}",
        p="below .001" if verdict.p < 0.001 else f"{verdict.p:.3f}".lstrip("0"),
        is_decided=verdict.is_decided,
    )


ROUTES: list[BaseRoute] = [
    Route(HOME, experiments, methods=["GET"]),
    Route(HOME, change, methods=["POST"]),
]
