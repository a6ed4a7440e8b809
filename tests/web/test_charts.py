"""Charts by their geometry: within their place, labels apart, parts that add up, at every width."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.web.console.charts import APART, HEIGHT, TOP, WIDTHS, Label, Point, columns, labels, short, ticks, width

NUMBERS = st.one_of(st.integers(0, 20), st.integers(0, 10**7))
POINTS = st.lists(
    st.builds(
        Point,
        label=st.sampled_from(["3 Nov", "23 Sep", "30 Nov"]),
        words=st.just("words"),
        parts=st.fixed_dictionaries({"accepted": NUMBERS, "ignored": NUMBERS}),
    ),
    max_size=120,
)


def box(label: Label, room: int) -> tuple[float, float]:
    x, wide = label.x / 100 * room, width(label.text)
    return {"start": (x, x + wide), "middle": (x - wide / 2, x + wide / 2), "end": (x - wide, x)}[label.anchor]


@given(POINTS)
def test_what_is_drawn_lies_within_and_adds_up(points: list[Point]) -> None:
    chart = columns(points)
    top_line = min(tick.y for tick in chart.ticks)
    assert top_line == TOP
    assert len(chart.columns) == len(points)
    for point, column in zip(points, chart.columns, strict=True):
        assert column.x >= 0 and column.x + column.width <= 100.001
        edges = [chart.floor, *(bar.y for bar in column.bars)]
        assert edges == sorted(edges, reverse=True)
        assert all(bar.y >= TOP - 0.05 and bar.y + bar.height <= HEIGHT for bar in column.bars)
        high = sum(bar.height for bar in column.bars)
        assert high == pytest.approx(sum(point.parts.values()) / _top(points) * (chart.floor - TOP), abs=0.05)
    for before, after in itertools.pairwise(chart.columns):
        assert before.x + before.width < after.x


def _top(points: list[Point]) -> int:
    return ticks(max((sum(point.parts.values()) for point in points), default=0))[-1]


@pytest.mark.parametrize("text", ["9", "3 Nov", "23 Sep"])
@pytest.mark.parametrize("count", [1, 2, 3, 6, 7, 8, 13, 14, 28, 29, 30, 31, 52, 57, 58, 90, 91, 100])
def test_labels_do_not_touch_in_any_window(count: int, text: str) -> None:
    found = labels([text] * count)
    for rank, room in enumerate(WIDTHS):
        for wide in (room, room * 1.3, room * 1.6):
            boxes = [box(label, round(wide)) for label in found if label.rank <= rank]
            assert boxes, "the last column has its label"
            assert boxes[0][0] >= 0 and boxes[-1][1] <= round(wide) + 0.01
            for before, after in itertools.pairwise(boxes):
                assert after[0] - before[1] >= APART / 2
        assert len([label for label in found if label.rank <= rank]) >= min(count, 2) or count == 2


def test_a_month_has_enough_labels() -> None:
    ranks = [label.rank for label in labels([f"{day} Nov" for day in range(1, 29)])]
    assert [len([rank for rank in ranks if rank <= most]) for most in range(3)] == [4, 7, 14]


@given(st.integers(0, 10**9))
def test_ticks_are_few_and_round(most: int) -> None:
    lines = ticks(most)
    apart = lines[1]
    assert lines[0] == 0 and lines[-1] >= most and 2 <= len(lines) <= 5
    assert str(apart).rstrip("0") in ("1", "2", "5")
    assert not most or lines[-2] < most


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (800, "800"), (1500, "1,500"), (20_000, "20k"), (1_500_000, "1.5m")]
)
def test_numbers_beside_the_lines_are_short(number: int, text: str) -> None:
    assert short(number) == text
