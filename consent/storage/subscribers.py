"""The tables `subscribers` and `subscriptions`: proven addresses at a site, and the lists each is on.

Invariant: an address is one subscriber of a site; a subscription without its subscriber is never there.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent.errors import Duplicate
from consent.storage.database import Reader, Row, Writer
from consent.subscriptions import State


class Subscriber(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber's row. `id` is the subject of the person's records; `version` counts changes of address."""

    id: bytes
    key: bytes
    email: str
    language: str
    created_at: int
    paused_until: int | None = None
    version: int = 0


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber's place in one list: `record` moved it to its state at `since`; the rest is how it came about."""

    list: str
    state: State
    since: int
    record: bytes | None = None
    via: str = ""
    variant: str = ""
    page: str = ""
    provenance: str = ""


Members = Sequence[tuple[Subscriber, Sequence[Subscription]]]


async def by_key(reader: Reader, site: str, key: bytes) -> Subscriber | None:
    """The subscriber with this address key."""
    return _subscriber(await reader.row(f"{_SUBSCRIBERS} WHERE site = $1 AND key = $2", site, key))


async def by_id(reader: Reader, site: str, id_: bytes) -> Subscriber | None:
    """The subscriber with this id."""
    return _subscriber(await reader.row(f"{_SUBSCRIBERS} WHERE site = $1 AND id = $2", site, id_))


async def subscriptions(reader: Reader, site: str, id_: bytes) -> list[Subscription]:
    """The subscriber's subscriptions, by list; whatever their state."""
    return [Subscription(**dict(row)) for row in await reader.rows(_SUBSCRIPTIONS, site, id_)]


async def ensure(writer: Writer, site: str, subscriber: Subscriber) -> Subscriber:
    """Inserts the subscriber, or gives the one that has this key already."""
    await writer.execute(
        "INSERT INTO subscribers (site, id, key, email, language, created_at, paused_until, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (site, key) DO NOTHING",
        site,
        subscriber.id,
        subscriber.key,
        subscriber.email,
        subscriber.language,
        subscriber.created_at,
        subscriber.paused_until,
        subscriber.version,
    )
    return await by_key(writer, site, subscriber.key) or subscriber


async def lock(writer: Writer, site: str, id_: bytes) -> Subscriber | None:
    """The subscriber, and every other transaction that locks it waits; portable, where FOR UPDATE is not."""
    sql = f"UPDATE subscribers SET version = version WHERE site = $1 AND id = $2 RETURNING {_COLUMNS}"
    return _subscriber(await writer.row(sql, site, id_))


async def set_state(
    writer: Writer,
    site: str,
    id_: bytes,
    list_: str,
    state: State,
    at: int,
    *,
    record: bytes | None = None,
    via: str = "",
    variant: str = "",
    page: str = "",
    provenance: str = "",
) -> None:
    """Moves the subscription to this state; without `via` what is known of how it came about stays."""
    await writer.execute(_SET_STATE, site, id_, list_, state, at, record, via, variant, page, provenance)


async def set_paused(writer: Writer, site: str, id_: bytes, until: int | None) -> None:
    """No newsletters until then; None ends a pause."""
    await writer.execute("UPDATE subscribers SET paused_until = $3 WHERE site = $1 AND id = $2", site, id_, until)


async def pauses_over(reader: Reader, now: int, limit: int) -> list[tuple[str, bytes]]:
    """Site and id of those whose pause has ended and is still noted, of all sites; the longest ended first."""
    rows = await reader.rows(
        "SELECT site, id FROM subscribers WHERE paused_until <= $1 ORDER BY paused_until, site, id LIMIT $2", now, limit
    )
    return [(row["site"], row["id"]) for row in rows]


async def end_pause(writer: Writer, site: str, id_: bytes, now: int) -> Subscriber | None:
    """Takes the note of a pause that has ended away; None for who is paused longer, or not, or by another already."""
    sql = (
        "UPDATE subscribers SET paused_until = NULL WHERE site = $1 AND id = $2 AND paused_until <= $3"
        f" RETURNING {_COLUMNS}"
    )
    return _subscriber(await writer.row(sql, site, id_, now))


async def set_language(writer: Writer, site: str, id_: bytes, language: str) -> None:
    """The language of the person's mails and pages from now on."""
    await writer.execute("UPDATE subscribers SET language = $3 WHERE site = $1 AND id = $2", site, id_, language)


async def change_address(writer: Writer, site: str, id_: bytes, key: bytes, email: str) -> None:
    """The subscriber's new, proven address; links mailed to the one before are dead.

    Raises:
        Duplicate: another subscriber of the site has it.
    """
    other = await by_key(writer, site, key)
    if other and other.id != id_:
        # Before the engine says so: PostgreSQL would end the transaction with it.
        raise Duplicate("another subscriber has this address")
    sql = "UPDATE subscribers SET key = $3, email = $4, version = version + 1 WHERE site = $1 AND id = $2"
    await writer.execute(sql, site, id_, key, email)


async def delete(writer: Writer, site: str, id_: bytes) -> bool:
    """Takes the subscriber and all subscriptions away; False when there is none."""
    return await writer.execute("DELETE FROM subscribers WHERE site = $1 AND id = $2", site, id_) == 1


