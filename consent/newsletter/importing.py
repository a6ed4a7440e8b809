"""The trip of an import: readers who subscribed elsewhere, with the publisher's word for where the consent comes from.

Nobody is mailed and no endpoint is told: who is imported has subscribed already. Each reader gets a record in the log,
which names the provenance, so that the publisher can be held to it.

Invariant: an import adds what was never there. Whoever has left, complained, bounced, was erased or is suppressed for
any reason stays so, whatever the file says; and the same import again changes nothing. That one was begun is in the
audit trail before its first line is taken, and what came of it after the last.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from consent import auditing, clock, ids, mailboxes
from consent.directory import Published
from consent.errors import Fault, Refused
from consent.import_lines import Line, lines_of, provenance_of
from consent.mailboxes import Mailbox
from consent.newsletter import mailing
from consent.records import Actor, NewsletterDraft
from consent.services import Services
from consent.storage import subscribers, suppressions
from consent.storage.database import Reader, Writer
from consent.storage.subscribers import Subscriber
from consent.subscriptions import after

AT_ONCE = 200
"""Lines that one transaction takes: nobody waits long for it."""
TOLD = 20
"""How many faults are told one by one."""
WHY_SKIPPED = {
    "known": "were in the list before, and stay as they are",
    "not_confirmed": "are not subscribed where they come from",
    "suppressed": "must not be mailed",
}

Tell = Callable[[int], None]
By = Actor | None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all lines: where the consents come from, and the list of lines that name none."""

    provenance: str
    list: str | None = None
    is_dry: bool = False


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the lines. `skipped` says why subscriptions were left as they are; `faults` are the first few."""

    lines: int
    readers: int
    """Readers who got a subscription."""
    subscriptions: int
    skipped: dict[str, int]
    refused: int
    faults: tuple[Fault, ...]


class _Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A line whose address and lists are good."""

    line: Line
    mailbox: Mailbox
    key: bytes
    lists: tuple[str, ...]


_Barred = frozenset[tuple[bytes, str]]
"""The (key, list) that are suppressed, whatever the reason."""


class _Sorted(NamedTuple):
    """The lists that the reader was never in, and how many of the others are left as they are, by why."""

    fresh: tuple[str, ...]
    skipped: Counter[str]


class _Run:
    """One import under way, and its counts."""

    def __init__(self, services: Services, site: Published, terms: Terms) -> None:
        self.services = services
        self.site = site
        self.terms = terms
        self.offered = mailing.lists_of(site)
        self.counts: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self.rehearsed: set[tuple[bytes, str]] = set()
        """What a dry run would have added: a later line finds it there, as it would in earnest."""

    def refuse(self, fault: Fault) -> None:
        self.counts["refused"] += 1
        if len(self.faults) < TOLD:
            self.faults.append(fault)

    def imported(self) -> Imported:
        return Imported(
            lines=self.counts["lines"],
            readers=self.counts["readers"],
            subscriptions=self.counts["subscriptions"],
            skipped=dict(self.skipped),
            refused=self.counts["refused"],
            faults=tuple(self.faults),
        )


async def import_readers(
    services: Services, site: str, text: Iterable[str], terms: Terms, tell: Tell = lambda _: None, actor: By = None
) -> Imported:
    """Imports a file's lines, a few hundred in each transaction; `tell` hears how many are done.

    The file is read beside the loop: others have their turn. Without an `actor` the audit trail is told nothing.

    Raises:
        Unknown: no such site.
        Refused: no provenance, no such list, or a file without addresses.
    """
    await services.directory.refresh()
    run = _Run(services, services.directory.get(site), _checked(terms))
    if terms.list is not None and terms.list not in run.offered:
        raise Refused(Fault("list", f"the site has no list '{terms.list[:64]}'"))
    lines = lines_of(text)
    batch = await asyncio.to_thread(list, islice(lines, AT_ONCE))
    await _audit(run, actor, "begun")
    while batch:
        run.counts["lines"] += len(batch)
        # In one order, so that two imports at once do not wait for each other in a circle.
        wanted = sorted((one for one in (_wanted(run, line) for line in batch) if one), key=lambda one: one.key)
        await (_rehearse(run, wanted) if terms.is_dry else _commit(run, wanted))
        tell(run.counts["lines"])
        batch = await asyncio.to_thread(list, islice(lines, AT_ONCE))
    done = run.imported()
    await _audit(run, actor, "done", readers=done.readers, subscriptions=done.subscriptions, refused=done.refused)
    return done


async def _audit(run: _Run, actor: Actor | None, state: str, **counts: int) -> None:
    if actor and not run.terms.is_dry:
        about = {"state": state, **counts}
        await auditing.note(run.services, run.site.id, actor, "subscribers.imported", about)


def _checked(terms: Terms) -> Terms:
    try:
        return msgspec.structs.replace(terms, provenance=provenance_of(terms.provenance))
    except ValueError as error:
        raise Refused(Fault("provenance", str(error))) from None


def _wanted(run: _Run, line: Line | Fault) -> _Wanted | None:
    """The line with its address and lists; None when it is refused, or is of one who is not subscribed there."""
    if isinstance(line, Fault):
        run.refuse(line)
        return None
    where = f"line {line.number}: "
    lists = line.lists or ((run.terms.list,) if run.terms.list else ())
    faults = list(_list_faults(run, lists))
    if (line.confirmed_at or 0) > run.services.clock():
        faults.append(Fault("confirmed_at", "it lies ahead"))
    mailbox = None
    try:
        mailbox = mailboxes.parse(line.email)
    except Refused as refused:
        faults += refused.faults
    if faults or mailbox is None:
        run.refuse(Fault(where + faults[0].path, faults[0].message))
        return None
    if not line.is_confirmed:
        run.skipped["not_confirmed"] += len(lists)
        return None
    return _Wanted(line=line, mailbox=mailbox, key=run.services.addresses.of(mailbox), lists=lists)


