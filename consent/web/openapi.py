"""The OpenAPI 3.1 document, made from the same structs that read and write the bodies.

Invariant: nothing of a body is described here by hand; what can be asked is the table of `operations`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent import __version__
from consent.challenges import Offer
from consent.connections.connecting import Connected, EndpointRequest, Endpoints, EndpointView, Tried
from consent.handing_off import HandOffRequest, HandOffToken, Opened, OpenRequest
from consent.newsletter import SignupRequest
from consent.proofs import ConsistencyProof, InclusionProof, Signed
from consent.records import Answer, ConsentRequest
from consent.web import bodies, forms, replies
from consent.web.answers import ErasedLine, ErasedSubject, Line, Page, Publications, Published, Subject, Verdict
from consent.web.consents import Event
from consent.web.described import Operation
from consent.web.operations import OPERATIONS
from consent.web.outbox import ReplayBody
from consent.web.problems import MEDIA, Problem
from consent.web.publisher import TokenBody
from consent.web.reader_answers import ErasedReader, Funnel, Looked, Outbox, Replayed, Roster, Suppressions
from consent.web.readers import EmailBody
from consent.web.signups import Accepted

STRUCTS = (
    ConsentRequest,
    Answer,
    Event,
    HandOffRequest,
    HandOffToken,
    OpenRequest,
    Opened,
    Problem,
    Page,
    Line,
    ErasedLine,
    ErasedSubject,
    Subject,
    Publications,
    Published,
    TokenBody,
    Verdict,
    Signed,
    InclusionProof,
    ConsistencyProof,
    SignupRequest,
    Accepted,
    Offer,
    EmailBody,
    Looked,
    Roster,
    ErasedReader,
    Suppressions,
    Outbox,
    ReplayBody,
    Replayed,
    Funnel,
    EndpointRequest,
    EndpointView,
    Endpoints,
    Connected,
    Tried,
)

EMPTY = frozenset({204, 303, 304})
"""Statuses of answers without a body."""


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    _, components = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    lines = [{"$ref": f"#/components/schemas/{one.__name__}"} for one in (Line, ErasedLine)]
    components["Page"]["properties"]["consents"]["items"] = {"anyOf": lines}  # a struct's field says only: raw JSON
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "consent", "version": __version__, "description": "Consent choices, recorded and proven."},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "An API key, ck_…"}},
        },
    }


async def serve(request: Request) -> Response:
    """`/openapi.json`."""
    return replies.json(document())


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "responses": {
            str(status): _answer(status, words, operation) for status, words in sorted(operation.answers.items())
        },
    }
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    parameters += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in operation.query]
    if parameters:
        described["parameters"] = parameters
    if operation.body or operation.takes:
        described["requestBody"] = {"required": True, "content": _bodies(operation)}
    if operation.scope:
        described["security"] = [{"key": []}]
        described["description"] = f"Needs a key with the scope `{operation.scope}`."
    return described


def _bodies(operation: Operation) -> dict[str, Any]:
    schema = {"schema": {"$ref": f"#/components/schemas/{operation.body}"}}
    described = dict.fromkeys(bodies.MEDIA, schema) if operation.body else {}
    form: dict[str, Any] = {"type": "object"}
    for media in operation.takes:
        described[media] = {"schema": form if media in forms.MEDIA else {"type": "string"}}
    return described


def _answer(status: int, words: str, operation: Operation) -> dict[str, Any]:
    name, colon, meaning = words.partition(": ")
    if not colon:
        if status in EMPTY:
            return {"description": words}
        return {"description": words, "content": {media: {"schema": _plain(media)} for media in operation.media}}
    refs = [{"$ref": f"#/components/schemas/{one}"} for one in name.split("|")]
    schema = refs[0] if len(refs) == 1 else {"anyOf": refs}
    if name == "Problem":
        return {"description": meaning, "content": {MEDIA: {"schema": schema}}}
    schemas = {media: schema if media == "application/json" else _plain(media) for media in operation.media}
    return {"description": meaning, "content": {media: {"schema": one} for media, one in schemas.items()}}


def _plain(media: str) -> dict[str, Any]:
    return {"type": "object" if media.endswith(("/json", "+json")) else "string"}
