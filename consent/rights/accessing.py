"""The trip of an access: everything that is kept of a person, and what the law has told beside it (GDPR, Art. 15).

Invariant: looking changes nothing; what is asked for as a request is on record, with a receipt, before it is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec

from consent import auditing, clock, notices
from consent.checkpoints import vkey
from consent.directory import Published
from consent.errors import Unknown
from consent.insisting import insists
from consent.notices import Notice
from consent.records import Actor
from consent.rights import claiming, gathering, keeping, trails
from consent.rights.bundle import (
    Bundle,
    KeptDelivery,
    KeptNotice,
    KeptReader,
    KeptSubject,
    KeptSuppression,
    KeptWaiting,
    Log,
    Recipient,
    Right,
    Shown,
    ShownPurpose,
    ToldController,
)
from consent.rights.finding import NEWSLETTER, Found, Who, find
from consent.services import Services
from consent.storage import endpoints, logs, sites, subscribers
from consent.storage.database import Reader


@insists
async def access(services: Services, site: str, who: Who, actor: Actor | None = None) -> Bundle:
    """Everything, with the signed receipt of the request; also where there is nothing, for that is an answer too.

    Raises:
        As `look`.
    """
    bundle = await look(services, site, who)
    async with services.appender.acting(site) as act:
        said = await claiming.put(
            services, act.writer, site, "access", actor=actor, asked_by=who.kinds, counts=bundle.counts
        )
        if actor:
            about = {"claim": said.id, "by": " ".join(who.kinds), "records": bundle.counts["records"]}
            await act.append([auditing.draft(site, actor, _accessed(bundle), about, services.clock())])
    return msgspec.structs.replace(bundle, claim=claiming.link(services, said))


async def look(services: Services, site: str, who: Who) -> Bundle:
    """Everything, and nothing is kept of the look.

    Raises:
        Unknown: no such site.
        Refused: what was brought cannot be read.
    """
    async with services.database.reading() as reader:
        return await _gathered(services, reader, site, who.kinds, await find(services, reader, site, who))


async def note_look(services: Services, site: str, actor: Actor, bundle: Bundle) -> None:
    """Puts into the audit trail that somebody was looked at; nobody was where there is nothing."""
    if bundle.is_empty:
        return
    about: dict[str, object] = {"by": " ".join(bundle.asked_by), "records": bundle.counts["records"]}
    if bundle.readers:
        about["subscriber"] = " ".join(one.subscriber for one in bundle.readers)
    await auditing.note(services, site, actor, _accessed(bundle), about)


def _accessed(bundle: Bundle) -> str:
    is_of_address = bundle.readers or bundle.waiting or bundle.suppressions
    return "subscriber.accessed" if is_of_address else "subject.accessed"


class _Heap(msgspec.Struct):
    """What is found, subject by subject and address by address."""

    subjects: list[KeptSubject]
    readers: list[KeptReader]
    waiting: list[KeptWaiting]
    suppressions: list[KeptSuppression]
    deliveries: list[KeptDelivery]


async def _gathered(services: Services, reader: Reader, site: str, asked_by: tuple[str, ...], found: Found) -> Bundle:
    published, log = services.directory.get(site), await _log(reader, site)
    heap = _Heap([], [], [], [], [])
    by_trail = {one: await gathering.subject(services, reader, site, one, log.size) for one in found.trails}
    heap.subjects = [kept for kept in by_trail.values() if kept]
    of_readers = {one.subject: kept for one, kept in by_trail.items() if one.kind == NEWSLETTER}
    for key in found.keys:
        subscriber = await subscribers.by_key(reader, site, key)
        sent = await gathering.deliveries(reader, site, key)
        if subscriber:
            heap.readers.append(
                await gathering.reader_of(reader, site, subscriber, of_readers.get(subscriber.id), sent)
            )
        heap.waiting += await gathering.waiting(reader, site, key, subscriber.id if subscriber else None)
        heap.suppressions += await gathering.suppressed(reader, site, key)
        heap.deliveries += sent
    return Bundle(
        site=site,
        made_at=clock.text(services.clock()),
        claim=None,
        asked_by=asked_by,
        controller=controller(published.notice),
        subjects=tuple(heap.subjects),
        has_older=any([await trails.has_older(reader, site, one) for one in found.trails]),
        readers=tuple(heap.readers),
        waiting=tuple(heap.waiting),
        suppressions=tuple(heap.suppressions),
        deliveries=tuple(heap.deliveries),
        notices=await _notices(reader, site, heap),
        recipients=await _recipients(services, reader, site),
        retention=keeping.periods(keeping.in_force(published.settings)),
        rights=rights(published),
        log=log,
    )


def controller(notice: Notice) -> ToldController:
    """Who answers for the site."""
    own = notice.controller
    return ToldController(name=own.name, email=own.email, country=own.country, privacy_policy=own.privacy_policy)


def rights(site: Published) -> tuple[Right, ...]:
    """The rights there are, and how each is used."""
    write = f"Write to {site.notice.controller.email}."
    return (
        Right(article="7(3)", name="Withdraw consent", how="On the site, by the receipt's page or by any mail's link."),
        Right(article="15", name="Access", how=f"This is it. {write}"),
        Right(article="16", name="Rectification", how=f"Decide again on the site, or in your settings. {write}"),
        Right(article="17", name="Erasure", how=f"By the receipt's page or in your settings. {write}"),
        Right(article="18", name="Restriction", how=write),
        Right(article="20", name="Portability", how="This file can be read by programs."),
        Right(article="21", name="Objection", how=write),
        Right(article="77", name="Complaint", how="With the data-protection authority where you live or work."),
    )


async def _log(reader: Reader, site: str) -> Log:
    log, head = await logs.find(reader, site), await logs.head(reader, site)
    if log is None or head is None:
        raise Unknown(f"there is no site '{site[:64]}'")
    return Log(size=head.size, checkpoint=head.checkpoint, key=vkey(log.origin, log.public_key))


async def _recipients(services: Services, reader: Reader, site: str) -> tuple[Recipient, ...]:
    """Systems that are told of subscribers, and what carries the mails."""
    told = [
        Recipient(kind=one.kind, host=urlsplit(one.url).hostname or "") for one in await endpoints.all_of(reader, site)
    ]
    scheme = services.settings.mail.partition(":")[0]
    return (*told, Recipient(kind=f"mail by {scheme}", host=""))


async def _notices(reader: Reader, site: str, heap: _Heap) -> tuple[KeptNotice, ...]:
    """The notices that the records and what waits name, in the languages that were shown."""
    wanted: dict[str, set[str]] = {}
    for digest, language in _named(heap):
        wanted.setdefault(digest, set()).add(language)
    kept = []
    for digest, languages in wanted.items():
        found = await sites.notice(reader, site, digest)
        if found is None:
            continue
        notice = notices.parse_notice(found.document.encode())
        kept.append(
            KeptNotice(
                digest=digest,
                published_at=clock.text(found.published_at),
                languages=tuple(notice.languages),
                shown=tuple(_shown(notice, language) for language in sorted(languages & set(notice.languages))),
            )
        )
    return tuple(kept)


def _named(heap: _Heap) -> Iterable[tuple[str, str]]:
    for subject in heap.subjects:
        for one in subject.records:
            yield one.record["notice"], one.record["language"]
            if confirmed := one.record.get("confirmed_notice"):
                yield confirmed, one.record.get("confirmed_language") or one.record["language"]
    yield from ((one.notice, one.language) for one in heap.waiting if one.notice)


def _shown(notice: Notice, language: str) -> Shown:
    lists = () if isinstance(notice.newsletter, msgspec.UnsetType) else notice.newsletter.lists
    return Shown(
        language=language,
        words=notice.texts[language].get("notice", {}),
        purposes=tuple(
            ShownPurpose(
                id=purpose.id,
                name=purpose.name[language],
                description=purpose.description[language],
                legal_basis=purpose.legal_basis,
                services=tuple(
                    {"id": one.id, "name": one.name, "provider": one.provider, "privacy_policy": one.privacy_policy}
                    for one in purpose.services
                ),
            )
            for purpose in notice.purposes
        ),
        lists={one.id: one.name[language] for one in lists},
    )
