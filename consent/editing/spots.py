"""What the site file's structs say of a place in it: its type, its description and examples, its default.

Invariant: nothing is said here that the structs do not say; a place that no site file has raises `KeyError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, inspect

from consent.editing.places import Path, Step
from consent.notices.fitting import SHAPE, bare, default_of

_NOTHING = inspect.type_info(msgspec.UnsetType)


class Spot(NamedTuple):
    """What the structs say of a place."""

    shape: inspect.Type
    about: Mapping[str, Any]
    default: object
    is_needed: bool


def keys(path: Path) -> list[str]:
    """The keys of the table at a place that have one value each: no tables, no rows of tables, no translations."""
    kind = single(spot(path).shape)
    if not isinstance(kind, inspect.StructType):
        raise KeyError(path)
    return [one.encode_name for one in kind.fields if _issingle(one.type)]


def spot(path: Path) -> Spot:
    """The place at a path."""
    found = Spot(SHAPE, {}, UNSET, is_needed=True)
    for step in path:
        found = _deeper(found, step)
    return found


def _deeper(around: Spot, step: Step) -> Spot:
    shape = bare(around.shape)
    if isinstance(shape, inspect.UnionType):
        shape = _branch(shape)
    if isinstance(shape, inspect.StructType):
        one = {each.encode_name: each for each in shape.fields}[str(step)]
        return Spot(one.type, _about(one.type), default_of(one), is_needed=one.required)
    if isinstance(shape, inspect.DictType):
        return Spot(shape.value_type, around.about, UNSET, around.is_needed)
    if not isinstance(shape, inspect.VarTupleType):
        raise KeyError(step)
    return Spot(shape.item_type, around.about, UNSET, is_needed=True)


def _branch(shape: inspect.UnionType) -> inspect.Type:
    tables = (inspect.StructType, inspect.DictType, inspect.VarTupleType)
    return next(bare(each) for each in shape.types if isinstance(bare(each), tables))


def _about(shape: inspect.Type) -> Mapping[str, Any]:
    """What the structs' `said` wrote of it: description and examples."""
    if isinstance(shape, inspect.UnionType):
        found: dict[str, Any] = {}
        for each in shape.types:
            found |= _about(each)
        return found
    if not isinstance(shape, inspect.Metadata):
        return {}
    return {**_about(shape.type), **(shape.extra_json_schema or {})}


def _issingle(shape: inspect.Type) -> bool:
    kind = single(shape)
    if isinstance(kind, inspect.VarTupleType):
        return isinstance(bare(kind.item_type), inspect.StrType | inspect.LiteralType)
    return isinstance(kind, inspect.StrType | inspect.LiteralType | inspect.IntType | inspect.BoolType)


def single(shape: inspect.Type) -> inspect.Type:
    """The type without what is said about it, and of a choice the first."""
    kind = bare(shape)
    if isinstance(kind, inspect.UnionType):
        return next((bare(each) for each in kind.types if bare(each) != _NOTHING), kind)
    return kind
