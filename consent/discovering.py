"""The trip of what a page left in a browser: compared with the notice in force, and what should not be there kept.

Invariant: only names are kept, with a `*` for each id in them; what the notice names by now is no discovery any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from consent import auditing
from consent.directory import Published
from consent.inspection import Answer, Compared, Terms, Trace, compare, is_declared, traces
from consent.notices import Notice
from consent.records import Actor
from consent.services import Services
from consent.storage import discoveries
from consent.storage.database import Reader
from consent.storage.discoveries import StoredDiscovery


def terms(services: Services, site: Published) -> Terms:
    """What the site's pages are held against."""
    origins = frozenset(site.settings.origins)
    return Terms(site=site.id, url=services.settings.url, notice=site.notice, partners=origins)


async def look(services: Services, site: Published, written: str, answer: Answer, actor: Actor) -> Compared:
    """What is to be said of the traces, kept in place of what was known of the page.

    Raises:
        Refused: nobody can read what was written down.
    """
    compared = await asyncio.to_thread(_compared, written, terms(services, site), answer)
    now = services.clock()
    found = [
        StoredDiscovery(page=compared.page, kind=one.trace.kind, name=one.trace.name, how=one.how, seen_at=now)
        for one in compared.discoveries
    ]
    async with services.appender.acting(site.id) as act:
        await discoveries.replace(act.writer, site.id, compared.page, found)
        told = {"answer": answer, "found": len(found)}
        await act.append([auditing.draft(site.id, actor, "page.looked_at", told, now)])
    return compared


def _compared(written: str, held_against: Terms, answer: Answer) -> Compared:
    return compare(traces.read(written), held_against, answer)


async def known(reader: Reader, site: str, notice: Notice) -> Sequence[StoredDiscovery]:
    """What was found and still should not be there, the newest first."""
    return await asyncio.to_thread(_unsettled, await discoveries.of_site(reader, site), notice)


def _unsettled(found: Sequence[StoredDiscovery], notice: Notice) -> list[StoredDiscovery]:
    return [one for one in found if not _is_settled(one, notice)]


def _is_settled(one: StoredDiscovery, notice: Notice) -> bool:
    return one.how == "undeclared" and is_declared(Trace(kind=one.kind, name=one.name), notice)  # type: ignore[arg-type]


async def forget(services: Services, site: str, actor: Actor) -> None:
    """Takes away what was found on all pages."""
    async with services.appender.acting(site) as act:
        if number := await discoveries.forget(act.writer, site):
            told = {"number": number}
            await act.append([auditing.draft(site, actor, "discoveries.forgotten", told, services.clock())])
