"""`/v1/sites/{site}/…` behind a key: what a publisher reads of notices, records and the log, and erases."""

from __future__ import annotations

import re

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent import clock, exports, ids, ledger, proofs, publishing
from consent.errors import BadToken, Fault, Refused, Unknown
from consent.exports import Selection
from consent.rights import erasing
from consent.storage import records as stored
from consent.storage import sites
from consent.web import access, bodies, filters, replies
from consent.web.answers import ErasedSubject, Page, Publication, Publications, Published, Subject, Verdict
from consent.web.requests import services_of

SITE_FILE_LIMIT = 256 * 1024
DIGEST = re.compile("[0-9a-f]{64}")
EVERYTHING = 1 << 31
FILTERS = frozenset({"subject", "since", "until"}) | filters.PAGING


class TokenBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A receipt to check."""

    token: str


_token = msgspec.json.Decoder(TokenBody)


async def list_notices(request: Request) -> Response:
    """The site's publications, the newest first."""
    await access.key_of(request, "read")
    services, site = services_of(request.scope), services_of(request.scope).directory.get(request.path_params["site"])
    async with services.database.reading() as reader:
        published = await sites.publications(reader, site.id, filters.MAX_PAGE)
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
    media = filters.accepted(request, ("application/x-ndjson", "text/csv", "application/json"))
    if media in filters.STREAMS:
        filters.refuse(request, filters.PAGING, filters.ONLY_PAGES)
    if media == "application/x-ndjson":
        return filters.stream(exports.jsonl(services.database, span), "application/x-ndjson", f"{site}-consents.jsonl")
    if media == "text/csv":
        return filters.stream(
            exports.csv_text(services.database, span), "text/csv; charset=utf-8", f"{site}-consents.csv"
        )
    return await _page(request, span)


async def get_subject(request: Request) -> Response:
    """Everything that is known of a subject."""
    await access.key_of(request, "read")
    services, site, subject = services_of(request.scope), request.path_params["site"], request.path_params["subject"]
    history = await ledger.history(services, site, subject, EVERYTHING)
    if not history:
        raise Unknown("nothing is known of this subject")
    is_current = ledger.is_current(history[-1], services.clock())
    told = Subject(subject=subject, is_current=is_current, status=ledger.status(history), records=tuple(history))
    return replies.json(told)


async def erase_subject(request: Request) -> Response:
    """Erases a subject, a subscriber with all that is kept of one; the log still verifies."""
    await access.key_of(request, "erase")
    services, site = services_of(request.scope), request.path_params["site"]
    try:
        subject = ids.parse_uuid(request.path_params["subject"])
    except ValueError as error:
        raise Unknown(str(error)) from None
    records = await erasing.erase_subject(services, site, subject, services.clock())
    return replies.json(ErasedSubject(records=records))


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
    if filters.accepted(request, ("application/json",)):
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


async def _page(request: Request, span: exports.Span) -> Response:
    limit = filters.limit(request)
    after = max(span.after, filters.whole(request, "after", 0, 0, 1 << 53))
    database = services_of(request.scope).database
    async with database.reading() as reader:
        if span.subject is None:
            rows = await stored.page(reader, span.site, after, span.up_to, limit)
        else:
            rows = await stored.page_of_subject(reader, span.site, span.subject, after, span.up_to, limit)
    lines = tuple(msgspec.Raw(exports.line(row).encode()) for row in rows)
    more = len(rows) == limit and rows[-1].seq < span.up_to
    return replies.json(Page(consents=lines, next=rows[-1].seq if more else None, size=span.size))


def _selection(request: Request) -> Selection:
    filters.check(request, FILTERS)
    since, until = filters.instant(request, "since"), filters.instant(request, "until")
    return Selection(subject=request.query_params.get("subject"), since=since, until=until)
