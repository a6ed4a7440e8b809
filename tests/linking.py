"""Readers in the tests: who asked, who is subscribed, and the links that their mails carry."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

from consent import mailboxes, newsletter
from consent.newsletter import Seen, SignupRequest
from consent.services import Services
from consent.storage import pendings, subscribers
from consent.storage.subscribers import Subscriber
from consent.tokens import LetterLink, TokenPurpose
from tests.acts import SITE

STORIES, EVENTS = "top-stories", "events"
TABLES = ("subscribers", "subscriptions", "pending_lists", "suppressions", "records", "spent")
SENDING = (
    "SELECT site, id, kind, what, about FROM outbox",
    "SELECT key, last_at, second_at, third_at FROM budgets",
    "SELECT site, id, key, kind, subscriber, email, language, asked_at FROM pendings",
)
"""What the courier writes into meanwhile, without that."""
_numbers = itertools.count(1)


class Reader:
    """Somebody with an address, at the Miami site."""

    def __init__(self, services: Services, language: str = "en", site: str = SITE) -> None:
        self.services, self.language, self.site = services, language, site
        self.email = f"reader.{next(_numbers)}@example.org"
        self.key = services.addresses.of(mailboxes.parse(self.email))

    async def ask(self, *lists: str) -> str:
        """Signs up; gives the path of the link to confirm by."""
        wanted = lists or (STORIES,)
        request = SignupRequest(email=self.email, lists=tuple(wanted), language=self.language, seconds=9.0)
        await newsletter.sign_up(self.services, self.site, request, Seen(address=self.email))
        return await self.waiting("confirm")

    async def subscribe(self, *lists: str) -> None:
        """Signs up and confirms."""
        token = (await self.ask(*lists)).rpartition("/")[2]
        await newsletter.confirm(self.services, token, lists or (STORIES,), Seen())

    async def waiting(self, purpose: TokenPurpose) -> str:
        """The path of a link about the sign-up that waits to be confirmed."""
        async with self.services.database.reading() as reader:
            found = await pendings.by_key(reader, self.site, self.key, "signup")
        assert found is not None
        return self._path(purpose, LetterLink(id=str(UUID(bytes=found.id)), site=self.site))

    async def held(self) -> Subscriber:
        """The subscriber's row."""
        async with self.services.database.reading() as reader:
            found = await subscribers.by_key(reader, self.site, self.key)
        assert found is not None
        return found

    async def states(self) -> dict[str, str]:
        """List -> state."""
        async with self.services.database.reading() as reader:
            found = await subscribers.subscriptions(reader, self.site, (await self.held()).id)
        return {one.list: one.state for one in found}

    async def leaving(self, *lists: str) -> str:
        """The path of a link to unsubscribe."""
        return await self._own("unsubscribe", lists=lists or (STORIES,))

    async def managing(self, age: int = 0) -> str:
        """The path of a link to the preferences, mailed so many milliseconds ago."""
        return await self._own("manage", at=self.services.clock() - age)

    async def changing(self, email: str) -> str:
        """The path of the link that a new address was mailed."""
        async with self.services.database.reading() as reader:
            key = self.services.addresses.of(mailboxes.parse(email))
            found = await pendings.by_key(reader, self.site, key, "change")
        assert found is not None
        return self._path("change", LetterLink(id=str(UUID(bytes=found.id)), site=self.site))

    def move(self, email: str) -> None:
        """The reader goes by another address from now on."""
        self.email = email
        self.key = self.services.addresses.of(mailboxes.parse(email))

    async def _own(self, purpose: TokenPurpose, **fields: Any) -> str:
        held = await self.held()
        link = LetterLink(id=str(UUID(bytes=held.id)), site=self.site, version=held.version, **fields)
        return self._path(purpose, link)

    def _path(self, purpose: TokenPurpose, link: LetterLink) -> str:
        return f"/{purpose}/{self.services.tokens.sign(purpose, self.site, link, self.services.clock())}"


async def everything(services: Services) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that a link could change."""
    async with services.database.reading() as reader:
        found = {table: await reader.rows(f"SELECT * FROM {table}") for table in TABLES}
        found |= {query: await reader.rows(query) for query in SENDING}
    return {table: sorted((tuple(dict(row).values()) for row in rows), key=repr) for table, rows in found.items()}
