"""Which of two notices is taken up more often: a test that may be looked at as often as anybody likes.

Visitors are given one of two notices by a fair draw. Of those who then do something (accept, say), under the null
hypothesis each has seen the second with the probability of the draw, whatever came before. So the count of such acts on
the second is held against that by a likelihood ratio whose alternative is spread over all shares (a Beta mixture). It
is a martingale under the null: by Ville's inequality the chance that it ever exceeds 1/alpha, at any of endless looks,
is at most alpha. No denominator is needed, and nothing is approximated.

Sources: Ville 1939; Robbins 1970, "Statistical methods related to the law of the iterated logarithm"; Johari, Koomen,
Pekelis and Walsh 2022, "Always valid inference"; Ramdas, Grünwald, Vovk and Shafer 2023, "Game-theoretic statistics and
safe anytime-valid inference".

Invariant: pure; the same counts in the same order say the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, inf, lgamma, log

import msgspec

FAIR = 0.5
ALPHA = 0.05
PRIOR = 100.0
"""How close to the draw's own share the alternative is looked for: as if 200 acts had been seen, split evenly."""
STEPS = 60


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is known now, and will hold however often it is asked."""

    acts: int
    on_second: int
    p: float
    """The smallest alpha at which the null was ever rejected: at most 1."""
    low: float
    high: float
    """How many times as often the second is taken up as the first, by a confidence sequence at 1 - alpha; `high` may be
    infinite."""

    @property
    def is_decided(self) -> bool:
        """Whether the two differ, at alpha."""
        return self.p <= ALPHA


def evidence(on_second: int, acts: int, share: float = FAIR) -> float:
    """The logarithm of the mixture's likelihood ratio against the null that each act is on the second with `share`."""
    on_first = acts - on_second
    null = _times(on_second, log(share) if share > 0 else -inf) + _times(
        on_first, log(1 - share) if share < 1 else -inf
    )
    return _log_beta(PRIOR + on_second, PRIOR + on_first) - _log_beta(PRIOR, PRIOR) - null


def verdict(looks: Iterable[tuple[int, int]], alpha: float = ALPHA) -> Verdict:
    """What the looks say together: each is (acts on the first, acts on the second) so far, in the order of time."""
    first = second = 0
    best = 0.0
    low, high = 0.0, 1.0
    for first, second in looks:
        best = max(best, evidence(second, first + second))
        # Each look's interval holds at the same time as all others: so does what they have in common.
        now_low, now_high = interval(second, first + second, alpha)
        low, high = max(low, now_low), min(high, now_high)
    return Verdict(
        acts=first + second, on_second=second, p=min(1.0, exp(-best)), low=_odds(low), high=_odds(max(low, high))
    )


def interval(on_second: int, acts: int, alpha: float = ALPHA) -> tuple[float, float]:
    """The shares that are not rejected by these counts."""
    seen = on_second / acts if acts else FAIR  # what fits best is never rejected
    limit = -log(alpha)

    def edge(outer: float) -> float:
        inner = seen
        for _ in range(STEPS):
            middle = (inner + outer) / 2
            inner, outer = (middle, outer) if evidence(on_second, acts, middle) < limit else (inner, middle)
        return outer

    return (edge(0.0) if on_second else 0.0), (edge(1.0) if on_second < acts else 1.0)


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else inf


def _times(count: int, logarithm: float) -> float:
    return count * logarithm if count else 0.0


def _log_beta(one: float, other: float) -> float:
    return lgamma(one) + lgamma(other) - lgamma(one + other)
