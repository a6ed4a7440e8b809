"""The key that e-mail addresses are hashed with: made once, kept in the database under the service's secrets.

It is a key of its own, so that budgets and suppressions outlive any change of CONSENT_SECRET.

Invariant: one service has one such key, however many processes make it at once; without it no address is looked up.
"""

from __future__ import annotations

import hmac

from consent import ids, mailboxes
from consent.clock import Clock
from consent.errors import Misconfigured
from consent.mailboxes import Mailbox
from consent.storage import instance
from consent.storage.database import Database
from consent.vault import Vault

NAME = "addresses"


class AddressKeys:
    """From an address to what stands for it in the tables: 32 bytes."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._key: bytes | None = None

    async def open(self, *, makes_key: bool = True) -> None:
        """Reads the key; with `makes_key`, makes it on the first start and keeps it under each listed secret.

        Raises:
            Misconfigured: it was kept under secrets that are not listed.
        """
        kept = await self._read()
        if kept is None and makes_key:
            async with self._database.writing() as writer:
                await instance.keep(writer, NAME, self._vault.put(ids.secret().encode()), self._clock())
            kept = await self._read()
        if kept is not None:
            self._key = self._vault.take(kept)

    def of(self, mailbox: Mailbox) -> bytes:
        """The address's key: the same for every way of writing it."""
        return self.key(mailbox.lookup)

    def budget_of(self, mailbox: Mailbox) -> bytes:
        """What the address's budget of mails is kept under: the same for all that may be one person's.

        Two people who share one are mailed later for it; told apart, one person's hundred tags would each have a
        budget of their own.
        """
        return self.key(mailboxes.person(mailbox))

    def key(self, lookup: str) -> bytes:
        """The key of an address's folded form.

        Raises:
            Misconfigured: there is no key yet, for the service never ran on this database.
        """
        if self._key is None:
            raise Misconfigured("this database has no key for addresses yet: start the service on it once")
        return hmac.digest(self._key, lookup.encode(), "sha256")

    async def _read(self) -> str | None:
        async with self._database.reading() as reader:
            return await instance.key(reader, NAME)
