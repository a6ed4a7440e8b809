"""The Merkle tree of a log: leaves, roots and proofs, by RFC 6962 section 2 (= RFC 9162 section 2.1).

A `Tree` is only its right edge: the roots of the full subtrees of 256 leaves and their parents are
stored as tiles when they fill up (C2SP tlog-tiles), so that appending needs no reading and a proof
reads at most a few tiles.

Invariant: leaf and inner nodes are hashed with different prefixes, and the last leaf is never doubled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

import msgspec

TILE = 256
HASH = 32
EMPTY_ROOT = sha256(b"").digest()

Fetch = Callable[[int, int], bytes]
"""Gives the hash of the full subtree of 2**level leaves with this index at its level."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Tile(msgspec.Struct, frozen=True):
    """256 neighbouring hashes of level 8 × `level`, full and so never to change; `root` is their subtree's."""

    level: int
    number: int
    hashes: bytes
    root: bytes


class Tree:
    """A growing tree, known by its edge: at each tile level the hashes that do not fill a tile yet."""

    def __init__(self, size: int = 0, edges: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self._edges = [list(edge) for edge in edges] or [[]]
        self._peaks = _peaks_of(self._edges)

    @classmethod
    def of_peaks(cls, size: int, peaks: Sequence[bytes]) -> Tree:
        """A tree known by its peaks alone: it grows and has a root, but the first tiles it fills are not whole.

        Raises:
            ValueError: a tree of that size has another number of peaks.
        """
        places = peak_places(size)
        if len(places) != len(peaks):
            raise ValueError("the peaks do not fit the size")
        grown = cls()
        grown.size = size
        grown._peaks = [(peak, level) for peak, (level, _) in zip(peaks, places, strict=True)]
        return grown

    def copy(self) -> Tree:
        """A tree that grows by itself: what a transaction extends before it is known to commit."""
        twin = Tree.__new__(Tree)
        twin.size, twin._edges, twin._peaks = self.size, [list(e) for e in self._edges], list(self._peaks)
        return twin

    def append(self, leaves: Iterable[bytes]) -> list[Tile]:
        """Adds leaf hashes at the right; gives the tiles that this filled, lower levels first."""
        filled: list[Tile] = []
        for leaf in leaves:
            self._edges[0].append(leaf)
            roots = self._push(leaf)
            if roots:
                filled += self._fill(roots)
        return filled

    def root(self) -> bytes:
        """The root of all leaves so far (RFC 6962: MTH)."""
        return fold(self._peaks)

    def peaks(self) -> list[bytes]:
        """The roots of the full subtrees that the leaves so far make, the largest first."""
        return [hash_ for hash_, _ in self._peaks]

    def _push(self, hash_: bytes) -> list[bytes]:
        """Merges the leaf into the peaks; gives the roots of the tiles it completed, level by level."""
        peaks, height, roots = self._peaks, 0, []
        while peaks and peaks[-1][1] == height:
            hash_ = sha256(b"\x01" + peaks.pop()[0] + hash_).digest()
            height += 1
            if not height & 7:
                roots.append(hash_)
        peaks.append((hash_, height))
        self.size += 1
        return roots

    def _fill(self, roots: Sequence[bytes]) -> list[Tile]:
        filled = []
        for level, root in enumerate(roots):
            number = (self.size >> 8 * (level + 1)) - 1
            filled.append(Tile(level, number, b"".join(self._edges[level]), root))
            self._edges[level] = []
            if level + 1 == len(self._edges):
                self._edges.append([])
            self._edges[level + 1].append(root)
        return filled


def fold(peaks: Sequence[tuple[bytes, int]]) -> bytes:
    """The root over subtree roots, the largest (leftmost) first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1][0]
    for peak, _ in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def subtree_root(hashes: Sequence[bytes]) -> bytes:
    """The root of a power of two of neighbouring hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def peak_places(size: int) -> list[tuple[int, int]]:
    """(level, index) of the full subtrees that `size` leaves make, the largest first."""
    places, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            places.append((level, start >> level))
            start += 1 << level
    return places


def inclusion_proof(index: int, size: int, fetch: Fetch) -> list[bytes]:
    """The path from leaf `index` to the root of the first `size` leaves (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not in a tree of that size")
    return _path(index, 0, size, fetch)


def consistency_proof(old: int, new: int, fetch: Fetch) -> list[bytes]:
    """What shows that the tree of `old` leaves is the beginning of that of `new` leaves (RFC 6962, 2.1.2)."""
    if not 0 < old <= new:
        raise ValueError("the older size is 1 or more, and not the larger one")
    return [] if old == new else _subproof(old, 0, new, True, fetch)


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that the proof leads to (RFC 9162, 2.1.3.2).

    Raises:
        ValueError: the proof's length does not fit the index and size.
    """
    if not 0 <= index < size:
        raise ValueError("the leaf is not in a tree of that size")
    node, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return result


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows the older root to be the beginning of the newer (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & old - 1 == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _peaks_of(edges: Sequence[Sequence[bytes]]) -> list[tuple[bytes, int]]:
    peaks = []
    for level in range(len(edges) - 1, -1, -1):
        edge, start = edges[level], 0
        for height, index in peak_places(len(edge)):
            start = index << height
            peaks.append((subtree_root(edge[start : start + (1 << height)]), 8 * level + height))
    return peaks


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def _range_root(start: int, end: int, fetch: Fetch) -> bytes:
    peaks = [(fetch(lv, (start >> lv) + index), lv) for lv, index in peak_places(end - start)]
    return fold(peaks)


def _path(index: int, start: int, end: int, fetch: Fetch) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(index, start, middle, fetch), _range_root(middle, end, fetch)]
    return [*_path(index, middle, end, fetch), _range_root(start, middle, fetch)]


def _subproof(old: int, start: int, end: int, whole: bool, fetch: Fetch) -> list[bytes]:
    if start + old == end:
        return [] if whole else [_range_root(start, end, fetch)]
    middle = start + _split(end - start)
    if start + old <= middle:
        return [*_subproof(old, start, middle, whole, fetch), _range_root(middle, end, fetch)]
    rest = _subproof(start + old - middle, middle, end, False, fetch)
    return [*rest, _range_root(start, middle, fetch)]
