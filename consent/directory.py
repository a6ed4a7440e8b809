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
from collections.abc import Callable, Mapping

import msgspec

from consent import notices
from consent.errors import Altered, ConsentError, Unknown
from consent.metrics import Metrics
from consent.notices import Notice, Retention
from consent.records import Asked
from consent.storage import experiments, sites
from consent.storage.database import Database, Reader

WATCH_SECONDS = 0.5
OLDER_NOTICES = 256
REMEMBERED_CHANGES = 20

Pair = tuple[str, str]
"""An experiment's two digests: of the notice that it was begun over, and of the other."""

log = logging.getLogger(__name__)


class SiteSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a site file says and visitors are not shown."""

    origins: tuple[str, ...]
    ip: str = "none"
    cookie_domain: str | None = None
    """The host that the choice's cookie is set for, with all under it; None for the page's own host alone."""
    cookie_by_service: bool = False
    """The service sets the choice's cookie too."""
    reload: bool = True
    """A page on which something runs that was taken back is loaded anew."""
    mute: tuple[str, ...] = ()
    """The signals that are switched off, by their names in the site file."""
    reminder_days: int = 0
    """Days after which who has not confirmed is reminded, once; 0 for never."""
    retention: Retention = Retention()


class Second(msgspec.Struct, frozen=True, kw_only=True):
    """The other notice of a running experiment, which every second visitor is shown; it asks for the same."""

    digest: str
    notice: Notice


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
    partners: tuple[str, ...] = ()
    """The sites that a choice goes along to: those this one names in `together` that are published, name it back and
    have the same controller. It changes when one of them is published, without a new revision of this site."""
    partner_origins: tuple[str, ...] = ()
    """Where their pages are, but for origins of any port: what the widget may hand over to."""
    second: Second | None = None

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may use the site."""
        if origin in self.exact_origins:
            return True
        host, _, port = origin.rpartition(":")
        return host in self.any_port_origins and port.isdecimal() and len(port) <= 5


class Directory:
    """The published sites."""

    def __init__(self, database: Database, metrics: Metrics, beat: Callable[[], None] = lambda: None) -> None:
        """`beat` is called after each look at what is published."""
        self._database = database
        self._metrics = metrics
        self._beat = beat
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

    def all(self) -> list[Published]:
        """Every site, in no order."""
        return list(self._sites.values())

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
            self._older[key] = _asked(notices.parse_notice(stored.document.encode()), digest, stored.material)
            if len(self._older) > OLDER_NOTICES:
                self._older.popitem(last=False)
        return self._older[key]

    async def refresh(self) -> None:
        """Takes up what was published since the last time."""
        async with self._database.reading() as reader:
            revisions, pairs = await sites.revisions(reader), await experiments.pairs(reader)
            newer = [site for site, revision in revisions.items() if self._is_new(site, revision, pairs.get(site))]
            try:
                for site in newer:
                    await self._take_up(reader, site, pairs.get(site))
            finally:
                if newer:
                    self._bring_together()

    def _is_new(self, site: str, revision: int, pair: Pair | None) -> bool:
        known = self._sites.get(site)
        if known is None or known.revision != revision:
            return True
        second = pair[1] if pair and pair[0] == known.digest else None
        return (known.second.digest if known.second else None) != second

    def _bring_together(self) -> None:
        """Says of each site anew which ones it goes together with; one for which that changed is replaced whole."""
        for site in self.all():
            named = (self._sites.get(partner) for partner in together(site.notice))
            partners = [partner for partner in named if partner and _are_together(site, partner)]
            ids = tuple(partner.id for partner in partners)
            origins = tuple(dict.fromkeys(origin for one in partners for origin in _fixed_origins(one.settings)))
            if (site.partners, site.partner_origins) != (ids, origins):
                self._sites[site.id] = msgspec.structs.replace(site, partners=ids, partner_origins=origins)

    async def _take_up(self, reader: Reader, site: str, pair: Pair | None) -> None:
        """Altered words are not taken up: the site stays as it was, or is not served, and the log says so once."""
        try:
            self._sites[site] = await _published(reader, site, pair)
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
                self._beat()
            except ConsentError as error:
                log.warning("publications cannot be read now: %s", error)
            except Exception:  # a watcher that died would hide every later publication
                log.exception("a publication cannot be taken up")


async def _published(reader: Reader, site: str, pair: Pair | None) -> Published:
    row = await sites.find(reader, site)
    stored = await sites.notice(reader, site, row.notice) if row else None
    if row is None or stored is None:
        raise Altered("the notice in force is missing")
    notice = notices.parse_notice(stored.document.encode())
    settings = read_settings(row.settings)
    return Published(
        id=site,
        settings=settings,
        notice=notice,
        digest=stored.digest,
        material=stored.material,
        revision=row.revision,
        asked=_asked(notice, stored.digest, stored.material),
        changes=await _changes(reader, site, notice, stored.material),
        # With `:*` the bare origin too: an origin does not name its scheme's own port.
        exact_origins=frozenset(origin.removesuffix(":*") for origin in settings.origins),
        any_port_origins=tuple(origin[:-2] for origin in settings.origins if origin.endswith(":*")),
        second=await _second(reader, site, pair[1]) if pair and pair[0] == stored.digest else None,
    )


async def _second(reader: Reader, site: str, digest: str) -> Second | None:
    stored = await sites.notice(reader, site, digest)
    return Second(digest=digest, notice=notices.parse_notice(stored.document.encode())) if stored else None


def together(notice: Notice) -> tuple[str, ...]:
    """The ids of the sites that the notice says a choice goes along to."""
    return () if isinstance(notice.together, msgspec.UnsetType) else tuple(one.id for one in notice.together)


def _are_together(site: Published, partner: Published) -> bool:
    """Whether the other names this one back, and the same controller answers for both."""
    ours, theirs = site.notice.controller, partner.notice.controller
    return site.id in together(partner.notice) and (ours.name, ours.email) == (theirs.name, theirs.email)


def _fixed_origins(settings: SiteSettings) -> tuple[str, ...]:
    return tuple(origin for origin in settings.origins if not origin.endswith(":*"))


def read_settings(kept: str) -> SiteSettings:
    """The settings of a site's row.

    Raises:
        Altered: they are none.
    """
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


def _asked(notice: Notice, digest: str, material: str) -> Asked:
    optional = [purpose for purpose in notice.purposes if not purpose.required]
    newsletter = notice.newsletter
    return Asked(
        notice=digest,
        languages=frozenset(notice.languages),
        optional=frozenset(purpose.id for purpose in optional),
        services={service.id: purpose.id for purpose in optional for service in purpose.services},
        sale_or_sharing=frozenset(purpose.id for purpose in optional if purpose.sale_or_sharing),
        regime=notice.regime,
        expires_days=notice.expires_days,
        refusal_days=notice.refusal_days or None,
        order=tuple(purpose.id for purpose in optional),
        material=material,
        lists=frozenset(() if isinstance(newsletter, msgspec.UnsetType) else (one.id for one in newsletter.lists)),
    )
