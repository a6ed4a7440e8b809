"""Exported files prove themselves: whole, since an instant, of one subject; and say so when they were altered."""

from __future__ import annotations

import base64
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import clock as clocks
from consent import exports, ids, records
from consent.checkpoints import LogKey, vkey
from consent.errors import Malformed, Refused
from consent.exports import Selection
from consent.records import record
from consent.services import Services
from consent.tree import Tree
from consent.verifying_files import VerifiedFile, verify_file
from tests import acts
from tests.acts import REFUSED, SITE
from tests.clock import START
from tests.trips.exported import (
    RECORDS,
    SUBJECT,
    VICTIM,
    Lines,
    export,
    forged_erasure,
    found,
    refitted,
    replaced,
    swapped,
    verdict,
    without,
)  # fmt: skip


async def test_untouched_files_are_in_order(log: Services) -> None:
    assert found(await export(log)) == (RECORDS, 1, RECORDS)
    assert found(await export(log, since=START + 1)) == (100, 1, RECORDS)
    assert found(await export(log, since=START + 999_999)) == (0, 0, RECORDS)
    assert found(await export(log, until=START + 1)) == (200, 0, None)
    assert found(await export(log, subject=SUBJECT)) == (30, 0, None)
    assert found(await export(log, subject=acts.new_id())) == (0, 0, None)
    assert found(await export(log, subject=SUBJECT, until=START + 1)) == (20, 0, None)
    assert found(await export(log, since=START + 1, until=START + 10_001)) == (100, 1, RECORDS)
    assert found(await export(log, since=START + 1, until=START + 1)) == (0, 0, None)


async def test_an_empty_log_has_a_file_too(services: Services) -> None:
    lines = await export(services)
    assert found(lines) == (0, 0, 0)
    assert msgspec.json.decode(lines[0])["checkpoint"].split("\n")[1] == "0"
    assert found(await export(services, subject=SUBJECT)) == (0, 0, None)
    unsigned = replaced(lines[0], msgspec.json.encode({"checkpoint": "", "key": verify_file(lines).key}), place=0)
    assert "does not hold" in str(verdict(unsigned(lines)))


async def test_a_file_says_which_key_it_needs_and_another_does_not_do(log: Services) -> None:
    lines = await export(log)
    result = verify_file(lines)
    assert verify_file(lines, result.key) == result
    origin = result.key.split("+")[0]
    assert "not signed by the log's key" in str(verdict(lines, vkey(origin, bytes(31) + b"\x01")))
    for malformed in ("", "x", result.key[:-4], result.key[1:], f"{result.key}+", "\u00e9+00000000+AAAA"):
        with pytest.raises(Refused, match="name.hash.key"):
            verify_file(lines, malformed)
    malformed_inside = replaced(b'"key":"', b'"key":"x', place=RECORDS)
    assert "not an Ed25519 verifier key" in str(verdict(malformed_inside(lines)))


async def test_editors_marks_are_no_alteration_and_another_format_is_told(log: Services) -> None:
    lines = await export(log)
    as_it_is = verify_file(lines)
    for marked in ([*lines, b""], [*lines, b"\n", b" \r\n"], [b"\xef\xbb\xbf" + lines[0], *lines[1:]]):
        assert verify_file(marked) == as_it_is
    assert verdict([b"", *lines]) == "the line after record 0 is not JSON"
    span = await exports.span(log.database, SITE, Selection())
    as_csv = b"".join([chunk async for chunk in exports.csv_text(log.database, span)]).splitlines()
    for other in (as_csv, [b"\xff\xfe{\0"], [b"[]"], [b"\x1f\x8b"]):
        with pytest.raises(Malformed, match="this is not an export in JSON lines"):
            verify_file(other)


