"""Small cells: whatever the counts, nothing hidden follows from what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from consent.figures import LEAST, Counts, Row, added, attributes, hidden_columns, hours, plain
from consent.figures.hiding import APART, PARTS, bridges, folded

# Few and many, so that every kind of trouble comes up.
NUMBERS = st.one_of(st.just(0), st.integers(0, 12), st.integers(0, 4000))
COUNTS = st.builds(Counts, **dict.fromkeys(("shown", *PARTS, *APART), NUMBERS))
ROWS = st.dictionaries(st.sampled_from(["en", "es", "fr", "de", "ht", "pt", "other", ""]), COUNTS, max_size=7)

Unknown = tuple[str, str]


def determined(equations: Iterable[Mapping[Unknown, int]]) -> set[Unknown]:
    """The unknowns with one value only, by elimination: rows of the reduced matrix with nothing but one of them."""
    reduced: list[dict[Unknown, Fraction]] = []
    for equation in equations:
        row = {name: Fraction(number) for name, number in equation.items() if number}
        for other in reduced:
            _take(row, other)
        if row:
            for other in reduced:
                _take(other, row)
            reduced.append(row)
    return {next(iter(row)) for row in reduced if len(row) == 1}


def _take(row: dict[Unknown, Fraction], other: Mapping[Unknown, Fraction]) -> None:
    """Takes as much of the other from the row as makes the other's first unknown go."""
    first = next(iter(other))
    if first in row:
        by = row[first] / other[first]
        for name, number in other.items():
            row[name] = row.get(name, Fraction(0)) - by * number
            if not row[name]:
                del row[name]


def equations(rows: Sequence[Row]) -> Iterable[dict[Unknown, int]]:
    """All that is known of the hidden cells: each column's sum, each row's decided; ignored is shown less decided.

    A column of nothing is known to be nothing.
    """
    for name in ("shown", *PARTS, *APART):
        yield {(row.value, name): 1 for row in rows if getattr(row, name) is None}
    for row in rows:
        decided = {(row.value, name): 1 for name in PARTS if getattr(row, name) is None}
        yield decided if row.decided is not None else decided | {(row.value, "decided"): -1}
        if row.ignored:
            yield {(row.value, "shown"): 1} if row.shown is None else {}
    yield {(row.value, "decided"): 1 for row in rows if row.decided is None}


@given(ROWS)
def test_nothing_hidden_follows_from_what_is_shown(rows: dict[str, Counts]) -> None:
    table = attributes(rows)
    assert not determined(equations(table.rows))


@given(ROWS)
def test_no_small_number_is_told_but_of_the_whole(rows: dict[str, Counts]) -> None:
    """One row alone is the whole; so is a column that only one row has anything of."""
    table = attributes(rows)
    if len(table.rows) < 2:
        return
    deciding = [row for row in table.rows if row.decided]
    for row in table.rows:
        for name in ("shown", "decided", "ignored", *APART, *(PARTS if len(deciding) > 1 else ())):
            number = getattr(row, name)
            assert number is None or number == 0 or number >= LEAST, (row.value, name)


@given(ROWS)
def test_what_is_hidden_of_a_sum_is_many_or_all_of_it(rows: dict[str, Counts]) -> None:
    table = attributes(rows)
    for name in ("shown", *PARTS, *APART):
        cells = [getattr(row, name) for row in table.rows]
        told = [number for number in cells if number is not None]
        left = getattr(table.total, name) - sum(told)
        assert len(told) == len(cells) or left >= LEAST or not any(told), name
    for row in table.rows:
        told = [number for name in PARTS if (number := getattr(row, name)) is not None]
        assert row.decided is None or len(told) == len(PARTS) or row.decided - sum(told) >= LEAST or not any(told)


@given(ROWS)
def test_rows_go_together_by_two_and_more(rows: dict[str, Counts]) -> None:
    kept, low = folded(rows)
    assert sorted([*kept, *low]) == sorted(rows)
    assert len(low) != 1 or len(rows) == 1
    together = added(rows[value] for value in low)
    assert not kept or all(number == 0 or number >= LEAST for number in (together.shown, together.decided))


@given(ROWS)
def test_the_sums_stay_what_they_are(rows: dict[str, Counts]) -> None:
    table, whole = attributes(rows), added(rows.values())
    for name in ("shown", "decided", *PARTS, *APART):
        assert getattr(table.total, name) == getattr(whole, name) == getattr(plain(rows).total, name)


