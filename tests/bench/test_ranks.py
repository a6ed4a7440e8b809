"""The bench's test of ranks, against what it approximates: shuffling the two lots again and again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

import pytest

from tests.bench.ranks import compare

SHUFFLES = 4000


def larger(first: Sequence[float], second: Sequence[float]) -> float:
    """By its definition: equal ones count half."""
    halves = sum((a > b) + (a >= b) for a, b in product(first, second))
    return halves / (2 * len(first) * len(second))


def by_shuffling(first: Sequence[float], second: Sequence[float]) -> float:
    """How often chance alone puts the lots at least as far apart."""
    chance, pool = random.Random(8058), [*first, *second]
    distance, reached = abs(larger(first, second) - 0.5), 0
    for _ in range(SHUFFLES):
        chance.shuffle(pool)
        reached += abs(larger(pool[: len(first)], pool[len(first) :]) - 0.5) >= distance - 1e-12
    return reached / SHUFFLES


@pytest.mark.parametrize("step", [0.0, 1.5, 3.0, 5.0])
def test_it_is_what_shuffling_says(step: float) -> None:
    chance = random.Random(int(step * 10))
    first = [float(chance.randrange(12)) for _ in range(25)]  # with ties
    second = [float(chance.randrange(12)) + step for _ in range(20)]
    found = compare(first, second)
    assert found.larger == pytest.approx(larger(first, second))
    assert found.p == pytest.approx(by_shuffling(first, second), abs=0.02)


def test_equal_lots_are_not_told_apart() -> None:
    assert compare([1.0] * 30, [1.0] * 30) == (0.5, 1.0)
