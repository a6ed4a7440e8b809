"""Settings, Webhooks: where a site's events go, each with what was delivered, what was not and why; and a try at once.

Invariant: a secret is in one page alone, the answer to its making; nothing keeps that page.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent import auditing
from consent.connections import connecting
from consent.connections.connecting import Connected, EndpointRequest, EndpointView
from consent.errors import Refused, Unknown
from consent.owing import EVENTS
from consent.sync import kinds
from consent.web.console import deliveries, settings
from consent.web.console.guard import Visit, act, page
from consent.web.pages import sheets

KINDS = {
    "webhook": "A webhook of your own",
    "listmonk": "listmonk",
    "mailchimp": "Mailchimp",
    "brevo": "Brevo",
    "buttondown": "Buttondown",
    "ghost": "Ghost",
}


@page("connect")
async def webhooks(visit: Visit) -> Response:
    """The site's endpoints."""
    found = await connecting.listed(visit.services, visit.site.id)
    return settings.answer(
        visit, "console/webhooks.html", place="webhooks", title="Webhooks", endpoints=found.endpoints, kinds=KINDS
    )


@page("connect")
async def new(visit: Visit) -> Response:
    """The form that connects one; `?kind=` says which."""
    asked = visit.request.query_params.get("kind", "webhook")
    return _form(visit, asked if asked in KINDS else "webhook")


@act("connect")
async def connect(visit: Visit) -> Response:
    """A new endpoint, with its secret."""
    kind = visit.field("kind")
    if kind not in KINDS:
        raise Unknown("there is no such kind of endpoint")
    try:
        made = await connecting.connect(visit.services, visit.site.id, _request(visit, kind), visit.actor)
    except Refused as error:
        return _form(visit, kind, [(_place(fault.path), fault.message) for fault in error.faults])
    return await _one(visit, made.endpoint, connected=made)


@page("connect")
async def one(visit: Visit) -> Response:
    """An endpoint, and its deliveries."""
    return await _one(visit, await _endpoint(visit))


@act("connect")
async def change(visit: Visit) -> Response:
    """Tries it, takes it up again, renews its secret, or takes it away: as `do` says."""
    found = await _endpoint(visit)
    asked = (visit.services, visit.site.id, found.id, visit.actor)
    home = f"{visit.home}/settings/webhooks"
    match visit.field("do"):
        case "test":
            tried = await connecting.test(visit.services, visit.site.id, found.id)
            await auditing.note(visit.services, visit.site.id, visit.actor, "webhook.tested", {"endpoint": found.id})
            return await _one(visit, found, tried=tried)
        case "enable":
            await connecting.enable(*asked)
            return visit.to(f"{home}/{found.id}", told="It is told again. What failed meanwhile can be replayed.")
        case "renew":
            return await _one(visit, found, connected=await connecting.renew(*asked))
        case "remove":
            await connecting.remove(*asked)
            return visit.to(home, told="It is taken away: nothing more goes there.")
    raise Unknown("there is no such button")


async def _endpoint(visit: Visit) -> EndpointView:
    wanted = visit.request.path_params["endpoint"]
    found = await connecting.listed(visit.services, visit.site.id)
    for each in found.endpoints:
        if each.id == wanted:
            return each
    raise Unknown("the site has no such endpoint")


async def _one(
    visit: Visit,
    endpoint: EndpointView,
    *,
    connected: Connected | None = None,
    tried: connecting.Tried | None = None,
) -> Response:
    rows, older = await deliveries.of_endpoint(visit, endpoint.id)
    return settings.answer(
        visit,
        "console/webhook.html",
        place="webhooks",
        title="Webhook",
        scripts=("console-copy.js",),
        endpoint=endpoint,
        kinds=KINDS,
        rows=rows,
        older=older,
        connected=connected,
        tried=tried,
    )


def _form(visit: Visit, kind: str, faults: list[tuple[str, str]] | None = None) -> Response:
    provider = kinds.PROVIDERS.get(kind)
    return settings.answer(
        visit,
        "console/webhook_new.html",
        place="webhooks",
        title="Connect",
        status=422 if faults else 200,
        kind=kind,
        kinds=KINDS,
        events=EVENTS,
        wanted=frozenset(value for name, value in visit.form if name == "event") if faults else frozenset(EVENTS),
        needs_url=provider is None or provider.address is None,
        secrets=[*provider.secrets, *provider.optional] if provider else [],
        optional=provider.optional if provider else (),
        lists=sheets.lists_of(visit.site.notice),
        language=visit.site.notice.languages[0],
        faults=faults or [],
    )


def _request(visit: Visit, kind: str) -> EndpointRequest:
    """The form as the body that the HTTP interface takes."""
    named: dict[str, dict[str, str]] = {"secrets": {}, "lists": {}}
    for name, value in visit.form:
        part, _, key = name.partition(".")
        if part in named and value.strip():
            named[part][key] = value.strip()
    given: dict[str, Any] = {"kind": kind, "secrets": named["secrets"], "lists": named["lists"]}
    if visit.field("url").strip():
        given["url"] = visit.field("url").strip()
    if kind == "webhook":
        given["events"] = [value for name, value in visit.form if name == "event"]
    return msgspec.convert(given, EndpointRequest)


def _place(path: str) -> str:
    """The field that a fault is about; those about one event are about all of them."""
    return "event-0" if path.startswith("events") else path.replace(".", "-") or "url"


ROUTES: list[BaseRoute] = [
    Route(f"{settings.HOME}/webhooks", webhooks, methods=["GET"]),
    Route(f"{settings.HOME}/webhooks", connect, methods=["POST"]),
    Route(f"{settings.HOME}/webhooks/new", new, methods=["GET"]),
    Route(f"{settings.HOME}/webhooks/{{endpoint}}", one, methods=["GET"]),
    Route(f"{settings.HOME}/webhooks/{{endpoint}}", change, methods=["POST"]),
]
