"""Readers of newsletters in the tests: what they ask for, the links they are mailed, and what the tables say after."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, LiteralString

import msgspec

from consent import ids, mailboxes, newsletter
from consent.appending import Appender
from consent.newsletter import Confirmed, Seen, SignupRequest
from consent.records import Circumstances
from consent.services import Services
from consent.storage import outbox, pendings, subscribers, suppressions
from consent.storage.database import Database, Reader, Row, Value, Writer
from consent.storage.endpoints import Endpoint
from consent.storage.endpoints import put as put_endpoint
from consent.storage.outbox import Owed
from consent.storage.pendings import Pending
from consent.storage.subscribers import Subscriber
from consent.tokens import LetterLink, TokenPurpose
from tests.acts import SITE
from tests.clock import START
from tests.faults import FaultyDatabase
from tests.running import MIAMI

STORIES, EVENTS = "top-stories", "events"
OTHER = "phoenix-new-times"
MINUTE = 60_000
EMAIL = "reader@example.org"
PAGE = "https://www.miaminewtimes.com/news/story"
SEEN = Seen(address="203.0.113.9", ip_kept="203.0.113.0", circumstances=Circumstances(country="US", ip="203.0.113.0"))
STATES = ("waiting", "done", "dead", "dropped")
# What is owed within one millisecond has no order of its own.
LIFE = (
    "signup.pending confirm already manage signup.confirmed welcome change subscription.unsubscribed goodbye"
    " signup.cancelled subscriber.paused subscriber.changed subscriber.erased"
).split()
PURPOSES: tuple[TokenPurpose, ...] = (
    "receipt",
    "withdraw",
    "hand-off",
    "ticket",
    "confirm",
    "not-me",
    "unsubscribe",
    "manage",
    "change",
    "challenge",
    "claim",
)
_nets = itertools.count(1)


def request(email: str = EMAIL, *lists: str, **fields: Any) -> SignupRequest:
    """A sign-up as the widget sends it; `fields` say what is not as usual."""
    usual = {"email": email, "lists": list(lists or (STORIES,)), "language": "en"}
    return msgspec.convert(usual | fields, SignupRequest)


def from_somewhere() -> Seen:
    """A request from an address of the network that nobody had before."""
    number = next(_nets)
    return Seen(address=f"2001:db8:{number:x}::/64")


async def ask(services: Services, email: str = EMAIL, *lists: str, site: str = SITE, **fields: Any) -> None:
    """Signs up, from an address of the network of its own."""
    await newsletter.sign_up(services, site, request(email, *lists, **fields), from_somewhere())


async def subscribe(services: Services, email: str = EMAIL, *lists: str, site: str = SITE, **fields: Any) -> Subscriber:
    """Signs up and presses the button."""
    await ask(services, email, *lists, site=site, **fields)
    await newsletter.confirm(services, await confirm_link(services, email, site=site), lists or (STORIES,), SEEN)
    return await subscriber(services, email, site)


def key_of(services: Services, email: str = EMAIL) -> bytes:
    """What stands for the address in the tables."""
    return services.addresses.of(mailboxes.parse(email))


def token(services: Services, purpose: TokenPurpose, id_: bytes, site: str = SITE, **fields: Any) -> str:
    """A link as mails have it, made now."""
    link = LetterLink(id=ids.uuid_text(id_), site=site, **fields)
    return services.tokens.sign(purpose, site, link, services.clock())


async def confirm_link(services: Services, email: str = EMAIL, *lists: str, site: str = SITE) -> str:
    """The link to confirm, naming only these lists when some are given."""
    return token(services, "confirm", (await pending(services, email, site=site)).id, site, lists=lists)


async def press(services: Services, link: str, *lists: str) -> Confirmed:
    """Presses the button of a confirmation's page, with these lists ticked."""
    return await newsletter.confirm(services, link, lists or (STORIES,), SEEN)


async def not_me_link(services: Services, email: str = EMAIL, kind: str = "signup") -> str:
    """The link to say „not me“."""
    return token(services, "not-me", (await pending(services, email, kind)).id)


async def unsubscribe_link(services: Services, email: str = EMAIL, list_: str = STORIES) -> str:
    """The link to leave a list."""
    return token(services, "unsubscribe", (await subscriber(services, email)).id, lists=(list_,))


async def manage_link(services: Services, email: str = EMAIL) -> str:
    """The link to the preferences, mailed now."""
    found = await subscriber(services, email)
    return token(services, "manage", found.id, version=found.version, at=services.clock())


async def find_pending(
    services: Services, email: str = EMAIL, kind: str = "signup", site: str = SITE
) -> Pending | None:
    """What waits for the address, if anything does."""
    async with services.database.reading() as reader:
        return await pendings.by_key(reader, site, key_of(services, email), kind)


async def pending(services: Services, email: str = EMAIL, kind: str = "signup", site: str = SITE) -> Pending:
    """What waits for the address."""
    found = await find_pending(services, email, kind, site)
    assert found is not None
    return found


