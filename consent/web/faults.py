"""What is wrong with a body, in our words: from the decoder's sentence to a path and a message.

Invariant: a message names what was expected in words that a person knows, and repeats no more of what
was sent than a line.
"""

from __future__ import annotations

import re
from typing import Any, get_args

from consent.errors import Fault
from consent.records import Action
from consent.regimes import Regime

SAID = 160

_WHERE = re.compile(r" - at (?:`key` in )?`(?:key in )?\$\.?(.*)`$")
_FIELD = re.compile(r"^Object (missing required|contains unknown) field `([^`]*)`")
_TYPES = re.compile(r"^Expected `([^`]*)`, got `([^`]*)`$")
_LENGTH = re.compile(r"^Expected `([^`]*)` of length (<=|>=) (\d+)$")
_LEAST = re.compile(r"^Expected `(?:int|float)` >= (\d+)(?:\.0)?$")
_WORDS = {
    "str": "a text",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_FORMS = {
    "id": "expected a UUID in lower case",
    "subject": "expected a UUID in lower case",
    "notice": "expected the notice's digest, 64 hex digits",
    "tcf": "expected a TC string",
    "gpp": "expected a GPP string",
    "variant": "expected at most 64 of a-z 0-9 _ -",
    "action": f"expected one of {', '.join(get_args(Action))}",
    "via": "expected one of form, prompt, page",
    "source": "expected names of at most 32 of a-z 0-9 _, a letter first",
    "regime": f"expected one of {', '.join(get_args(Regime))}",
}


def fault(words: str, body: Any) -> Fault:
    """The decoder's sentence about a body as a fault."""
    where = _WHERE.search(words)
    path = where[1] if where else ""
    if field := _FIELD.match(words):
        path = f"{path}.{field[2]}".lstrip(".")
        message = "missing" if field[1].startswith("missing") else "there is no such field"
    else:
        path = _named(path.removesuffix("[...]"), body, words) if path.endswith("[...]") else path
        message = _message(_WHERE.sub("", words), path)
    return Fault(path[:SAID], message[:SAID])


def _message(words: str, path: str) -> str:
    if types := _TYPES.match(words):
        wanted = " or ".join(_WORDS.get(name, name) for name in types[1].split(" | "))
        return f"expected {wanted}, found {_WORDS.get(types[2], types[2])}"
    if length := _LENGTH.match(words):
        unit = "characters" if length[1].startswith("str") else "entries"
        return f"expected at {'most' if length[2] == '<=' else 'least'} {length[3]} {unit}"
    if least := _LEAST.match(words):
        return f"expected a number from {least[1]} on"
    if path in _FORMS and ("regex" in words or "enum" in words):
        return _FORMS[path]
    return words[:1].lower() + words[1:].replace("`", "")


def _named(path: str, body: Any, words: str) -> str:
    """Which of a table's entries it was: the decoder does not say."""
    table = body.get(path) if isinstance(body, dict) else None
    length = _LENGTH.match(_WHERE.sub("", words))
    most = int(length[3]) if length else SAID
    kind = str if words.startswith("Expected `str`") else bool
    wrong = (name for name, value in (table if isinstance(table, dict) else {}).items() if not _fits(value, kind, most))
    name = next(wrong, None)
    return f"{path}.{name[:64]}" if name is not None else path


def _fits(value: Any, kind: type, most: int) -> bool:
    return isinstance(value, kind) and not (isinstance(value, str) and len(value) > most)
