"""What differs between two notices, and whether visitors must be asked again for it.

Invariant: a notice is taken apart into facts (path -> value), and `MATERIAL` says which facts make a visitor's choice
a choice about something else. The fingerprint is made of the material facts and a change is a fact that differs, so
there is a material change exactly when the fingerprints differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import Literal

import msgspec

from consent.canonical import encode, sha256_hex
from consent.notices.notice import Notice
from consent.notices.wording import found, joined

# Purposes, services (and the purpose they serve), legal basis, recipients, controller, expiry. All else is cosmetic.
MATERIAL = (
    "controller.name",
    "controller.country",
    "expires_days",
    "refusal_days",
    "purposes.*",
    "purposes.*.required",
    "purposes.*.legal_basis",
    "purposes.*.sale_or_sharing",
    "purposes.*.services.*",
    "purposes.*.services.*.provider",
)

Path = tuple[str, ...]
# A tuple is a list's entries, or the names of its tables; None is a table, whose entries are facts of their own.
Value = str | int | bool | tuple[str, ...] | None
Facts = dict[Path, Value]

_PATTERNS = tuple(tuple(pattern.split(".")) for pattern in MATERIAL)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: where, what was there and what is now (None: nothing, or a table).

    `material` is whether visitors are asked again for it.
    """

    kind: Literal["added", "removed", "changed"]
    path: str
    material: bool
    before: str | int | bool | None
    after: str | int | bool | None

    def __str__(self) -> str:
        what = f"{found(self.before)} became {found(self.after)}" if self.kind == "changed" else self.kind
        return f"{self.path}: {what}{' (visitors are asked again)' if self.material else ''}"


def material(notice: Notice) -> str:
    """16 hex digits that differ when, and only when, visitors who chose under the one must be asked under the other."""
    facts = {".".join(path): value for path, value in _facts(notice).items() if _is_material(path)}
    return sha256_hex(encode(facts))[:16]


def changes(old: Notice, new: Notice) -> tuple[Change, ...]:
    """Every difference, sorted by path; none when the digests are equal. What came or went whole is one change."""
    return tuple(change for _, change in _differences(_facts(old), _facts(new)))


def changed_purposes(old: Notice, new: Notice) -> tuple[str, ...]:
    """The purposes that a returning visitor is told have changed, in the new notice's order.

    Who answers for the data and how long a choice lasts concern every purpose. A purpose that is gone is not named.
    """
    paths = [path for path, change in _differences(_facts(old), _facts(new)) if change.material]
    everywhere = any(path[0] != "purposes" for path in paths)
    touched = {path[1] for path in paths if path[0] == "purposes"}
    return tuple(purpose.id for purpose in new.purposes if everywhere or purpose.id in touched)


def purposes_alike(one: Notice, other: Notice) -> frozenset[str]:
    """The purposes that ask for the same in both: of one id, and of the same material facts."""
    ours, theirs = _asked_by_purpose(one), _asked_by_purpose(other)
    return frozenset(purpose for purpose, facts in ours.items() if theirs.get(purpose) == facts)


def _asked_by_purpose(notice: Notice) -> dict[str, Facts]:
    asked: dict[str, Facts] = {}
    for path, value in _facts(notice).items():
        if path[:1] == ("purposes",) and _is_material(path):
            asked.setdefault(path[1], {})[path] = value
    return asked


def _is_material(path: Path) -> bool:
    return any(
        len(pattern) == len(path) and all(want in ("*", step) for want, step in zip(pattern, path, strict=True))
        for pattern in _PATTERNS
    )


def _facts(notice: Notice) -> Facts:
    return dict(_taken_apart(msgspec.to_builtins(notice), ()))


def _taken_apart(value: object, path: Path) -> Iterator[tuple[Path, Value]]:
    """The facts at and below a path: that a table is there, a list's order, and what its tables say, by their names."""
    if isinstance(value, dict):
        yield path, None
        for key, each in value.items():
            yield from _taken_apart(each, (*path, key))
    elif isinstance(value, list | tuple):
        names = tuple(_name(each) for each in value)
        yield path, names
        for name, each in zip(names, value, strict=True):
            yield from _taken_apart(each, (*path, name)) if isinstance(each, dict) else ()
    elif isinstance(value, str | int):
        yield path, value


def _name(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    if "id" in value:
        return str(value["id"])
    return " ".join(str(value[key]) for key in ("name", "domain", "kind", "rule", "where") if key in value)


def _differences(old: Facts, new: Facts) -> Iterator[tuple[Path, Change]]:
    tables = {path for facts in (old, new) for path, value in facts.items() if value is None}
    for path in sorted(old | new):
        if path in old and path in new and (old[path] == new[path] or _is_membership(path, old, new, tables)):
            continue
        if (path[:-1] in old) == (path[:-1] in new):
            yield path, _change(path, old, new)


def _is_membership(path: Path, old: Facts, new: Facts, tables: set[Path]) -> bool:
    """Whether a list differs only because tables came to it or left it, which is told at those tables."""
    before, after = set(_names(old[path])), set(_names(new[path]))
    return before != after and all((*path, name) in tables for name in before ^ after)


def _names(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _change(path: Path, old: Facts, new: Facts) -> Change:
    return Change(
        kind="added" if path not in old else "removed" if path not in new else "changed",
        path=reduce(joined, path, ""),
        material=_is_material(path),
        before=_told(old.get(path)),
        after=_told(new.get(path)),
    )


def _told(value: Value) -> str | int | bool | None:
    return ", ".join(value) if isinstance(value, tuple) else value
