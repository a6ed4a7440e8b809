"""What a key asks of records, notices and the log: the part of the table that `operations` puts together."""

from __future__ import annotations

from consent.web.described import BAD_BODY, FILTERED, KEYED, SITE, Operation
from consent.web.notices import NoticesQuery
from consent.web.publisher import ConsentsQuery, ProofQuery

PUBLISHERS = (
    Operation(
        method="get",
        path=f"{SITE}/consents",
        summary="The site's records, as pages of JSON, JSON lines or CSV (by Accept).",
        scope="read",
        query=ConsentsQuery,
        media=("application/json", "application/x-ndjson", "text/csv"),
        answers={200: "Page: records; a stream ends with the signed checkpoint", **KEYED, **FILTERED},
    ),
    Operation(
        method="get",
        path=f"{SITE}/notices",
        summary="The site's publications, newest first.",
        scope="read",
        query=NoticesQuery,
        answers={200: "Publications: the publications", **KEYED, **FILTERED},
    ),
    Operation(
        method="post",
        path=f"{SITE}/notices",
        summary="Publish a site file (TOML).",
        scope="write",
        takes=("application/toml", "text/plain"),
        answers={201: "Published: what came of it", **BAD_BODY, **KEYED},
    ),
    Operation(
        method="get",
        path=f"{SITE}/notices/{{digest}}",
        summary="One published notice, in the bytes its digest is of.",
        scope="read",
        etag=True,
        answers={200: "the notice", **KEYED},
    ),
    Operation(
        method="get",
        path=f"{SITE}/subjects/{{subject}}",
        summary="Everything that is known of a subject.",
        scope="read",
        answers={200: "Subject: records and status", **KEYED},
    ),
    Operation(
        method="delete",
        path=f"{SITE}/subjects/{{subject}}",
        summary="Erase a subject, a visitor or a subscriber; the log still verifies. May be repeated.",
        scope="erase",
        answers={200: "ErasedSubject: how much was erased", **KEYED},
    ),
    Operation(
        method="post",
        path=f"{SITE}/tokens/verify",
        summary="Whether a receipt is of this site, and what it says.",
        body="TokenBody",
        scope="read",
        answers={200: "Verdict: valid or not", **BAD_BODY, **KEYED},
    ),
    Operation(
        method="get",
        path=f"{SITE}/log/checkpoint",
        summary="The log's newest signed head (C2SP signed note; JSON by Accept).",
        scope="read",
        media=("text/plain", "application/json"),
        answers={200: "Signed: the head", **KEYED, **FILTERED},
    ),
    Operation(
        method="get",
        path=f"{SITE}/log/proof",
        summary="Inclusion of a record, or consistency with an older size (RFC 6962).",
        scope="read",
        query=ProofQuery,
        answers={200: "InclusionProof|ConsistencyProof: the proof", **KEYED, **FILTERED},
    ),
)
