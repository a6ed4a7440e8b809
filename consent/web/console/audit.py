"""Settings, Audit trail: who did what at this site, from the log itself.

Invariant: what is shown is the log's records of kind `audit`; people are named as they are called now, and by their id
where they are gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import ids, keyring
from consent.accounts import people
from consent.records import AuditRecord, read_audit
from consent.storage import records as stored
from consent.web.console import settings
from consent.web.console.guard import Visit, page

SHOWN = 50
FAR = 1 << 53


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """An act's line."""

    seq: int
    at: str
    who: str
    what: str
    about: Mapping[str, str]


@page("audit")
async def audit(visit: Visit) -> Response:
    """The acts, the newest first; `?before=` a number."""
    words = visit.request.query_params.get("before", "")
    before = int(words) if words.isascii() and words.isdecimal() and len(words) < 16 else FAR
    async with visit.services.database.reading() as reader:
        rows = await stored.audit_before(reader, visit.site.id, before, SHOWN + 1)
    acts = [read_audit(row.payload) for row in rows[:SHOWN] if row.payload]
    names = await _names(visit, acts)
    return settings.answer(
        visit,
        "console/audit.html",
        place="audit",
        title="Audit trail",
        acts=[_row(one, names) for one in acts],
        newer=f"{visit.home}/settings/audit" if words else "",
        older=f"{visit.home}/settings/audit?before={acts[-1].seq}" if len(rows) > SHOWN and acts else "",
    )


def _row(act: AuditRecord, names: Mapping[str, str]) -> AuditRow:
    return AuditRow(
        seq=act.seq, at=act.recorded_at, who=names.get(act.by, act.by), what=_words(act.action), about=act.about
    )


def _words(action: str) -> str:
    """`notice.rolled_back` as a person reads it."""
    thing, _, done = action.partition(".")
    return f"{thing} {done}".replace("_", " ").capitalize()


async def _names(visit: Visit, acts: Sequence[AuditRecord]) -> dict[str, str]:
    """How those who acted are called."""
    asked = {act.by for act in acts}
    found = {"command": "the command line", "service": "the service"}
    keys = {f"key:{one.id}": one for one in await keyring.listed(visit.services.database, visit.site.id)}
    found |= {by: f"key “{keys[by].name or keys[by].id[:13]}”" for by in asked & keys.keys()}
    async with visit.services.database.reading() as reader:
        for by in (one for one in asked if one.startswith("member:")):
            id_ = ids.parse_uuid(by.removeprefix("member:"))
            name = await people.called(reader, visit.site.id, id_, is_told_all=visit.is_told_all)
            found[by] = name or f"somebody who is gone ({by[-8:]})"
    return found


ROUTES: list[BaseRoute] = [Route(f"{settings.HOME}/audit", audit, methods=["GET"])]
