"""`/v1/sites/{site}/…` behind a key: what a publisher reads of notices, records and the log."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from consent import clock, exports, ledger, proofs, publishing
from consent.errors import BadToken, Fault, Refused, Unknown
from consent.exports import Selection
from consent.storage import records as stored
from consent.storage import sites
from consent.web import access, bodies, replies
from consent.web.answers import Page, Publication, Publications, Published, Subject, Verdict
from consent.web.requests import header, services_of

SITE_FILE_LIMIT = 256 * 1024
PAGE, MAX_PAGE = 100, 1000
STREAMS = frozenset({"application/x-ndjson", "text/csv"})
WEIGHT = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)
DIGEST = re.compile("[0-9a-f]{64}")
EVERYTHING = 1 << 31
PAGING = frozenset({"after", "limit"})
FILTERS = frozenset({"subject", "since", "until"}) | PAGING


class TokenBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A receipt to check."""

    token: str


_token = msgspec.json.Decoder(TokenBody)


async def list_notices(request: Request) -> Response:
    """The site's publications, the newest first."""
    await access.key_of(request, "read")
    services, site = services_of(request.scope), services_of(request.scope).directory.get(request.path_params["site"])
    async with services.database.reading() as reader:
        published = await sites.publications(reader, site.id, MAX_PAGE)
    listed = tuple(
        Publication(
            revision=one.revision,
            notice=one.notice,
            published_at=clock.text(one.published_at),
            changes=msgspec.json.decode(one.changes, type=tuple[str, ...]),
        )
        for one in published
    )
    return replies.json(Publications(current=site.digest, publications=listed))


async def publish(request: Request) -> Response:
    """Publishes a site file (TOML)."""
    await access.key_of(request, "write")
    services, site = services_of(request.scope), request.path_params["site"]
    bodies.check_media(request.scope, ("application/toml", "text/plain"))
    site_file = publishing.check(await bodies.read(request.scope, request.receive, SITE_FILE_LIMIT))
    if site_file.id != site:
        raise Refused(Fault("id", f"the file is of another site than '{site}'"))
    publisher = publishing.Publisher(
        database=services.database, vault=services.vault, clock=services.clock, url=services.settings.url
    )
    done = await publishing.publish(publisher, site_file)
    await services.directory.refresh()
    changes = tuple(str(change) for change in done.changes)
    told = Published(notice=done.digest, revision=done.revision, asks_again=done.asks_again, changes=changes)
    return replies.json(told, 201)


async def get_notice(request: Request) -> Response:
    """One published notice: the very bytes that its digest is of."""
    await access.key_of(request, "read")
    site, digest = request.path_params["site"], request.path_params["digest"]
    found = None
    if DIGEST.fullmatch(digest):  # an engine may balk at what else can stand in an address
        async with services_of(request.scope).database.reading() as reader:
            found = await sites.notice(reader, site, digest)
    if found is None:
        raise Unknown("this site never published a notice with this digest")
    return Response(found.document, media_type="application/json")


async def list_consents(request: Request) -> Response:
    """The site's records: a page of JSON, or all as JSON lines or CSV."""
    await access.key_of(request, "read")
    services, site = services_of(request.scope), request.path_params["site"]
    selection = _selection(request)
    span = await exports.span(services.database, site, selection)
    media = _accepted(request, ("application/x-ndjson", "text/csv", "application/json"))
    if media in STREAMS:
        _refuse(request, PAGING, "only pages of JSON have it; a stream goes to the end")
    if media == "application/x-ndjson":
        return _stream(exports.jsonl(services.database, span), "application/x-ndjson", f"{site}-consents.jsonl")
    if media == "text/csv":
        return _stream(exports.csv_text(services.database, span), "text/csv; charset=utf-8", f"{site}-consents.csv")
    return await _page(request, span)


async def get_subject(request: Request) -> Response:
    """Everything that is known of a subject."""
    await access.key_of(request, "read")
    services, site, subject = services_of(request.scope), request.path_params["site"], request.path_params["subject"]
    history = await ledger.history(services, site, subject, EVERYTHING)
    if not history:
        raise Unknown("nothing is known of this subject")
    last = history[-1]
    is_current = ledger.is_current(last, services.clock())
    return replies.json(Subject(subject=subject, is_current=is_current, status=last.status, records=tuple(history)))


