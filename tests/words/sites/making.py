"""Site files for the tests: one that has every key, altered one place at a time, or made at random.

Invariant: what `tables` gives is the caller's own, so that no test sees another's alterations.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from consent.notices import Notice, compile_notice, read_site_file

HARBOUR = Path(__file__).with_name("harbour-post.toml")


class _Gone:
    """What is taken out; its name is the same in every process that collects the tests."""

    def __repr__(self) -> str:
        return "gone"


GONE = _Gone()

Place = tuple[str | int, ...]


def tables() -> dict[str, Any]:
    """The Harbour Post's file as plain tables, lists and scalars."""
    return tomllib.loads(HARBOUR.read_text(encoding="utf-8"))


def altered(place: Place, value: object, whole: dict[str, Any] | None = None) -> dict[str, Any]:
    """The file with one place set to another value, or taken out (`GONE`)."""
    raw = tables() if whole is None else whole
    within: Any = raw
    for step in place[:-1]:
        within = within[step]
    if value is GONE:
        del within[place[-1]]
    else:
        within[place[-1]] = value
    return raw


def toml(raw: dict[str, Any]) -> bytes:
    """The tables as TOML, in the order they have."""
    return "\n".join(f"{_text(key)} = {_inline(value)}" for key, value in raw.items()).encode()


def notice(raw: dict[str, Any]) -> Notice:
    """The notice that the tables describe."""
    return compile_notice(read_site_file(toml(raw)))


def _inline(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{_text(key)} = {_inline(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_inline, value)) + "]"
        case str():
            return _text(value)
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


ids = st.from_regex(r"[a-z][a-z0-9_-]{0,9}", fullmatch=True).filter(lambda name: name != "constructor")
lines = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)
bases = st.sampled_from(["consent", "contract", "legitimate_interest"])
lifetimes = st.sampled_from(["session", "1 day", "90 days", "2 years"])


@st.composite
def purposes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The purposes of a site in en and es, the first of them optional; all ids differ."""
    names = iter(draw(st.lists(ids, min_size=12, max_size=12, unique=True)))
    return [_purpose(draw, names, at) for at in range(draw(st.integers(1, 3)))]


def _purpose(draw: st.DrawFn, names: Any, at: int) -> dict[str, Any]:
    required = at > 0 and draw(st.booleans())
    return {
        "id": next(names),
        "required": required,
        "legal_basis": "contract" if required else draw(bases),
        "sale_or_sharing": not required and draw(st.booleans()),
        "name": draw(translated),
        "description": draw(translated),
        "services": [_service(draw, next(names)) for _ in range(draw(st.integers(0, 2)))],
    }


def _service(draw: st.DrawFn, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": draw(lines),
        "provider": draw(lines),
        "privacy_policy": "https://service.example/privacy",
        "cookies": [
            {"name": each, "lifetime": draw(lifetimes), "about": draw(st.one_of(lines, translated))}
            for each in draw(st.lists(ids, max_size=2, unique=True))
        ],
    }


translated = st.fixed_dictionaries({"en": lines, "es": lines})


@st.composite
def site_tables(draw: st.DrawFn) -> dict[str, Any]:
    """Site files that are right, as plain tables."""
    raw = tables()
    raw["purposes"] = draw(purposes())
    raw["name"] = draw(lines)
    raw["controller"]["name"] = draw(lines)
    raw["controller"]["country"] = draw(st.sampled_from(["IE", "US", "DE"]))
    raw["consent"]["expires_days"] = draw(st.integers(1, 395))
    raw["languages"] = draw(st.permutations(["en", "es"]))
    raw["theme"]["reopen"] = draw(st.booleans())
    if draw(st.booleans()):
        del raw["newsletter"]
    return raw
