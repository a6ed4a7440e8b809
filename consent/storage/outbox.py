"""The table `outbox`: mails and events that are owed, each committed with the fact that owes it.

Invariant: a row is leased to one process at a time, and no row holds an address: what a mail says is looked up when it
leaves, by the ids in `about`. But for one that is no more, sealed (`former`): who was told of it has to be told to let
go of it. It goes with the row's end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from consent import canonical
from consent.storage.database import Reader, Row, Writer

Kind = Literal["mail", "webhook", "sync"]
State = Literal["waiting", "done", "dead", "dropped"]
LOOKED_AT = 256
FORMER = "former"


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the outbox: a mail of the kind `what`, or the event `what` for an endpoint."""

    site: str
    id: bytes
    kind: Kind
    what: str
    about: dict[str, object]
    key: bytes | None = None
    endpoint: bytes | None = None
    message_id: str
    created_at: int
    due_at: int
    lease_until: int = 0
    attempts: int = 0
    state: State = "waiting"
    done_at: int | None = None
    delivered_at: int | None = None
    fault: str = ""


async def put(writer: Writer, owed: Owed, *, is_real: bool = True) -> None:
    """Owes it; with `is_real=False` the same statement writes nothing."""
    await writer.execute(
        _PUT,
        owed.site,
        owed.id,
        owed.kind,
        owed.what,
        canonical.encode(owed.about).decode(),
        owed.key,
        owed.endpoint,
        owed.message_id,
        owed.created_at,
        owed.due_at,
        int(is_real),
    )


async def lease(
    writer: Writer, now: int, until: int, limit: int, *, mails: bool = True, events: bool = True
) -> Sequence[Owed]:
    """What is due, the longest due first, as one more attempt, and nobody else's until then; mails, events, or both.

    Raises:
        Stale: another process was at the same rows at the same time; ask again.
    """
    rows = await writer.rows(_LEASE, now, until, limit, int(mails), int(events))
    return sorted(map(_owed, rows), key=lambda owed: (owed.due_at, owed.id))


async def done(writer: Writer, site: str, id_: bytes, at: int) -> None:
    """It was taken by whom it was for, or by who carries it on."""
    await _end(writer, site, id_, "done", at, "")


async def dead(writer: Writer, site: str, id_: bytes, at: int, fault: str) -> None:
    """No more attempts, until somebody replays it."""
    await _end(writer, site, id_, "dead", at, fault)


async def drop(writer: Writer, site: str, id_: bytes, at: int, why: str) -> None:
    """Nothing is to be sent any more."""
    await _end(writer, site, id_, "dropped", at, why)


async def _end(writer: Writer, site: str, id_: bytes, state: State, at: int, fault: str) -> None:
    """A dead row keeps a former address, or there would be nothing to replay."""
    sql = (
        "UPDATE outbox SET state = $3, done_at = $4, fault = $5, lease_until = 0"
        " WHERE site = $1 AND id = $2 AND state = 'waiting' RETURNING about"
    )
    row = await writer.row(sql, site, id_, state, at, fault)
    if row and state != "dead":
        await _forget_former(writer, site, id_, row["about"])


async def _forget_former(writer: Writer, site: str, id_: bytes, about: str) -> None:
    kept = _read_about(about)
    if kept.pop(FORMER, None) is not None:
        sql = "UPDATE outbox SET about = $3 WHERE site = $1 AND id = $2"
        await writer.execute(sql, site, id_, canonical.encode(kept).decode())


async def again(writer: Writer, site: str, id_: bytes, due_at: int, fault: str) -> None:
    """The attempt failed; the next one is due then."""
    sql = "UPDATE outbox SET due_at = $3, fault = $4, lease_until = 0 WHERE site = $1 AND id = $2 AND state = 'waiting'"
    await writer.execute(sql, site, id_, due_at, fault)


