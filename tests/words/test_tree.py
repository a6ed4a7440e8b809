"""The tree against published vectors, and against itself by another road."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import tree

VECTORS = json.loads((Path(__file__).parent / "vectors" / "merkle.json").read_text())
LEAVES = [tree.leaf_hash(bytes.fromhex(data)) for data in VECTORS["leafInputsHex"]]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962's own recursive definition, word for word."""
    if not leaves:
        return tree.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return tree.node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def fetch_from(leaves: list[bytes]) -> tree.Fetch:
    return lambda level, index: tree.subtree_root(leaves[index << level : (index + 1) << level])


def some_leaves(count: int) -> list[bytes]:
    return [tree.leaf_hash(str(i).encode()) for i in range(count)]


def test_leaf_hashes_are_the_published_ones() -> None:
    assert [leaf.hex() for leaf in LEAVES] == VECTORS["leafHashes"]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    grown = tree.Tree()
    grown.append(LEAVES[:size])
    assert grown.root().hex() == VECTORS["rootsBySize"][size]


@pytest.mark.parametrize("case", VECTORS["inclusion"])
def test_inclusion_proofs_are_the_published_ones(case: dict[str, object]) -> None:
    index, size = int(str(case["leafIndex"])), int(str(case["treeSize"]))
    proof = tree.inclusion_proof(index, size, fetch_from(LEAVES))
    assert [h.hex() for h in proof] == case["proof"]
    assert tree.root_from_inclusion(LEAVES[index], index, size, proof).hex() == VECTORS["rootsBySize"][size]


@pytest.mark.parametrize("case", VECTORS["consistency"])
def test_consistency_proofs_are_the_published_ones(case: dict[str, object]) -> None:
    old, new = int(str(case["size1"])), int(str(case["size2"]))
    proof = tree.consistency_proof(old, new, fetch_from(LEAVES))
    assert [h.hex() for h in proof] == case["proof"]
    roots = [bytes.fromhex(root) for root in VECTORS["rootsBySize"]]
    assert tree.is_consistent(old, new, roots[old], roots[new], proof)
    if proof:
        assert not tree.is_consistent(old, new, roots[old], roots[new], proof[:-1])
        assert not tree.is_consistent(old, new, roots[old], roots[new], [*proof, roots[0]])
        assert not tree.is_consistent(old, new, roots[0], roots[new], proof)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=6))
def test_growing_in_steps_is_growing_at_once(steps: list[int]) -> None:
    leaves = some_leaves(sum(steps))
    grown, at = tree.Tree(), 0
    for step in steps:
        grown.append(leaves[at : at + step])
        at += step
    assert grown.root() == naive_root(leaves)


@given(st.integers(1, 700), st.data())
def test_every_leaf_is_proven_and_no_other(size: int, data: st.DataObject) -> None:
    leaves = some_leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(index, size, fetch_from(leaves))
    root = naive_root(leaves)
    assert tree.root_from_inclusion(leaves[index], index, size, proof) == root
    assert tree.root_from_inclusion(tree.leaf_hash(b"other"), index, size, proof) != root


def test_tiles_fill_and_a_tree_resumes_from_its_edges() -> None:
    leaves = some_leaves(256 * 256 + 300)
    grown = tree.Tree()
    tiles = grown.append(leaves)
    assert [(t.level, t.number) for t in tiles if t.level == 0] == [(0, n) for n in range(257)]
    assert [(t.level, t.number) for t in tiles if t.level == 1] == [(1, 0)]
    roots = [t.root for t in tiles if t.level == 0]
    resumed = tree.Tree(len(leaves), [leaves[-44:], roots[256:], [tiles[-2].root]])
    assert resumed.root() == grown.root()
    more = some_leaves(500)
    assert resumed.append(more) == grown.append(more)
    assert resumed.root() == grown.root()


def test_a_copy_grows_by_itself() -> None:
    first = tree.Tree()
    first.append(LEAVES[:3])
    second = first.copy()
    second.append(LEAVES[3:])
    assert (first.size, first.root().hex()) == (3, VECTORS["rootsBySize"][3])
    assert (second.size, second.root().hex()) == (8, VECTORS["rootsBySize"][8])


@pytest.mark.parametrize(("index", "size", "length"), [(0, 0, 0), (8, 8, 3), (-1, 8, 3), (0, 8, 2), (0, 8, 4)])
def test_proofs_that_cannot_be_are_refused(index: int, size: int, length: int) -> None:
    with pytest.raises(ValueError, match="."):
        tree.root_from_inclusion(LEAVES[0], index, size, LEAVES[:length])
