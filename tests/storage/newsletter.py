"""Rows of the newsletter's tables, as usual but for what a test says."""

from __future__ import annotations

from typing import Any

import msgspec

from consent import ids
from consent.canonical import sha256_hex
from consent.storage.database import Database, Row
from consent.storage.endpoints import Endpoint
from consent.storage.outbox import Owed
from consent.storage.pendings import Pending, PendingList
from consent.storage.subscribers import Subscriber
from tests.clock import START

SITE, OTHER_SITE = "miami-new-times", "phoenix-new-times"
MINUTE, DAY = 60_000, 86_400_000
TABLES = (
    "subscribers subscriptions pendings pending_lists budgets ceilings tallies suppressions outbox endpoints spent"
    " funnel"
).split()


def key_of(name: str) -> bytes:
    """What stands for an address: 32 bytes."""
    return bytes.fromhex(sha256_hex(name.encode()))


def new_id(at: int = START) -> bytes:
    """An id as the service makes them."""
    return ids.uuid7(at).bytes


def subscriber(name: str = "reader", **fields: Any) -> Subscriber:
    """A subscriber of that name."""
    usual = Subscriber(id=new_id(), key=key_of(name), email=f"{name}@example.org", language="en", created_at=START)
    return msgspec.structs.replace(usual, **fields)


def pending(name: str = "reader", **fields: Any) -> Pending:
    """A sign-up of that name."""
    usual = Pending(
        id=new_id(), key=key_of(name), kind="signup", email=f"{name}@example.org", language="en", asked_at=START
    )
    return msgspec.structs.replace(usual, **fields)


def asked(list_: str, **fields: Any) -> PendingList:
    """A list that was asked for."""
    usual = PendingList(
        list=list_,
        asked_at=START,
        notice="0" * 64,
        language="en",
        page="https://www.miaminewtimes.com/a",
        source={"utm_source": "x"},
        via="prompt",
        variant="b",
        ip="203.0.113.0",
    )
    return msgspec.structs.replace(usual, **fields)


def owed(**fields: Any) -> Owed:
    """A mail that is due."""
    id_ = new_id()
    usual = Owed(
        site=SITE,
        id=id_,
        kind="mail",
        what="confirm",
        about={"pending": ids.uuid_text(new_id())},
        key=key_of("reader"),
        message_id=f"<{ids.uuid_text(id_)}@example.org>",
        created_at=START,
        due_at=START,
    )
    return msgspec.structs.replace(usual, **fields)


def endpoint(**fields: Any) -> Endpoint:
    """A webhook for confirmations."""
    usual = Endpoint(
        id=new_id(),
        kind="webhook",
        url="https://hooks.example.org/in",
        sealed="sealed",
        events=("signup.confirmed",),
        created_at=START,
    )
    return msgspec.structs.replace(usual, **fields)


async def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the newsletter's tables."""
    async with database.reading() as reader:
        return {table: _plain(await reader.rows(f"SELECT * FROM {table}")) for table in TABLES}


def _plain(rows: list[Row]) -> list[tuple[object, ...]]:
    return sorted((tuple(row) for row in rows), key=repr)