async def put_off(writer: Writer, site: str, id_: bytes, due_at: int) -> None:
    """It was not tried at all, for a ceiling was reached: due then, and the lease was no attempt."""
    sql = (
        "UPDATE outbox SET due_at = $3, lease_until = 0, attempts = attempts - 1"
        " WHERE site = $1 AND id = $2 AND state = 'waiting' AND attempts > 0"
    )
    await writer.execute(sql, site, id_, due_at)


async def delivered(writer: Writer, message_id: str, at: int) -> Owed | None:
    """Notes that the mail arrived; gives it, or None when there is none or it was noted before."""
    sql = (
        "UPDATE outbox SET delivered_at = $2 WHERE message_id = $1 AND kind = 'mail' AND delivered_at IS NULL"
        f" RETURNING {_COLUMNS}"
    )
    row = await writer.row(sql, message_id, at)
    return _owed(row) if row else None


async def by_message(reader: Reader, message_id: str) -> Owed | None:
    """The mail with this Message-ID."""
    row = await reader.row(f"{_SELECT} WHERE message_id = $1 AND kind = 'mail'", message_id)
    return _owed(row) if row else None


async def find(reader: Reader, site: str, id_: bytes) -> Owed | None:
    """The row with this id."""
    row = await reader.row(f"{_SELECT} WHERE site = $1 AND id = $2", site, id_)
    return _owed(row) if row else None


async def has_newer(reader: Reader, owed: Owed, now: int) -> bool:
    """Whether a mail of the same kind to the same address that was owed later has left, or is due by now as well."""
    sql = (
        "SELECT id FROM outbox WHERE site = $1 AND key = $2 AND kind = 'mail' AND what = $3"
        " AND state IN ('waiting', 'done') AND id > $4 AND due_at <= $5 LIMIT 1"
    )
    return await reader.row(sql, owed.site, owed.key or b"", owed.what, owed.id, now) is not None


async def page(reader: Reader, site: str, state: State, after: bytes, limit: int) -> Sequence[Owed]:
    """The site's rows in this state after an id, in the order they were owed."""
    sql = f"{_SELECT} WHERE site = $1 AND state = $2 AND id > $3 ORDER BY id LIMIT $4"
    return [_owed(row) for row in await reader.rows(sql, site, state, after, limit)]


async def page_of_endpoint(reader: Reader, site: str, endpoint: bytes, before: bytes, limit: int) -> Sequence[Owed]:
    """What was owed to an endpoint before an id, the newest first."""
    sql = f"{_SELECT} WHERE site = $1 AND endpoint = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
    return [_owed(row) for row in await reader.rows(sql, site, endpoint, before, limit)]


async def replay(writer: Writer, site: str, id_: bytes | None, now: int) -> int:
    """Dead rows, this one or all of the site's, are due again as if never tried; gives how many."""
    if id_ is None:
        return await writer.execute(f"{_REPLAY} WHERE site = $1 AND state = 'dead'", site, now)
    return await writer.execute(f"{_REPLAY} WHERE site = $1 AND id = $3 AND state = 'dead'", site, now, id_)


async def next_due(reader: Reader) -> int | None:
    """When something can be leased next, at any site; None when nothing waits."""
    sql = (
        "SELECT min(CASE WHEN due_at > lease_until THEN due_at ELSE lease_until END) AS due FROM"
        " (SELECT due_at, lease_until FROM outbox WHERE state = 'waiting' ORDER BY due_at LIMIT $1) AS first"
    )
    row = await reader.row(sql, LOOKED_AT)
    return row["due"] if row else None


async def counts(reader: Reader) -> Mapping[str, int]:
    """How many rows of all sites there are in each state."""
    rows = await reader.rows("SELECT state, count(*) AS number FROM outbox GROUP BY state")
    return {row["state"]: row["number"] for row in rows}


async def oldest_due(reader: Reader) -> int | None:
    """When the longest waiting row was due; None when nothing waits."""
    row = await reader.row("SELECT min(due_at) AS due FROM outbox WHERE state = 'waiting'")
    return row["due"] if row else None


