"""The trip of an offline check: an exported file proves itself, without the database and without the secret.

Invariant: a file is good only when every line's record is the one its leaf commits to, every erasure is signed
by the log's key, and every leaf is shown to have its place under a root signed by that key: by a path of its
own, or because the leaves together, without a gap, give the root. Which key that must be is for the reader
to know: it is printed, and can be demanded.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from consent import records, tree
from consent.canonical import encode
from consent.checkpoints import Checkpoint, erasure_text, is_signed, open_note, read_vkey
from consent.errors import Altered, Fault, Malformed, Refused
from consent.tree import Tree

ERASED = {"erased_at", "kind", "seq"}
BOM = b"\xef\xbb\xbf"


class VerifiedFile(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in order in a file."""

    records: int
    erased: int
    checkpoint: Checkpoint
    is_whole: bool
    """False: a selection (one subject, until …): each line is in the log, but others may have been left out."""
    key: str


class Erasure(msgspec.Struct, frozen=True):
    """What an erased line says of its erasure, to be checked against the signature."""

    kind: str
    erased_at: str
    seal: bytes
    signature: bytes


class Claim(msgspec.Struct, frozen=True):
    """What of a line can only be checked with the key and the root that stand on the last one."""

    seq: int
    leaf: bytes
    path: tuple[bytes, ...] | None
    erasure: Erasure | None


def verify_file(lines: Iterable[bytes], key: str | None = None, progress: Callable[[int], object] = id) -> VerifiedFile:
    """Checks an exported file (JSON lines) by itself.

    Raises:
        Altered: names the first record that is wrong.
        Malformed: the file is no export in JSON lines.
        Refused: what was given as `key` is no verifier key.
    """
    _check_key(key)
    check = _FileCheck()
    for line in lines:
        check.line(line)
        progress(check.seen)
    return check.result(key)


def _check_key(key: str | None) -> None:
    try:
        if key is not None:
            read_vkey(key)
    except ValueError:
        raise Refused(Fault("key", "expected an Ed25519 verifier key: name+hash+key")) from None


