"""What is published now, in memory: no visitor's request reads a site from the database.

Invariant: a publication by any process is taken up by every running one within two seconds, and what
was served before stays served until the new one is read whole. A site whose stored notice was altered is never
served with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Mapping

import msgspec

from consent import notices
from consent.errors import Altered, ConsentError, Unknown
from consent.metrics import Metrics
from consent.notices import Notice
from consent.records import Asked
from consent.storage import sites
from consent.storage.database import Database, Reader

WATCH_SECONDS = 0.5
OLDER_NOTICES = 256
REMEMBERED_CHANGES = 20

log = logging.getLogger(__name__)


class SiteSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a site file says and visitors are not shown."""

    origins: tuple[str, ...]
    ip: str = "none"


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A site as it is in force."""

    id: str
    settings: SiteSettings
    notice: Notice
    digest: str
    material: str
    revision: int
    asked: Asked
    changes: Mapping[str, tuple[str, ...]]
    """Older material fingerprints, each with the purposes that changed since."""
    exact_origins: frozenset[str]
    any_port_origins: tuple[str, ...]

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may use the site."""
        if origin in self.exact_origins:
            return True
        host, _, port = origin.rpartition(":")
        return host in self.any_port_origins and port.isdecimal() and len(port) <= 5


class Directory:
    """The published sites."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics
        self._sites: dict[str, Published] = {}
        self._refused: dict[str, str] = {}
        self._older: OrderedDict[tuple[str, str], Asked] = OrderedDict()
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Reads all sites and starts to watch for publications."""
        await self.refresh()
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stops watching."""
        if self._watching:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching

    def get(self, site: str) -> Published:
        """The site.

        Raises:
            Unknown: no such site is published.
        """
        try:
            return self._sites[site]
        except KeyError:
            raise Unknown(f"there is no site '{site[:64]}'") from None

    def find(self, site: str) -> Published | None:
        """The site, or None."""
        return self._sites.get(site)

    async def asked(self, site: Published, digest: str) -> Asked | None:
        """What a notice of the site asked, the present one or an earlier; None when it was never published."""
        if digest == site.digest:
            return site.asked
        key = (site.id, digest)
        if key not in self._older:
            async with self._database.reading() as reader:
                stored = await sites.notice(reader, site.id, digest)
            if stored is None:
                return None
            self._older[key] = _asked(notices.parse_notice(stored.document.encode()), digest)
            if len(self._older) > OLDER_NOTICES:
                self._older.popitem(last=False)
        return self._older[key]

    async def refresh(self) -> None:
        """Takes up what was published since the last time."""
        async with self._database.reading() as reader:
            for site, revision in (await sites.revisions(reader)).items():
                known = self._sites.get(site)
                if known is None or known.revision != revision:
                    await self._take_up(reader, site)

    async def _take_up(self, reader: Reader, site: str) -> None:
        """Altered words are not taken up: the site stays as it was, or is not served, and the log says so once."""
        try:
            self._sites[site] = await _published(reader, site)
        except Altered as error:
            if self._refused.get(site) != error.detail:
                log.critical("the site %s cannot be taken up: %s; see `consent verify %s`", site, error.detail, site)
            self._refused[site] = error.detail
        else:
            self._refused.pop(site, None)
            self._metrics.loaded.inc()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self.refresh()
            except ConsentError as error:
                log.warning("publications cannot be read now: %s", error)
            except Exception:  # a watcher that died would hide every later publication
                log.exception("a publication cannot be taken up")


async def _published(reader: Reader, site: str) -> Published:
    row = await sites.find(reader, site)
    stored = await sites.notice(reader, site, row.notice) if row else None
    if row is None or stored is None:
        raise Altered("the notice in force is missing")
    notice = notices.parse_notice(stored.document.encode())
    settings = _settings(row.settings)
    return Published(
        id=site,
        settings=settings,
        notice=notice,
        digest=stored.digest,
        material=stored.material,
        revision=row.revision,
        asked=_asked(notice, stored.digest),
        changes=await _changes(reader, site, notice, stored.material),
        # With `:*` the bare origin too: an origin does not name its scheme's own port.
        exact_origins=frozenset(origin.removesuffix(":*") for origin in settings.origins),
        any_port_origins=tuple(origin[:-2] for origin in settings.origins if origin.endswith(":*")),
    )


def _settings(kept: str) -> SiteSettings:
    try:
        return msgspec.json.decode(kept, type=SiteSettings)
    except (msgspec.DecodeError, TypeError):
        raise Altered("the site's settings were altered") from None


async def _changes(reader: Reader, site: str, notice: Notice, material: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for older in await sites.notices(reader, site, REMEMBERED_CHANGES):
        if older.material != material and older.material not in found:
            found[older.material] = notices.changed_purposes(notices.parse_notice(older.document.encode()), notice)
    return found


def _asked(notice: Notice, digest: str) -> Asked:
    optional = [purpose for purpose in notice.purposes if not purpose.required]
    return Asked(
        notice=digest,
        languages=frozenset(notice.languages),
        optional=frozenset(purpose.id for purpose in optional),
        services={service.id: purpose.id for purpose in optional for service in purpose.services},
        sale_or_sharing=frozenset(purpose.id for purpose in optional if purpose.sale_or_sharing),
        regime=notice.regime,
        expires_days=notice.expires_days,
    )