async def standing(reader: Reader, site: str) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Of the site's rows that wait or are dead, by kind and state: how many, and since when the first is due."""
    sql = (
        "SELECT kind, state, count(*) AS number, min(due_at) AS due FROM outbox"
        " WHERE site = $1 AND state IN ('waiting', 'dead') GROUP BY kind, state"
    )
    rows = await reader.rows(sql, site)
    return {(row["kind"], row["state"]): (int(row["number"]), row["due"]) for row in rows}


async def drop_of_key(writer: Writer, site: str, key: bytes, at: int) -> int:
    """Nothing that is owed to or about this address is sent any more, but that it was erased; gives how many rows."""
    sql = (
        "UPDATE outbox SET state = 'dropped', done_at = $3, fault = '', lease_until = 0"
        " WHERE site = $1 AND key = $2 AND state IN ('waiting', 'dead') AND what <> 'subscriber.erased'"
    )
    dropped = await writer.execute(sql, site, key, at)
    ended = "SELECT id, about FROM outbox WHERE site = $1 AND key = $2 AND state IN ('done', 'dropped')"
    for row in await writer.rows(ended, site, key):
        await _forget_former(writer, site, bytes(row["id"]), row["about"])
    return dropped


async def of_key(reader: Reader, site: str, key: bytes) -> Sequence[Owed]:
    """All that is or was owed to or about this address, in the order it was owed."""
    return [_owed(row) for row in await reader.rows(f"{_SELECT} WHERE site = $1 AND key = $2 ORDER BY id", site, key)]


async def purge(writer: Writer, site: str, before: int, limit: int) -> int:
    """Takes away rows that ended, well or not, before this instant."""
    sql = (
        "DELETE FROM outbox WHERE (site, id) IN"
        " (SELECT site, id FROM outbox WHERE site = $1 AND state IN ('done', 'dead', 'dropped') AND done_at < $2"
        " LIMIT $3)"
    )
    return await writer.execute(sql, site, before, limit)


async def ages(reader: Reader, site: str, before: int) -> tuple[int | None, int]:
    """Rows that ended: when the first did, and how many did before this instant."""
    sql = (
        "SELECT min(done_at) AS oldest,"
        " CAST(COALESCE(sum(CASE WHEN done_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS due"
        " FROM outbox WHERE site = $1 AND state IN ('done', 'dead', 'dropped')"
    )
    row = await reader.row(sql, site, before)
    return (row["oldest"], int(row["due"])) if row else (None, 0)


def _owed(row: Row) -> Owed:
    fields = dict(row)
    return Owed(**fields | {"about": _read_about(fields["about"])})


_read_about = msgspec.json.Decoder(dict[str, object]).decode
_COLUMNS = (
    "site, id, kind, what, about, key, endpoint, message_id, created_at, due_at, lease_until, attempts, state,"
    " done_at, delivered_at, fault"
)
_SELECT = f"SELECT {_COLUMNS} FROM outbox"
_PUT = (
    "INSERT INTO outbox (site, id, kind, what, about, key, endpoint, message_id, created_at, due_at, lease_until,"
    " attempts, state, fault) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 'waiting', ''"
    " WHERE CAST($11 AS BIGINT) = 1"
)
# The outer condition again: a process that waited for another's lease looks at what the rows say now.
_LEASE = (
    "UPDATE outbox SET lease_until = $2, attempts = attempts + 1 WHERE (site, id) IN"
    " (SELECT site, id FROM outbox WHERE state = 'waiting' AND due_at <= $1 AND lease_until <= $1"
    " AND CASE WHEN kind = 'mail' THEN CAST($4 AS BIGINT) ELSE CAST($5 AS BIGINT) END = 1"
    f" ORDER BY due_at LIMIT $3) AND state = 'waiting' AND lease_until <= $1 RETURNING {_COLUMNS}"
)
_REPLAY = "UPDATE outbox SET state = 'waiting', attempts = 0, due_at = $2, lease_until = 0, done_at = NULL, fault = ''"