async def find_subscriber(services: Services, email: str = EMAIL, site: str = SITE) -> Subscriber | None:
    """Whoever has the address, if anybody does."""
    async with services.database.reading() as reader:
        return await subscribers.by_key(reader, site, key_of(services, email))


async def subscriber(services: Services, email: str = EMAIL, site: str = SITE) -> Subscriber:
    """Whoever has the address."""
    found = await find_subscriber(services, email, site)
    assert found is not None
    return found


async def states(services: Services, email: str = EMAIL, site: str = SITE) -> dict[str, str]:
    """The state of each of the reader's subscriptions."""
    found = await find_subscriber(services, email, site)
    if found is None:
        return {}
    async with services.database.reading() as reader:
        return {one.list: one.state for one in await subscribers.subscriptions(reader, site, found.id)}


async def suppressed(services: Services, email: str = EMAIL, site: str = SITE) -> dict[str, str]:
    """Why the address is suppressed, by list."""
    async with services.database.reading() as reader:
        return {one.list: one.reason for one in await suppressions.of(reader, site, key_of(services, email))}


async def suppress(services: Services, reason: Any, email: str = EMAIL, list_: str = suppressions.ALL) -> None:
    """As a bounce, a complaint or the publisher does."""
    async with services.database.writing() as writer:
        await suppressions.put(writer, SITE, key_of(services, email), list_, reason, services.clock())


async def owed(services: Services, *kinds: str, sites: Sequence[str] = (SITE,)) -> list[Owed]:
    """All that is or was owed, the first first; of these kinds, or mails."""
    async with services.database.reading() as reader:
        found = [
            one
            for site in sites
            for state in STATES
            for one in await outbox.page(reader, site, state, b"", 1000)  # type: ignore[arg-type]
        ]
    wanted = [one for one in found if one.kind in (kinds or ("mail",))]
    return sorted(wanted, key=lambda one: (one.created_at, LIFE.index(one.what), one.due_at))


async def mails(services: Services, *, sites: Sequence[str] = (SITE,)) -> list[str]:
    """The kinds of the mails that are or were owed, in order."""
    return [one.what for one in await owed(services, sites=sites)]


async def events(services: Services) -> list[str]:
    """The events that are or were owed, in order; nobody is owed any without an endpoint (`listen`)."""
    return [one.what for one in await owed(services, "webhook")]


async def listen(services: Services) -> None:
    """Makes an endpoint that wants to hear of everything."""
    everything = (
        "signup.pending signup.confirmed signup.cancelled subscription.unsubscribed subscriber.erased"
        " subscriber.paused subscriber.changed"
    )
    endpoint = Endpoint(
        id=ids.uuid7(START).bytes,
        kind="webhook",
        url="https://hooks.example.org/in",
        sealed="",
        events=tuple(everything.split()),
        created_at=START,
    )
    async with services.database.writing() as writer:
        await put_endpoint(writer, SITE, endpoint)


def other_site() -> bytes:
    """The file of another site of the same service."""
    return MIAMI.read_bytes().replace(b'id = "miami-new-times"', f'id = "{OTHER}"'.encode())


def over(services: Services, database: Database) -> Services:
    """The same service with another way to its database."""
    appender = Appender(database, services.vault, services.clock)
    return msgspec.structs.replace(services, database=database, appender=appender)


class WatchedDatabase(FaultyDatabase):
    """Notes every statement, and where transactions begin; fails as its kind does when it is told to."""

    def __init__(self, real: Database) -> None:
        super().__init__(real)
        self.statements: list[str] = []

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        return self._reading()

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[Writer]:
        self.statements.append("BEGIN")
        async with super().writing() as writer:
            yield _Watched(writer, self.statements)

    @contextlib.asynccontextmanager
    async def _reading(self) -> AsyncIterator[Reader]:
        self.statements.append("LOOK")
        async with self.real.reading() as reader:
            yield _WatchedReader(reader, self.statements)


class _WatchedReader:
    def __init__(self, reader: Reader, statements: list[str]) -> None:
        self._reader = reader
        self._statements = statements

    async def row(self, sql: LiteralString, *args: Value) -> Row | None:
        self._statements.append(sql)
        return await self._reader.row(sql, *args)

    async def rows(self, sql: LiteralString, *args: Value) -> list[Row]:
        self._statements.append(sql)
        return await self._reader.rows(sql, *args)


class _Watched(_WatchedReader):
    def __init__(self, writer: Writer, statements: list[str]) -> None:
        super().__init__(writer, statements)
        self._writer = writer

    async def execute(self, sql: LiteralString, *args: Value) -> int:
        self._statements.append(sql)
        return await self._writer.execute(sql, *args)

    async def execute_many(self, sql: LiteralString, rows: Sequence[Sequence[Value]]) -> None:
        self._statements.append(f"{len(rows)} x {sql}")
        await self._writer.execute_many(sql, rows)