async def page(
    reader: Reader,
    site: str,
    *,
    list: str | None = None,
    state: State | None = None,
    since: int = 0,
    after: bytes = b"",
    limit: int,
) -> Members:
    """Subscribers with an id after this one, in its order, each with all subscriptions.

    With `list`, `state` or `since` only those who have a subscription that is all of that.
    """
    rows = await reader.rows(_PAGE, site, after, list or "", state or "", limit, since)
    return await _with_subscriptions(reader, site, [Subscriber(**dict(row)) for row in rows])


async def _with_subscriptions(reader: Reader, site: str, members: Sequence[Subscriber]) -> Members:
    """The members, who are in the order of their ids, each with all subscriptions."""
    if not members:
        return []
    found: dict[bytes, list[Subscription]] = {member.id: [] for member in members}
    for row in await reader.rows(_SUBSCRIPTIONS_BETWEEN, site, members[0].id, members[-1].id):
        fields = dict(row)
        if (id_ := fields.pop("subscriber")) in found:
            found[id_].append(Subscription(**fields))
    return [(member, found[member.id]) for member in members]


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber who has left every list, the last at `since`."""

    id: bytes
    key: bytes
    since: int


async def left(reader: Reader, site: str, before: int, limit: int, *, by_choice: bool) -> Sequence[Left]:
    """Who left the last list before this instant and asked for none since, the longest gone first.

    With `by_choice` those who unsubscribed from any; else those of whom every list is lost to bounces and complaints.
    """
    rows = await reader.rows(_LEFT, site, before, limit, int(by_choice))
    return [Left(id=bytes(row["id"]), key=bytes(row["key"]), since=row["since"]) for row in rows]


async def count(reader: Reader, site: str) -> int:
    """How many subscribers the site has, whatever the state of their subscriptions."""
    row = await reader.row("SELECT count(*) AS number FROM subscribers WHERE site = $1", site)
    return int(row["number"]) if row else 0


async def count_by_state(reader: Reader, site: str) -> dict[tuple[str, str], int]:
    """How many subscriptions there are, by (list, state)."""
    sql = "SELECT list, state, count(*) AS number FROM subscriptions WHERE site = $1 GROUP BY list, state"
    return {(row["list"], row["state"]): row["number"] for row in await reader.rows(sql, site)}


def _subscriber(row: Row | None) -> Subscriber | None:
    return Subscriber(**dict(row)) if row else None


_COLUMNS = "id, key, email, language, created_at, paused_until, version"
_SUBSCRIBERS = f"SELECT {_COLUMNS} FROM subscribers"
_PAGE = (
    f"{_SUBSCRIBERS} s WHERE site = $1 AND id > $2"
    " AND (CAST($3 AS TEXT) = '' AND CAST($4 AS TEXT) = '' AND CAST($6 AS BIGINT) = 0"
    " OR EXISTS (SELECT 1 FROM subscriptions m WHERE m.site = s.site AND m.subscriber = s.id"
    " AND (CAST($3 AS TEXT) = '' OR m.list = CAST($3 AS TEXT))"
    " AND (CAST($4 AS TEXT) = '' OR m.state = CAST($4 AS TEXT)) AND m.since >= CAST($6 AS BIGINT)))"
    " ORDER BY id LIMIT $5"
)
_LEFT = (
    "SELECT s.id, s.key, max(m.since) AS since FROM subscribers s"
    " JOIN subscriptions m ON m.site = s.site AND m.subscriber = s.id WHERE s.site = $1"
    " AND NOT EXISTS (SELECT 1 FROM pendings p WHERE p.site = s.site AND p.key = s.key) GROUP BY s.id, s.key"
    " HAVING sum(CASE WHEN m.state = 'confirmed' THEN 1 ELSE 0 END) = 0 AND max(m.since) < $2"
    " AND CASE WHEN sum(CASE WHEN m.state = 'unsubscribed' THEN 1 ELSE 0 END) > 0 THEN 1 ELSE 0 END"
    " = CAST($4 AS BIGINT) ORDER BY max(m.since), s.id LIMIT $3"
)
_SUBSCRIPTION = "list, state, since, record, via, variant, page, provenance"
_SUBSCRIPTIONS = f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE site = $1 AND subscriber = $2 ORDER BY list"
_SUBSCRIPTIONS_BETWEEN = (
    f"SELECT subscriber, {_SUBSCRIPTION} FROM subscriptions"
    " WHERE site = $1 AND subscriber >= $2 AND subscriber <= $3 ORDER BY subscriber, list"
)
_SET_STATE = (
    "INSERT INTO subscriptions (site, subscriber, list, state, since, record, via, variant, page, provenance)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (site, subscriber, list) DO UPDATE SET"
    " state = excluded.state, since = excluded.since, record = excluded.record,"
    " via = CASE WHEN excluded.via = '' THEN subscriptions.via ELSE excluded.via END,"
    " variant = CASE WHEN excluded.via = '' THEN subscriptions.variant ELSE excluded.variant END,"
    " page = CASE WHEN excluded.via = '' THEN subscriptions.page ELSE excluded.page END,"
    " provenance = CASE WHEN excluded.via = '' THEN subscriptions.provenance ELSE excluded.provenance END"
)
