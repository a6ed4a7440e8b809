"""Files of a selection: each line is shown to be in the log, and what is not shown is not believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from consent.errors import Altered
from consent.services import Services
from consent.verifying_files import VerifiedFile, verify_file
from tests import acts
from tests.acts import REFUSED
from tests.clock import START, SetClock
from tests.running import notice_of
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


async def test_a_part_between_two_instants_is_tied_to_the_log(log: Services, clock: SetClock) -> None:
    await log.recorder.give(acts.draft(notice_of(log), REFUSED))
    lines = await export(log, since=START + 1, until=START + 10_001)
    assert found(lines) == (100, 1, None)
    last = msgspec.json.decode(lines[-1])
    assert (last["before"]["size"], last["consistency"]["size"]) == (200, RECORDS)


PLACE = 6
PLACED = 61
"""The record of the subject that stands at PLACE of its file."""


def changed(change: Callable[[dict[str, Any]], object], place: int = PLACE) -> Callable[[Lines], Lines]:
    """One line's proof, changed."""

    def alter(lines: Lines) -> Lines:
        line = msgspec.json.decode(lines[place])
        change(line["proof"])
        return [*lines[:place], msgspec.json.encode(line), *lines[place + 1 :]]

    return alter


def erased_with_a_path(lines: Lines) -> Lines:
    proof = msgspec.json.decode(lines[PLACE])["proof"] | {"seal": "00" * 32, "erasure": "AAAA"}
    forged = {"erased_at": "2026-11-22T10:00:00.000Z", "kind": "cookies", "seq": PLACED, "proof": proof}
    return [*lines[:PLACE], msgspec.json.encode(forged), *lines[PLACE + 1 :]]


SELECTED: dict[str, tuple[Callable[[Lines], Lines], int | str]] = {
    "a decision": (replaced(b'"analytics":false', b'"analytics":true'), PLACED),
    "an altered record with a leaf that fits": (refitted, PLACED),
    "called erased": (erased_with_a_path, PLACED),
    "no path": (changed(lambda proof: proof.pop("path")), PLACED),
    "an empty path": (changed(lambda proof: proof.update(path=[])), PLACED),
    "a shorter path": (changed(lambda proof: proof["path"].pop()), PLACED),
    "a longer path": (changed(lambda proof: proof["path"].append("00" * 32)), PLACED),
    "another path": (changed(lambda proof: proof["path"].reverse()), PLACED),
    "a short hash": (changed(lambda proof: proof["path"].__setitem__(0, "00")), PLACED),
    "a path of another shape": (changed(lambda proof: proof.update(path=5)), PLACED),
    "two lines swapped": (swapped(2, 3), 21),
    "cut short": (lambda lines: lines[:-1], "the file has no checkpoint at its end: it was cut short"),
}


async def test_a_selection_names_an_altered_record(log: Services) -> None:
    lines = await export(log, subject=SUBJECT)
    found = {name: verdict(alter(lines)) for name, (alter, _) in SELECTED.items()}
    assert found == {name: expected for name, (_, expected) in SELECTED.items()}
    assert verify_file(without(3, 7)(lines)).records == 28


async def test_a_whole_file_does_not_get_by_as_a_selection(log: Services) -> None:
    """What is claimed is shown: lines without paths are in the log only where they are all there."""
    lines = await export(log)
    claimed = replaced(b'{"checkpoint"', b'{"selection":true,"checkpoint"', place=RECORDS)(lines)
    for alter in (without(), refitted, without(50), without(*range(100))):
        assert "has nothing that shows it to be in the log" in str(detail(alter(claimed)))


def detail(lines: Lines) -> str:
    with pytest.raises(Altered) as raised:
        verify_file(lines)
    return raised.value.detail


async def test_a_file_until_an_instant_is_the_logs_beginning(log: Services) -> None:
    lines = await export(log, until=START + 1)
    alterations: dict[str, Callable[[Lines], Lines]] = {
        "the first taken out": without(0),
        "one taken out": without(30),
        "the last taken out": without(199),
        "an altered record with a leaf that fits": refitted,
        "no consistency": replaced(b'"consistency"', b'"x"', place=200),
        "another size": replaced(b'"consistency":{"size":200', b'"consistency":{"size":201', place=200),
        "a size below": replaced(b'"consistency":{"size":200', b'"consistency":{"size":-1', place=200),
        "a size above": replaced(b'"consistency":{"size":200', b'"consistency":{"size":301', place=200),
        "an altered hash": replaced(b'"path":["', b'"path":["00', place=200),
        "no hash": replaced(b'"path":["', b'"path":[],"x":["', place=200),
    }
    assert {name for name, alter in alterations.items() if isinstance(verdict(alter(lines)), VerifiedFile)} == set()
    assert verdict(forged_erasure([*lines, *(await export(log))[200:]])[:200] + lines[-1:]) == VICTIM
