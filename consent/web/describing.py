"""One operation as OpenAPI has it: parameters, body, answers with their headers.

Invariant: every parameter has a schema and a meaning; every answer says in which media types it comes.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from consent.web import bodies, forms, queries
from consent.web.described import KNOWN, PATHS, Operation
from consent.web.examples import BODIES, FILE
from consent.web.problems import MEDIA

REFERENCE = "#/components/schemas/"
EMPTY = frozenset({204, 303, 304})
"""Statuses of answers without a body."""

Node = dict[str, Any]

HEADERS: dict[str, Node] = {
    "ETag": {"description": "Names these very bytes.", "schema": {"type": "string"}},
    "Link": {
        "description": 'Where the next page is: `<…>; rel="next"` (RFC 8288); not on the last page.',
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "After how many seconds to ask again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "WWW-Authenticate": {"description": "How to ask: with a Bearer key.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "`true`: this was done before, and is answered as it was then.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
PAGE = "text/html"
NAMES = re.compile(r"[A-Z]\w*(\|[A-Z]\w*)*")
"""What stands before the colon where an answer is a struct, or one of several."""
RETRY = frozenset({429, 503})
IDEMPOTENCY_KEY: Node = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "Makes it safe to ask again: what was done under this key is answered as it was then, for a day, and not done "
        "again. A UUID is a good one; bare or in double quotes."
    ),
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,255}$"},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}
IF_NONE_MATCH: Node = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what you have: if it is still the same, the answer is 304.",
    "schema": {"type": "string"},
}
REPEATED = {
    400: "Problem: the Idempotency-Key is none",
    409: "Problem: the same request is under way",
    422: "Problem: the Idempotency-Key came before with another request",
}


def reference(name: str) -> Node:
    """A pointer to a shape."""
    return {"$ref": REFERENCE + name}


def described(operation: Operation) -> Node:
    """The operation."""
    told: Node = {"operationId": _id(operation), "summary": operation.summary, "tags": [tag_of(operation)]}
    if operation.scope:
        told |= {"description": f"Needs a key with the scope `{operation.scope}`.", "security": [{"key": []}]}
    if found := [*_in_path(operation), *_in_query(operation), *_in_headers(operation)]:
        told["parameters"] = found
    if operation.body or operation.takes:
        told["requestBody"] = {"required": True, "content": _bodies(operation)}
    answers = _answers(operation)
    told["responses"] = {str(status): _answer(status, answers[status], operation) for status in sorted(answers)}
    return told


def _answers(operation: Operation) -> dict[int, str]:
    """The operation's own, and those that follow from what it is."""
    found = dict(operation.answers)
    if operation.etag:
        found.setdefault(304, "you have it already")
    for status, words in (REPEATED if operation.writes else {}).items():
        found[status] = f"{found[status]}; or {words.partition(': ')[2]}" if status in found else words
    return found


def tag_of(operation: Operation) -> str:
    """Under which heading the operation stands."""
    if operation.tag:
        return operation.tag
    if operation.scope:
        return "For publishers"
    return "For visitors’ browsers" if "{" in operation.path else "For operators"


def _id(operation: Operation) -> str:
    words = operation.path.translate({ord("{"): None, ord("}"): None, ord("."): "/"}).split("/")
    return "-".join(word for word in (operation.method, *words) if word)


def _in_path(operation: Operation) -> list[Node]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    found = {name: PATHS.get(name, ("", {"type": "string"})) for name in names}
    return [
        {"name": name, "in": "path", "required": True, "description": words, "schema": schema}
        for name, (words, schema) in found.items()
    ]


def _in_query(operation: Operation) -> list[Node]:
    if isinstance(operation.query, tuple):
        found = {name: KNOWN[name] for name in operation.query}
        return [_parameter(name, {**schema, "description": words}) for name, (words, schema) in found.items()]
    return [_parameter(name, schema) for name, schema in queries.parameters(operation.query).items()]


def _parameter(name: str, schema: Node) -> Node:
    words = schema.pop("description", "")
    return {"name": name, "in": "query", "required": False, "schema": schema} | (
        {"description": words} if words else {}
    )


def _in_headers(operation: Operation) -> list[Node]:
    found = [IDEMPOTENCY_KEY] if operation.writes else []
    return [*found, IF_NONE_MATCH] if operation.etag else found


def _bodies(operation: Operation) -> Node:
    told: Node = {}
    if operation.body:
        one: Node = {"schema": reference(operation.body)}
        if operation.body in BODIES:
            one["example"] = BODIES[operation.body]
        told = dict.fromkeys(bodies.MEDIA, one)
    for media in operation.takes:
        told[media] = {"schema": {"type": "object" if media in forms.MEDIA else "string"}}
        if media == "application/toml":
            told[media]["example"] = FILE
    return told


def _answer(status: int, words: str, operation: Operation) -> Node:
    told = _content(status, words, operation)
    if names := _headers(status, operation):
        told["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return told


def _content(status: int, words: str, operation: Operation) -> Node:
    name, colon, meaning = words.partition(": ")
    if not (colon and NAMES.fullmatch(name)):
        if status in EMPTY:
            return {"description": words}
        return {"description": words, "content": {media: {"schema": _plain(media)} for media in operation.media}}
    refs = [reference(one) for one in name.split("|")]
    schema = refs[0] if len(refs) == 1 else {"anyOf": refs}
    if name == "Problem":
        told: Node = {"description": meaning, "content": {MEDIA: {"schema": schema}}}
        if PAGE in operation.media or set(forms.MEDIA) & set(operation.takes):  # a person reads it, by a browser
            told["content"][PAGE] = {"schema": _plain(PAGE)}
        return told
    schemas = {media: schema if media == "application/json" else _plain(media) for media in operation.media}
    return {"description": meaning, "content": {media: {"schema": one} for media, one in schemas.items()}}


def _headers(status: int, operation: Operation) -> list[str]:
    is_good, query = 200 <= status < 300, operation.query
    found = ["Link"] if is_good and isinstance(query, type) and "after" in _fields(query) else []
    found += ["Idempotency-Replayed"] if is_good and operation.writes else []
    found += ["ETag"] if operation.etag and status in (200, 304) else []
    found += ["Retry-After"] if status in RETRY or (status == 409 and operation.writes) else []
    return found + (["WWW-Authenticate"] if status == 401 else [])


def _fields(query: type[msgspec.Struct]) -> tuple[str, ...]:
    return query.__struct_encode_fields__


def _plain(media: str) -> Node:
    return {"type": "object" if media.endswith(("/json", "+json")) else "string"}
