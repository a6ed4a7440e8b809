"""The pages behind the links of mails: confirm, not me, unsubscribe, change of address.

Invariant: GET and HEAD never change anything, whoever or whatever opens the link; POST does, and may be repeated.
Unsubscribing is answered 200 whatever the link is, at once and without a redirect (RFC 8058).
"""

from __future__ import annotations

import functools

from starlette.requests import Request
from starlette.responses import Response

from consent import ledger, newsletter
from consent.errors import ConsentError, TokenExpired, Unknown
from consent.newsletter import ConfirmPage, Seen, Words, preferences
from consent.notices import Notice
from consent.records import ConsentRecord
from consent.web import access, forms, signups
from consent.web.links import RATE, Handler
from consent.web.pages import failures, letters
from consent.web.requests import client_of, services_of

ONE_CLICK = ("List-Unsubscribe", "One-Click")
CHOICE = "choice"
"""A field of the page that lets its reader choose: without it, what the link names is meant as a whole."""


def for_readers(handler: Handler) -> Handler:
    """Slows down who asks too often; what is wrong is told as a page, and what is gone as too old."""

    @functools.wraps(handler)
    async def answer(request: Request) -> Response:
        services = services_of(request.scope)
        try:
            await access.check_rate(services, "links", client_of(request.scope, services.networks), RATE)
            return await handler(request)
        except (TokenExpired, Unknown) as error:
            return failures.too_old(request, error)
        except ConsentError as error:
            return failures.answer(request, error)

    return answer


@for_readers
async def confirm(request: Request) -> Response:
    """One sentence and one button; POST confirms."""
    services, token = services_of(request.scope), request.path_params["token"]
    page = await newsletter.confirming(services, token)
    site = services.directory.get(page.site)
    if request.method == "POST" and page.state == "pending":
        fields = await _fields(request)
        shown = _shown(fields, page)
        lists = _chosen(fields, shown.lists if shown else page.lists)
        done = await newsletter.confirm(services, token, lists, _seen(request, page.site), shown)
        if done.state == "confirmed":
            return letters.confirmed(site.notice, done, _receipt_link(request, done.records))
        if done.state == "pending":
            return letters.confirm(site, page, is_empty=True)
        return letters.gone(site.notice, page.language)
    if page.state == "gone":
        return letters.gone(site.notice, page.language)
    return letters.confirm(site, page) if page.state == "pending" else letters.confirmed(site.notice, page)


@for_readers
async def not_me(request: Request) -> Response:
    """Was it not you? POST deletes the sign-up, and nothing more is sent."""
    services, token = services_of(request.scope), request.path_params["token"]
    page = await newsletter.refusing(services, token)
    if request.method == "POST":
        await newsletter.not_me(services, token)
        return letters.refused(_notice(request, page.site), page.language)
    if page.state == "gone":
        return letters.gone(_notice(request, page.site), page.language)
    return letters.refuse(_notice(request, page.site), page)


@for_readers
async def unsubscribe_page(request: Request) -> Response:
    """The list and the button."""
    services, token = services_of(request.scope), request.path_params["token"]
    page = await newsletter.leaving_page(services, token)
    if page.site is None:
        return failures.page(request, "foreign", 400)
    notice = _notice(request, page.site)
    return letters.leave(notice, page) if page.state == "confirmed" else letters.left(notice, page)


async def unsubscribe(request: Request) -> Response:
    """Unsubscribes at once. Not slowed down: a mail provider sends all its readers' clicks from few addresses."""
    services, token = services_of(request.scope), request.path_params["token"]
    before = await newsletter.leaving_page(services, token)
    seen = _seen(request, before.site) if before.site else Seen()
    page = await newsletter.unsubscribe(services, token, seen, one_click=ONE_CLICK in await _fields(request))
    if page.site is None:
        return failures.page(request, "unsubscribed", 200, section="reader")
    return letters.left(_notice(request, page.site), page)


@for_readers
async def change(request: Request) -> Response:
    """The new address and the button; POST uses it from then on."""
    services, token = services_of(request.scope), request.path_params["token"]
    page = await preferences.changing(services, token)
    if request.method == "POST" and page.state == "pending":
        page = await preferences.confirm_change(services, token, _seen(request, page.site))
    notice = _notice(request, page.site)
    if page.state == "gone":
        return letters.gone(notice, page.language)
    return letters.change(notice, page) if page.state == "pending" else letters.changed(notice, page)


def _notice(request: Request, site: str) -> Notice:
    return services_of(request.scope).directory.get(site).notice


def _seen(request: Request, site: str) -> Seen:
    services = services_of(request.scope)
    return signups.seen(request, services, services.directory.get(site))


def _shown(fields: forms.Fields, page: ConfirmPage) -> Words | None:
    """What the page says that it had beside its button; nothing of a bare POST, which comes from no page."""
    said = dict(fields)
    if "notice" not in said:
        return None
    offered = tuple(value for name, value in fields if name == "offered")
    return Words(said["notice"], said.get("shown_in", page.language), offered or page.lists)


def _chosen(fields: forms.Fields, offered: tuple[str, ...]) -> list[str]:
    """What is ticked on the page; all that is offered, where there was nothing to tick."""
    if not any(name == CHOICE for name, _ in fields):
        return list(offered)
    return [value for name, value in fields if name == "list"]


async def _fields(request: Request) -> forms.Fields:
    """The form's fields; none of a body that is no form: the link alone says what is meant."""
    try:
        return await forms.read(request.scope, request.receive)
    except ConsentError:
        return []


def _receipt_link(request: Request, records: tuple[ConsentRecord, ...]) -> str | None:
    services = services_of(request.scope)
    return f"{services.settings.url}/receipts/{ledger.receipt(services, records[0])}" if records else None
