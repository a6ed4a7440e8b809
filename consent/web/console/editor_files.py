"""The site file, out and in: as TOML for a repository, and from one into a draft.

Invariant: what goes out of a whole draft or a publication reads back as an equal site file; what comes in is a draft
and changes nothing that is in force.
"""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent.editing import drafting, importing, releasing
from consent.editing.importing import Imported
from consent.errors import Fault, Refused, Unknown
from consent.notices import write_site_file
from consent.web.console.guard import Visit, act, page
from consent.web.console.visiting import HEADERS

LIMIT = 1024 * 1024
NOTICE = "/console/sites/{site}/notice"


@page("see")
async def published(visit: Visit) -> Response:
    """The site file of a publication."""
    words = visit.request.path_params["revision"]
    if not words.isascii() or not words.isdecimal() or len(words) > 9:
        raise Unknown("there is no such publication of the site")
    data = await releasing.exported(visit.services, visit.site.id, int(words))
    return _file(data, f"{visit.site.id}-{int(words)}.toml")


@page("edit")
async def drafted(visit: Visit) -> Response:
    """The site file of a draft, whole or not."""
    draft = await drafting.opened(visit.services, visit.site.id, visit.request.path_params["draft"])
    data = write_site_file(draft.tables, f"Site file of {visit.site.notice.name}, draft, version {draft.version}")
    return _file(data, f"{visit.site.id}-draft.toml")


@page("edit")
async def ask(visit: Visit) -> Response:
    """The form that takes a file."""
    return _form(visit)


@act("edit", limit=LIMIT)
async def take(visit: Visit) -> Response:
    """The file as a new draft, or with what it lacks shown."""
    text, is_sure = visit.field("file"), visit.field("sure") == "yes"
    try:
        read = importing.read(text.encode(), visit.site.id)
    except Refused as refused:
        return _form(visit, text, refused.faults)
    if read.left_out and not is_sure:
        return _form(visit, text, read=read)
    draft = await drafting.begin(visit.services, visit.site.id, visit.actor, read.tables)
    told = f"The file is a draft now, with {len(read.faults)} to mend." if read.faults else "The file is a draft now."
    return visit.to(f"{visit.home}/notice/edit/{draft}/site", told=told)


def _form(visit: Visit, text: str = "", faults: tuple[Fault, ...] = (), read: Imported | None = None) -> Response:
    return visit.answer(
        "console/import.html",
        tab="notice",
        title="Import a site file",
        status=422 if faults or read else 200,
        scripts=("console-file.js",),
        text=text,
        faults=faults,
        read=read,
    )


def _file(data: bytes, name: str) -> Response:
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type="application/toml", headers=headers)


ROUTES: list[BaseRoute] = [
    Route(f"{NOTICE}/file/{{revision}}", published),
    Route(f"{NOTICE}/drafts/{{draft}}/file", drafted),
    Route(f"{NOTICE}/import", ask),
    Route(f"{NOTICE}/import", take, methods=["POST"]),
]
