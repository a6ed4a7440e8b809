"""Holds plain tables, lists and scalars against a struct's type, and says everything that does not fit.

msgspec stops at the first thing that is wrong; a person mending a file wants all of them. So this walks msgspec's own
description of the type, and says more about each fault than that it is one.

Invariant: whatever passes here without a fault, `msgspec.convert` takes. The walk is as deep as the type, however deep
the value is, and lazy, so that a caller may stop after enough faults.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import inspect

from consent.errors import Fault
from consent.notices.wording import found, guess, joined, listed, quoted

Extra = Mapping[str, Any]

# Python's type of what TOML and JSON give for each kind of type. Exactly: a bool is not an int here.
_PYTHON: dict[type[inspect.Type], type] = {
    inspect.StructType: dict,
    inspect.DictType: dict,
    inspect.VarTupleType: list,
    inspect.StrType: str,
    inspect.LiteralType: str,
    inspect.IntType: int,
    inspect.BoolType: bool,
}
_CALLED: dict[type[inspect.Type], str] = {
    inspect.DictType: "a table",
    inspect.VarTupleType: "a list",
    inspect.StrType: "text",
    inspect.IntType: "a whole number",
    inspect.BoolType: "true or false",
}
# Each would be shown as something else than it is, or not at all.
_UNSEEN: dict[str, str] = {
    "[\n\r\v\f\x85\u2028\u2029]": "a line break: write it on one line",
    "[\x00-\x1f\x7f-\x9f]": "a control character",
    "[\u202a-\u202e\u2066-\u2069]": "which turns the direction of what follows",
    "[\ud800-\udfff]": "half a character",
    "[\ufeff\ufff9-\ufffb]": "which cannot be seen",
}


def misfits(shape: inspect.Type, value: object, path: str = "") -> Iterator[Fault]:
    """Every place at or below `path` where the value is not what the type demands."""
    bare, extra = _bare(shape)
    if isinstance(bare, inspect.UnionType):
        yield from _either(bare, value, path)
    elif type(value) is not _PYTHON[type(bare)]:
        yield Fault(path, f"expected {_expected(shape)}, found {found(value)}")
    else:
        yield from _CHECKS[type(bare)](bare, value, path, extra)


def _bare(shape: inspect.Type) -> tuple[inspect.Type, Extra]:
    if not isinstance(shape, inspect.Metadata):
        return shape, {}
    bare, extra = _bare(shape.type)
    return bare, {**extra, **(shape.extra or {})}


def _expected(shape: inspect.Type) -> str:
    bare, extra = _bare(shape)
    if isinstance(bare, inspect.UnionType):
        return ", or ".join(_expected(each) for each in bare.types)
    if isinstance(bare, inspect.LiteralType):
        return f"one of {listed(map(str, bare.values))}"
    if isinstance(bare, inspect.StructType):
        required = listed(field.encode_name for field in bare.fields if field.required)
        return f"a table with {required}" if required else "a table"
    return str(extra.get("expects", _CALLED[type(bare)]))


def _either(shape: inspect.UnionType, value: object, path: str) -> Iterator[Fault]:
    fitting = (each for each in shape.types if type(value) is _PYTHON[type(_bare(each)[0])])
    if one := next(fitting, None):
        yield from misfits(one, value, path)
    else:
        yield Fault(path, f"expected {_expected(shape)}, found {found(value)}")


def _table(shape: inspect.StructType, value: dict[str, object], path: str, _: Extra) -> Iterator[Fault]:
    fields = {field.encode_name: field for field in shape.fields}
    for key in (key for key in value if key not in fields):
        known = guess(key, fields) or f"; known here: {listed(fields)}"
        yield Fault(joined(path, key), f"unknown key{known}")
    for key, field in fields.items():
        if key in value:
            yield from misfits(field.type, value[key], joined(path, key))
        elif field.required:
            yield Fault(joined(path, key), f"missing; expected {_expected(field.type)}")


def _mapping(shape: inspect.DictType, value: dict[str, object], path: str, extra: Extra) -> Iterator[Fault]:
    yield from _size(shape, len(value), path, extra)
    for key, each in value.items():
        wrong = list(misfits(shape.key_type, key, joined(path, key)))
        yield from wrong or misfits(shape.value_type, each, joined(path, key))


def _list(shape: inspect.VarTupleType, value: list[object], path: str, extra: Extra) -> Iterator[Fault]:
    yield from _size(shape, len(value), path, extra)
    for at, each in enumerate(value[: shape.max_length]):
        yield from misfits(shape.item_type, each, f"{path}[{at}]")


def _size(shape: inspect.DictType | inspect.VarTupleType, count: int, path: str, extra: Extra) -> Iterator[Fault]:
    if shape.min_length is not None and count < shape.min_length:
        yield Fault(path, f"expected {extra.get('expects', 'entries')}, found an empty one")
    if shape.max_length is not None and count > shape.max_length:
        yield Fault(path, f"expected at most {shape.max_length} entries, found {count}")


def _text(shape: inspect.StrType, value: str, path: str, extra: Extra) -> Iterator[Fault]:
    expects = extra.get("expects", "text")
    if shape.max_length is not None and len(value) > shape.max_length:
        yield Fault(path, f"expected {expects}, of at most {shape.max_length} characters, found {len(value)}")
    elif why := hidden(value):
        yield Fault(path, f"{quoted(value)} contains {why}")
    elif value != value.strip():
        yield Fault(path, f"{quoted(value)} begins or ends with a space")
    elif not value or (shape.pattern and not re.fullmatch(shape.pattern, value)):
        yield Fault(path, f"expected {expects}, found {quoted(value)}{_hint(value, extra)}")


def hidden(value: str) -> str:
    """The first character that is not shown as what it is, and why it is refused; empty when there is none."""
    for pattern, why in _UNSEEN.items():
        if hit := re.search(pattern, value):
            return f"U+{ord(hit[0]):04X}, {why}"
    return ""


def _hint(value: str, extra: Extra) -> str:
    hints: Mapping[str, str] = extra.get("hints", {})
    return next((f"; {advice}" for pattern, advice in hints.items() if re.search(pattern, value)), "")


def _choice(shape: inspect.LiteralType, value: str, path: str, extra: Extra) -> Iterator[Fault]:
    values = tuple(map(str, shape.values))
    if value not in values:
        more = _hint(value, extra) or guess(value, values)
        yield Fault(path, f"expected {_expected(shape)}, found {quoted(value)}{more}")


def _whole(shape: inspect.IntType, value: int, path: str, extra: Extra) -> Iterator[Fault]:
    too_small = shape.ge is not None and value < shape.ge
    too_large = shape.le is not None and value > shape.le
    if too_small or too_large:
        yield Fault(path, f"expected {extra.get('expects', 'a whole number')}, found {found(value)}")


def _flag(*_: object) -> Iterator[Fault]:
    yield from ()


_CHECKS: dict[type[inspect.Type], Callable[[Any, Any, str, Extra], Iterator[Fault]]] = {
    inspect.StructType: _table,
    inspect.DictType: _mapping,
    inspect.VarTupleType: _list,
    inspect.StrType: _text,
    inspect.LiteralType: _choice,
    inspect.IntType: _whole,
    inspect.BoolType: _flag,
}
