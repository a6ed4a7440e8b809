"""Passkeys in the browser: a challenge for a script, and the form by which the script sends the answer.

Invariant: without a script nothing here is offered, and nothing is lost: a link by mail signs in as well.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent.accounts import passkeys
from consent.errors import Refused
from consent.services import Services
from consent.web import forms
from consent.web.console import signing_in
from consent.web.console.guard import Visit, act, outside

JSON = "application/json"
ACCOUNT = "/console/account"


@outside
async def pose(request: Request, services: Services) -> Response:
    """A challenge to sign in by."""
    await signing_in.check(request, services)
    return Response(await passkeys.pose(services), media_type=JSON)


@outside
async def sign_in(request: Request, services: Services) -> Response:
    """Signs in by the answer."""
    await signing_in.check(request, services)
    fields = dict(await forms.read(request.scope, request.receive))
    try:
        begun = await passkeys.sign_in(services, fields.get("answer", ""), signing_in.browser_of(request))
    except Refused as error:
        return signing_in.form(services, fields.get("next", ""), said=error.detail)
    return await signing_in.entered(request, services, begun, fields.get("next", ""))


@act(None)
async def pose_new(visit: Visit) -> Response:
    """A challenge to make a new passkey by."""
    return Response(await passkeys.pose_new(visit.services, visit.member), media_type=JSON)


@act(None)
async def register(visit: Visit) -> Response:
    """Keeps a new passkey."""
    made = await passkeys.register(visit.services, visit.member, visit.field("name"), visit.field("answer"))
    return visit.to(ACCOUNT, told=f"The passkey “{made.name}” is yours: sign in by it from now on.")


@act(None)
async def remove(visit: Visit) -> Response:
    """Takes a passkey away."""
    await passkeys.remove(visit.services, visit.member, _id(visit.field("passkey")))
    return visit.to(ACCOUNT, told="The passkey is removed. Delete it in your browser or on your device too.")


def _id(words: str) -> bytes:
    """A credential's id, in hex; what is none is nobody's."""
    try:
        return bytes.fromhex(words)
    except ValueError:
        return b""


ROUTES: list[BaseRoute] = [
    Route("/console/sign-in/passkey", sign_in, methods=["POST"]),
    Route("/console/sign-in/passkey/challenge", pose, methods=["POST"]),
    Route("/console/account/passkeys", register, methods=["POST"]),
    Route("/console/account/passkeys/challenge", pose_new, methods=["POST"]),
    Route("/console/account/passkeys/remove", remove, methods=["POST"]),
]