@given(st.lists(COUNTS, min_size=24, max_size=24))
def test_hours_are_held_against_their_day(numbers: list[Counts]) -> None:
    day = {f"{hour:02}": row for hour, row in enumerate(numbers)}
    table = hours([(day, day)])
    assert [row.value for row in table.rows] == [f"{hour:02}" for hour in range(24)]
    assert not determined(equations(table.rows))
    deciding = [row for row in table.rows if row.decided is None or row.decided]
    for row in table.rows:
        for name in ("shown", "decided", *(PARTS if len(deciding) > 1 else ())):
            number = getattr(row, name)
            assert number is None or number == 0 or number >= LEAST


@given(st.dictionaries(st.sampled_from("abcdef"), st.dictionaries(st.sampled_from(["asked", "left"]), NUMBERS)))
def test_columns_alone(rows: dict[str, dict[str, int]]) -> None:
    secret = hidden_columns(rows)
    for name in ("asked", "left"):
        within = [rows[value].get(name, 0) for value, column in secret if column == name]
        assert len(within) != 1
        assert not within or sum(within) >= LEAST or len(within) == len(rows)
        shown = [row.get(name, 0) for value, row in rows.items() if (value, name) not in secret]
        assert len(rows) < 2 or all(number == 0 or number >= LEAST for number in shown)


def both(people: Mapping[str, Counts], robots: Mapping[str, Counts]) -> dict[str, Counts]:
    return {value: added(one[value] for one in (people, robots) if value in one) for value in {**people, **robots}}


def assert_hidden_too(alone: Row, together: Row) -> None:
    assert not [
        name for name in Counts.__struct_fields__ if getattr(alone, name) is None is not getattr(together, name)
    ]


@given(ROWS, ROWS)
def test_what_is_hidden_of_people_is_hidden_of_people_and_robots(
    people: dict[str, Counts], robots: dict[str, Counts]
) -> None:
    alone = {row.value: row for row in attributes(people).rows}
    together = {row.value: row for row in attributes(both(people, robots), people).rows}
    folded_alone = {value or "unknown" for value, row in people.items() if row != Counts()} - alone.keys()
    assert not folded_alone & together.keys()
    for value, row in alone.items():
        assert_hidden_too(row, together[value if value in together else "other"])


@given(*[st.lists(COUNTS, min_size=24, max_size=24)] * 2)
def test_hours_too(people: list[Counts], robots: list[Counts]) -> None:
    first = {f"{hour:02}": row for hour, row in enumerate(people)}
    whole = both(first, {f"{hour:02}": row for hour, row in enumerate(robots)})
    for alone, together in zip(hours([(first, first)]).rows, hours([(whole, first)]).rows, strict=True):
        assert_hidden_too(alone, together)


def test_a_bridge_is_what_one_subtraction_leads_to() -> None:
    square = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
    assert bridges(square) == []
    assert set(bridges([*square, ("b", "z")])) == {("b", "z")}
    assert set(bridges([*square, ("b", "z"), ("c", "z"), ("c", "w"), ("d", "z"), ("d", "w")])) == {("b", "z")}
    assert len(bridges(square[:3])) == 3


def test_a_table_as_it_reads() -> None:
    rows = {
        "US": Counts(shown=4000, accepted=1200, refused=700, chosen=90, dismissed=40),
        "CA": Counts(shown=300, accepted=80, refused=40, chosen=4),
        "MX": Counts(shown=90, accepted=30, refused=20, chosen=12),
        "FR": Counts(shown=15, accepted=5, refused=4),
        "DE": Counts(shown=15, accepted=5, refused=4),
        "IT": Counts(shown=15, accepted=4, refused=4),
        "": Counts(shown=40, accepted=11, refused=12),
    }
    table = attributes(rows)
    assert [row.value for row in table.rows] == ["US", "CA", "MX", "unknown", "other"]
    us, ca, mx, _, other = table.rows
    assert (other.shown, other.decided) == (45, 26)
    assert (us.accepted, us.refused) == (1200, 700)
    assert (ca.chosen, ca.refused) == (None, None)  # its four alone would follow from what it decided
    assert (mx.chosen, mx.refused) == (None, None)  # and both from their columns
    assert ca.acceptance and (ca.acceptance.number, ca.acceptance.value) == (124, round(80 / 124, 6))


def test_one_row_is_the_whole() -> None:
    table = attributes({"en": Counts(shown=5, accepted=2)})
    assert [(row.value, row.shown, row.accepted) for row in table.rows] == [("en", 5, 2)]
