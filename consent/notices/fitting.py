"""Brings a site file's plain tables, whole or half written, into one form: what has a place, in order, defaults unsaid.

Invariant: tables that say the same come out equal, so that two of them can be compared entry by entry; what comes out
reads as the same `SiteFile` as what went in, when that was one. A text stays wherever a form has a box to type into,
right or wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from consent.errors import Fault
from consent.notices.finding import Table
from consent.notices.kinds import LANGUAGE
from consent.notices.shape import hidden, misfits
from consent.notices.sitefile import SiteFile
from consent.notices.wording import joined

SHAPE = inspect.type_info(SiteFile)
_TYPED = (inspect.StrType, inspect.LiteralType, inspect.IntType)


class Fitted(NamedTuple):
    """The tables in their one form, and what had no place in them."""

    tables: Table
    left_out: tuple[Fault, ...]


def plain(site: SiteFile) -> Table:
    """The site file as TOML's tables, in its order, without what is said by being left out."""
    return fitted(msgspec.to_builtins(site)).tables


def fitted(raw: object) -> Fitted:
    """The tables of a file that may be wrong in any way; unknown keys and values of no use to any form are left out."""
    told: list[Fault] = []
    found = _fit(SHAPE, raw, "", told)
    return Fitted(found if isinstance(found, dict) else {}, tuple(told))


def bare(shape: inspect.Type) -> inspect.Type:
    """The type without what is said about it."""
    return bare(shape.type) if isinstance(shape, inspect.Metadata) else shape


def _fit(shape: inspect.Type, value: Any, path: str, told: list[Fault]) -> object:
    kind = _meant(bare(shape), value)
    if isinstance(value, dict) and isinstance(kind, inspect.StructType):
        return _struct(kind, value, path, told)
    if isinstance(value, dict) and isinstance(kind, inspect.DictType):
        return _mapping(kind, value, path, told)
    if isinstance(value, list | tuple) and isinstance(kind, inspect.VarTupleType):
        kept = (_fit(kind.item_type, each, f"{path}[{at}]", told) for at, each in enumerate(value))
        return [each for each in kept if each is not None]
    if isinstance(value, str) and not _is_tag(shape, value):
        told.extend(misfits(shape, value, path))
        return None
    if _is_typed(kind, value):
        return value
    told.extend(misfits(shape, value, path))
    return None


def _is_tag(shape: inspect.Type, value: str) -> bool:
    """False where a language is meant and none is named: pages write tags, and forms have a part for each."""
    kind = bare(shape)
    return not isinstance(kind, inspect.StrType) or kind.pattern != LANGUAGE or bool(re.fullmatch(LANGUAGE, value))


def _is_typed(kind: inspect.Type, value: object) -> bool:
    if isinstance(value, str):
        return isinstance(kind, _TYPED)
    if isinstance(value, bool):
        return isinstance(kind, inspect.BoolType)
    return isinstance(value, int) and isinstance(kind, inspect.IntType) and abs(value) < 1 << 53


def _meant(kind: inspect.Type, value: object) -> inspect.Type:
    """Of a choice of types, the one that the value is of."""
    if not isinstance(kind, inspect.UnionType):
        return kind
    types = [bare(each) for each in kind.types]
    wanted = (inspect.StructType, inspect.DictType) if isinstance(value, dict) else _TYPED
    return next((each for each in types if isinstance(each, wanted)), types[0])


def _struct(kind: inspect.StructType, value: Table, path: str, told: list[Fault]) -> Table:
    fields = {field.encode_name: field for field in kind.fields}
    told.extend(Fault(joined(path, key), "unknown key") for key in value if key not in fields)
    kept: Table = {}
    for key, field in fields.items():
        if key in value:
            one = _fit(field.type, value[key], joined(path, key), told)
            if one is not None and not _goes_without_saying(field, one):
                kept[key] = one
    return kept


def _goes_without_saying(field: inspect.Field, value: object) -> bool:
    default = default_of(field)
    if isinstance(default, tuple):
        return value == list(default)
    if isinstance(default, dict | msgspec.Struct):
        return value == {}
    return value == default and type(value) is type(default)


def default_of(field: inspect.Field) -> object:
    """What is meant where the key is left out; UNSET for nothing."""
    if callable(field.default_factory):
        return field.default_factory()
    return msgspec.UNSET if field.default is msgspec.NODEFAULT else field.default


def _mapping(kind: inspect.DictType, value: Table, path: str, told: list[Fault]) -> Table:
    kept = dict(_entries(kind, value, path, told))
    return {key: kept[key] for key in sorted(kept)}


def _entries(kind: inspect.DictType, value: Table, path: str, told: list[Fault]) -> Iterator[tuple[str, object]]:
    for key, each in value.items():
        if hidden(key) or not _is_tag(kind.key_type, key):
            told.extend(misfits(kind.key_type, key, joined(path, key)))
            continue
        one = _fit(kind.value_type, each, joined(path, key), told)
        if one is not None and one != {}:
            yield key, one
