"""The table `endpoints`: where a site's webhooks go, and the providers that its subscribers are told to.

Invariant: secrets are kept sealed; a disabled endpoint is owed nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent import canonical
from consent.storage.database import Reader, Row, Writer

WEBHOOK = "webhook"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint's row. `lists` maps our lists to theirs, `{}` for all; `failures` counts dead deliveries in a row."""

    id: bytes
    kind: str
    url: str
    sealed: str
    events: tuple[str, ...]
    lists: dict[str, str] = {}
    created_at: int
    failures: int = 0
    disabled_at: int | None = None
    fault: str = ""
    polled_at: int | None = None


async def put(writer: Writer, site: str, endpoint: Endpoint) -> None:
    """A new endpoint, or the same one with other settings."""
    await writer.execute(
        _PUT,
        site,
        endpoint.id,
        endpoint.kind,
        endpoint.url,
        endpoint.sealed,
        canonical.encode(endpoint.events).decode(),
        canonical.encode(endpoint.lists).decode(),
        endpoint.created_at,
        endpoint.failures,
        endpoint.disabled_at,
        endpoint.fault,
        endpoint.polled_at,
    )


async def all_of(reader: Reader, site: str) -> Sequence[Endpoint]:
    """The site's endpoints, disabled ones too, in the order they were made."""
    rows = await reader.rows(f"{_SELECT} WHERE site = $1 ORDER BY created_at, id", site)
    return [_endpoint(row) for row in rows]


async def find(reader: Reader, site: str, id_: bytes) -> Endpoint | None:
    """The endpoint with this id."""
    row = await reader.row(f"{_SELECT} WHERE site = $1 AND id = $2", site, id_)
    return _endpoint(row) if row else None


async def delete(writer: Writer, site: str, id_: bytes) -> bool:
    """Takes it away; False when there is none."""
    return await writer.execute("DELETE FROM endpoints WHERE site = $1 AND id = $2", site, id_) == 1


async def disable(writer: Writer, site: str, id_: bytes, at: int, fault: str) -> bool:
    """Ends its deliveries, and says why; False when that is so already."""
    sql = "UPDATE endpoints SET disabled_at = $3, fault = $4 WHERE site = $1 AND id = $2 AND disabled_at IS NULL"
    return await writer.execute(sql, site, id_, at, fault) == 1


async def enable(writer: Writer, site: str, id_: bytes) -> bool:
    """Takes it up again, as if nothing had failed; False when there is none."""
    sql = "UPDATE endpoints SET disabled_at = NULL, failures = 0, fault = '' WHERE site = $1 AND id = $2"
    return await writer.execute(sql, site, id_) == 1


async def succeeded(writer: Writer, site: str, id_: bytes) -> None:
    """Notes a delivery that was taken."""
    sql = "UPDATE endpoints SET failures = 0, fault = '' WHERE site = $1 AND id = $2 AND failures > 0"
    await writer.execute(sql, site, id_)


async def failed(writer: Writer, site: str, id_: bytes, fault: str) -> int:
    """Notes a delivery that ended dead; gives how many have in a row."""
    sql = "UPDATE endpoints SET failures = failures + 1, fault = $3 WHERE site = $1 AND id = $2 RETURNING failures"
    row = await writer.row(sql, site, id_, fault)
    return int(row["failures"]) if row else 0


async def polled(writer: Writer, site: str, id_: bytes, at: int) -> None:
    """Notes that the provider was asked who left there."""
    await writer.execute("UPDATE endpoints SET polled_at = $3 WHERE site = $1 AND id = $2", site, id_, at)


async def to_poll(reader: Reader, before: int) -> Sequence[tuple[str, Endpoint]]:
    """Every site's providers in force that were asked last before this instant, each with its site."""
    sql = (
        f"{_SELECT} WHERE kind <> $1 AND disabled_at IS NULL AND (polled_at IS NULL OR polled_at < $2)"
        " ORDER BY site, id"
    )
    return [(row["site"], _endpoint(row)) for row in await reader.rows(sql, WEBHOOK, before)]


async def all_sealed(reader: Reader) -> dict[tuple[str, bytes], str]:
    """Every endpoint's sealed secrets, by (site, id)."""
    rows = await reader.rows("SELECT site, id, sealed FROM endpoints ORDER BY site, id")
    return {(row["site"], bytes(row["id"])): row["sealed"] for row in rows}


async def rewrap(writer: Writer, site: str, id_: bytes, old: str, new: str) -> bool:
    """Keeps the same secrets under other keys; False when another process did so meanwhile."""
    sql = "UPDATE endpoints SET sealed = $4 WHERE site = $1 AND id = $2 AND sealed = $3"
    return await writer.execute(sql, site, id_, old, new) == 1


def _endpoint(row: Row) -> Endpoint:
    fields = dict(row)
    del fields["site"]
    read = {"events": _read_events(fields["events"]), "lists": _read_lists(fields["lists"])}
    return Endpoint(**fields | read)


_read_events = msgspec.json.Decoder(tuple[str, ...]).decode
_read_lists = msgspec.json.Decoder(dict[str, str]).decode
_COLUMNS = "site, id, kind, url, sealed, events, lists, created_at, failures, disabled_at, fault, polled_at"
_SELECT = f"SELECT {_COLUMNS} FROM endpoints"
_PUT = (
    f"INSERT INTO endpoints ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    " ON CONFLICT (site, id) DO UPDATE SET kind = excluded.kind, url = excluded.url, sealed = excluded.sealed,"
    " events = excluded.events, lists = excluded.lists, failures = excluded.failures,"
    " disabled_at = excluded.disabled_at, fault = excluded.fault, polled_at = excluded.polled_at"
)
