"""Which law's way of asking applies at a place: opt-in, opt-out or notice-only.

Invariant: a place that is not known gets the strictest, opt-in.
"""

from __future__ import annotations

from typing import Literal

Regime = Literal["opt_in", "opt_out", "notice_only"]

UNKNOWN_PLACE: Regime = "opt_in"


def allowed(setting: str) -> tuple[Regime, ...]:
    """The regimes a record may name under a site's setting; `auto` means any, by the visitor's place."""
    every: tuple[Regime, ...] = ("opt_in", "opt_out", "notice_only")
    return every if setting == "auto" else tuple(regime for regime in every if regime == setting)