def erased_by_another(lines: Lines) -> Lines:
    """The same, signed well, but by a key of the forger's."""
    line = msgspec.json.decode(forged_erasure(lines)[VICTIM - 1])
    proof, origin = line["proof"], msgspec.json.decode(lines[-1])["key"].split("+")[0]
    leaf, seal = bytes.fromhex(proof["leaf"]), bytes.fromhex(proof["seal"])
    signature = LogKey(origin, bytes(32)).erasure_seal(VICTIM, "cookies", leaf, seal, clocks.parse(line["erased_at"]))
    proof["erasure"] = base64.b64encode(signature).decode()
    return [*lines[: VICTIM - 1], msgspec.json.encode(line), *lines[VICTIM:]]


def erased_but_full(lines: Lines) -> Lines:
    """A record altered, and called erased so that its leaf is not held against it."""
    altered = replaced(b'"analytics":false', b'"analytics":true')(lines)
    return replaced(b'{"action"', b'{"erased_at":"2026-11-22T10:00:00.000Z","action"')(altered)


ALTERATIONS: dict[str, tuple[Callable[[Lines], Lines], int | str]] = {
    "a decision": (replaced(b'"analytics":false', b'"analytics":true'), VICTIM),
    "a field taken out": (replaced(b'"kind":"cookies",', b""), VICTIM),
    "a field put in": (replaced(b'"kind"', b'"extra":1,"kind"'), VICTIM),
    "a field said twice": (replaced(b'"language":"en"', b'"language":"es","language":"en"'), VICTIM),
    "a decision said twice": (replaced(b'"content":false', b'"content":true,"content":false'), VICTIM),
    "a number of its own": (
        replaced(b'"seq":7,', b'"seq":7.0,'),
        "record 7.0 was altered: it is not what was committed to",
    ),
    "a number too large": (replaced(b'"gpc":false', b'"gpc":' + b"9" * 40), VICTIM),
    "the leaf": (replaced(b'"leaf":"', b'"leaf":"00'), VICTIM),
    "the salt": (replaced(b'"salt":"', b'"salt":"00'), VICTIM),
    "no proof": (replaced(b'"proof"', b'"poorf"'), VICTIM),
    "a proof of another shape": (replaced(b'"proof":{', b'"proof":[],"x":{'), VICTIM),
    "erased but full": (erased_but_full, VICTIM),
    "called erased": (forged_erasure, VICTIM),
    "called erased by another key": (erased_by_another, VICTIM),
    "the erasure's instant": (replaced(b'"erased_at":"2027', b'"erased_at":"2026', place=279), 280),
    "the erasure's kind": (replaced(b'"kind":"cookies"', b'"kind":"newsletter"', place=279), 280),
    "the erased one's leaf": (replaced(b'"leaf":"', b'"leaf":"00', place=279), 280),
    "the erased one's seal": (replaced(b'"seal":"', b'"seal":"00', place=279), 280),
    "the erasure's signature": (replaced(b'"erasure":"', b'"erasure":"AAAA', place=279), 280),
    "an erasure without a signature": (replaced(b'"erasure":', b'"erazure":', place=279), 280),
    "not JSON": (replaced(b'"kind"', b"kind"), "the line after record 6 is not JSON"),
    "not an object": (lambda lines: [*lines[:6], b"[]", *lines[7:]], "the line after record 6 is not JSON"),
    "an empty line": (lambda lines: [*lines[:6], b"", *lines[6:]], "the line after record 6 is not JSON"),
    "a line twice": (lambda lines: [*lines[:VICTIM], *lines[VICTIM - 1 :]], VICTIM),
    "two lines swapped": (swapped(VICTIM - 1, VICTIM), VICTIM),
    "lines after the end": (lambda lines: [*lines, lines[0]], "there are lines after the checkpoint"),
    "cut short": (lambda lines: lines[:-1], "the file has no checkpoint at its end: it was cut short"),
    "nothing": (lambda lines: [], "the file has no checkpoint at its end: it was cut short"),
}


