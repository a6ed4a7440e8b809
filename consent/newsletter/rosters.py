"""The trip of a roster: who is subscribed to what, in pages and as streams, with the links that a mailing needs.

Each confirmed subscription comes with its own address to unsubscribe by (RFC 8058), and each subscriber with one of
the preferences, so that whatever sends the newsletter can put them into its mails.

Invariant: at most one page of subscribers is in memory, and no connection is held between pages. A link to the
preferences from here is never fresh: nobody's data is exported or erased by it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec

from consent import cells, clock, ids
from consent.errors import Fault, Refused, Unknown
from consent.services import Services
from consent.storage import logs, subscribers
from consent.storage.subscribers import Members, Subscriber, Subscription
from consent.subscriptions import State
from consent.tokens import LetterLink, TokenPurpose

PAGE = 256


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which subscriptions: all, or those of a list, in a state, or moved at or after an instant (milliseconds)."""

    list: str | None = None
    state: State | None = None
    since: int | None = None


class Membership(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A subscription as a roster tells it; times are RFC 3339."""

    list: str
    state: State
    since: str
    record: str | None = None
    """The consent record that moved it there."""
    via: str = ""
    variant: str = ""
    page: str = ""
    provenance: str = ""
    unsubscribe: str | None = None
    """Of a confirmed one: the address for List-Unsubscribe, good for one click."""


class Reader(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A subscriber as a roster tells it, with those of the subscriptions that were asked for."""

    id: str
    email: str
    language: str
    created_at: str
    paused_until: str | None = None
    """Until then no newsletter is wanted."""
    manage: str
    """The address of the reader's preferences."""
    subscriptions: tuple[Membership, ...]


CSV_COLUMNS = (
    "email list state since language paused_until unsubscribe manage via variant page provenance record id created_at"
).split()


async def check(services: Services, site: str, selection: Selection) -> None:
    """Makes sure that there is such a site, and the list that is asked for: the site offers it, or somebody is on it.

    Raises:
        Unknown: there is no such site.
        Refused: no such list.
    """
    published, name = services.directory.find(site), selection.list
    async with services.database.reading() as reader:
        if await logs.find(reader, site) is None:
            raise Unknown(f"there is no site '{site[:64]}'")
        if name is None or (published and name in published.asked.lists):
            return
        if name not in {one for one, _ in await subscribers.count_by_state(reader, site)}:
            raise Refused(Fault("list", f"the site has no '{name[:64]}'"))


async def page(services: Services, site: str, selection: Selection, after: bytes, limit: int) -> list[Reader]:
    """The readers whose id comes after this one, in its order.

    Raises:
        Unknown, Refused: as `check`.
    """
    await check(services, site, selection)
    found = await _page(services, site, selection, after, limit)
    return [_reader(services, site, selection, *member) for member in found]


async def jsonl(services: Services, site: str, selection: Selection) -> AsyncIterator[bytes]:
    """Chunks of lines, a reader each."""
    async for readers in _pages(services, site, selection):
        yield b"".join(msgspec.json.encode(reader) + b"\n" for reader in readers)


async def csv_text(services: Services, site: str, selection: Selection) -> AsyncIterator[bytes]:
    """Chunks of RFC 4180 rows under a header, a subscription each; no cell can be taken for a formula."""
    yield cells.rows([CSV_COLUMNS])
    async for readers in _pages(services, site, selection):
        yield cells.rows(row for reader in readers for row in _cells(reader))


async def _pages(services: Services, site: str, selection: Selection) -> AsyncIterator[list[Reader]]:
    after = b""
    while found := await _page(services, site, selection, after, PAGE):
        yield [_reader(services, site, selection, *member) for member in found]
        after = found[-1][0].id


async def _page(services: Services, site: str, selection: Selection, after: bytes, limit: int) -> Members:
    async with services.database.reading() as reader:
        return await subscribers.page(
            reader,
            site,
            list=selection.list,
            state=selection.state,
            since=selection.since or 0,
            after=after,
            limit=limit,
        )


def _reader(
    services: Services, site: str, selection: Selection, subscriber: Subscriber, lists: Sequence[Subscription]
) -> Reader:
    return Reader(
        id=ids.uuid_text(subscriber.id),
        email=subscriber.email,
        language=subscriber.language,
        created_at=clock.text(subscriber.created_at),
        paused_until=clock.text(subscriber.paused_until) if subscriber.paused_until is not None else None,
        manage=_link(services, site, "manage", subscriber),
        subscriptions=tuple(_membership(services, site, subscriber, one) for one in lists if _fits(selection, one)),
    )


def _fits(selection: Selection, one: Subscription) -> bool:
    return (
        selection.list in (None, one.list)
        and selection.state in (None, one.state)
        and one.since >= (selection.since or 0)
    )


def _membership(services: Services, site: str, subscriber: Subscriber, one: Subscription) -> Membership:
    is_confirmed = one.state == "confirmed"
    return Membership(
        list=one.list,
        state=one.state,
        since=clock.text(one.since),
        record=ids.uuid_text(one.record) if one.record else None,
        via=one.via,
        variant=one.variant,
        page=one.page,
        provenance=one.provenance,
        unsubscribe=_link(services, site, "unsubscribe", subscriber, one.list) if is_confirmed else None,
    )


def _link(services: Services, site: str, purpose: TokenPurpose, subscriber: Subscriber, *lists: str) -> str:
    content = LetterLink(id=ids.uuid_text(subscriber.id), site=site, lists=lists, version=subscriber.version)
    return f"{services.settings.url}/{purpose}/{services.tokens.sign(purpose, site, content, services.clock())}"


def _cells(reader: Reader) -> Iterator[list[str]]:
    """A row for each subscription, in the order of CSV_COLUMNS."""
    own = msgspec.structs.asdict(reader)
    for one in reader.subscriptions:
        told = own | msgspec.structs.asdict(one)
        yield [told[name] or "" for name in CSV_COLUMNS]
