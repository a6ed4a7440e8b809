"""How a fault or a change names places and values, so that all of them read alike.

Invariant: what comes out is short and printable, whatever went in: no control character, no bidi override, no
lone surrogate of an input reaches a terminal, a log or a page.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST = 60


def quoted(text: str) -> str:
    """The text in double quotes, shortened, with everything that cannot be seen written as an escape."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return '"' + repr(cut)[1:-1].replace("\\'", "'") + '"'


def joined(path: str, key: str) -> str:
    """The path one key deeper: `purposes[0]` and `name` give `purposes[0].name`."""
    step = key if _PLAIN.fullmatch(key) else quoted(key)
    return f"{path}.{step}" if path else step


def found(value: object) -> str:
    """What a value of a file is, in words: `"x"`, `the number 5`, `a list`."""
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case int() if abs(value) > 10**15:
            return "a number far too large"
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return f"a {type(value).__name__}"


def listed(words: Iterable[str], most: int = 12) -> str:
    """The words with commas between; a long list ends in how many more there are."""
    every = list(words)
    rest = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + rest


def guess(word: str, known: Iterable[str]) -> str:
    """What was probably meant, as the end of a sentence; empty when nothing is near."""
    near = difflib.get_close_matches(word[:64].lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {quoted(near[0])}?" if near else ""
