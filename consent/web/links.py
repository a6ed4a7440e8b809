"""The pages behind signed links: a receipt, and withdrawal.

Invariant: GET and HEAD never change anything; POST does, and may be repeated. Whoever holds a link may use it, and
nothing else is asked.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent import canonical, ledger, receipts, tokens
from consent.errors import ConsentError, Fault, Refused, Unknown
from consent.limits import Rate
from consent.rights import proving
from consent.tokens import Reference
from consent.web import access
from consent.web.pages import agreements, engine, failures, reading
from consent.web.pages import receipts as pages
from consent.web.pages.receipts import Story
from consent.web.requests import client_of, services_of

RATE = Rate(burst=120, per_minute=120)
JSON_LD, KANTARA, PROOF = "json-ld", "kantara", "proof"
FORMS = (JSON_LD, KANTARA, PROOF)

Handler = Callable[[Request], Awaitable[Response]]


def for_people(handler: Handler) -> Handler:
    """Slows down who asks too often, and gives a person's browser a page when something is wrong."""

    @functools.wraps(handler)
    async def answer(request: Request) -> Response:
        services = services_of(request.scope)
        try:
            await access.check_rate(services, "links", client_of(request.scope, services.networks), RATE)
            return await handler(request)
        except ConsentError as error:
            return failures.answer(request, error)

    return answer


@for_people
async def receipt(request: Request) -> Response:
    """The receipt as a page; by `?format=` as JSON-LD (by `Accept` too), Kantara's, or a file that proves itself."""
    services, token, form = services_of(request.scope), request.path_params["token"], _form(request)
    claims = ledger.read_receipt(services, tokens.site_of(token), token)
    story = await reading.by_receipt(services, claims)
    if form == PROOF:
        return download(await proving.receipt_file(services, claims.site, claims.seq, token), f"receipt-{claims.seq}")
    if form == KANTARA:
        return _kantara(story)
    is_newsletter = story.told.record.kind == "newsletter"
    withdraw_link = (agreements if is_newsletter else ledger).withdraw_link(services, story.told.record)
    if form == JSON_LD:
        return _json_ld(story, token, services.settings.url, withdraw_link)
    if is_newsletter:
        return engine.page("pages/agreement.html", **await agreements.shown(services, story))
    return _of_cookies(story, withdraw_link, f"/receipts/{token}/kept")


def _form(request: Request) -> str | None:
    """The form that is asked for; None: the page."""
    asked = request.query_params.get("format") or request.query_params.get("form")
    if asked is None:
        return JSON_LD if failures.wants_json(request) else None
    if asked not in FORMS:
        raise Refused(Fault("format", f"expected one of {', '.join(FORMS)}"))
    return asked


def _kantara(story: Story) -> Response:
    made = receipts.kantara(story.told.record, story.told.notice)
    if made is None:
        raise Unknown("this record gives nothing, and Kantara's receipt knows no refusal: ask for ?format=json-ld")
    return Response(msgspec.json.format(canonical.encode(made), indent=2), media_type="application/json")


def download(value: object, name: str) -> Response:
    """The value as a file of JSON that people can read."""
    body = msgspec.json.format(msgspec.json.encode(value), indent=2)
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"', "Cache-Control": "no-store"}
    return Response(body, headers=headers, media_type="application/json")


def _of_cookies(story: Story, withdraw_link: str, kept_link: str) -> Response:
    return engine.page(
        "pages/receipt.html",
        words=pages.words_of(story.told),
        story=story,
        rows=pages.rows(story.told),
        rows_now=pages.rows(story.latest),
        given_now=pages.given(story.latest),
        withdraw_link=withdraw_link,
        kept_link=kept_link,
    )


@for_people
async def withdraw(request: Request) -> Response:
    """One sentence and one button; POST withdraws."""
    services, token = services_of(request.scope), request.path_params["token"]
    site = tokens.site_of(token)
    reference = services.tokens.read("withdraw", site, token, Reference)
    if request.method == "POST":
        await reading.by_id(services, site, reference.id)
        latest = (await reading.story(services, await ledger.withdraw(services, site, reference.id))).told
        link = f"{services.settings.url}/receipts/{ledger.receipt(services, latest.record)}"
        return engine.page("pages/withdrawn.html", words=pages.words_of(latest), held=latest, receipt_link=link)
    latest = (await reading.by_id(services, site, reference.id)).latest
    return engine.page("pages/withdraw.html", words=pages.words_of(latest), held=latest, given_now=pages.given(latest))


def _json_ld(story: Story, token: str, url: str, withdraw_link: str) -> Response:
    told = story.told
    sources = receipts.Sources(
        receipt=f"{url}/receipts/{token}",
        withdraw=withdraw_link,
        token=token,
        notice_published_at=told.notice_published_at,
    )
    body = canonical.encode(receipts.receipt(told.record, told.notice, sources))
    return Response(body, headers={"Vary": "Accept"}, media_type=receipts.MEDIA)
