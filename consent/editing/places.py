"""Where something stands in a site file's tables: by steps, and as faults name it (`purposes[1].name.es`).

Invariant: tables are never changed in place; `put` gives new ones that share what did not change.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import UNSET

from consent.notices import Table

Step = str | int
Path = tuple[Step, ...]

_STEP = re.compile(r"(?:^|\.)([A-Za-z0-9_-]{1,64})|\[([0-9]{1,4})\]")


def named(path: Path) -> str:
    """The path in one line."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def parsed(text: str) -> Path:
    """The path that `named` would give this text for; empty when there is none."""
    steps: list[Step] = []
    end = 0
    for found in _STEP.finditer(text):
        if found.start() != end:
            return ()
        steps.append(found[1] if found[1] is not None else int(found[2]))
        end = found.end()
    return tuple(steps) if end == len(text) else ()


def at(value: object, path: Path) -> Any:
    """What stands there; UNSET for nothing."""
    for step in path:
        entries = dict(enumerate(value)) if isinstance(value, list) else value
        if not isinstance(entries, dict) or step not in entries:
            return UNSET
        value = entries[step]
    return value


def table(value: object, path: Path) -> Table:
    """The table that stands there; an empty one for anything else."""
    found = at(value, path)
    return found if isinstance(found, dict) else {}


def rows(value: object, path: Path) -> list[Any]:
    """The list that stands there; an empty one for anything else."""
    found = at(value, path)
    return found if isinstance(found, list) else []


def put(value: Any, path: Path, new: object) -> Any:
    """The same with another value there; UNSET takes it away. Tables on the way are made, places in lists are not."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return _put_row(value, step, rest, new)
    within = value if isinstance(value, dict) else {}
    inner = put(within.get(step, UNSET), rest, new)
    if inner is UNSET or (inner == {} and new is UNSET):
        return {key: each for key, each in within.items() if key != step}
    return {**within, step: inner}


def _put_row(value: Any, step: int, rest: Path, new: object) -> Any:
    if not isinstance(value, list) or not 0 <= step < len(value):
        return value
    inner = put(value[step], rest, new)
    if inner is UNSET and not rest:
        return [*value[:step], *value[step + 1 :]]
    return [*value[:step], {} if inner is UNSET else inner, *value[step + 1 :]]
