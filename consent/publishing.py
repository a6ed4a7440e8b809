"""The trip of a site file: read, compiled into a notice, compared with the one in force, published.

Invariant: publishing is one transaction: the notice, the site that names it, its log when it is new,
the list of what changed, and the record of who did it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import auditing, deeds, notices
from consent.appending import Act, Appender
from consent.canonical import encode
from consent.checkpoints import LogKey
from consent.clock import Clock
from consent.deeds import Deed
from consent.directory import SiteSettings, read_settings
from consent.errors import Altered, Fault, Overtaken, Refused, Unknown
from consent.lint import Finding, lint
from consent.notices import Change, Notice, SiteFile, Warned, is_under
from consent.storage import logs, site_files, sites
from consent.storage.database import Database, Writer
from consent.storage.logs import StoredLog
from consent.storage.site_files import StoredFile
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
    findings: tuple[Finding, ...] = ()
    """Under which warnings of the linter it was published; the notice says so too."""


class Objected(Refused):
    """The linter lets the file not through: `findings` are all that it holds against it, its warnings too."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = [one for one in findings if one.severity == "error"]
        super().__init__(*(Fault(one.where, f"{one.rule}: {one.why}. Instead: {one.mend}") for one in errors))
        self.findings = tuple(findings)


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


def gate(site_file: SiteFile) -> tuple[Finding, ...]:
    """The warnings under which the file may be published.

    Raises:
        Objected: it breaks a rule that no notice may break.
    """
    findings = lint(site_file)
    if any(one.severity == "error" for one in findings):
        raise Objected(findings)
    return findings


def compiled(site_file: SiteFile, names: Mapping[str, str] | None = None) -> Notice:
    """The notice that the file would be published as, with its warnings; `names` are of the sites it goes with."""
    return _noted(site_file, names or {}, lint(site_file))


def _noted(site_file: SiteFile, names: Mapping[str, str], findings: Sequence[Finding]) -> Notice:
    noted = [Warned(rule=one.rule, where=one.where, why=one.why) for one in findings if one.severity == "warning"]
    return notices.compile_notice(site_file, names, noted)


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
        retention=site_file.retention,
    )


async def publish(
    publisher: Publisher, site_file: SiteFile, *, seen: int | None = None, by: Deed | None = None
) -> Publishing:
    """Puts the file in force; the same file again changes nothing and is no new publication.

    `seen` is the publication that whoever publishes compared it with, where there was one. Without `by` the audit
    trail is told nothing; nor of a site's first publication, with which its log begins.

    Raises:
        Objected: the linter does not let it through.
        Refused: the file asks for what this service cannot do where it stands, or for what its publisher may not.
        Overtaken: another publication came in force since.
    """
    findings = gate(site_file)
    _check_cookie(site_file, publisher.url)
    partners = await _partners(publisher.database, site_file.consent.together)
    names, neighbours = names_of(site_file, partners), await _neighbours(publisher.database, site_file, partners)
    told = partial(_publishing, neighbours=neighbours, findings=findings)
    notice = _noted(site_file, names, findings)
    digest, material = notices.digest(notice), notices.material(notice)
    settings, at = settings_of(site_file), publisher.clock()
    async with _acting(publisher, site_file.id, by) as (writer, act):
        before = await sites.lock(writer, site_file.id)
        _check_seen(before, 0 if by and not act else seen)
        changes = await _changes(writer, before, notice)
        asks_again = any(change.material for change in changes)
        if before and before.notice == digest and _kept(before.settings) == settings:
            return told(before, before.revision, is_new=False, asks_again=False, changes=())
        changed = _changed_periods(before, settings)
        deeds.check(by, changed)
        stored = StoredNotice(
            digest=digest, material=material, document=notices.document(notice).decode(), published_at=at
        )
        await sites.add_notice(writer, site_file.id, stored)
        revision = before.revision + 1 if before else 1
        kept = encode(settings).decode()
        site = StoredSite(id=site_file.id, settings=kept, notice=digest, revision=revision, published_at=at)
        await sites.put(writer, site)
        await sites.add_publication(writer, site, msgspec.json.encode([str(change) for change in changes]).decode())
        file = encode(notices.plain(site_file)).decode()
        actor = str(by.actor if by else auditing.COMMAND)
        await site_files.add(writer, site.id, StoredFile(revision=revision, file=file, published_by=actor))
        if before is None:
            await _start_log(writer, publisher, site_file.id, at)
        if by and act:
            published = {"revision": revision, "notice": digest}
            await act.append(deeds.drafts(by, site.id, published, changed, at))
    is_new = before is None
    return told(site, revision, is_new=is_new, asks_again=asks_again, changes=changes)


@contextlib.asynccontextmanager
async def _acting(publisher: Publisher, site: str, by: Deed | None) -> AsyncIterator[tuple[Writer, Act | None]]:
    """One transaction, over the site's log too where there is one and it is to be told."""
    async with contextlib.AsyncExitStack() as stack:
        act = None
        if by:
            appender = Appender(publisher.database, publisher.vault, publisher.clock)
            with contextlib.suppress(Unknown):  # of a new site there is no log yet
                act = await stack.enter_async_context(appender.acting(site))
        yield act.writer if act else await stack.enter_async_context(publisher.database.writing()), act


def _check_seen(before: StoredSite | None, seen: int | None) -> None:
    if seen is not None and (before.revision if before else 0) != seen:
        raise Overtaken("another publication came in force since you looked: compare with it first")


def _changed_periods(before: StoredSite | None, after: SiteSettings) -> dict[str, str]:
    kept = before and _kept(before.settings)
    return deeds.changed_periods(kept.retention, after.retention) if kept else {}


def _check_cookie(site_file: SiteFile, url: str) -> None:
    """Browsers take a cookie only from a host that it reaches."""
    asking, host = site_file.consent, urlsplit(url).hostname or ""
    if asking.cookie_from == "service" and asking.cookie_domain and not is_under(host, asking.cookie_domain):
        words = f'expected "page": this service is at {host}, and {asking.cookie_domain} does not reach it'
        mend = "put the service under that domain (CONSENT_URL) to have it set the cookie"
        raise Refused(Fault("consent.cookie_from", f"{words}; {mend}"))


def names_of(site_file: SiteFile, partners: Mapping[str, Notice]) -> dict[str, str]:
    """What the sites are called that the file goes together with.

    Only those of the same controller: to name a site in a file must not tell what is another's.
    """
    own = (site_file.controller.name, site_file.controller.email)
    return {id_: one.name for id_, one in partners.items() if (one.controller.name, one.controller.email) == own}


async def _partners(database: Database, together: Sequence[str]) -> dict[str, Notice]:
    """The notices in force of the sites that are published."""
    found: dict[str, Notice] = {}
    if together:
        async with database.reading() as reader:
            for site in together:
                row = await sites.find(reader, site)
                stored = row and await sites.notice(reader, site, row.notice)
                if stored:
                    found[site] = notices.parse_notice(stored.document.encode())
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
    findings: tuple[Finding, ...],
) -> Publishing:
    return Publishing(
        site=site.id,
        digest=site.notice,
        revision=revision,
        is_new=is_new,
        asks_again=asks_again,
        changes=tuple(changes),
        neighbours=neighbours,
        findings=findings,
    )
