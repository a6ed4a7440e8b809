"""Which regimes a record may name under a site's setting."""

from __future__ import annotations

from typing import get_args

import pytest

from consent.regimes import UNKNOWN_PLACE, Regime, allowed

REGIMES = get_args(Regime)


@pytest.mark.parametrize("setting", REGIMES)
def test_a_fixed_setting_allows_itself(setting: Regime) -> None:
    assert allowed(setting) == (setting,)


def test_auto_allows_any_and_nothing_else_does() -> None:
    assert set(allowed("auto")) == set(REGIMES)
    assert allowed("AUTO") == allowed("") == allowed("opt") == ()


def test_a_place_that_is_not_known_is_asked_the_strictest_way() -> None:
    assert UNKNOWN_PLACE == "opt_in"
