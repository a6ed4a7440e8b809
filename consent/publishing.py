"""The trip of a site file: read, compiled into a notice, compared with the one in force, published.

Invariant: publishing is one transaction: the notice, the site that names it, its log when it is new,
and the list of what changed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import notices
from consent.canonical import encode
from consent.checkpoints import LogKey
from consent.clock import Clock
from consent.directory import SiteSettings, read_settings
from consent.errors import Altered, Fault, Refused
from consent.notices import Change, Notice, SiteFile, is_under
from consent.storage import logs, sites
from consent.storage.database import Database, Writer
from consent.storage.logs import StoredLog
from consent.storage.sites import StoredNotice, StoredSite
from consent.tree import EMPTY_ROOT
from consent.vault import Vault


class Neighbours(NamedTuple):
    """Other sites that the publisher is to know of."""

    unknown: tuple[str, ...]
    """Those that it goes together with and that are not published yet."""
    sharing: tuple[str, ...]
    """Those whose cookie reaches the same hosts, where a choice at the one replaces the other's."""


class Publishing(msgspec.Struct, frozen=True, kw_only=True):
    """What came of publishing."""

    site: str
    digest: str
    revision: int
    is_new: bool
    """The site was not there before."""
    asks_again: bool
    """The change is material: visitors who decided before are asked again."""
    changes: tuple[Change, ...]
    neighbours: Neighbours


class Publisher(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing needs of the service; the command line has these without a running one."""

    database: Database
    vault: Vault
    clock: Clock
    url: str


def check(data: bytes) -> SiteFile:
    """The site file, read.

    Raises:
        Refused: with one fault for each thing that is wrong.
    """
    return notices.read_site_file(data)


def settings_of(site_file: SiteFile) -> SiteSettings:
    """What the file says and visitors are not shown."""
    asking = site_file.consent
    return SiteSettings(
        origins=site_file.origins,
        ip=site_file.records.ip,
        cookie_domain=asking.cookie_domain or None,
        cookie_by_service=asking.cookie_from == "service",
        reload=asking.reload,
        mute=tuple(name for name, is_told in msgspec.to_builtins(site_file.signals).items() if not is_told),
        reminder_days=0 if site_file.newsletter is msgspec.UNSET else site_file.newsletter.reminder_days,
    )


async def publish(publisher: Publisher, site_file: SiteFile) -> Publishing:
    """Puts the file in force; the same file again changes nothing and is no new publication.

    Raises:
        Refused: the file asks for what this service cannot do where it stands.
    """
    _check_cookie(site_file, publisher.url)
    names = await _names(publisher.database, site_file.consent.together)
    neighbours = await _neighbours(publisher.database, site_file, names)
    notice = notices.compile_notice(site_file, names)
    digest, material = notices.digest(notice), notices.material(notice)
    settings, at = settings_of(site_file), publisher.clock()
    async with publisher.database.writing() as writer:
        before = await sites.lock(writer, site_file.id)
        changes = await _changes(writer, before, notice)
        asks_again = any(change.material for change in changes)
        if before and before.notice == digest and _kept(before.settings) == settings:
            return _publishing(
                before, before.revision, is_new=False, asks_again=False, changes=(), neighbours=neighbours
            )
        document = notices.document(notice).decode()
        stored = StoredNotice(digest=digest, material=material, document=document, published_at=at)
        await sites.add_notice(writer, site_file.id, stored)
        revision = before.revision + 1 if before else 1
        kept = encode(settings).decode()
        site = StoredSite(id=site_file.id, settings=kept, notice=digest, revision=revision, published_at=at)
        await sites.put(writer, site)
        await sites.add_publication(writer, site, msgspec.json.encode([str(change) for change in changes]).decode())
        if before is None:
            await _start_log(writer, publisher, site_file.id, at)
    is_new = before is None
    return _publishing(site, revision, is_new=is_new, asks_again=asks_again, changes=changes, neighbours=neighbours)


def _check_cookie(site_file: SiteFile, url: str) -> None:
    """Browsers take a cookie only from a host that it reaches."""
    asking, host = site_file.consent, urlsplit(url).hostname or ""
    if asking.cookie_from == "service" and asking.cookie_domain and not is_under(host, asking.cookie_domain):
        words = f'expected "page": this service is at {host}, and {asking.cookie_domain} does not reach it'
        mend = "put the service under that domain (CONSENT_URL) to have it set the cookie"
        raise Refused(Fault("consent.cookie_from", f"{words}; {mend}"))


async def _names(database: Database, together: Sequence[str]) -> dict[str, str]:
    """What the sites are called that are published."""
    found: dict[str, str] = {}
    if together:
        async with database.reading() as reader:
            for site in together:
                row = await sites.find(reader, site)
                stored = row and await sites.notice(reader, site, row.notice)
                if stored:
                    found[site] = notices.parse_notice(stored.document.encode()).name
    return found


async def _neighbours(database: Database, site_file: SiteFile, published: Collection[str]) -> Neighbours:
    asking = site_file.consent
    unknown = tuple(id_ for id_ in asking.together if id_ not in published)
    return Neighbours(unknown, await _sharing(database, site_file.id, asking.cookie_domain or ""))


async def _sharing(database: Database, site: str, domain: str) -> tuple[str, ...]:
    """The other sites whose cookie is set for a domain under this one, or above it."""
    if not domain:
        return ()
    async with database.reading() as reader:
        others = [await sites.find(reader, name) for name in await sites.names(reader) if name != site]
    kept = {other.id: _kept(other.settings) for other in others if other}
    theirs = {id_: settings.cookie_domain or "" for id_, settings in kept.items() if settings}
    return tuple(id_ for id_, their in theirs.items() if their and (is_under(their, domain) or is_under(domain, their)))


def _kept(settings: str) -> SiteSettings | None:
    """A row's settings, of which an older version may have written fewer; None where they were altered."""
    try:
        return read_settings(settings)
    except Altered:
        return None


async def _changes(writer: Writer, before: StoredSite | None, notice: Notice) -> tuple[Change, ...]:
    stored = before and await sites.notice(writer, before.id, before.notice)
    if not stored:
        return ()
    return tuple(notices.changes(notices.parse_notice(stored.document.encode()), notice))


async def _start_log(writer: Writer, publisher: Publisher, site: str, at: int) -> None:
    """A log of its own for the site; its name never changes, even when the service moves."""
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    origin = f"{urlsplit(publisher.url).netloc}/log/{site}"
    key = LogKey(origin, seed)
    log = StoredLog(site=site, origin=origin, public_key=key.public, private_key=publisher.vault.put(seed))
    await logs.create(writer, log, key.sign(0, EMPTY_ROOT), at)


def _publishing(
    site: StoredSite,
    revision: int,
    *,
    is_new: bool,
    asks_again: bool,
    changes: Sequence[Change],
    neighbours: Neighbours,
) -> Publishing:
    return Publishing(
        site=site.id,
        digest=site.notice,
        revision=revision,
        is_new=is_new,
        asks_again=asks_again,
        changes=tuple(changes),
        neighbours=neighbours,
    )
