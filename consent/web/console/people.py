"""Settings, People: who may see the site, and in which role; invitations.

Invariant: what is known of a person elsewhere is never shown here: another role, another way to write the address, nor
whether the service has barred them; who runs the service is named to who does so too, alone.
"""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import clock, ids
from consent.accounts import people, roles
from consent.errors import Refused, Unknown
from consent.storage.members import EVERYWHERE, Membership
from consent.web.console import settings
from consent.web.console.guard import Visit, act, page

PEOPLE = "/console/sites/{site}/settings/people"


@page("invite")
async def show(visit: Visit) -> Response:
    """The site's people."""
    return await _page(visit)


@act("invite")
async def invite(visit: Visit) -> Response:
    """Invites somebody by mail."""
    email, role = visit.field("email"), visit.field("role")
    try:
        done = await people.invite(visit.services, visit.site.id, email, role, visit.actor)
    except Refused as error:
        return await _page(visit, email=email, role=role, found=[(each.path, each.message) for each in error.faults])
    told = f"{done.email} is invited as {role}; a mail is on its way (at most three an hour to one person)."
    return visit.to(_address(visit), told=told)


@act("invite")
async def invite_again(visit: Visit) -> Response:
    """Mails an invitation once more."""
    await people.mail(visit.services, visit.site.id, _member(visit))
    return visit.to(_address(visit), told="A new invitation is on its way; the one before no longer works.")


@act("invite")
async def change(visit: Visit) -> Response:
    """Gives somebody another role."""
    try:
        await people.change(visit.services, visit.site.id, _member(visit), visit.field("role"), visit.actor)
    except Refused as error:
        return await _page(visit, found=[("", each.message) for each in error.faults])
    return visit.to(_address(visit), told="The role is changed, from their next page on.")


@act("invite")
async def remove(visit: Visit) -> Response:
    """Takes somebody's role away."""
    try:
        await people.remove(visit.services, visit.site.id, _member(visit), visit.actor)
    except Refused as error:
        return await _page(visit, found=[("", each.message) for each in error.faults])
    return visit.to(_address(visit), told="Removed: they see nothing of this site any more.")


async def _page(
    visit: Visit, *, email: str = "", role: str = "editor", found: list[tuple[str, str]] | None = None
) -> Response:
    rows = [_row(visit, one) for one in await people.listed(visit.services, visit.site.id)]
    return settings.answer(
        visit,
        "console/people.html",
        place="people",
        title="People",
        status=422 if found else 200,
        rows=rows,
        roles=[(each, roles.SHOWN[each]) for each in roles.ROLES],
        email=email,
        role_wanted=role,
        found=found or [],
        fault=next((words for place, words in found or [] if place == "email"), ""),
        address=_address(visit),
    )


def _row(visit: Visit, one: Membership) -> dict[str, object]:
    is_self, runs_it = one.member.id == visit.member.id, one.site == EVERYWHERE
    return {
        "id": ids.uuid_text(one.member.id),
        "email": people.RUNS_IT.capitalize() if runs_it and not visit.is_told_all else one.email,
        "role": one.role,
        "since": clock.text(one.since),
        "is_everywhere": runs_it,
        "is_disabled": visit.is_told_all and one.member.disabled_at is not None,
        "is_self": is_self,
    }


def _address(visit: Visit) -> str:
    return f"{visit.home}/settings/people"


def _member(visit: Visit) -> bytes:
    try:
        return ids.parse_uuid(visit.field("member"))
    except ValueError:
        raise Unknown(people.NOBODY) from None


ROUTES: list[BaseRoute] = [
    Route(PEOPLE, show),
    Route(PEOPLE, invite, methods=["POST"]),
    Route(f"{PEOPLE}/again", invite_again, methods=["POST"]),
    Route(f"{PEOPLE}/role", change, methods=["POST"]),
    Route(f"{PEOPLE}/remove", remove, methods=["POST"]),
]
