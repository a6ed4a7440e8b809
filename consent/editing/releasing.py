"""Putting a draft in force, and going back to an earlier publication, which is a publication of its own.

Invariant: who publishes has seen exactly what is published and what it was compared with; otherwise nothing happens.
Each is in the audit trail.
"""

from __future__ import annotations

from consent import notices, publishing
from consent.deeds import Deed
from consent.editing import drafting, files
from consent.errors import Fault, Overtaken, Refused
from consent.notices import SiteFile, Table
from consent.publishing import Publisher, Publishing
from consent.records import Actor
from consent.services import Services
from consent.storage import drafts


async def publish(
    services: Services,
    site: str,
    draft: str,
    version: int,
    revision: int,
    actor: Actor,
    *,
    may_change_periods: bool = False,
) -> Publishing:
    """Puts the draft in force, when it is the version that was seen, over the publication that was seen.

    Raises:
        Overtaken: somebody saved the draft, or published something, since.
        Refused: the draft has faults, or findings that stop it, or changes periods without being allowed to.
    """
    opened = await drafting.opened(services, site, draft)
    if opened.version != version:
        raise Overtaken("the draft was saved again since you looked: look at what would change now")
    by = Deed(actor=actor, about={"draft": draft}, may_change_periods=may_change_periods)
    done = await _put_in_force(services, site, opened.tables, revision, by)
    async with services.database.writing() as writer:  # unless somebody saved it just now
        await drafts.end(writer, site, drafting.raw_id(draft), version, done.revision, services.clock())
    return done


async def roll_back(
    services: Services, site: str, to: int, revision: int, actor: Actor, *, may_change_periods: bool = False
) -> Publishing:
    """Puts the whole site file of an earlier publication in force again, as a new publication.

    Raises:
        Unknown: there is no such publication.
        Overtaken: something was published since.
        Refused: the file breaks a rule that came later: make a draft of it and mend it. Or, as above, its periods.
    """
    async with services.database.reading() as reader:
        tables = await files.published(reader, site, to)
    by = Deed(actor=actor, action="notice.rolled_back", about={"to": to}, may_change_periods=may_change_periods)
    return await _put_in_force(services, site, tables, revision, by)


async def exported(services: Services, site: str, revision: int | None = None) -> bytes:
    """The site file of a publication as TOML: of the one in force, or another.

    Raises:
        Unknown: no such site, or no such publication of it.
    """
    async with services.database.reading() as reader:
        number = revision or await drafting.publication_in_force(reader, site)
        tables = await files.published(reader, site, number)
    return notices.write_site_file(tables, f"Site file of {tables.get('name', site)}, publication {number}")


async def _put_in_force(services: Services, site: str, tables: Table, revision: int, by: Deed) -> Publishing:
    site_file = _of_site(notices.site_file(tables), site)
    publisher = Publisher(
        database=services.database, vault=services.vault, clock=services.clock, url=services.settings.url
    )
    done = await publishing.publish(publisher, site_file, seen=revision, by=by)
    await services.directory.refresh()
    return done


def _of_site(site_file: SiteFile, site: str) -> SiteFile:
    """The file, when it is this site's: who may publish here may not publish elsewhere."""
    if site_file.id != site:
        raise Refused(Fault("id", f'expected "{site}": a draft is of this site'))
    return site_file
