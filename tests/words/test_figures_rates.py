"""Rates: held against published intervals, and never without what they are of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.figures import Counts, added, of_totals, rate, wilson

# R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I,
# method 3.
PUBLISHED = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]


@pytest.mark.parametrize(("part", "whole", "low", "high"), PUBLISHED)
def test_the_interval_is_the_published_one(part: int, whole: int, low: float, high: float) -> None:
    found = wilson(part, whole)
    assert abs(found[0] - low) < 5e-5 and abs(found[1] - high) < 5e-5


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_a_share_lies_within_its_interval(part: int, whole: int) -> None:
    found = rate(part, whole, "decided")
    if part > whole:
        assert found is None
        return
    assert found and 0 <= found.low <= found.value <= found.high <= 1
    assert (found.of, found.number) == ("decided", whole)
    other = wilson(whole - part, whole)
    assert abs(found.low - (1 - other[1])) < 2e-6 and abs(found.high - (1 - other[0])) < 2e-6


def test_there_is_no_rate_of_nothing_or_of_what_is_hidden() -> None:
    assert rate(0, 0, "shown") is rate(None, 9, "shown") is rate(9, None, "shown") is None
    assert wilson(0, 0) == (0.0, 1.0)


def test_counts_come_from_totals_and_add_up() -> None:
    rows = of_totals(
        [("en", "shown", 9), ("en", "accepted", 4), ("es", "withdrawn", 2), ("es", "of_later_versions", 1)]
    )
    assert rows == {"en": Counts(shown=9, accepted=4), "es": Counts(withdrawn=2)}
    assert added(rows.values()) == Counts(shown=9, accepted=4, withdrawn=2)
    assert (rows["en"].decided, rows["en"].ignored, Counts(accepted=3).ignored) == (4, 5, 0)
