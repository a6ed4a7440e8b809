"""The console's pages: a site at a glance, and one record with the proof that it is in the log.

Invariant: nothing here writes; who opens a page has a link for this very site that is not older than a day.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent import clock, ids, ledger, proofs, tokens
from consent.errors import BadToken, ConsentError, Unknown
from consent.records import read_payload
from consent.services import Services
from consent.storage import logs, sites
from consent.storage import records as stored
from consent.tokens import Reference
from consent.web import problems
from consent.web.console.rows import Publication, row
from consent.web.pages import engine, failures
from consent.web.requests import services_of

SHOWN = 25
PUBLICATIONS = 50
FAR = 1 << 53

Page = Callable[[Services, str, Request], Awaitable[Response]]
Handler = Callable[[Request], Awaitable[Response]]


def _for_publishers(page: Page) -> Handler:
    """Checks the link, and says what is wrong in the way that the caller reads."""

    @functools.wraps(page)
    async def answer(request: Request) -> Response:
        services, token = services_of(request.scope), request.path_params["token"]
        try:
            site = services.tokens.read("console", tokens.site_of(token), token, Reference).site
            return await page(services, site, request)
        except BadToken as error:
            return _closed(error) if failures.prefers_page(request) else failures.answer(request, error)
        except ConsentError as error:
            return failures.answer(request, error)

    return answer


async def closed(request: Request) -> Response:
    """Without a link: how to get one."""
    return _closed(None)


def _closed(error: BadToken | None) -> Response:
    reasons = {200: "", 400: "This is no sign-in link.", 410: "This sign-in link is too old."}
    status = problems.status_of(error) if error else 200
    return engine.page("console/closed.html", status=status, reason=reasons[status])


@_for_publishers
async def overview(services: Services, site: str, request: Request) -> Response:
    """The site at a glance."""
    published = services.directory.get(site)
    signed = await proofs.checkpoint(services.database, site)
    up_to = min(_whole(request.query_params.get("up_to", ""), FAR), signed.size)
    async with services.database.reading() as reader:
        rows = await stored.page(reader, site, max(0, up_to - SHOWN), up_to, SHOWN)
        publications = await sites.publications(reader, site, PUBLICATIONS)
    return engine.page(
        "console/overview.html",
        home=request.url.path,
        published=published,
        publications=[_publication(one) for one in publications],
        signed=signed,
        rows=[row(one) for one in reversed(rows)],
        newer=min(signed.size, up_to + SHOWN) if up_to < signed.size else 0,
        older=up_to - SHOWN if up_to > SHOWN else 0,
    )


@_for_publishers
async def record(services: Services, site: str, request: Request) -> Response:
    """One record, whole, and its proof."""
    found, proof = await _proven(services, site, _place(request.path_params["seq"]))
    shown = read_payload(found.payload) if found.payload else None
    return engine.page(
        "console/record.html",
        home=f"/console/{request.path_params['token']}",
        published=services.directory.get(site),
        row=row(found),
        record=shown,
        whole=msgspec.json.format(found.payload, indent=2) if found.payload else "",
        leaf=found.leaf.hex(),
        proof=proof,
        receipt_link=f"/receipts/{ledger.receipt(services, shown)}" if shown else "",
    )


def _place(words: str) -> int:
    if not words.isascii() or not words.isdecimal() or len(words) > len(str(FAR)):
        raise Unknown("there is no record of that number")
    return int(words)


async def _proven(services: Services, site: str, seq: int) -> tuple[stored.StoredRecord, proofs.InclusionProof | None]:
    """The record at a place, with its proof; an erased one has no id to prove it by."""
    async with services.database.reading() as reader:
        head = await logs.head(reader, site)
        rows = await stored.page(reader, site, seq - 1, seq, 1) if head and 0 < seq <= head.size else []
    if not rows:
        raise Unknown("there is no record with this number")
    if rows[0].id is None:
        return rows[0], None
    return rows[0], await proofs.inclusion(services.database, site, ids.uuid_text(rows[0].id))


def _publication(one: sites.Publication) -> Publication:
    return Publication(
        revision=one.revision,
        notice=one.notice,
        published_at=clock.text(one.published_at),
        changes=msgspec.json.decode(one.changes, type=tuple[str, ...]),
    )


def _whole(words: str, default: int) -> int:
    return int(words) if words.isascii() and words.isdecimal() and len(words) < 16 else default
