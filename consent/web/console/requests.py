"""Requests: what people ask for by their rights; who is meant, what is found, access or erasure, and what was answered.

Invariant: what a person is found by travels in forms alone and is kept nowhere; what cannot be undone is typed out.
Whoever is shown somebody stands in the audit trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import ids
from consent.accounts.roles import Capability
from consent.errors import Fault, Refused
from consent.rights import Who, accessing, forgetting
from consent.rights.finding import sorted_out
from consent.storage import claims
from consent.web.claims import answered
from consent.web.console.guard import Visit, act, page
from consent.web.console.rows import SAID
from consent.web.links import download

HOME = "/console/sites/{site}/requests"
SHOWN = 25
CONFIRM = "erase"
"""The word that is typed before anything is erased."""
ANSWER: Capability = "answer"


@page("see_people")
async def requests(visit: Visit) -> Response:
    """The form to begin with, and the requests that were answered."""
    return await _begin(visit)


@act("see_people")
async def look(visit: Visit) -> Response:
    """What is found of whom the form means."""
    who = await _who(visit)
    try:
        return await _found(visit, who)
    except Refused as error:
        return await _begin(visit, faults=error.faults, status=422)


@act(ANSWER)
async def give(visit: Visit) -> Response:
    """Everything, as a page; with `file`, as JSON. Either is an answer, and on record."""
    who = await _who(visit)
    bundle = await accessing.access(visit.services, visit.site.id, who, visit.actor)
    if visit.field("do") == "file":
        return download(bundle, f"{visit.site.id}-access")
    return _shown(visit, "console/access.html", "Everything that is kept", who, bundle=bundle, said=SAID)


@act(ANSWER)
async def erase(visit: Visit) -> Response:
    """Erases who is meant, once the word is typed."""
    who = await _who(visit)
    if visit.field("confirm").strip().lower() != CONFIRM:
        return await _found(visit, who, status=422, is_wrong=True)
    done = await forgetting.erase(visit.services, visit.site.id, who, visit.actor)
    return _shown(visit, "console/request_erased.html", "Erased", who, done=done)


async def _found(visit: Visit, who: Who, *, status: int = 200, is_wrong: bool = False) -> Response:
    bundle = await accessing.look(visit.services, visit.site.id, who)
    plan = await forgetting.look(visit.services, visit.site.id, who)
    await accessing.note_look(visit.services, visit.site.id, visit.actor, bundle)
    shown = {"bundle": bundle, "plan": plan, "is_wrong": is_wrong}
    return _shown(visit, "console/request.html", "What is found", who, status=status, **shown)


async def _who(visit: Visit) -> Who:
    return await sorted_out(visit.services, visit.site.id, visit.field("who").splitlines())


def _shown(visit: Visit, template: str, title: str, who: Who, *, status: int = 200, **shown: Any) -> Response:
    brought = (*who.emails, *who.subjects, *who.records, *who.receipts)
    return visit.answer(
        template,
        title=title,
        tab="requests",
        status=status,
        scripts=("console-copy.js",),
        lines="\n".join(brought),
        brought=[_short(words) for words in brought],
        confirm=CONFIRM,
        may_answer=visit.may(ANSWER),
        **shown,
    )


def _short(words: str) -> str:
    """A receipt is too long to be read."""
    return words if len(words) <= 64 else f"receipt …{words[-12:]}"


async def _begin(visit: Visit, *, faults: Sequence[Fault] = (), status: int = 200) -> Response:
    before = ids.parsed_uuid(visit.request.query_params.get("before", ""))
    async with visit.services.database.reading() as reader:
        found = await claims.page(reader, visit.site.id, before, SHOWN + 1)
    return visit.answer(
        "console/requests.html",
        title="Requests",
        tab="requests",
        status=status,
        lines=visit.field("who"),
        faults=[("who", _told(fault)) for fault in faults],
        claims=[answered(claim) for claim in found[:SHOWN]],
        on=f"{visit.home}/requests?before={ids.uuid_text(found[SHOWN - 1].id)}" if len(found) > SHOWN else "",
        back=f"{visit.home}/requests" if before else "",
    )


def _told(fault: Fault) -> str:
    """`receipts[0]` is nothing that stands in the form."""
    name = fault.path.partition("[")[0].removesuffix("s")
    return f"The {name}: {fault.message}." if name else "Type what the person brings: one thing a line."


ROUTES: list[BaseRoute] = [
    Route(HOME, requests, methods=["GET"]),
    Route(HOME, look, methods=["POST"]),
    Route(f"{HOME}/access", give, methods=["POST"]),
    Route(f"{HOME}/erase", erase, methods=["POST"]),
]
