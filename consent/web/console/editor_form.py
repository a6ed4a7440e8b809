"""The form of a draft, section by section, and the frame beside it that shows the notice as it would be.

Every button works without a script. A script may save without leaving the page (it asks for JSON), and sends the form,
unsaved, to the frame: that answer is made and forgotten.

Invariant: what a form does not show stays as it is; what was sent is kept, right or wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent.editing import comparing, drafting, fields, files, places, rowing, sections, standing_in
from consent.editing.drafting import Draft, Saved
from consent.editing.sections import TITLES, Section
from consent.errors import Refused
from consent.notices import Notice, Table, site_file
from consent.web.console import editor_words, preview
from consent.web.console.guard import Visit, act, page
from consent.web.console.visiting import HEADERS, policy
from consent.web.pages import engine

LIMIT = 512 * 1024
EDITS = "/console/sites/{site}/notice/edit/{draft}"
FRAMED = {"Content-Security-Policy": policy(scripts=True, more="frame-src 'self'")}
"""The page around the frame."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a script is told of a save."""

    version: int
    words: str
    elsewhere: str = ""
    """Where the choice between two versions is made, when there is one."""
    remarks: tuple[editor_words.Remark, ...] = ()
    counts: Mapping[str, int] = {}


@page("edit")
async def first(visit: Visit) -> Response:
    """To the draft's first section."""
    return visit.to(f"{_address(visit)}/site")


@page("edit")
async def form(visit: Visit) -> Response:
    """A section of the draft."""
    draft = await drafting.opened(visit.services, visit.site.id, visit.request.path_params["draft"])
    return await _shown(visit, draft, sections.section(draft.tables, visit.request.path_params["section"]))


@act("edit", limit=LIMIT)
async def save(visit: Visit) -> Response:
    """What was sent, and what a button of the form does to its rows."""
    seen, draft = _version(visit), visit.request.path_params["draft"]
    saved = await drafting.save(visit.services, visit.site.id, draft, seen, _change(visit), visit.actor)
    if "application/json" in visit.request.headers.get("accept", ""):
        return await _told(visit, saved)
    if saved.is_aside:
        return visit.to(_meeting(visit, saved.draft), told=ASIDE)
    if visit.field("do") == "compare":
        return visit.to(f"{visit.home}/notice/publish/{draft}")
    return visit.to(await _next(visit, saved), told=await _words(visit, saved))


@page("edit")
async def frame(visit: Visit) -> Response:
    """The notice of the draft as it was saved."""
    draft = await drafting.opened(visit.services, visit.site.id, visit.request.path_params["draft"])
    return await _frame(visit, draft.tables)


@act("edit", limit=LIMIT)
async def unsaved_frame(visit: Visit) -> Response:
    """The notice of the draft with what was sent; nothing of it is kept."""
    draft = await drafting.opened(visit.services, visit.site.id, visit.request.path_params["draft"])
    return await _frame(visit, _change(visit)(draft.tables))


async def _shown(visit: Visit, draft: Draft, section: Section) -> Response:
    found = editor_words.remarks(draft)
    tied, others = editor_words.by_field(found, (one.name for one in section.fields))
    notice = _last_notice(visit, draft.tables)
    return visit.answer(
        "console/editor.html",
        tab="notice",
        title=f"{section.title}: draft",
        headers=FRAMED,
        scripts=("console-editor.js",),
        draft=draft,
        section=section,
        titles=TITLES,
        counts=editor_words.counts(found),
        tied=tied,
        others=[one for one in others if one.section == section.name or not one.section],
        elsewhere=len([one for one in found if one.section != section.name and one.severity != "warning"]),
        address=_address(visit),
        offers=preview.offers(notice),
        known=editor_words.Known,
        names=await editor_words.names(visit, [draft.saved_by]),
        at=editor_words.at,
    )


def _change(visit: Visit) -> Callable[[Table], Table]:
    """What the sent form makes of the tables that it was shown for."""

    def change(raw: Table) -> Table:
        section = sections.section(raw, visit.request.path_params["section"])
        read = fields.read(raw, section.fields, visit.form)
        return rowing.done(read, visit.field("do"), visit.field("wanted"))

    return change


