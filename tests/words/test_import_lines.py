"""Files of readers, as other systems write them: read line by line, whatever is in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from consent import cells, clock
from consent.errors import Fault, Refused
from consent.import_lines import Line, lines_of


def read(text: str) -> list[Line | Fault]:
    """Every line of the text."""
    return list(lines_of(io.StringIO(text, newline="")))


def good(text: str) -> list[Line]:
    """Every line, when none is wrong."""
    found = read(text)
    assert not [one for one in found if isinstance(one, Fault)]
    return [one for one in found if isinstance(one, Line)]


@pytest.mark.parametrize(
    "text",
    [
        "email,lists\na@example.org,x y\n",
        "\ufeffE-Mail;List\r\na@example.org;x, y\r\n",
        "email\tlists\tname\na@example.org\tx|y\tCanary\n",
        '\n{"email": "a@example.org", "lists": ["x", "y"], "attribs": {}}\n',
        '{"Email": " a@example.org ", "list": "x;y", "lists": []}',
    ],
)
def test_a_line_is_read_however_it_is_written(text: str) -> None:
    [line] = good(text)
    assert (line.email, line.lists, line.language, line.confirmed_at, line.is_confirmed) == (
        "a@example.org",
        ("x", "y"),
        None,
        None,
        True,
    )


def test_lines_are_numbered_as_an_editor_does() -> None:
    assert [line.number for line in good('\nemail,name\n\na@x,"two\nlines"\nb@x,\n')] == [5, 6]
    assert [line.number for line in good('{"email": "a"}\n\n{"email": "b"}\n')] == [1, 3]


def test_times_are_read_in_utc_unless_they_say_otherwise() -> None:
    times = ["2024-05-01", "2024-05-01 00:00:00", "2024-05-01T02:00:00+02:00", "2024-05-01 00:00:00 UTC"]
    found = good("email,confirmed_at\n" + "".join(f"a,{time}\n" for time in times))
    assert {line.confirmed_at for line in found} == {clock.parse("2024-05-01T00:00:00Z")}
    for time in ("01.05.2024", "2024-02-30", "1714557600", "1850-01-01", "2024-05-01T10:00"):
        assert read(f"email,confirmed_at\na,{time}\n")[0] in (
            Fault("line 2: confirmed_at", "there is no such date"),
            Fault("line 2: confirmed_at", "expected a date, or a time like 2026-11-22T10:00:00Z"),
        )


def test_who_left_elsewhere_is_told_apart() -> None:
    states = "subscribed Active ENABLED confirmed unsubscribed blocklisted cleaned bounced".split()
    found = good("email,status\n" + "".join(f"a,{state}\n" for state in states))
    assert [line.is_confirmed for line in found] == [True] * 4 + [False] * 4


@pytest.mark.parametrize("text", ["name\nx\n", "a@example.org\n", ",\n", "[]\n", '"'])
def test_a_file_without_a_column_of_addresses_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read(text)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("email\na@x,b\n", ["line 2"]),
        ('email\na@x\n"b', ["line 3"]),
        ('{"email": "a"}\n[]\n{"email": 7}\n', ["line 2", "line 3: email"]),
        ('{"email": "a", "lists": [7]}', ["line 1: lists"]),
        ('{"email": "a", "provenance": "two\\nlines"}', ["line 1: provenance"]),
    ],
)
def test_what_is_wrong_is_told_by_its_line(text: str, where: Sequence[str]) -> None:
    assert [one.path for one in read(text) if isinstance(one, Fault)] == where


@given(st.text(), st.sampled_from(["", "email\n", "email,list\n", '{"email": "a"}\n', "email;list\n"]))
@example("\0", "email\n")
@example("\ud800", '{"email": "a"}\n')
def test_nothing_in_a_file_ends_the_reading(text: str, head: str) -> None:
    try:
        read(head + text)
    except Refused:
        assert not head


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=3)))
def test_no_cell_is_a_formula_and_each_is_given_back(rows: list[list[str]]) -> None:
    written = cells.rows(rows).decode()
    found = list(csv.reader(io.StringIO(written, newline="")))
    assert not any(cell.startswith(cells.FORMULA) for row in found for cell in row)
    assert [[cell.removeprefix("'") for cell in row] for row in found] == rows
