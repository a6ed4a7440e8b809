"""What the buttons of a form do to the rows of a site file: add, remove, up, down.

Invariant: a row that is added has a name of its own from the start, so that what two people add is two rows.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from consent.editing.fields import languages
from consent.editing.places import Path, at, parsed, put, rows
from consent.notices import Table

TRANSLATED = ("name", "description", "about")


def done(raw: Table, does: str, wanted: str = "") -> Table:
    """The tables after a button such as `remove:purposes[1]`; `wanted` is the language to add.

    What is no button does nothing.
    """
    verb, _, where = does.partition(":")
    path = parsed(where)
    if verb == "add" and where in ("newsletter", "newsletter.prompt"):
        return put_table(raw, path)
    if verb == "add" and path == ("languages",):
        return _add_language(raw, wanted)
    if verb == "add" and path and path[-1] in _NEW:
        return _put(raw, path, [*rows(raw, path), _new(raw, path)])
    if verb == "remove" and path:
        return _remove(raw, path)
    if verb in ("up", "down") and path and isinstance(path[-1], int):
        return _move(raw, path[:-1], path[-1], path[-1] + (1 if verb == "down" else -1))
    return raw


def put_table(raw: Table, path: Path) -> Table:
    """The newsletter, or its prompt, with what it cannot be without."""
    if at(raw, path) is not UNSET:
        return raw
    lists = [each["id"] for each in rows(raw, ("newsletter", "lists")) if isinstance(each, dict) and "id" in each]
    made = {"lists": [{"id": "news"}]} if path == ("newsletter",) else {"lists": lists[:1], "after_seconds": 20}
    return _put(raw, path, made)


_NEW: dict[str | int, tuple[str, dict[str, str]]] = {
    "purposes": ("purpose", {"legal_basis": "consent"}),
    "services": ("service", {}),
    "cookies": ("cookie", {"lifetime": "session"}),
    "lists": ("list", {}),
}


def _new(raw: Table, path: Path) -> dict[str, Any]:
    stem, more = _NEW[path[-1]]
    key = "name" if stem == "cookie" else "id"
    purposes = rows(raw, ("purposes",))
    around = [*purposes, *(one for each in purposes for one in rows(each, ("services",)))]
    taken = {at(each, (key,)) for each in (around if stem in ("purpose", "service") else rows(raw, path))}
    return {key: next(name for at_ in range(1, len(taken) + 2) if (name := f"{stem}-{at_}") not in taken), **more}


def _add_language(raw: Table, tag: str) -> Table:
    return raw if not tag or tag in languages(raw) else _put(raw, ("languages",), [*rows(raw, ("languages",)), tag])


def _remove(raw: Table, path: Path) -> Table:
    tag = at(raw, path)
    raw = _put(raw, path, UNSET)
    if path[0] == "languages" and len(path) == 2 and isinstance(tag, str) and tag not in languages(raw):
        wordless: Table = _without(put(raw, ("texts", tag), UNSET), tag)
        return wordless
    return raw


def _without(value: Any, tag: str) -> Any:
    """The same without any words in the language."""
    if isinstance(value, list):
        return [_without(each, tag) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: {language: words for language, words in each.items() if language != tag}
        if key in TRANSLATED and isinstance(each, dict)
        else _without(each, tag)
        for key, each in value.items()
    }


def _move(raw: Table, path: Path, place: int, to: int) -> Table:
    present = list(rows(raw, path))
    if not (0 <= place < len(present) and 0 <= to < len(present)):
        return raw
    present[place], present[to] = present[to], present[place]
    return _put(raw, path, present)


def _put(raw: Table, path: Path, value: Any) -> Table:
    changed: Table = put(raw, path, value)
    return changed
