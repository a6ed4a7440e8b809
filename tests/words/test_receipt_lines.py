"""A receipt's proof is checked as an export of one record is, and what it says twice or not at all is told."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from consent import receipt_lines
from consent.errors import Altered
from consent.verifying_files import verify_file
from tests.trips.test_verify_files import small_file


def receipt() -> dict[str, Any]:
    """The proof of the first of two records, as it is handed out."""
    first, second, end = (msgspec.json.decode(line) for line in small_file())
    proof = first.pop("proof") | {"path": [second["proof"]["leaf"]]}
    return {"consent_receipt": 1, "record": first, "proof": proof, **end, "token": "a.b.c"}


def verdict(told: dict[str, Any] | bytes) -> str:
    """What is wrong with it, or nothing."""
    try:
        lines = receipt_lines.read(told if isinstance(told, bytes) else json.dumps(told, indent=2).encode())
        assert lines is not None
        assert verify_file(lines).records == 1
    except Altered as altered:
        return altered.detail
    return ""


def test_a_receipt_is_in_order_in_any_spelling() -> None:
    good = receipt()
    assert verdict(good) == ""
    assert verdict(json.dumps(good, ensure_ascii=True, separators=(",", ":")).encode()) == ""
    assert verdict(dict(reversed(good.items()))) == ""


def test_what_is_wrong_with_a_receipt_is_told() -> None:
    good = receipt()
    wrong: dict[str, tuple[dict[str, Any] | bytes, str]] = {
        "a decision": (
            good | {"record": good["record"] | {"purposes": dict.fromkeys(good["record"]["purposes"], True)}},
            "record 1 was altered: it is not what was committed to",
        ),
        "the path": (
            good | {"proof": good["proof"] | {"path": ["0" * 64]}},
            "record 1 is not in the log: its path does not lead to the signed root",
        ),
        "no path": (good | {"proof": {"leaf": "", "salt": ""}}, "the receipt has no proof that can be read"),
        "a path of no hashes": (
            good | {"proof": good["proof"] | {"path": [1]}},
            "record 1 has no proof that can be read",
        ),
        "no record": (good | {"record": None}, "the receipt has no proof that can be read"),
        "no checkpoint": (
            good | {"checkpoint": None},
            "the checkpoint does not hold: the checkpoint is not signed by the log's key",
        ),
        "said twice": (
            json.dumps(good).replace('"language": "en"', '"language": "es", "language": "en"').encode(),
            "the receipt says language twice",
        ),
    }
    assert {name: verdict(told) for name, (told, _) in wrong.items()} == {
        name: words for name, (_, words) in wrong.items()
    }


@pytest.mark.parametrize("other", [b"", b"[]", b"{}", b"\xff", b'{"consent_receipt":0}', b"{" * 100_000], ids=range(6))
def test_what_is_no_receipt_is_left_to_who_reads_exports(other: bytes) -> None:
    assert receipt_lines.read(other) is None
    assert receipt_lines.read(b"\n".join(small_file())) is None
