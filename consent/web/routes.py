"""The whole URL table, on one screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consent.web import (
    claims,
    consents,
    console,
    hand_offs,
    health,
    hosted,
    letter_links,
    links,
    mail_events,
    manage_links,
    notices,
    openapi,
    outbox,
    own_data,
    publisher,
    readers,
    signups,
    statistics,
    webhooks,
    widget,
)
from consent.web.pages import docs, styles, verify
from consent.web.shell import SCRIPTS, Lane

SITE = "/v1/sites/{site}"
Handler = Callable[[Request], Awaitable[Response]]

LANES: Mapping[tuple[str, str], Lane] = {
    ("POST", "consents"): consents.give,
    ("POST", "events"): consents.count,
    ("GET", SCRIPTS): widget.serve,
}
"""Taken before the router: what is sent under a site's address, and the scripts."""


async def _by_lane(request: Request) -> Response:
    """What a lane takes never comes here; the route stands for the table's and the other methods' sake."""
    lane = LANES[request.method, request.url.path.rpartition("/")[2]]
    return await lane(request.scope, request.receive, request.path_params["site"])


async def _script(request: Request) -> Response:
    """A script asked for by HEAD; GET takes its lane."""
    return await widget.serve(request.scope, request.receive, request.path_params["name"])


def _by_method(path: str, **handlers: Handler) -> Route:
    """One route for an address that takes several methods, so that its 405 names all of them."""

    async def handle(request: Request) -> Response:
        handler = handlers["GET" if request.method == "HEAD" else request.method]
        request.scope["endpoint"] = handler  # what the figures call it
        return await handler(request)

    return Route(path, handle, methods=list(handlers))


ROUTES: list[BaseRoute] = [
    Route("/w/{name}", _script),
    _by_method(f"{SITE}/consents", GET=publisher.list_consents, POST=_by_lane),
    Route(f"{SITE}/events", _by_lane, methods=["POST"]),
    Route(f"{SITE}/signups", signups.sign_up, methods=["POST"]),
    Route(f"{SITE}/signups/challenge", signups.pose),
    Route(f"{SITE}/hand-offs", hand_offs.hand_over, methods=["POST"]),
    Route(f"{SITE}/hand-offs/open", hand_offs.open_, methods=["POST"]),
    _by_method(f"{SITE}/notices", GET=notices.list_notices, POST=notices.publish),
    Route(f"{SITE}/notices/{{digest}}", notices.get_notice),
    _by_method(f"{SITE}/subjects/{{subject}}", GET=publisher.get_subject, DELETE=publisher.erase_subject),
    Route(f"{SITE}/subscribers", readers.list_subscribers),
    Route(f"{SITE}/subscribers/lookup", readers.look_up, methods=["POST"]),
    Route(f"{SITE}/subscribers/erase", readers.erase, methods=["POST"]),
    Route(f"{SITE}/claims", claims.list_claims),
    Route(f"{SITE}/claims/access", claims.access, methods=["POST"]),
    Route(f"{SITE}/claims/erasure", claims.erase, methods=["POST"]),
    Route(f"{SITE}/suppressions", readers.list_suppressions),
    Route(f"{SITE}/outbox", outbox.list_outbox),
    Route(f"{SITE}/outbox/replay", outbox.replay, methods=["POST"]),
    Route(f"{SITE}/stats", statistics.get_stats),
    Route(f"{SITE}/stats/newsletter", statistics.get_funnel),
    _by_method(f"{SITE}/webhooks", GET=webhooks.list_endpoints, POST=webhooks.connect),
    Route(f"{SITE}/webhooks/{{endpoint}}", webhooks.remove, methods=["DELETE"]),
    Route(f"{SITE}/webhooks/{{endpoint}}/test", webhooks.test, methods=["POST"]),
    Route(f"{SITE}/webhooks/{{endpoint}}/enable", webhooks.enable, methods=["POST"]),
    Route(f"{SITE}/webhooks/{{endpoint}}/secret", webhooks.renew, methods=["POST"]),
    _by_method(f"{SITE}/inbound/{{endpoint}}/{{secret}}", GET=mail_events.show_site, POST=mail_events.hear_site),
    Route("/v1/mail-events/{provider}", mail_events.hear_mail, methods=["POST"]),
    Route("/v1/mail-events/{provider}/{secret}", mail_events.hear_mail, methods=["POST"]),
    Route(f"{SITE}/tokens/verify", publisher.verify_token, methods=["POST"]),
    Route(f"{SITE}/log/checkpoint", publisher.get_checkpoint),
    Route(f"{SITE}/log/proof", publisher.get_proof),
    Route("/newsletter/{site}", hosted.form),
    Route("/newsletter/{site}/asked", hosted.asked),
    Route("/newsletter/{site}/link", hosted.link, methods=["POST"]),
    Route("/receipts/{token}", links.receipt),
    Route("/receipts/{token}/kept", own_data.kept, methods=["GET", "POST"]),
    Route("/claims/{token}", own_data.claim),
    Route("/withdraw/{token}", links.withdraw, methods=["GET", "POST"]),
    Route("/confirm/{token}", letter_links.confirm, methods=["GET", "POST"]),
    Route("/not-me/{token}", letter_links.not_me, methods=["GET", "POST"]),
    _by_method("/unsubscribe/{token}", GET=letter_links.unsubscribe_page, POST=letter_links.unsubscribe),
    Route("/change/{token}", letter_links.change, methods=["GET", "POST"]),
    Route("/manage/{token}", manage_links.manage, methods=["GET", "POST"]),
    *console.ROUTES,
    Route("/healthz", health.alive),
    Route("/readyz", health.ready),
    Route("/metrics", health.metrics),
    Route("/openapi.json", openapi.serve),
    Route("/docs", docs.serve),
    Route("/verify", verify.serve),
    Route("/assets/{name}", styles.serve),
    Route("/.well-known/gpc.json", health.gpc),
    Route("/.well-known/security.txt", health.security),
    Route("/robots.txt", health.robots),
]
