"""An experiment: a draft that asks for the same in other words or another look, shown by a draw beside what is in
force.

What has come of it, `judging` tells.

Invariant: both notices have passed the linter, and nobody is asked again or differently for it: they differ in words
and looks alone. One that is begun runs until it is ended, or until something else is published.
"""

from __future__ import annotations

from collections.abc import Sequence

from consent import auditing, ids, notices, publishing
from consent.canonical import encode
from consent.deeds import Deed
from consent.directory import Published
from consent.editing import drafting, files
from consent.errors import Duplicate, Fault, Overtaken, Refused, Unknown
from consent.notices import SiteFile
from consent.publishing import Publisher
from consent.records import Actor
from consent.services import Services
from consent.storage import drafts, experiments, pins, sites
from consent.storage.database import Writer
from consent.storage.experiments import Experiment, Outcome
from consent.storage.sites import StoredNotice


async def begin(services: Services, site: str, draft: str, version: int, actor: Actor) -> str:
    """Shows the draft to every second visitor from now on; gives the experiment's id.

    Raises:
        Overtaken: the draft was saved again since it was looked at.
        Refused: it asks for something else, differs in what is no words or looks, or another experiment runs.
        Objected: the linter does not let it through.
    """
    opened = await drafting.opened(services, site, draft)
    if opened.version != version:
        raise Overtaken("the draft was saved again since you looked: look at it first")
    site_file = notices.site_file(opened.tables)
    publishing.gate(site_file)
    await services.directory.refresh()
    published, second = services.directory.get(site), publishing.compiled(site_file, _names(services, site_file))
    _check(published, site_file, second)
    await _check_pins(services, published)
    at, digest = services.clock(), notices.digest(second)
    material, document = notices.material(second), notices.document(second).decode()
    experiment = Experiment(
        id=ids.uuid7(at).bytes,
        first=published.digest,
        second=digest,
        file=encode(notices.plain(site_file)).decode(),
        started_at=at,
        started_by=str(actor),
    )
    told = {"experiment": ids.uuid_text(experiment.id), "first": published.digest, "second": digest, "draft": draft}
    try:
        async with services.appender.acting(site) as act:
            stored = StoredNotice(digest=digest, material=material, document=document, published_at=at)
            await sites.add_notice(act.writer, site, stored)
            await _end_stale(act.writer, site, published.digest, at)
            await experiments.add(act.writer, site, experiment)
            await drafts.end(act.writer, site, drafting.raw_id(draft), version, published.revision, at)
            await act.append([auditing.draft(site, actor, "experiment.started", told, at)])
    except Duplicate:
        raise Refused(Fault("", "another experiment runs: end it first")) from None
    await services.directory.refresh()
    return ids.uuid_text(experiment.id)


async def end(services: Services, site: str, id_: str, actor: Actor, *, is_adopted: bool) -> None:
    """Ends it; with `is_adopted` the second notice is published, with its whole site file.

    Raises:
        Unknown: the site has no such experiment that runs.
        Overtaken: something else was published since it began.
    """
    raw, at = _raw(id_), services.clock()
    async with services.database.writing() as writer:
        found = await experiments.find(writer, site, raw)
        # Who comes first ends it: of two who want different things one is told that it has ended.
        if found is None or not await experiments.end(writer, site, raw, at, str(actor)):
            raise Unknown("there is no such experiment that runs")
    outcome: Outcome | None = None if is_adopted else "kept"
    try:
        if is_adopted:
            await _adopt(services, site, found, actor)
            outcome = "adopted"
    finally:
        async with services.appender.acting(site) as act:
            if outcome is not None:
                await experiments.conclude(act.writer, site, raw, outcome)
            told = {"experiment": id_, "outcome": outcome or "overtaken"}
            await act.append([auditing.draft(site, actor, "experiment.ended", told, at)])
        await services.directory.refresh()


async def running(services: Services, site: str) -> Experiment | None:
    """The experiment that runs at the site: one that was begun over another notice does not."""
    async with services.database.reading() as reader:
        found = await experiments.running(reader, site)
    return found if found and found.first == services.directory.get(site).digest else None


async def past(services: Services, site: str, limit: int = 20) -> Sequence[Experiment]:
    """The site's experiments, the newest first."""
    async with services.database.reading() as reader:
        return await experiments.of_site(reader, site, limit)


def _check(published: Published, site_file: SiteFile, second: notices.Notice) -> None:
    if site_file.id != published.id:
        raise Refused(Fault("id", f'expected "{published.id}": a draft is of this site'))
    different = [str(change) for change in notices.changes(published.notice, second) if change.material]
    if different or notices.material(second) != published.material:
        words = "an experiment compares words and looks alone; this asks for something else"
        raise Refused(Fault("", f"{words}: {'; '.join(different) or 'what it asks for differs'}"))
    if publishing.settings_of(site_file) != published.settings:
        raise Refused(Fault("", "an experiment compares words and looks alone: publish the other settings first"))
    if notices.digest(second) == published.digest:
        raise Refused(Fault("", "the draft says what the notice in force says: change a word or the look"))


async def _check_pins(services: Services, published: Published) -> None:
    """Pages with a pinned loader have the first whatever is drawn: no comparison could be fair."""
    async with services.database.reading() as reader:
        pinned = [one for one in await pins.of_site(reader, published.id) if one.notice == published.digest]
    if pinned:
        words = "pages pin a version that shows the notice in force, and would never show another"
        raise Refused(Fault("", f"{words}: take the pin away first (consent site unpin)"))


async def _end_stale(writer: Writer, site: str, digest: str, at: int) -> None:
    """One that something else was published over does not run any more."""
    stale = await experiments.running(writer, site)
    if stale and stale.first != digest:
        await experiments.end(writer, site, stale.id, at, str(auditing.SERVICE))


async def _adopt(services: Services, site: str, experiment: Experiment, actor: Actor) -> None:
    published = services.directory.get(site)
    if published.digest != experiment.first:
        raise Overtaken("something else was published since it began: what it compared is not in force any more")
    publisher = Publisher(
        database=services.database, vault=services.vault, clock=services.clock, url=services.settings.url
    )
    site_file = notices.site_file(files.tables(experiment.file))
    by = Deed(actor=actor, about={"experiment": ids.uuid_text(experiment.id)})
    await publishing.publish(publisher, site_file, seen=published.revision, by=by)


def _names(services: Services, site_file: SiteFile) -> dict[str, str]:
    found = {id_: services.directory.find(id_) for id_ in site_file.consent.together}
    return publishing.names_of(site_file, {id_: site.notice for id_, site in found.items() if site})


def _raw(id_: str) -> bytes:
    try:
        return ids.parse_uuid(id_)
    except ValueError:
        raise Unknown("there is no such experiment that runs") from None
