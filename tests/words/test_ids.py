"""Ids, salts and secrets: random enough, and in one spelling."""

from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import ids

COUNT = 2000


def test_uuids_are_of_version_7_and_their_random_bits_all_vary() -> None:
    made = [ids.uuid7(1_795_341_600_123) for _ in range(COUNT)]
    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}
    assert len(set(made)) == COUNT
    ones = [sum(each.int >> bit & 1 for each in made) for bit in range(80)]
    fixed = {*range(62, 64), *range(76, 80)}  # variant and version
    assert all(COUNT * 0.4 < count < COUNT * 0.6 for bit, count in enumerate(ones) if bit not in fixed)


@given(st.integers(0, (1 << 48) - 2))
def test_later_ids_are_larger(instant: int) -> None:
    one, later = ids.uuid7(instant), ids.uuid7(instant + 1)
    assert one.bytes < later.bytes
    assert one.int >> 80 == instant


@given(st.uuids())
def test_an_id_has_one_spelling(uuid: UUID) -> None:
    text = str(uuid)
    assert ids.parse_uuid(text) == uuid.bytes
    assert ids.uuid_text(uuid.bytes) == text
    for other in (text.upper() + " ", f"{{{text}}}", text.replace("-", ""), f"urn:uuid:{text}", text[:-1], text + "\n"):
        with pytest.raises(ValueError):
            ids.parse_uuid(other)


def test_upper_case_is_another_spelling() -> None:
    with pytest.raises(ValueError):
        ids.parse_uuid("01A204AF-28D0-7D54-9FC7-97C6441192F5")


def test_salts_are_apart_and_32_bytes_long() -> None:
    made = ids.salts(COUNT)
    assert len(set(made)) == COUNT
    assert {len(salt) for salt in made} == {32}
    assert ids.salts(0) == []


def test_a_secret_has_256_bits_and_no_white_space() -> None:
    made = {ids.secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(secret) == 43 and not secret.split()[1:] for secret in made)


@given(st.uuids(), st.sampled_from(["withdraw", "receipt"]))
def test_a_derived_id_follows_from_what_it_is_derived_from(uuid: UUID, act: str) -> None:
    text = str(uuid)
    assert ids.derived(text, act) == ids.derived(text, act)
    assert ids.derived(text, act) not in (text, ids.derived(text, f"{act} again"), ids.derived(str(ids.uuid7(0)), act))
    assert len(ids.parse_uuid(ids.derived(text, act))) == 16
