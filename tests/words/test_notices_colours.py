"""Contrast as WCAG 2.2 defines it, and what follows for a site's accent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.notices.colours import BLACK, PAPERS, WHITE, contrast, faint_on, ink_on

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
BASE = Path(__file__).parents[2] / "widget" / "src" / "base.css"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#c8102e", "#ffffff", 5.88),
    ],
)
def test_known_ratios(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio
    assert contrast(one, other) == contrast(other, one)


@pytest.mark.parametrize(
    ("accent", "ink", "faint"),
    [
        ("#c8102e", WHITE, ["dark"]), ("#ffff00", BLACK, ["light"]), ("#ffffff", BLACK, ["light"]),
        ("#000000", WHITE, ["dark"]), ("#1d4f91", WHITE, ["dark"]), ("#0a84ff", BLACK, []),
    ],
)  # fmt: skip
def test_the_ink_on_an_accent_and_where_it_needs_an_edge(accent: str, ink: str, faint: list[str]) -> None:
    assert (ink_on(accent), faint_on(accent)) == (ink, faint)
    assert (ink_on(accent.upper()), faint_on(accent.upper())) == (ink, faint)


@given(colours)
def test_text_on_any_accent_can_be_read(accent: str) -> None:
    assert contrast(accent, {BLACK: "#000000", WHITE: "#ffffff"}[ink_on(accent)]) >= 4.5


@given(colours)
def test_no_accent_is_faint_everywhere(accent: str) -> None:
    assert len(faint_on(accent)) < len(PAPERS)


def test_the_papers_are_those_of_the_style_sheet() -> None:
    found = re.findall(r"--paper: var\(--consent-paper, (#[0-9a-f]+)\)", BASE.read_text("utf-8"))
    whole = ["#" + "".join(2 * digit for digit in one[1:]) if len(one) == 4 else one for one in found]
    assert whole == list(PAPERS.values())
