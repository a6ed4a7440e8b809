"""Keeps what the database holds encrypted under each listed secret, so that a newer secret can follow.

What is kept stays the same; only its wrapping is renewed.

Invariant: of processes that start at once, each ends with everything under every secret that it lists.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from consent.storage import endpoints, instance, logs
from consent.storage.database import Database, Reader, Writer
from consent.vault import Vault

Key = TypeVar("Key")
Read = Callable[[Reader], Awaitable[Mapping[Key, str]]]
"""Everything of one kind that is kept sealed, by its key."""
Rewrap = Callable[[Writer, Key, str, str], Awaitable[bool]]
"""Puts a new wrapping in the place of an old one; False when another process did so meanwhile."""


async def rewrap(database: Database, vault: Vault) -> None:
    """Renews logs' keys, the service's own keys and endpoints' secrets.

    Raises:
        Misconfigured: one of a kind opens with none of the secrets; then nothing of that kind was changed.
    """
    await _renew(database, vault, _logs, logs.rewrap)
    await _renew(database, vault, instance.all_keys, instance.rewrap)
    await _renew(database, vault, endpoints.all_sealed, _rewrap_endpoint)


async def _renew(database: Database, vault: Vault, read: Read[Key], write: Rewrap[Key]) -> None:
    changed = True
    while changed:
        async with database.reading() as reader:
            kept = await read(reader)
        renewed = {key: vault.renewed(tokens) for key, tokens in kept.items()}
        changed = False
        for key in (key for key in kept if renewed[key] != kept[key]):
            async with database.writing() as writer:
                changed |= not await write(writer, key, kept[key], renewed[key])


async def _logs(reader: Reader) -> Mapping[str, str]:
    return {log.site: log.private_key for log in await logs.all_logs(reader)}


async def _rewrap_endpoint(writer: Writer, key: tuple[str, bytes], old: str, new: str) -> bool:
    return await endpoints.rewrap(writer, *key, old, new)