async def verify_token(request: Request) -> Response:
    """Whether a receipt is of this site, and what it says."""
    await access.key_of(request, "read")
    services, site = services_of(request.scope), request.path_params["site"]
    bodies.check_media(request.scope)
    body = bodies.decode(await bodies.read(request.scope, request.receive), _token)
    try:
        receipt = ledger.read_receipt(services, site, body.token)
    except BadToken as error:
        return replies.json(Verdict(valid=False, code=error.code))
    return replies.json(Verdict(valid=True, receipt=receipt))


async def get_checkpoint(request: Request) -> Response:
    """The log's newest signed head, as C2SP's signed note."""
    await access.key_of(request, "read")
    head = await proofs.checkpoint(services_of(request.scope).database, request.path_params["site"])
    if _accepted(request, ("application/json",)):
        return replies.json(head)
    return Response(head.checkpoint, media_type="text/plain; charset=utf-8")


async def get_proof(request: Request) -> Response:
    """That a record is in the log (`record`), or that an older log is the beginning of it (`old`)."""
    await access.key_of(request, "read")
    database, site = services_of(request.scope).database, request.path_params["site"]
    asked = request.query_params
    if set(asked) == {"record"}:
        return replies.json(await proofs.inclusion(database, site, asked["record"]))
    if set(asked) == {"old"} and asked["old"].isascii() and asked["old"].isdecimal() and len(asked["old"]) < 16:
        return replies.json(await proofs.consistency(database, site, int(asked["old"])))
    raise Refused(Fault("record", "ask for ?record={id}, or for ?old={size}"))


def _accepted(request: Request, media: Sequence[str]) -> str | None:
    """Which of these the caller names and likes best, the first of equals; None: none of them."""
    offers = {name: _weight(parameters) for name, *parameters in _offers(header(request.scope, b"accept"))}
    best = max(media, key=lambda name: offers.get(name, 0.0))
    return best if offers.get(best) else None


def _offers(accept: str) -> Iterator[list[str]]:
    return ([part.strip() for part in offer.split(";")] for offer in accept.lower().split(","))


def _weight(parameters: Sequence[str]) -> float:
    """The offer's `q`, 0 to 1; one that cannot be read counts as if it were not there (RFC 9110, 12.4.2)."""
    found = [WEIGHT.fullmatch(parameter) for parameter in parameters]
    return next((float(one[1]) for one in found if one), 1.0)


async def _page(request: Request, span: exports.Span) -> Response:
    limit = _whole(request, "limit", PAGE, 1, MAX_PAGE)
    after = max(span.after, _whole(request, "after", 0, 0, 1 << 53))
    database = services_of(request.scope).database
    async with database.reading() as reader:
        if span.subject is None:
            rows = await stored.page(reader, span.site, after, span.up_to, limit)
        else:
            rows = await stored.page_of_subject(reader, span.site, span.subject, after, span.up_to, limit)
    lines = tuple(msgspec.Raw(exports.line(row).encode()) for row in rows)
    more = len(rows) == limit and rows[-1].seq < span.up_to
    return replies.json(Page(consents=lines, next=rows[-1].seq if more else None, size=span.size))


def _stream(chunks: AsyncIterator[bytes], media: str, name: str) -> Response:
    return StreamingResponse(
        chunks, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _selection(request: Request) -> Selection:
    asked = request.query_params
    faults = [Fault(name, "there is no such filter") for name in asked if name not in FILTERS]
    if len(asked.multi_items()) != len(asked):
        faults.append(Fault("", "a filter stands twice"))
    if faults:
        raise Refused(*faults)
    return Selection(subject=asked.get("subject"), since=_instant(request, "since"), until=_instant(request, "until"))


def _refuse(request: Request, names: frozenset[str], words: str) -> None:
    faults = [Fault(name, words) for name in request.query_params if name in names]
    if faults:
        raise Refused(*faults)


def _instant(request: Request, name: str) -> int | None:
    words = request.query_params.get(name)
    if words is None:
        return None
    try:
        return clock.parse(words)
    except (ValueError, OverflowError):
        raise Refused(Fault(name, "expected a time like 2026-11-22T10:00:00Z")) from None


def _whole(request: Request, name: str, default: int, least: int, most: int) -> int:
    words = request.query_params.get(name)
    if words is None:
        return default
    if not words.isascii() or not words.isdecimal() or len(words) > 16 or not least <= int(words) <= most:
        raise Refused(Fault(name, f"expected a number from {least} to {most}"))
    return int(words)