def _list_faults(run: _Run, lists: Sequence[str]) -> Iterator[Fault]:
    if not lists:
        yield Fault("lists", "it names no list")
    elif not set(lists) <= set(run.offered):
        yield Fault("lists", f"the site has other lists: {', '.join(run.offered) or 'none'}")


async def _commit(run: _Run, wanted: Sequence[_Wanted]) -> None:
    """One transaction; what it counted holds once it is committed."""
    counts, skipped, drafts = Counter[str](), Counter[str](), []
    async with run.services.appender.acting(run.site.id) as act:
        barred = await _barred(act.writer, run.site.id, wanted)
        for one in wanted:
            subscriber, (fresh, stale) = await _placed(act.writer, run, one, barred)
            skipped += stale
            if fresh and subscriber:
                drafts.append(await _add(act.writer, run, one, subscriber, fresh))
                counts += Counter(readers=1, subscriptions=len(fresh))
        await act.append(drafts)
    run.counts += counts
    run.skipped += skipped


async def _placed(writer: Writer, run: _Run, one: _Wanted, barred: _Barred) -> tuple[Subscriber | None, _Sorted]:
    """Who the reader is, made now if need be and nobody else's until the end, and which lists are new to him."""
    site, found = run.site.id, await subscribers.by_key(writer, run.site.id, one.key)
    sorted_ = await _sorted(writer, run, one, found, barred)
    if found is None and not sorted_.fresh:
        return None, sorted_
    found = found or await subscribers.ensure(writer, site, _subscriber(run, one))
    subscriber = await subscribers.lock(writer, site, found.id)
    # Once more: whoever had the lock until now may have subscribed the reader, or unsubscribed.
    return subscriber, await _sorted(writer, run, one, subscriber, barred)


async def _rehearse(run: _Run, wanted: Sequence[_Wanted]) -> None:
    """Counts what would be done."""
    async with run.services.database.reading() as reader:
        barred = await _barred(reader, run.site.id, wanted)
        for one in wanted:
            subscriber = await subscribers.by_key(reader, run.site.id, one.key)
            fresh, skipped = await _sorted(reader, run, one, subscriber, barred)
            run.rehearsed |= {(one.key, name) for name in fresh}
            run.skipped += skipped
            run.counts += Counter(readers=bool(fresh), subscriptions=len(fresh))


async def _barred(reader: Reader, site: str, wanted: Sequence[_Wanted]) -> _Barred:
    found = await suppressions.keys_among(reader, site, [one.key for one in wanted])
    return frozenset((one.key, one.list) for one in found)


async def _sorted(reader: Reader, run: _Run, one: _Wanted, subscriber: Subscriber | None, barred: _Barred) -> _Sorted:
    known = await subscribers.subscriptions(reader, run.site.id, subscriber.id) if subscriber else ()
    states = {each.list: each.state for each in known}
    fresh, skipped = [], Counter[str]()
    for name in one.lists:
        if {(one.key, name), (one.key, suppressions.ALL)} & barred:
            skipped["suppressed"] += 1
        elif after(states.get(name), "import") is None or (one.key, name) in run.rehearsed:
            skipped["known"] += 1
        else:
            fresh.append(name)
    return _Sorted(tuple(fresh), skipped)


async def _add(
    writer: Writer, run: _Run, one: _Wanted, subscriber: Subscriber, lists: Sequence[str]
) -> NewsletterDraft:
    """Subscribes the reader; gives what the log is to say of it."""
    site, at, confirmed_at = run.site.id, run.services.clock(), one.line.confirmed_at
    record, provenance = ids.uuid7(at), one.line.provenance or run.terms.provenance
    since = at if confirmed_at is None else confirmed_at
    for name in lists:
        await _subscribe(writer, site, subscriber, name, since, record.bytes, provenance)
    return NewsletterDraft(
        site=site,
        id=str(record),
        subject=ids.uuid_text(subscriber.id),
        action="import",
        lists=dict.fromkeys(lists, True),
        language=subscriber.language,
        notice=run.site.digest,
        asked_at=None if confirmed_at is None else clock.text(confirmed_at),
        address=one.key.hex(),
        via="import",
        provenance=provenance,
    )


async def _subscribe(
    writer: Writer, site: str, subscriber: Subscriber, list_: str, since: int, record: bytes, provenance: str
) -> None:
    how = {"via": "import", "provenance": provenance}
    await subscribers.set_state(writer, site, subscriber.id, list_, "confirmed", since, record=record, **how)


def _subscriber(run: _Run, one: _Wanted) -> Subscriber:
    at = run.services.clock()
    return Subscriber(
        id=ids.uuid7(at).bytes,
        key=one.key,
        email=one.mailbox.address,
        language=_language(run.site, one.line.language),
        created_at=at,
    )


def _language(site: Published, asked: str | None) -> str:
    """The one the line names, or its main language, as far as the site has it; else the site's first."""
    languages = site.notice.languages
    wanted = (asked or "").replace("_", "-").lower()
    by_tag = {tag.lower(): tag for tag in languages}
    return by_tag.get(wanted) or by_tag.get(wanted.partition("-")[0]) or languages[0]
