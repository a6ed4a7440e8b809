"""Lines of a file of readers who subscribed elsewhere, CSV or JSON lines, as they come from many systems.

Pure: text in, values out. A line that cannot be read is told by its number, never by what stands in it.
"""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import msgspec

from consent import clock
from consent.errors import Fault, Refused

COLUMNS = ("email", "lists", "language", "confirmed_at", "provenance", "state")
OTHER_NAMES = {
    "e-mail": "email",
    "e-mail address": "email",
    "email address": "email",
    "email_address": "email",
    "mail": "email",
    "list": "lists",
    "lang": "language",
    "locale": "language",
    "confirm_time": "confirmed_at",
    "status": "state",
    "subscription_status": "state",
}
"""What other systems call our columns."""
CONFIRMED = frozenset({"", "active", "confirmed", "enabled", "subscribed"})
MOST_PROVENANCE = 500
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?))? ?(Z|UTC|[+-]\d\d:\d\d)?", re.ASCII)

Fields = Mapping[str, object]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line: a reader, and what the file says of the consent; `is_confirmed` is False of one who left there."""

    number: int
    email: str
    lists: tuple[str, ...]
    language: str | None
    confirmed_at: int | None
    provenance: str | None
    is_confirmed: bool


def lines_of(text: Iterable[str]) -> Iterator[Line | Fault]:
    """Each line of the file, or what is wrong with it; empty lines are passed over.

    Raises:
        Refused: no line can be read, for there is no column of addresses.
    """
    rows = enumerate(text, 1)
    for number, first in rows:
        words = first.removeprefix("\ufeff")
        if words.strip():
            rest = (line for _, line in rows)
            yield from (
                _json_lines(number, chain([words], rest))
                if words.lstrip().startswith("{")
                else _csv_lines(number, chain([words], rest))
            )


def provenance_of(words: str) -> str:
    """The words as they are recorded.

    Raises:
        ValueError: none, too many, or not in one line.
    """
    words = words.strip()
    if not words or len(words) > MOST_PROVENANCE or not words.isprintable():
        raise ValueError(f"expected one line of 1 to {MOST_PROVENANCE} characters")
    return words


def _json_lines(first: int, text: Iterable[str]) -> Iterator[Line | Fault]:
    for number, line in enumerate(text, first):
        if line.strip():
            try:
                fields = msgspec.json.decode(line, type=dict[str, object])
            except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
                yield Fault(f"line {number}", "expected a JSON object")
            else:
                yield _line(number, _renamed(fields))


def _csv_lines(first: int, text: Iterable[str]) -> Iterator[Line | Fault]:
    rows = iter(text)
    header = next(rows)
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(chain([header], rows), delimiter=delimiter, strict=True)
    _check_columns(reader, first)
    try:
        for row in reader:
            number = first - 1 + reader.line_num
            if None in row:
                yield Fault(f"line {number}", "it has more cells than the first line")
            else:
                yield _line(number, _renamed(row))
    except csv.Error:
        number = first - 1 + reader.reader.line_num
        yield Fault(f"line {number}", "it cannot be read as CSV: a quotation mark is missing")


def _check_columns(reader: csv.DictReader[str], first: int) -> None:
    with contextlib.suppress(csv.Error):
        if "email" in _renamed(dict.fromkeys(reader.fieldnames or ())):
            return
    raise Refused(Fault(f"line {first}", "expected the names of the columns, one of them `email`"))


def _renamed(fields: Fields) -> Fields:
    """The fields by our names for them; where two have one, the first that says something stands."""
    found: dict[str, object] = {}
    for name, value in fields.items():
        ours = name.strip().lower()
        ours = OTHER_NAMES.get(ours, ours)
        if ours in COLUMNS and not found.get(ours):
            found[ours] = value
    return found


def _line(number: int, fields: Fields) -> Line | Fault:
    try:
        return Line(
            number=number,
            email=_text(fields, "email") or "",
            lists=_lists(fields.get("lists")),
            language=_text(fields, "language"),
            confirmed_at=_time(_text(fields, "confirmed_at")),
            provenance=provenance_of(words) if (words := _text(fields, "provenance")) else None,
            is_confirmed=(_text(fields, "state") or "").lower() in CONFIRMED,
        )
    except _Wrong as wrong:
        return Fault(f"line {number}: {wrong.column}", wrong.message)
    except ValueError as error:
        return Fault(f"line {number}: provenance", str(error))


class _Wrong(Exception):
    """A cell that is not what its column holds."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


def _text(fields: Fields, column: str) -> str | None:
    value = fields.get(column)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Wrong(column, "expected text")
    return value.strip() or None


def _lists(value: object) -> tuple[str, ...]:
    """Ids, in an array or in one text, apart by spaces, commas or semicolons; each once."""
    if isinstance(value, str):
        value = re.split(r"[\s,;|]+", value)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _Wrong("lists", "expected the ids of lists")
    return tuple(dict.fromkeys(one for one in value if one))


def _time(words: str | None) -> int | None:
    """A date, or a time; without an offset it is in UTC."""
    if words is None:
        return None
    found = _DATE.fullmatch(words)
    if found is None:
        raise _Wrong("confirmed_at", "expected a date, or a time like 2026-11-22T10:00:00Z")
    date, time, offset = found.groups()
    try:
        return clock.parse(f"{date}T{time or '00:00:00'}{'Z' if offset in (None, 'UTC') else offset}")
    except (ValueError, OverflowError):
        raise _Wrong("confirmed_at", "there is no such date") from None
