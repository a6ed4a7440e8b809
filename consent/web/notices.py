"""`/v1/sites/{site}/notices` behind a key: what a publisher shows, and ever showed, and publishes."""

from __future__ import annotations

import re

import msgspec
from starlette.responses import Response

from consent import clock, publishing
from consent.deeds import Deed
from consent.errors import Fault, Refused, Unknown
from consent.storage import sites
from consent.web import bodies, cursors, queries, replies
from consent.web.answers import Publication, Publications, Published
from consent.web.calls import Call, keyed
from consent.web.requests import header

SITE_FILE_LIMIT = 256 * 1024
DIGEST = re.compile("[0-9a-f]{64}")
MEDIA = ("application/toml", "text/plain")
IMMUTABLE = "private, max-age=31536000, immutable"


class NoticesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which publications."""

    after: queries.Cursor | None = None
    limit: queries.Limit = queries.PAGE


@keyed("read")
async def list_notices(call: Call) -> Response:
    """The site's publications, the newest first."""
    asked, site = call.query(NoticesQuery), call.services.directory.get(call.site)
    before = cursors.open_(call.request, asked.after, int) if asked.after else None
    async with call.services.database.reading() as reader:
        found = await sites.publications(reader, site.id, asked.limit, before=before)
    listed = tuple(map(_publication, found))
    more = len(found) == asked.limit and found[-1].revision > 1
    next_ = cursors.make(call.request, found[-1].revision) if more else None
    return cursors.page(call.request, Publications(current=site.digest, publications=listed, next=next_), next_)


@keyed("write", limit=SITE_FILE_LIMIT)
async def publish(call: Call) -> Response:
    """Publishes a site file (TOML)."""
    services = call.services
    services.directory.get(call.site)
    bodies.check_media(call.request.scope, MEDIA)
    site_file = publishing.check(await call.body())
    if site_file.id != call.site:
        raise Refused(Fault("id", f"the file is of another site than '{call.site}'"))
    publisher = publishing.Publisher(
        database=services.database, vault=services.vault, clock=services.clock, url=services.settings.url
    )
    done = await publishing.publish(publisher, site_file, by=Deed(actor=call.actor))
    await services.directory.refresh()
    changes = tuple(str(change) for change in done.changes)
    told = Published(
        notice=done.digest,
        revision=done.revision,
        asks_again=done.asks_again,
        changes=changes,
        findings=done.findings,
    )
    return replies.json(told, 201)


@keyed("read")
async def get_notice(call: Call) -> Response:
    """One published notice: the very bytes that its digest is of."""
    found, digest = None, call.path("digest")
    if DIGEST.fullmatch(digest):  # an engine may balk at what else can stand in an address
        async with call.services.database.reading() as reader:
            found = await sites.notice(reader, call.site, digest)
    if found is None:
        raise Unknown("this site never published a notice with this digest")
    headers = {"ETag": f'"{digest}"', "Cache-Control": IMMUTABLE}
    if headers["ETag"] in header(call.request.scope, b"if-none-match"):
        return Response(status_code=304, headers=headers)
    return Response(found.document, media_type="application/json", headers=headers)


def _publication(one: sites.Publication) -> Publication:
    return Publication(
        revision=one.revision,
        notice=one.notice,
        published_at=clock.text(one.published_at),
        changes=msgspec.json.decode(one.changes, type=tuple[str, ...]),
    )
