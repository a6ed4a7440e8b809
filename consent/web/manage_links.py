"""`/manage/{token}`: the preference centre, a form for each thing that can be changed.

Invariant: GET changes nothing; what cannot be undone asks once more, and wants a fresh link.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent import clock
from consent.errors import Fault, Refused
from consent.newsletter import preferences
from consent.newsletter.preferences import Preferences
from consent.notices import Notice
from consent.services import Services
from consent.web import forms, signups
from consent.web.letter_links import for_readers
from consent.web.pages import letters
from consent.web.requests import services_of


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """A button that was pressed, and the form it stands in."""

    request: Request
    services: Services
    token: str
    fields: forms.Fields
    held: Preferences
    notice: Notice

    def field(self, name: str) -> str:
        """The field's text, or nothing."""
        return dict(self.fields).get(name, "")

    def page(self, held: Preferences, told: str = "", fault: Fault | None = None, typed: str = "") -> Response:
        """The centre again, with what was done."""
        return letters.manage(self.notice, held, self.services.clock(), told=told, fault=fault, typed=typed)


@for_readers
async def manage(request: Request) -> Response:
    """The centre; POST does what the button says that was pressed."""
    services, token = services_of(request.scope), request.path_params["token"]
    held = await preferences.open(services, token)
    notice = services.directory.get(held.site).notice
    if request.method != "POST":
        return letters.manage(notice, held, services.clock())
    fields = await forms.read(request.scope, request.receive)
    act = Act(request=request, services=services, token=token, fields=fields, held=held, notice=notice)
    if act.field("do") not in ACTS:
        raise Refused(Fault("do", f"expected one of {', '.join(ACTS)}"))
    return await ACTS[act.field("do")](act)


async def _save(act: Act) -> Response:
    return await _keep(act, [value for name, value in act.fields if name == "list"])


async def _leave(act: Act) -> Response:
    return await _keep(act, [])


async def _keep(act: Act, lists: list[str]) -> Response:
    seen = signups.seen(act.request, act.services, act.services.directory.get(act.held.site))
    return act.page(await preferences.save(act.services, act.token, lists, seen), "saved")


async def _pause(act: Act) -> Response:
    until = _midnight(act.field("until"))
    now = act.services.clock()
    if not now < until <= now + letters.LONGEST_PAUSE:
        return act.page(act.held, fault=Fault("until", "expected a day within a year"))
    return act.page(await preferences.pause(act.services, act.token, until), "saved")


async def _resume(act: Act) -> Response:
    return act.page(await preferences.pause(act.services, act.token, None), "saved")


async def _language(act: Act) -> Response:
    return act.page(await preferences.set_language(act.services, act.token, act.field("language")), "saved")


async def _address(act: Act) -> Response:
    try:
        await preferences.change_address(act.services, act.token, act.field("email"))
    except Refused as refused:
        return act.page(act.held, fault=Fault("email", refused.faults[0].message), typed=act.field("email"))
    return act.page(act.held, "address_sent")


async def _fresh(act: Act) -> Response:
    await preferences.mail_fresh(act.services, act.token)
    return act.page(act.held, "fresh_sent")


async def _export(act: Act) -> Response:
    data = msgspec.json.format(msgspec.json.encode(await preferences.export(act.services, act.token)), indent=2)
    name = f'attachment; filename="{act.held.site}.json"'
    return Response(data, headers={"Content-Disposition": name}, media_type="application/json")


async def _erase(act: Act) -> Response:
    return letters.erase(act.notice, act.held.language)


async def _erase_now(act: Act) -> Response:
    claim_link = await preferences.erase(act.services, act.token)
    return letters.erased(act.notice, act.held.language, claim_link)


ACTS: Mapping[str, Callable[[Act], Awaitable[Response]]] = {
    "save": _save,
    "leave": _leave,
    "pause": _pause,
    "resume": _resume,
    "language": _language,
    "address": _address,
    "fresh": _fresh,
    "export": _export,
    "erase": _erase,
    "erase_now": _erase_now,
}
"""What each button does, by its value."""


def _midnight(day: str) -> int:
    """The day's first instant by UTC; 0 for what is no day."""
    try:
        return clock.parse(f"{day}T00:00:00Z")
    except ValueError:
        return 0
