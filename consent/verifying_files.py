"""The trip of an offline check: an exported file proves itself, without the database and without the secret.

Invariant: a file is good only when every line's record is the one its leaf commits to, the places have
no gap, and the leaves give the root of a checkpoint signed by the log's key. Which key that must be is
for the reader to know: it is printed, and can be demanded.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from consent import records, tree
from consent.canonical import encode
from consent.checkpoints import Checkpoint, open_note, read_vkey
from consent.errors import Altered
from consent.tree import Tree

ERASED = {"erased_at", "kind", "seq"}


class VerifiedFile(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in order in a file."""

    records: int
    erased: int
    checkpoint: Checkpoint | None
    """None: a selection (one subject, until …): its lines agree with themselves, but nothing ties them to the log."""
    key: str


def verify_file(lines: Iterable[bytes], key: str | None = None, progress: Callable[[int], object] = id) -> VerifiedFile:
    """Checks an exported file (JSON lines) by itself.

    Raises:
        Altered: names the first record that is wrong.
    """
    check = _FileCheck()
    for line in lines:
        check.line(_parsed(line, check))
        progress(check.seen)
    return check.result(key)


class _FileCheck:
    """One walk over a file's lines."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.first = 0
        self.last_seq = 0
        self.has_gap = False
        self.erased = 0
        self.end: dict[str, Any] | None = None

    @property
    def seen(self) -> int:
        return len(self.leaves)

    def line(self, line: dict[str, Any]) -> None:
        if self.end is not None:
            raise Altered("there are lines after the checkpoint")
        if "checkpoint" in line:
            self.end = line
            return
        seq, leaf = line.get("seq"), _proven_leaf(line)
        if type(seq) is not int or seq <= self.last_seq:
            raise Altered(f"record {seq} stands out of order", seq if isinstance(seq, int) else None)
        self.has_gap |= bool(self.leaves) and seq != self.last_seq + 1
        self.first = self.first or seq
        self.last_seq = seq
        self.erased += "erased_at" in line
        self.leaves.append(leaf)

    def result(self, key: str | None) -> VerifiedFile:
        if self.end is None:
            raise Altered("the file has no checkpoint at its end: it was cut short")
        signed, used = self._signed(key)
        is_whole = self._is_whole(signed)
        if is_whole:
            grown = self._tree(self.end.get("before"))
            if grown.size != signed.size or grown.root() != signed.root:
                raise Altered(self._words_for_wrong_root(signed))
        return VerifiedFile(records=self.seen, erased=self.erased, checkpoint=signed if is_whole else None, key=used)

    def _signed(self, key: str | None) -> tuple[Checkpoint, str]:
        assert self.end is not None
        used = key or str(self.end.get("key"))
        if not self.end["checkpoint"]:
            return Checkpoint("", 0, tree.EMPTY_ROOT), used
        try:
            return open_note(str(self.end["checkpoint"]), *read_vkey(used)), used
        except ValueError as error:
            raise Altered(f"the checkpoint does not hold: {error}") from None

    def _is_whole(self, signed: Checkpoint) -> bool:
        """Whether the lines claim to be all records up to the head, from the first or from `before` on."""
        assert self.end is not None
        if self.end.get("selection"):
            return False
        if self.has_gap or self.last_seq != (signed.size if self.leaves else 0):
            raise Altered(self._words_for_gap(signed))
        return True

    def _tree(self, before: Any) -> Tree:
        peaks: dict[str, Any] = before if isinstance(before, dict) else {"size": 0, "peaks": []}
        try:
            grown = Tree.of_peaks(int(peaks["size"]), [bytes.fromhex(peak) for peak in peaks["peaks"]])
        except (KeyError, TypeError, ValueError):
            raise Altered("what stands for the records before the first line cannot be read") from None
        if self.leaves and grown.size != self.first - 1:
            raise Altered(f"the file begins at record {self.first}, and nothing stands for those before it")
        grown.append(self.leaves)
        return grown

    def _words_for_gap(self, signed: Checkpoint) -> str:
        return (
            f"records are missing: the lines go up to {self.last_seq}{' with gaps' if self.has_gap else ''},"
            f" the log to {signed.size}"
        )

    def _words_for_wrong_root(self, signed: Checkpoint) -> str:
        return f"the {self.seen} records do not give the root that was signed for {signed.size}: some were replaced"


def _parsed(line: bytes, check: _FileCheck) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(line, type=dict[str, Any])
        as_exported = msgspec.json.encode(found) == line.strip()
        doubled = [] if as_exported else _doubled_keys(line)
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError):
        raise Altered(f"the line after record {check.last_seq} is not JSON") from None
    if doubled:
        seq = found.get("seq")
        raise Altered(f"record {seq} says {doubled[0]} twice", seq if isinstance(seq, int) else None)
    return found


def _doubled_keys(line: bytes) -> list[str]:
    """The keys that stand twice in one object: programs differ in which of the two they believe."""
    doubled: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        doubled.extend(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)

    json.loads(line, object_pairs_hook=note)
    return doubled


def _proven_leaf(line: dict[str, Any]) -> bytes:
    """The line's leaf, once the record in it is shown to be what the leaf commits to."""
    proof = line.pop("proof", None)
    seq = line.get("seq")
    place = seq if isinstance(seq, int) else None
    if "erased_at" in line and line.keys() != ERASED:
        raise Altered(f"record {seq} was altered: an erased one has nothing but its place", place)
    try:
        leaf = bytes.fromhex(proof["leaf"])
        if "erased_at" in line:
            return leaf
        given = records.leaf(encode(line), bytes.fromhex(proof["salt"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise Altered(f"record {seq} has no proof that can be read", place) from None
    if given != leaf:
        raise Altered(f"record {seq} was altered: it is not what was committed to", place)
    return leaf
