"""`/docs`: the OpenAPI document as a page to read.

Invariant: everything on the page is read from the document, so that the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent.web import openapi
from consent.web.pages import engine
from consent.web.pages.commands import command, sample
from consent.web.pages.schema_words import Field, Shape, field, shape, shapes_in
from consent.web.requests import services_of

Node = Mapping[str, Any]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One status with what it means, in which forms it comes, of which shapes, with which headers."""

    status: str
    about: str
    medias: tuple[str, ...]
    shapes: tuple[str, ...]
    headers: tuple[str, ...]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method at one address; `command` asks it from a shell."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[tuple[str, Field], ...]
    """Where each stands, and what it is."""
    body_medias: tuple[str, ...]
    body_shape: str
    body_example: str
    answers: tuple[Answer, ...]
    command: str


async def serve(request: Request) -> Response:
    """The page."""
    groups, shapes, about = _read()
    url = services_of(request.scope).settings.url
    version = openapi.document()["info"]["version"]
    return engine.page("pages/docs.html", about=about, version=version, groups=groups, shapes=shapes, url=url)


@cache
def _read() -> tuple[dict[str, list[Operation]], list[Shape], list[list[str]]]:
    document = openapi.document()
    groups: dict[str, list[Operation]] = {"For publishers": [], "For visitors’ browsers": [], "For operators": []}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            groups.setdefault(described["tags"][0], []).append(_operation(path, method, described))
    shapes = [shape(name, schema) for name, schema in document["components"]["schemas"].items()]
    return groups, [one for one in shapes if one.fields], _paragraphs(document["info"]["description"])


def _paragraphs(text: str) -> list[list[str]]:
    """Paragraphs as pieces, of which every second one stood between backticks."""
    return [" ".join(one.split()).split("`") for one in text.split("\n\n")]


def _operation(path: str, method: str, described: Node) -> Operation:
    content = described.get("requestBody", {}).get("content", {})
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described["summary"],
        about=described.get("description", "").replace("`", ""),
        parameters=tuple(map(_parameter, described.get("parameters", ()))),
        body_medias=tuple(content),
        body_shape=next((name for part in content.values() for name in shapes_in(part["schema"])), ""),
        body_example=sample(content),
        answers=tuple(_answer(status, answer) for status, answer in described["responses"].items()),
        command=command(method, path, described),
    )


def _parameter(parameter: Node) -> tuple[str, Field]:
    about = parameter.get("description", "").replace("`", "")
    return parameter["in"], field(parameter["name"], parameter["schema"], required=parameter["required"], about=about)


def _answer(status: str, answer: Node) -> Answer:
    content = answer.get("content", {})
    shapes = dict.fromkeys(name for part in content.values() for name in shapes_in(part.get("schema", {})))
    return Answer(
        status=status,
        about=answer["description"],
        medias=tuple(content),
        shapes=tuple(shapes),
        headers=tuple(answer.get("headers", ())),
    )
