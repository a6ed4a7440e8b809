"""`/receipts/{token}/kept` and `/claims/{token}`: what a person does alone, by the receipt of a choice.

Who holds the receipt of a cookie choice has the browser that made it, so it opens that choice and those made after it
as the same subject. It opens nothing older, for anybody may have a choice recorded as whatever subject they know of.
The receipt of a subscription may have been passed on with a mail: there the mailbox proves who asks (`manage_links`).

Invariant: GET changes nothing and keeps nothing of the look; erasing asks once more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from consent import ledger, tokens
from consent.errors import Fault, Refused
from consent.rights import Who, accessing, claiming, forgetting
from consent.rights.finding import COOKIES
from consent.services import Services
from consent.web import forms, replies
from consent.web.links import download, for_people
from consent.web.pages import failures, reading, receipts
from consent.web.pages import rights as pages
from consent.web.pages.receipts import Story
from consent.web.requests import header, services_of


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt that somebody holds, and its story."""

    services: Services
    site: str
    token: str
    story: Story

    @property
    def who(self) -> Who:
        """What the receipt proves, and no more."""
        return Who(receipts=(self.token,))


@for_people
async def kept(request: Request) -> Response:
    """Everything that is kept of the receipt's subject; POST gives it as a file, asks about erasing, or erases."""
    services, token = services_of(request.scope), request.path_params["token"]
    claims = ledger.read_receipt(services, tokens.site_of(token), token)
    held = Held(services=services, site=claims.site, token=token, story=await reading.by_receipt(services, claims))
    if held.story.told.record.kind != COOKIES:
        return RedirectResponse(f"{services.settings.url}/newsletter/{claims.site}", 303)
    if request.method != "POST":
        return await _show(held)
    do = dict(await forms.read(request.scope, request.receive)).get("do", "")
    if do not in ACTS:
        raise Refused(Fault("do", f"expected one of {', '.join(ACTS)}"))
    return await ACTS[do](held)


async def _show(held: Held) -> Response:
    bundle = await accessing.look(held.services, held.site, held.who)
    has_given = bool(receipts.given(held.story.latest)) and not held.story.is_expired
    link = ledger.withdraw_link(held.services, held.story.told.record) if has_given else None
    return pages.kept(held.story.told, bundle, link)


async def _export(held: Held) -> Response:
    return download(await accessing.access(held.services, held.site, held.who), held.site)


async def _erase(held: Held) -> Response:
    found = await forgetting.look(held.services, held.site, held.who)
    return pages.erase(held.story.told, found.counts["records"], [one.name for one in found.kept])


async def _erase_now(held: Held) -> Response:
    done = await forgetting.erase(held.services, held.site, held.who)
    return pages.erased(held.story.told, done.claim or "")


ACTS: Mapping[str, Callable[[Held], Awaitable[Response]]] = {
    "export": _export,
    "erase": _erase,
    "erase_now": _erase_now,
}
"""What each button does, by its value."""


@for_people
async def claim(request: Request) -> Response:
    """The receipt of a request, as a page or as JSON."""
    services, token = services_of(request.scope), request.path_params["token"]
    said = claiming.read(services, tokens.site_of(token), token)
    if failures.wants_json(request):
        return replies.json(said, headers={"Vary": "Accept"})
    notice = services.directory.get(said.site).notice
    return pages.claim(notice, said, header(request.scope, b"accept-language"))
