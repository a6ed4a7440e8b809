"""The OpenAPI 3.1 document, made from the same structs that read and write the bodies and the filters.

Invariant: nothing of a body or a filter is described here by hand; what can be asked is the table of `operations`.
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
from consent.web import describing, replies
from consent.web.answers import (
    AuditLine,
    ErasedLine,
    ErasedSubject,
    Line,
    Page,
    Publications,
    Published,
    Subject,
    Verdict,
)
from consent.web.consents import Event
from consent.web.operations import OPERATIONS
from consent.web.outbox import ReplayBody
from consent.web.problems import Problem
from consent.web.publisher import TokenBody
from consent.web.reader_answers import ErasedReader, Looked, Outbox, Replayed, Roster, Suppressions
from consent.web.readers import EmailBody
from consent.web.signups import Accepted

STRUCTS: tuple[type[msgspec.Struct], ...] = (
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
    AuditLine,
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
    EndpointRequest,
    EndpointView,
    Endpoints,
    Connected,
    Tried,
)
ABOUT = """Consent choices and newsletter subscriptions, recorded and proven.

Publishers send a key of their site: `Authorization: Bearer ck_…`. Lists come as pages: `next` of one is `after` of the
following one, with the same filters; `Link: <…>; rel="next"` says the same. By `Accept: application/x-ndjson` or
`text/csv` a list comes whole, as a stream. A stream that broke off is told from a whole one: its transfer has no end
(RFC 9112, section 8), and JSON lines of consents end with the signed checkpoint. In CSV a cell that begins like a
formula has an apostrophe before it: of a cell that begins with an apostrophe, take that one away.

Every address that takes GET takes HEAD. Errors are problems (RFC 9457) with a stable `code`. Times are RFC 3339 in UTC,
ids are lower-case UUIDs."""


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    structs = dict.fromkeys((*STRUCTS, *(struct for operation in OPERATIONS for struct in operation.structs)))
    _, components = msgspec.json.schema_components(structs, ref_template=describing.REFERENCE + "{name}")
    lines = [describing.reference(one.__name__) for one in (Line, AuditLine, ErasedLine)]
    components["Page"]["properties"]["consents"]["items"] = {"anyOf": lines}  # a struct's field says only: raw JSON
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = describing.described(operation)
    tags = dict.fromkeys(tag for methods in paths.values() for one in methods.values() for tag in one["tags"])
    told = {
        "openapi": "3.1.0",
        "info": {
            "title": "consent",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": components,
            "headers": describing.HEADERS,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key of the site: `ck_…`."}
            },
        },
    }
    whole: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(told))  # lists, where schemas have tuples
    return whole


async def serve(request: Request) -> Response:
    """`/openapi.json`."""
    return replies.json(document())
