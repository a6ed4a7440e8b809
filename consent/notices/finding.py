"""Looks places up in plain tables and lists that may be wrong in any way, as a site file under check may be.

Invariant: what is not there, or not of the type that is asked for, is passed over and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from consent.notices.wording import joined

Table = dict[str, object]


def find(value: object, place: str, path: str = "") -> Iterator[tuple[str, object]]:
    """What stands at a place such as `purposes[].id`, each with its path below `path`; the place `""` is the value."""
    return _find(value, re.findall(r"\[\]|[\w-]+", place), path)


def _find(value: object, steps: Sequence[str], path: str) -> Iterator[tuple[str, object]]:
    if not steps:
        yield path, value
    elif steps[0] == "[]" and isinstance(value, list):
        for at, each in enumerate(value):
            yield from _find(each, steps[1:], f"{path}[{at}]")
    elif isinstance(value, dict) and steps[0] in value:
        yield from _find(value[steps[0]], steps[1:], joined(path, steps[0]))


def find_texts(value: object, place: str, path: str = "") -> Iterator[tuple[str, str]]:
    """The same, only what is text."""
    return ((where, each) for where, each in find(value, place, path) if isinstance(each, str))


def find_tables(value: object, place: str, path: str = "") -> Iterator[tuple[str, Table]]:
    """The same, only what is a table."""
    return ((where, each) for where, each in find(value, place, path) if isinstance(each, dict))


def entries(table: object, path: str) -> Iterator[tuple[str, str, object]]:
    """Each entry of a table as (path, key, value)."""
    if isinstance(table, dict):
        for key, value in table.items():
            yield joined(path, key), key, value
