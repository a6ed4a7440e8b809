"""The tables `pins` and `pinned_layers`: loaders that pages name by their digest, and the layers these load.

Invariant: a pin has all of its layers; pins of one build share them, and they go with the last that names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from consent.storage.database import Reader, Writer


class StoredPin(msgspec.Struct, frozen=True, kw_only=True):
    """A pin's row without its script: what it asks, and which layers it loads."""

    site: str
    version: str
    notice: str
    regime: str
    build: str
    pinned_at: int


class PinnedLayer(NamedTuple):
    """A layer as it is stored: its name below `/w/`, and its script, compressed."""

    name: str
    script: bytes


async def add(writer: Writer, pin: StoredPin, script: bytes, layers: Sequence[PinnedLayer]) -> None:
    """A new pin with its loader and layers, compressed; layers that are there already stay."""
    await writer.execute(
        "INSERT INTO pins (site, version, notice, regime, build, script, pinned_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        pin.site,
        pin.version,
        pin.notice,
        pin.regime,
        pin.build,
        script,
        pin.pinned_at,
    )
    await writer.execute_many(
        "INSERT INTO pinned_layers (site, name, build, script) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (site, name) DO NOTHING",
        [(pin.site, layer.name, pin.build, layer.script) for layer in layers],
    )


async def has(reader: Reader, site: str, version: str) -> bool:
    """Whether the site has this pin."""
    return await reader.row("SELECT 1 FROM pins WHERE site = $1 AND version = $2", site, version) is not None


async def of_site(reader: Reader, site: str) -> list[StoredPin]:
    """The site's pins, the newest first."""
    rows = await reader.rows(f"{_PINS} WHERE site = $1 ORDER BY pinned_at DESC, version", site)
    return [StoredPin(**dict(row)) for row in rows]


async def counts(reader: Reader) -> tuple[int, int]:
    """How many pins there are, and how many of them ask another notice than the one in force."""
    sql = (
        "SELECT count(*) AS pins, count(CASE WHEN sites.notice <> pins.notice THEN 1 END) AS older"
        " FROM pins JOIN sites ON sites.id = pins.site"
    )
    row = await reader.row(sql)
    return (row["pins"], row["older"]) if row else (0, 0)


async def loader(reader: Reader, site: str, version: str) -> bytes | None:
    """A pin's loader, compressed."""
    row = await reader.row("SELECT script FROM pins WHERE site = $1 AND version = $2", site, version)
    return row["script"] if row else None


async def layer(reader: Reader, site: str, name: str) -> bytes | None:
    """A pinned layer, compressed."""
    row = await reader.row("SELECT script FROM pinned_layers WHERE site = $1 AND name = $2", site, name)
    return row["script"] if row else None


async def drop(writer: Writer, site: str, version: str) -> bool:
    """Takes the pin away, with the layers that no other names; False when there is none."""
    if not await writer.execute("DELETE FROM pins WHERE site = $1 AND version = $2", site, version):
        return False
    await writer.execute(
        "DELETE FROM pinned_layers WHERE site = $1 AND build NOT IN (SELECT build FROM pins WHERE site = $1)", site
    )
    return True


_PINS = "SELECT site, version, notice, regime, build, pinned_at FROM pins"
