"""`/docs`: the OpenAPI document as a page to read.

Invariant: everything on the page is read from the document, so that the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent.web import openapi
from consent.web.pages import engine
from consent.web.requests import services_of

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
    """One field of a shape; `shape` is the name of another shape to look up."""

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


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One status with what it means, in which forms it comes, and of which shapes."""

    status: str
    about: str
    medias: tuple[str, ...]
    shapes: tuple[str, ...]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method at one address."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[Node, ...]
    body_medias: tuple[str, ...]
    body_shape: str
    answers: tuple[Answer, ...]


async def serve(request: Request) -> Response:
    """The page."""
    groups, shapes = _read()
    url = services_of(request.scope).settings.url
    return engine.page("pages/docs.html", info=openapi.document()["info"], groups=groups, shapes=shapes, url=url)


@cache
def _read() -> tuple[dict[str, list[Operation]], list[Shape]]:
    document = openapi.document()
    groups: dict[str, list[Operation]] = {"For visitors’ browsers": [], "For publishers": [], "For operators": []}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            groups.setdefault(_group(path, described), []).append(_operation(path, method, described))
    shapes = [_shape(name, schema) for name, schema in document["components"]["schemas"].items()]
    return groups, [shape for shape in shapes if shape.fields]


def _group(path: str, described: Node) -> str:
    if tags := described.get("tags"):
        return str(tags[0])
    if described.get("security"):
        return "For publishers"
    return "For visitors’ browsers" if "{" in path else "For operators"


def _operation(path: str, method: str, described: Node) -> Operation:
    content = described.get("requestBody", {}).get("content", {})
    return Operation(
        id=f"{method}{path}".translate({ord("/"): "-", ord("{"): None, ord("}"): None}),
        method=method.upper(),
        path=path,
        summary=described["summary"],
        about=described.get("description", ""),
        parameters=tuple(described.get("parameters", ())),
        body_medias=tuple(content),
        body_shape=next((name for part in content.values() for name in _shapes_in(part["schema"])), ""),
        answers=tuple(_answer(status, answer) for status, answer in described["responses"].items()),
    )


def _answer(status: str, answer: Node) -> Answer:
    content = answer.get("content", {})
    shapes = dict.fromkeys(name for part in content.values() for name in _shapes_in(part.get("schema", {})))
    return Answer(status=status, about=answer["description"], medias=tuple(content), shapes=tuple(shapes))


def _shape(name: str, schema: Node) -> Shape:
    required = schema.get("required", ())
    fields = (_field(key, value, key in required) for key, value in schema.get("properties", {}).items())
    return Shape(name=name, about=schema.get("description", ""), fields=tuple(fields))


def _field(name: str, schema: Node, required: bool) -> Field:
    return Field(
        name=name,
        kind=_kind(schema),
        shape=next(_shapes_in(schema), ""),
        required=required,
        limits=tuple(_limits(schema)),
        about=schema.get("description", ""),
    )


def _kind(schema: Node) -> str:
    """What a value may be, in few words."""
    if reference := schema.get("$ref"):
        return str(reference).removeprefix(REFERENCE)
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}" if "items" in schema else "list"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"table of {_kind(schema['additionalProperties'])}"
    return str(schema.get("type", "any"))


def _limits(schema: Node) -> Iterator[str]:
    for one in (schema, *schema.get("anyOf", ())):
        yield from (words.format(one[key]) for key, words in LIMITS if key in one)
    if "default" in schema and schema["default"] not in (None, {}, []):
        yield f"else {schema['default']}"


def _shapes_in(schema: Node) -> Iterator[str]:
    """The names of the shapes that a schema refers to."""
    if reference := schema.get("$ref"):
        yield str(reference).removeprefix(REFERENCE)
    for one in (*schema.get("anyOf", ()), schema.get("items")):
        if isinstance(one, Mapping):
            yield from _shapes_in(one)
