"""Exported files, and the ways to alter them that more than one test takes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from consent import exports, records
from consent.canonical import encode
from consent.errors import Altered, Malformed
from consent.exports import Selection
from consent.services import Services
from consent.verifying_files import VerifiedFile, verify_file
from tests import acts
from tests.acts import SITE

RECORDS = 300
VICTIM = 7
SUBJECT = acts.new_id()
Lines = list[bytes]


async def export(services: Services, **selection: object) -> Lines:
    span = await exports.span(services.database, SITE, msgspec.convert(selection, Selection))
    return b"".join([chunk async for chunk in exports.jsonl(services.database, span)]).splitlines()


def verdict(lines: Lines, key: str | None = None) -> VerifiedFile | int | str:
    """The record that verify names, or what it says; what was found in order."""
    try:
        return verify_file(lines, key)
    except Altered as altered:
        return altered.detail if altered.seq is None else altered.seq
    except Malformed as malformed:
        return malformed.detail


def found(lines: Lines) -> tuple[int, int, int | None]:
    """(records, erased, the checkpoint's size where nothing was left out) of a file in order."""
    result = verify_file(lines)
    return result.records, result.erased, result.checkpoint.size if result.is_whole else None


def without(*places: int) -> Callable[[Lines], Lines]:
    return lambda lines: [line for place, line in enumerate(lines) if place not in places]


def replaced(old: bytes, new: bytes, place: int = VICTIM - 1) -> Callable[[Lines], Lines]:
    def alter(lines: Lines) -> Lines:
        assert old in lines[place]
        return [line.replace(old, new) if at == place else line for at, line in enumerate(lines)]

    return alter


def swapped(one: int, other: int) -> Callable[[Lines], Lines]:
    def alter(lines: Lines) -> Lines:
        lines = list(lines)
        lines[one], lines[other] = lines[other], lines[one]
        return lines

    return alter


def refitted(lines: Lines) -> Lines:
    """A record altered, with a leaf that fits: what anyone can do who reads how it is made."""
    line = msgspec.json.decode(lines[VICTIM - 1])
    proof = line.pop("proof")
    line["purposes"] = dict.fromkeys(line["purposes"], True)
    proof["leaf"] = records.leaf(encode(line), bytes.fromhex(proof["salt"])).hex()
    return [*lines[: VICTIM - 1], msgspec.json.encode(line | {"proof": proof}), *lines[VICTIM:]]


def forged_erasure(lines: Lines) -> Lines:
    """A record taken away, and called erased: its leaf is all that anyone needs for that."""
    leaf = msgspec.json.decode(lines[VICTIM - 1])["proof"]["leaf"]
    real = msgspec.json.decode(lines[279])["proof"]
    forged = {"erased_at": "2026-11-22T10:00:00.000Z", "kind": "cookies", "seq": VICTIM, "proof": real | {"leaf": leaf}}
    return [*lines[: VICTIM - 1], msgspec.json.encode(forged), *lines[VICTIM:]]
