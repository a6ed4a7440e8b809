"""Cells of a CSV: read back to what they were, and never a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent import cells

STARTS = "=+-@\t\r\n＝＋－＠'"
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
values = texts | st.builds(str.__add__, st.sampled_from(STARTS), texts)


@given(table=st.lists(st.lists(values, min_size=2, max_size=3), min_size=1, max_size=3))
@example(table=[["=cmd|' /C calc'!A0", "'", "''=1", '"a","b"'], ["a\r\nb", "\n", ",", ";=1"], ["", "é", "\u2028-1"]])
def test_what_is_written_is_read_back_and_no_cell_begins_like_a_formula(table: list[list[str]]) -> None:
    written = cells.rows(table)
    assert written.endswith(b"\r\n")
    read = list(csv.reader(io.StringIO(written.decode(), newline="")))
    assert [[cells.plain(cell) for cell in row] for row in read] == table
    assert not [cell for row in read for cell in row if cell.startswith(cells.FORMULA)]


@pytest.mark.parametrize("start", STARTS, ids=[f"U+{ord(start):04X}" for start in STARTS])
def test_each_beginning_of_a_formula_is_text(start: str) -> None:
    assert cells.neutral(f"{start}1+1") == f"'{start}1+1"
    assert cells.neutral(f"1{start}1") == f"1{start}1"
