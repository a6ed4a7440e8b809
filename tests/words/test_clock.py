"""Instants and their text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import clock

END_OF_9999 = 253_402_300_799_999


@given(st.integers(0, END_OF_9999))
def test_text_and_back(instant: int) -> None:
    words = clock.text(instant)
    assert clock.parse(words) == instant
    assert len(words) == 24


@given(st.integers(0, END_OF_9999), st.integers(0, END_OF_9999))
def test_texts_sort_as_instants_do(one: int, other: int) -> None:
    assert (clock.text(one) < clock.text(other)) is (one < other)


def test_now_is_now() -> None:
    before = time.time_ns() // 1_000_000
    assert before <= clock.now() <= before + 60_000


@pytest.mark.parametrize(
    ("words", "instant"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-22T10:00:00.123Z", 1_795_341_600_123),
        ("2026-11-22t10:00:00.123z", 1_795_341_600_123),
        ("2026-11-22T12:00:00.123+02:00", 1_795_341_600_123),
        ("2026-11-22T09:30:00.123-00:30", 1_795_341_600_123),
        ("2026-11-22T10:00:00.1234Z", 1_795_341_600_123),
        ("2024-02-29T23:59:59Z", 1_709_251_199_000),
    ],
)
def test_rfc_3339_is_read(words: str, instant: int) -> None:
    assert clock.parse(words) == instant


@pytest.mark.parametrize(
    "words",
    [
        "", "now", "2026-11-22", "2026-11-22T10:00:00", "2026-11-22 10:00:00Z", "2026-11-22T10:00Z", "20261122T100000Z",
        "2026-W47-7T10:00:00Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-22T25:00:00Z",
        "1969-12-31T23:59:59Z", "2026-11-22T10:00:00.123Z\0", "2026-11-22T10:00:00.123Z ", "2026-11-22T10:00:00+25:00",
        "٢٠٢٦-11-22T10:00:00Z", "0001-01-01T00:00:00+23:59", "2026-11-22T10:00:00.Z",
    ],
)  # fmt: skip
def test_anything_else_is_a_value_error(words: str) -> None:
    with pytest.raises(ValueError):
        clock.parse(words)


@given(st.text(max_size=40))
def test_no_text_raises_anything_else(words: str) -> None:
    try:
        assert clock.parse(words) >= 0
    except ValueError:
        return
