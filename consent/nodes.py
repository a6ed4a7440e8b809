"""A log's tree as it is stored: any node of it, and the proofs made of nodes.

Invariant: a proof is computed from stored leaves and tiles up to one committed size, never from what a
writer still holds in memory; at most KEPT tiles are in memory.
"""

from __future__ import annotations

from collections.abc import Callable

from consent import tree
from consent.errors import Unknown
from consent.storage import logs, records
from consent.storage.database import Reader
from consent.tree import TILE, Tree

Place = tuple[int, int]
"""Level and index of a full subtree of 2**level leaves."""

KEPT = 16
"""Tiles to keep: leaves proven in order need one a level, and the right edge's, of at most eight levels."""


class Nodes:
    """Reads the tree of a site's first `size` leaves. Rows may be added meanwhile: these nodes never change."""

    def __init__(self, site: str, size: int) -> None:
        self._site, self._size = site, size
        self._tiles: dict[Place, list[list[bytes]]] = {}

    async def inclusion(self, reader: Reader, index: int) -> list[bytes]:
        """The path from leaf `index` to the root."""
        return await self._proof(reader, lambda fetch: tree.inclusion_proof(index, self._size, fetch))

    async def consistency(self, reader: Reader, old: int) -> list[bytes]:
        """What shows the tree of the first `old` leaves to be the beginning of this one."""
        return await self._proof(reader, lambda fetch: tree.consistency_proof(old, self._size, fetch))

    async def _proof(self, reader: Reader, make: Callable[[tree.Fetch], list[bytes]]) -> list[bytes]:
        """The proof is walked once to learn which nodes it asks for, and they are read before it is made."""
        wanted: dict[Place, bytes] = {}
        make(lambda level, place: wanted.setdefault((level, place), b""))
        for level, place in wanted:
            wanted[level, place] = await self._node(reader, level, place)
        return make(lambda level, place: wanted[level, place])

    async def _node(self, reader: Reader, level: int, place: int) -> bytes:
        tile_level, height = divmod(level, 8)
        number, within = divmod(place, TILE >> height)
        rows = await self._rows(reader, tile_level, number)
        if within >= len(rows[height]):
            raise Unknown("the log is incomplete here: run consent verify")
        return rows[height][within]

    async def _rows(self, reader: Reader, level: int, number: int) -> list[list[bytes]]:
        """A tile's hashes and, row by row, the roots of the full subtrees over them."""
        kept = self._tiles.pop((level, number), None)
        rows = kept or _rows_over(await self._hashes(reader, level, number))
        self._tiles[level, number] = rows  # at the end: what was used last goes last
        if len(self._tiles) > KEPT:
            del self._tiles[next(iter(self._tiles))]
        return rows

    async def _hashes(self, reader: Reader, level: int, number: int) -> list[bytes]:
        """From a full tile, or from what will become one."""
        first, end = number * TILE, min((number + 1) * TILE, self._size >> 8 * level)
        if end == first + TILE:
            tile = await logs.tile(reader, self._site, level, number)
            return _cut(tile[0] if tile else b"")
        if level == 0:
            return await records.leaves(reader, self._site, first + 1, end)
        return await logs.tile_roots(reader, self._site, level - 1, first, end - 1)


async def prefix(reader: Reader, site: str, size: int) -> Tree:
    """The tree of the first `size` leaves, known by its edge."""
    edges: list[list[bytes]] = [[]]
    if size % TILE:
        edges = [await records.leaves(reader, site, size - size % TILE + 1, size)]
    level, full = 0, size // TILE
    while full:
        edges.append(await logs.tile_roots(reader, site, level, full - full % TILE, full - 1))
        level, full = level + 1, full // TILE
    return Tree(size, edges)


def _rows_over(hashes: list[bytes]) -> list[list[bytes]]:
    rows = [hashes]
    for _ in range(8):
        row = rows[-1]
        rows.append([tree.node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)])
    return rows


def _cut(hashes: bytes) -> list[bytes]:
    return [bytes(hashes[i : i + tree.HASH]) for i in range(0, len(hashes), tree.HASH)]
