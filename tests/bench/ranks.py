"""Whether two lots of durations are told apart: Mann and Whitney's test, by the standard library alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class Compared(NamedTuple):
    """How often one of the first lot is larger than one of the second (.5: as often as not), and the p-value."""

    larger: float
    p: float


def compare(first: Sequence[float], second: Sequence[float]) -> Compared:
    """The two-sided test by its normal approximation with the correction for ties; for lots of twenty and more."""
    m, n = len(first), len(second)
    ranks = _ranks([*first, *second])
    larger = sum(ranks[:m]) - m * (m + 1) / 2
    total = m + n
    ties = sum(count**3 - count for count in Counter([*first, *second]).values()) / (total * (total - 1))
    spread = math.sqrt(m * n / 12 * (total + 1 - ties))
    if not spread:
        return Compared(0.5, 1.0)
    distance = max(0.0, abs(larger - m * n / 2) - 0.5) / spread
    return Compared(larger / (m * n), math.erfc(distance / math.sqrt(2)))


def _ranks(values: Sequence[float]) -> list[float]:
    """Each value's place from 1 on; equal ones share the middle of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + end + 1) / 2
        start = end
    return ranks
