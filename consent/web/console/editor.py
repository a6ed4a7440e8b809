"""`/console/sites/{site}/notice`: what is in force, what was published before, and the drafts.

Invariant: whoever may see the site sees all of it; drafts are begun and discarded by who may edit.
"""

from __future__ import annotations

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent.editing import drafting, labels, trying
from consent.editing.drafting import Listed as ListedDraft
from consent.storage import site_files
from consent.storage.site_files import Listed
from consent.web.console import editor_files, editor_form, editor_meeting, editor_release, editor_words
from consent.web.console.guard import Visit, act, page

PUBLICATIONS = 20
FAR = 1 << 53


@page("see")
async def overview(visit: Visit) -> Response:
    """What is in force, the drafts, and the publications."""
    site, services = visit.site, visit.services
    before = _number(visit.request.query_params.get("before", ""), FAR)
    async with services.database.reading() as reader:
        publications = await site_files.listed(reader, site.id, before, PUBLICATIONS + 1)
        [present] = await site_files.listed(reader, site.id, site.revision + 1, 1)
    drafts = await drafting.listed(services, site.id)
    actors = [one.published_by for one in (*publications, present)] + [one.saved_by for one in drafts]
    shown = publications[:PUBLICATIONS]
    return visit.answer(
        "console/notice.html",
        tab="notice",
        title="Notice",
        present=present,
        publications=[(one, _changes(one)) for one in shown],
        older=shown[-1].revision if len(publications) > PUBLICATIONS else 0,
        drafts=[(one, _state(one, site.revision)) for one in drafts],
        names=await editor_words.names(visit, actors),
        language=labels.language,
        experiment=await trying.running(visit.services, visit.site.id),
        at=editor_words.at,
    )


@act("edit")
async def begin(visit: Visit) -> Response:
    """A draft of what is in force, or of an earlier publication."""
    revision = _number(visit.field("revision"), 0)
    draft = await drafting.begin(visit.services, visit.site.id, visit.actor, revision=revision)
    return visit.to(f"{visit.home}/notice/edit/{draft}/site", told="The draft is begun. Visitors see nothing of it.")


@act("edit")
async def discard(visit: Visit) -> Response:
    """The draft, with all its versions."""
    await drafting.discard(visit.services, visit.site.id, visit.request.path_params["draft"], visit.actor)
    return visit.to(f"{visit.home}/notice", told="The draft is discarded. What is in force stays as it is.")


def _state(draft: ListedDraft, in_force: int) -> tuple[str, str]:
    """What to say of a draft, and how it is marked."""
    if draft.aside_of:
        return "Kept aside: choose between two versions", "warn"
    if draft.faults:
        return f"{draft.faults} to mend", "bad"
    if draft.begun_from < in_force:
        return f"Begun before publication {in_force}", "warn"
    return "Whole", "good"


def _changes(publication: Listed) -> tuple[str, ...]:
    return msgspec.json.decode(publication.changes, type=tuple[str, ...])


def _number(words: str, default: int) -> int:
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 16 else default


NOTICE = "/console/sites/{site}/notice"
ROUTES: list[BaseRoute] = [
    Route(NOTICE, overview),
    Route(f"{NOTICE}/drafts", begin, methods=["POST"]),
    Route(f"{NOTICE}/drafts/{{draft}}/discard", discard, methods=["POST"]),
    *editor_form.ROUTES,
    *editor_meeting.ROUTES,
    *editor_release.ROUTES,
    *editor_files.ROUTES,
]
