"""Choosing between two versions: of what two people wrote in the same place, or of a draft and a publication.

Invariant: each place that both changed is shown with what it was and what each made of it; nothing is chosen for
anybody, and the rest is brought together without asking.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent.editing import drafting, labels, settling
from consent.editing.comparing import told
from consent.editing.merging import Conflict, Side, differences
from consent.editing.settling import Meeting
from consent.errors import Refused
from consent.web.console import editor_words
from consent.web.console.guard import Visit, act, page

SIDES: tuple[Side, ...] = ("ours", "theirs")
MEETING = "/console/sites/{site}/notice/merge/{draft}"


@page("edit")
async def show(visit: Visit) -> Response:
    """Both sides."""
    return await _shown(visit)


@act("edit", limit=64 * 1024)
async def settle(visit: Visit) -> Response:
    """Brings them together as chosen."""
    draft = visit.request.path_params["draft"]
    chosen = {name.removeprefix("in:"): value for name, value in visit.form if value in SIDES}
    try:
        saved = await settling.settle(visit.services, visit.site.id, draft, visit.field("seen"), chosen, visit.actor)
    except Refused as refused:
        return await _shown(visit, refused, chosen)
    return visit.to(f"{visit.home}/notice/edit/{saved.draft}/site", told="Both are brought together in the draft.")


async def _shown(visit: Visit, refused: Refused | None = None, chosen: dict[str, Side] | None = None) -> Response:
    draft = await drafting.opened(visit.services, visit.site.id, visit.request.path_params["draft"])
    met = await settling.meeting(visit.services, visit.site.id, draft.id)
    if met is None:
        return visit.to(f"{visit.home}/notice/edit/{draft.id}/site", told="There is nothing to bring together.")
    conflicts = met.merged().conflicts
    return visit.answer(
        "console/merge.html",
        tab="notice",
        title="Two versions",
        status=422 if refused else 200,
        draft=draft,
        met=met,
        who=(await editor_words.names(visit, [met.by]))[met.by],
        conflicts=[_row(one) for one in conflicts],
        chosen=chosen or {},
        missing={fault.path for fault in refused.faults} if refused else set(),
        brought=_brought(met, conflicts),
        at=editor_words.at,
    )


def _row(conflict: Conflict) -> dict[str, str]:
    sides = {"was": conflict.was, "ours": conflict.ours, "theirs": conflict.theirs}
    texts = {side: _whole(value) for side, value in sides.items()}
    return {"where": conflict.where, "place": labels.place(conflict.steps), **texts}


def _whole(value: Any) -> str:
    """A value as it is compared: a table whole, as JSON, for it is chosen whole."""
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value)):
        return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return told(value)


def _brought(met: Meeting, conflicts: tuple[Conflict, ...]) -> list[tuple[str, str, str]]:
    """What the other side changed and is taken from it without asking, with its place in words."""
    asked = {one.steps for one in conflicts}
    found = differences(met.ancestor, met.theirs)
    left = [one for one in found if not any(one.steps[: len(steps)] == steps for steps in asked)]
    return [(labels.place(one.steps), told(one.before), told(one.after)) for one in left]


ROUTES: list[BaseRoute] = [Route(MEETING, show), Route(MEETING, settle, methods=["POST"])]