async def _frame(visit: Visit, tables: Table) -> Response:
    """The widget; a draft that is far from a notice says what it lacks instead."""
    async with visit.services.database.reading() as reader:
        usual = await files.published(reader, visit.site.id, visit.site.revision)
    try:
        notice = comparing.compiled(visit.services, standing_in.whole(tables, usual))
    except Refused as refused:
        headers = {"Content-Security-Policy": engine.POLICY.replace("'none'; base-uri", "'self'; base-uri")}
        return engine.page("console/unframed.html", headers=headers, faults=refused.faults)
    return preview.frame(notice, preview.view_of(visit.request.query_params, notice))


def _last_notice(visit: Visit, tables: Table) -> Notice:
    """What the frame's switches are made for: the draft's notice, or the one in force while that is none."""
    try:
        return comparing.compiled(visit.services, site_file(tables))
    except Refused:
        return visit.site.notice


async def _told(visit: Visit, saved: Saved) -> Response:
    draft = await drafting.opened(visit.services, visit.site.id, saved.draft)
    found = editor_words.remarks(draft)
    told = Told(
        version=saved.version,
        words=await _words(visit, saved),
        elsewhere=_meeting(visit, saved.draft) if saved.is_aside else "",
        remarks=tuple(found),
        counts=editor_words.counts(found),
    )
    return Response(msgspec.json.encode(told), media_type="application/json", headers=HEADERS)


async def _words(visit: Visit, saved: Saved) -> str:
    """What came of saving, in a sentence; who else wrote meanwhile is named."""
    if not saved.is_new and not saved.brought:
        return "Nothing was changed."
    if not saved.brought:
        return f"Saved as version {saved.version}."
    names = await editor_words.names(visit, [one.saved_by for one in saved.brought])
    whose = ", ".join(sorted(set(names.values()))[:3])
    more = f" and {len(saved.places) - 3} more" if len(saved.places) > 3 else ""
    where = f" ({'; '.join(saved.places[:3])}{more})" if saved.places else ""
    at = editor_words.at(saved.brought[-1].saved_at)[11:16]
    return f"Saved as version {saved.version}, together with what {whose} saved at {at} UTC{where}."


ASIDE = "Somebody saved the same places meanwhile. What you wrote is kept: choose what is to stay."


async def _next(visit: Visit, saved: Saved) -> str:
    """Where to go on: to the row that was added, or back; where rows may have moved meanwhile, to their list."""
    section, address = visit.request.path_params["section"], _address(visit)
    if saved.brought and "/" in section:
        return f"{address}/{section.partition('/')[0]}"
    verb, _, where = visit.field("do").partition(":")
    if verb != "add":
        return f"{address}/{section}"
    draft = await drafting.opened(visit.services, visit.site.id, saved.draft)
    return f"{address}/{section}{_added(draft.tables, section, where)}"


def _added(tables: Table, section: str, where: str) -> str:
    rows = places.rows(tables, places.parsed(where))
    last = len(rows) - 1
    if where == "purposes":
        return f"/{last}"
    if where.endswith(".services"):
        return f"/services/{last}"
    return f"#{where}[{last}]" if rows else ""


def _version(visit: Visit) -> int:
    words = visit.field("version")
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 10 else 0


def _address(visit: Visit) -> str:
    return f"{visit.home}/notice/edit/{visit.request.path_params['draft']}"


def _meeting(visit: Visit, draft: str) -> str:
    return f"{visit.home}/notice/merge/{draft}"


ROUTES: list[BaseRoute] = [
    Route(EDITS, first),
    Route(f"{EDITS}/frame", frame),
    Route(f"{EDITS}/frame/{{section:path}}", unsaved_frame, methods=["POST"]),
    Route(f"{EDITS}/{{section:path}}", form),
    Route(f"{EDITS}/{{section:path}}", save, methods=["POST"]),
]
