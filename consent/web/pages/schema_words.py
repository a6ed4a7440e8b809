"""A JSON Schema in few words, for people: what a value may be, its limits, its fields.

Invariant: nothing is said of a value that its schema does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

Node = Mapping[str, Any]

REFERENCE = "#/components/schemas/"
LIMITS = (
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minimum", "{} or more"),
    ("maximum", "{} or less"),
    ("pattern", "like {}"),
    ("maxProperties", "at most {} entries"),
)


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a shape, or one parameter; `shape` is the name of another shape to look up."""

    name: str
    kind: str
    shape: str
    required: bool
    limits: tuple[str, ...]
    about: str


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A JSON object that goes in or comes out."""

    name: str
    about: str
    fields: tuple[Field, ...]


def shape(name: str, schema: Node) -> Shape:
    """The object that the schema is of."""
    required = schema.get("required", ())
    fields = (field(key, value, required=key in required) for key, value in schema.get("properties", {}).items())
    return Shape(name=name, about=schema.get("description", ""), fields=tuple(fields))


def field(name: str, schema: Node, *, required: bool, about: str = "") -> Field:
    """One value of this name."""
    return Field(
        name=name,
        kind=kind(schema),
        shape=next(shapes_in(schema), ""),
        required=required,
        limits=tuple(limits(schema)),
        about=about or schema.get("description", ""),
    )


def kind(schema: Node) -> str:
    """What a value may be, in few words."""
    if reference := schema.get("$ref"):
        return str(reference).removeprefix(REFERENCE)
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind(one) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {kind(schema['items'])}" if "items" in schema else "list"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"table of {kind(schema['additionalProperties'])}"
    return str(schema.get("type", "any"))


def limits(schema: Node) -> Iterator[str]:
    """How long, how great, in which form; and what holds when it is left out."""
    for one in (schema, *schema.get("anyOf", ())):
        yield from (words.format(str(one[key]).replace(r"(?!\n)", "")) for key, words in LIMITS if key in one)
    if "default" in schema and schema["default"] not in (None, {}, []):
        yield f"else {schema['default']}"


def shapes_in(schema: Node) -> Iterator[str]:
    """The names of the shapes that a schema refers to."""
    if reference := schema.get("$ref"):
        yield str(reference).removeprefix(REFERENCE)
    for one in (*schema.get("anyOf", ()), schema.get("items")):
        if isinstance(one, Mapping):
            yield from shapes_in(one)
