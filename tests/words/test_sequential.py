"""The sequential test: a look after every act fools it no more often than it says, and it finds what is there."""

from __future__ import annotations

from itertools import pairwise
from math import exp, inf, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.figures.sequential import ALPHA, evidence, interval, verdict

ACTS, RUNS = 1500, 300


def ever_rejected(random: Random, share: float) -> bool:
    """Whether somebody who looks after every single act ever sees a difference."""
    second = 0
    for acts in range(1, ACTS + 1):
        second += random.random() < share
        if evidence(second, acts) >= -log(ALPHA):
            return True
    return False


def test_looking_all_the_time_fools_nobody() -> None:
    random = Random(1)
    assert sum(ever_rejected(random, 0.5) for _ in range(RUNS)) / RUNS <= ALPHA


def test_a_fixed_test_looked_at_all_the_time_would_fool() -> None:
    """The control: a z-test at the same alpha, looked at as often, rejects what is true far too often."""
    random, fooled = Random(1), 0
    for _ in range(RUNS):
        second = 0
        for acts in range(1, ACTS + 1):
            second += random.random() < 0.5
            if acts >= 30 and abs(second - acts / 2) > 1.96 * (acts / 4) ** 0.5:
                fooled += 1
                break
    assert fooled / RUNS > 4 * ALPHA


def test_a_difference_is_found() -> None:
    random = Random(2)
    assert sum(ever_rejected(random, 0.58) for _ in range(40)) >= 36


@given(st.integers(0, 60))
def test_the_evidence_is_a_martingale(acts: int) -> None:
    """Under the null, what is expected after one more act is what there is now: betting against it gains nothing."""
    for second in range(acts + 1):
        after = 0.5 * exp(evidence(second + 1, acts + 1)) + 0.5 * exp(evidence(second, acts + 1))
        assert after == pytest.approx(exp(evidence(second, acts)))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=20))
def test_what_was_once_said_is_not_taken_back(steps: list[tuple[int, int]]) -> None:
    looks = [(0, 0)]
    for first, second in steps:
        looks.append((looks[-1][0] + first, looks[-1][1] + second))
    said = [verdict(looks[:number]) for number in range(1, len(looks) + 1)]
    for before, after in pairwise(said):
        assert (after.p <= before.p) and (after.low >= before.low)
    assert said[-1].acts == sum(looks[-1])


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_interval_holds_what_was_seen_and_mirrors(first: int, second: int) -> None:
    low, high = interval(second, first + second)
    assert 0 <= low <= (second / (first + second) if first + second else 0.5) <= high <= 1
    assert interval(first, first + second) == pytest.approx((1 - high, 1 - low))


def test_nothing_seen_says_nothing() -> None:
    said = verdict([])
    assert (said.acts, said.p, said.low, said.high, said.is_decided) == (0, 1.0, 0.0, inf, False)


def test_a_clear_case_is_told_with_its_size() -> None:
    said = verdict([(100, 200), (500, 1000)])
    assert said.is_decided and said.low > 1.4 and said.high < 2.7