class _FileCheck:
    """One walk over a file's lines."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.first = 0
        self.last_seq = 0
        self.has_gap = False
        self.erased = 0
        self.claims: list[Claim] = []
        self.pathless: int | None = None
        """The first record without a path."""
        self.is_blank: bool | None = None
        """Whether the line before was blank; None before the first."""
        self.end: dict[str, Any] | None = None

    @property
    def seen(self) -> int:
        return len(self.leaves)

    def line(self, line: bytes) -> None:
        """Takes the next line; blank ones may stand at the end alone."""
        if self.is_blank is None:
            line = line.removeprefix(BOM)
            if line.strip() and not line.lstrip().startswith(b"{"):
                raise Malformed("this is not an export in JSON lines")
        if not line.strip():
            self.is_blank = True
            return
        if self.is_blank:
            raise Altered(f"the line after record {self.last_seq} is not JSON")
        self.is_blank = False
        self._object(_parsed(line, self))

    def _object(self, line: dict[str, Any]) -> None:
        if self.end is not None:
            raise Altered("there are lines after the checkpoint")
        if "checkpoint" in line:
            self.end = line
            return
        claim = _proven(line)
        seq = claim.seq
        if seq <= self.last_seq:
            raise Altered(f"record {seq} stands out of order", seq)
        self.has_gap |= bool(self.leaves) and seq != self.last_seq + 1
        self.first = self.first or seq
        self.last_seq = seq
        self.leaves.append(claim.leaf)
        self._keep(claim)

    def _keep(self, claim: Claim) -> None:
        self.erased += claim.erasure is not None
        if claim.path is None and self.pathless is None:
            self.pathless = claim.seq
        if claim.path is not None or claim.erasure is not None:
            self.claims.append(claim)

    def result(self, key: str | None) -> VerifiedFile:
        if self.end is None:
            raise Altered("the file has no checkpoint at its end: it was cut short")
        signed, used = self._signed(key)
        origin, public = read_vkey(used)
        for claim in self.claims:
            _check_erasure(claim, origin, public)
            _check_path(claim, signed)
        is_whole = not self.end.get("selection")
        if is_whole:
            self._check_whole(signed)
        else:
            self._check_selection(signed)
        return VerifiedFile(records=self.seen, erased=self.erased, checkpoint=signed, is_whole=is_whole, key=used)

    def _signed(self, key: str | None) -> tuple[Checkpoint, str]:
        assert self.end is not None
        used = key or str(self.end.get("key"))
        try:
            return open_note(str(self.end["checkpoint"]), *read_vkey(used)), used
        except ValueError as error:
            raise Altered(f"the checkpoint does not hold: {error}") from None

    def _check_whole(self, signed: Checkpoint) -> None:
        """The lines are all records up to the head, from the first or from `before` on."""
        if self.has_gap or self.last_seq != (signed.size if self.leaves else 0):
            raise Altered(self._words_for_gap(signed))
        grown = self._tree()
        if grown.size != signed.size or grown.root() != signed.root:
            raise Altered(self._words_for_wrong_root(signed))

    def _check_selection(self, signed: Checkpoint) -> None:
        """Each line has shown its own path; or else they are a part without a gap, and the log grew from it."""
        assert self.end is not None
        if self.pathless is None:
            return
        if "consistency" not in self.end or self.has_gap:
            raise Altered(f"record {self.pathless} has nothing that shows it to be in the log", self.pathless)
        grown, size, path = self._tree(), *_consistency(self.end["consistency"])
        is_fitting = grown.size == size <= signed.size
        if not is_fitting or not tree.is_consistent(size, signed.size, grown.root(), signed.root, path):
            raise Altered(self._words_for_wrong_root(signed))

    def _tree(self) -> Tree:
        assert self.end is not None
        before = self.end.get("before")
        peaks: dict[str, Any] = before if isinstance(before, dict) else {"size": 0, "peaks": []}
        try:
            grown = Tree.of_peaks(int(peaks["size"]), _hashes(peaks["peaks"]))
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


def _check_erasure(claim: Claim, origin: str, public: bytes) -> None:
    erasure = claim.erasure
    if erasure is None:
        return
    text = erasure_text(origin, claim.seq, erasure.kind, claim.leaf, erasure.seal, erasure.erased_at)
    if not is_signed(text, erasure.signature, public):
        raise Altered(f"record {claim.seq} was emptied, but not by an erasure of the service", claim.seq)


def _check_path(claim: Claim, signed: Checkpoint) -> None:
    if claim.path is None:
        return
    try:
        root = tree.root_from_inclusion(claim.leaf, claim.seq - 1, signed.size, claim.path)
    except ValueError:
        root = b""
    if root != signed.root:
        raise Altered(f"record {claim.seq} is not in the log: its path does not lead to the signed root", claim.seq)


def _consistency(found: Any) -> tuple[int, list[bytes]]:
    try:
        size, path = int(found["size"]), _hashes(found["path"])
    except (KeyError, TypeError, ValueError):
        size, path = 0, []
    if size < 1:
        raise Altered("what ties the records to the signed root cannot be read")
    return size, path


def _hashes(found: Any) -> list[bytes]:
    hashes = [bytes.fromhex(one) for one in found]
    if any(len(one) != tree.HASH for one in hashes):
        raise ValueError("a hash is 32 bytes")
    return hashes


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


def _proven(line: dict[str, Any]) -> Claim:
    """What the line claims, once the record in it is shown to be what its leaf commits to."""
    proof = line.pop("proof", None)
    seq = line.get("seq")
    place = seq if type(seq) is int else None
    try:
        [leaf] = _hashes([proof["leaf"]])
        path = tuple(_hashes(proof["path"])) if "path" in proof else None
        erasure = _erasure(line, proof) if "erased_at" in line else None
        given = leaf if erasure else records.leaf(encode(line), bytes.fromhex(proof["salt"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise Altered(f"record {seq} has no proof that can be read", place) from None
    if "erased_at" in line and line.keys() != ERASED:
        raise Altered(f"record {seq} was altered: an erased one has nothing but its place", place)
    if given != leaf:
        raise Altered(f"record {seq} was altered: it is not what was committed to", place)
    if place is None:
        raise Altered(f"record {seq} stands out of order")
    return Claim(place, leaf, path, erasure)


def _erasure(line: dict[str, Any], proof: dict[str, Any]) -> Erasure:
    seal, signature = bytes.fromhex(proof["seal"]), base64.b64decode(proof["erasure"], validate=True)
    return Erasure(str(line.get("kind")), str(line["erased_at"]), seal, signature)
