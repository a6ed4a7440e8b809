"""The statements by which a restore takes over what a replaced database knew later.

Invariant: nothing here undoes a refusal: a record that is emptied stays so, a state that ended stays ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consent.storage.database import Reader, Row, Writer


async def record(reader: Reader, site: str, seq: int) -> Row | None:
    """What of a record an erasure is signed over, and whose it is while it is not empty."""
    sql = "SELECT subject, kind, leaf, seal, payload FROM records WHERE site = $1 AND seq = $2"
    return await reader.row(sql, site, seq)


async def is_erased(reader: Reader, site: str, seq: int) -> bool:
    """Whether the record is on the list of erasures."""
    return await reader.row("SELECT seq FROM erasures WHERE site = $1 AND seq = $2", site, seq) is not None


async def move_head(writer: Writer, site: str, size: int, checkpoint: str) -> None:
    """The log's head as it was signed later."""
    await writer.execute("UPDATE heads SET size = $2, checkpoint = $3 WHERE site = $1", site, size, checkpoint)


async def revision(reader: Reader, site: str) -> int | None:
    """How often the site was published."""
    row = await reader.row("SELECT revision FROM sites WHERE id = $1", site)
    return int(row["revision"]) if row else None


async def drop_site(writer: Writer, site: str) -> None:
    """Makes room for the site's later row."""
    await writer.execute("DELETE FROM sites WHERE id = $1", site)


async def version(reader: Reader, site: str, subscriber: bytes) -> int | None:
    """How often the reader's address changed; None when there is no such reader."""
    row = await reader.row("SELECT version FROM subscribers WHERE site = $1 AND id = $2", site, subscriber)
    return int(row["version"]) if row else None


async def readers_under(reader: Reader, site: str, key: bytes) -> Row | None:
    """Who has the address with this key."""
    return await reader.row("SELECT id, created_at FROM subscribers WHERE site = $1 AND key = $2", site, key)


async def drop_pendings(writer: Writer, site: str, key: bytes, until: int) -> None:
    """What waited for this address at that instant."""
    sql = "DELETE FROM pendings WHERE site = $1 AND key = $2 AND asked_at <= $3"
    await writer.execute(sql, site, key, until)


async def readdress(writer: Writer, row: Mapping[str, Any]) -> None:
    """A reader's later address, language and pause."""
    await writer.execute(
        "UPDATE subscribers SET key = $3, email = $4, language = $5, paused_until = $6, version = $7"
        " WHERE site = $1 AND id = $2",
        *(row[name] for name in ("site", "id", "key", "email", "language", "paused_until", "version")),
    )


async def since(reader: Reader, site: str, subscriber: bytes, list_: str) -> int | None:
    """Since when the subscription is as it is; None when there is none."""
    sql = "SELECT since FROM subscriptions WHERE site = $1 AND subscriber = $2 AND list = $3"
    row = await reader.row(sql, site, subscriber, list_)
    return int(row["since"]) if row else None


async def drop_subscription(writer: Writer, site: str, subscriber: bytes, list_: str) -> None:
    """Makes room for the subscription's later row."""
    sql = "DELETE FROM subscriptions WHERE site = $1 AND subscriber = $2 AND list = $3"
    await writer.execute(sql, site, subscriber, list_)


async def end_subscription(writer: Writer, row: Mapping[str, Any]) -> int:
    """The state in which it ended, unless it was confirmed later than that."""
    sql = (
        "UPDATE subscriptions SET state = $4, since = $5"
        " WHERE site = $1 AND subscriber = $2 AND list = $3 AND since <= $5 AND state = 'confirmed'"
    )
    return await writer.execute(sql, *(row[name] for name in ("site", "subscriber", "list", "state", "since")))


async def revoke(writer: Writer, site: str, id_: str, at: int) -> int:
    """Ends an API key that was ended later."""
    sql = "UPDATE keys SET revoked_at = $3 WHERE site = $1 AND id = $2 AND revoked_at IS NULL"
    return await writer.execute(sql, site, id_, at)


async def memberships(reader: Reader) -> list[Row]:
    """Who has which role where."""
    return await reader.rows("SELECT site, member, role FROM memberships ORDER BY site, member")


async def passkeys(reader: Reader) -> list[Row]:
    """What opens the console without a mail."""
    return await reader.rows("SELECT id FROM passkeys")


async def drop_member(writer: Writer, id_: bytes) -> int:
    """Takes away who was removed later, with all that is theirs."""
    return await writer.execute("DELETE FROM members WHERE id = $1", id_)


async def drop_passkey(writer: Writer, id_: bytes) -> int:
    """Takes away a passkey that was removed later."""
    return await writer.execute("DELETE FROM passkeys WHERE id = $1", id_)


async def hold_mails(writer: Writer, now: int, why: str) -> int:
    """Gives up the mails that are due, for they may have left already; replaying them is somebody's decision."""
    sql = (
        "UPDATE outbox SET state = 'dead', done_at = $1, fault = $2, lease_until = 0"
        " WHERE kind = 'mail' AND state = 'waiting' AND due_at <= $1"
    )
    return await writer.execute(sql, now, why)


async def release(writer: Writer) -> None:
    """Ends every lease: the process that had it is not of this database."""
    await writer.execute("UPDATE outbox SET lease_until = 0 WHERE state = 'waiting'")
