"""One's own account: where one has a role, passkeys, and where one is signed in.

Invariant: whatever is changed here is one's own.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from consent import clock, ids
from consent.accounts import passkeys, sessions, signing_in
from consent.clock import HOUR
from consent.errors import Unknown
from consent.web.console import cookies
from consent.web.console.guard import Visit, act, page

SCRIPTS = ("console-passkeys.js",)
ACCOUNT = "/console/account"


@page(None)
async def home(visit: Visit) -> Response:
    """The sites where one has a role; the only one at once."""
    found = visit.sites()
    if len(found) == 1:
        return RedirectResponse(f"/console/sites/{found[0].id}", 303)
    roles = {site.id: visit.signed.role_at(site.id) for site in found}
    return visit.answer("console/sites.html", title="Sites", sites=found, roles=roles)


@page(None)
async def account(visit: Visit) -> Response:
    """Passkeys and sessions."""
    member = visit.member
    return visit.answer(
        "console/account.html",
        title="Your account",
        tab="account",
        scripts=SCRIPTS,
        are_offered=passkeys.are_offered(visit.services),
        port=urlsplit(visit.services.settings.url).port,
        passkeys=[
            {"id": one.id.hex(), "name": one.name, "made_at": clock.text(one.made_at), "used_at": _text(one.used_at)}
            for one in await passkeys.listed(visit.services, member.id)
        ],
        sessions=[
            {"id": ids.uuid_text(one.id), "browser": one.browser, "made_at": clock.text(one.made_at),
             "seen_at": clock.text(one.seen_at), "is_this": one.id == visit.signed.session.id}
            for one in await sessions.listed(visit.services, member.id)
        ],
        idle_hours=sessions.IDLE_MS // HOUR,
        most_hours=sessions.ABSOLUTE_MS // HOUR,
    )  # fmt: skip


@act(None)
async def end_session(visit: Visit) -> Response:
    """Signs out one browser."""
    try:
        id_ = ids.parse_uuid(visit.field("session"))
    except ValueError:
        raise Unknown("There is no such session.") from None
    await sessions.end(visit.services, visit.member.id, id_)
    await signing_in.note(visit.services, visit.member, "session.ended", {"by": "account"})
    return visit.to(ACCOUNT, told="Signed out there.")


@act(None)
async def end_all(visit: Visit) -> Response:
    """Signs out everywhere, here too."""
    number = await sessions.end_all(visit.services, visit.member.id)
    await signing_in.note(visit.services, visit.member, "session.ended", {"by": "account", "sessions": number})
    response = RedirectResponse("/console/sign-in", 303)
    cookies.drop(response, visit.services, cookies.SESSION)
    return response


def _text(instant: int | None) -> str:
    return clock.text(instant) if instant is not None else ""


ROUTES: list[BaseRoute] = [
    Route("/console", home),
    Route(ACCOUNT, account),
    Route("/console/account/sessions/end", end_session, methods=["POST"]),
    Route("/console/account/sessions/end-all", end_all, methods=["POST"]),
]
