"""Rates that say what they are of, and how sure they are.

Invariant: no rate without its denominator; the interval is Wilson's (1927), which holds near 0 and 1 and for few.
"""

from __future__ import annotations

import math

import msgspec

Z = 1.959963984540054
"""The normal distribution's 97.5 % point: of a hundred such intervals about 95 hold the true rate."""


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A share of `number` things called `of`, between 0 and 1, and its 95 % interval."""

    of: str
    number: int
    value: float
    low: float
    high: float


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % score interval of a share: 0 to 1 when there is nothing to go by."""
    if not whole:
        return 0.0, 1.0
    share, spread = part / whole, Z * Z / whole
    middle = (share + spread / 2) / (1 + spread)
    reach = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    # At the ends it is exact, where floats would miss by a hair.
    return 0.0 if part == 0 else max(0.0, middle - reach), 1.0 if part == whole else min(1.0, middle + reach)


def rate(part: int | None, whole: int | None, of: str) -> Rate | None:
    """The share that `part` is of `whole`; None where one of them is hidden, or it is no share of it."""
    if part is None or not whole or part > whole:
        return None
    low, high = wilson(part, whole)
    return Rate(of=of, number=whole, value=round(part / whole, 6), low=round(low, 6), high=round(high, 6))