async def test_an_altered_file_names_the_first_record_that_is_wrong(log: Services) -> None:
    lines = await export(log)
    found = {name: verdict(alter(lines)) for name, (alter, _) in ALTERATIONS.items()}
    assert found == {name: expected for name, (_, expected) in ALTERATIONS.items()}
    assert verdict(lines) == verify_file(lines)


WHOLE: dict[str, Callable[[Lines], Lines]] = {
    "the first taken out": without(0),
    "one taken out": without(50),
    "the last taken out": without(-2 % (RECORDS + 1)),
    "all taken out": lambda lines: lines[-1:],
    "an altered record with a leaf that fits": refitted,
    "the signed root": replaced(b"miami-new-times\\n300\\n", b"miami-new-times\\n300\\nA", place=RECORDS),
    "the signed size": replaced(b"miami-new-times\\n300\\n", b"miami-new-times\\n299\\n", place=RECORDS),
    "no checkpoint in it": replaced(b'"checkpoint":', b'"checkpoint":"","x":', place=RECORDS),
}


async def test_a_whole_file_lacks_nothing(log: Services) -> None:
    lines = await export(log)
    assert {name for name, alter in WHOLE.items() if not isinstance(verdict(alter(lines)), str)} == set()


async def test_a_file_since_an_instant_lacks_nothing_since(log: Services) -> None:
    lines = await export(log, since=START + 1)
    before = b'"before":{"size":200'
    alterations: dict[str, Callable[[Lines], Lines]] = {
        "the first taken out": without(0),
        "one taken out": without(30),
        "the last taken out": without(99),
        "all taken out": lambda lines: lines[-1:],
        "another size before": replaced(before, b'"before":{"size":201', place=100),
        "a vast size before": replaced(before, b'"before":{"size":-1', place=100),
        "nothing before": replaced(b'"before"', b'"befroe"', place=100),
        "altered peaks": replaced(b'"peaks":["', b'"peaks":["0', place=100),
        "no peaks": replaced(b'"peaks"', b'"speak"', place=100),
        "an altered record with a leaf that fits": refitted,
    }
    assert {name for name, alter in alterations.items() if not isinstance(verdict(alter(lines)), str)} == set()
    assert verdict(replaced(b'"analytics":false', b'"analytics":true')(lines)) == 200 + VICTIM


@given(st.data())
def test_one_altered_byte_anywhere_is_found(data: st.DataObject) -> None:
    """Over a file of one record made here, every byte but those of the printed key matters."""
    lines = [bytearray(line) for line in small_file()]
    place = data.draw(st.integers(0, len(lines) - 1), label="line")
    at = data.draw(st.integers(0, len(lines[place]) - 1), label="byte")
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != lines[place][at]), label="becomes")
    before = verify_file([bytes(line) for line in lines])
    lines[place][at] = byte
    said = verdict([bytes(line) for line in lines])
    if isinstance(said, VerifiedFile):  # an upper-case hex digit, a space for the escape of the same letter, …
        assert (said.records, said.checkpoint) == (before.records, before.checkpoint)


def small_file() -> Lines:
    """Two records and their checkpoint, made without a database."""
    key, grown, lines = LogKey("127.0.0.1/log/site", bytes(32)), Tree(), []
    for seq in (1, 2):
        draft = acts.draft("0" * 64, REFUSED, site="site", id=str(ids.uuid7(seq)), subject=str(ids.uuid7(seq)))
        payload = records.payload(record(draft, seq, START, {}))
        leaf = records.leaf(payload, bytes(32))
        grown.append([leaf])
        proof = msgspec.json.encode({"leaf": leaf.hex(), "salt": bytes(32).hex()})
        lines.append(payload[:-1] + b',"proof":' + proof + b"}")
    note = key.sign(2, grown.root())
    lines.append(msgspec.json.encode({"checkpoint": note, "key": vkey(key.origin, key.public)}))
    assert clocks.text(START) in lines[0].decode()
    return lines
