"""What can be asked of the service over HTTP: one entry for each method at each address.

Invariant: a test holds this table against the URL table: no route without its entry, no entry without a route.
"""

from __future__ import annotations

from consent.web.described import BAD_BODY, FILTERED, KEYED, NOT_ADMITTED, SITE, Operation
from consent.web.letter_operations import LETTERS
from consent.web.newsletter_operations import NEWSLETTER
from consent.web.webhook_operations import ENDPOINTS

OPERATIONS = (
    Operation(
        method="post",
        path=f"{SITE}/consents",
        summary="Record one act of a visitor; answered when it is on disk.",
        body="ConsentRequest",
        answers={201: "Answer: recorded", 200: "Answer: the same came before", **BAD_BODY, **NOT_ADMITTED}
        | {409: "Problem: the id came before with other content", 410: "Problem: the hand-off's ticket is too old"}
        | {503: "Problem: the store cannot commit"},
    ),
    Operation(
        method="get",
        path=f"{SITE}/consents",
        summary="The site's records, as pages of JSON, JSON lines or CSV (by Accept).",
        scope="read",
        query=("subject", "since", "until", "after", "limit"),
        media=("application/json", "application/x-ndjson", "text/csv"),
        answers={200: "Page: records; a stream ends with the signed checkpoint", **KEYED, **FILTERED},
    ),
    Operation(
        method="post",
        path=f"{SITE}/events",
        summary="Count that something was shown; nobody's id is kept.",
        body="Event",
        answers={204: "counted", **BAD_BODY, **NOT_ADMITTED},
    ),
    Operation(
        method="post",
        path=f"{SITE}/hand-offs",
        summary="A token that takes a visitor's choice along to a partner site, good for two minutes.",
        body="HandOffRequest",
        answers={201: "HandOffToken: the token", **BAD_BODY, **NOT_ADMITTED, 410: "Problem: the receipt is too old"},
    ),
    Operation(
        method="post",
        path=f"{SITE}/hand-offs/open",
        summary="What the choice behind a token decides at this site; nothing is recorded.",
        body="OpenRequest",
        answers={
            200: "Opened: what is decided, and a ticket to record it with",
            **BAD_BODY,
            **NOT_ADMITTED,
            410: "Problem: the token is too old",
        },
    ),
    Operation(
        method="get",
        path=f"{SITE}/notices",
        summary="The site's publications, newest first.",
        scope="read",
        answers={200: "Publications: the publications", **KEYED},
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
        answers={200: "Signed: the head", **KEYED},
    ),
    Operation(
        method="get",
        path=f"{SITE}/log/proof",
        summary="Inclusion of a record, or consistency with an older size (RFC 6962).",
        scope="read",
        query=("record", "old"),
        answers={200: "InclusionProof|ConsistencyProof: the proof", **KEYED, **FILTERED},
    ),
    *NEWSLETTER,
    *LETTERS,
    *ENDPOINTS,
    Operation(
        method="get",
        path="/w/{name}",
        summary="The widget: `{site}.js` (as a module `{site}.mjs`, pinned `{site}@{version}.js`), and its layers.",
        media=("text/javascript",),
        answers={200: "a script", 304: "unchanged", 404: "Problem: no such script"},
    ),
    Operation(
        method="get",
        path="/receipts/{token}",
        summary="A receipt as a page, or as JSON-LD by Accept.",
        media=("text/html", "application/ld+json"),
        answers={200: "the receipt", 400: "Problem: not a receipt", 410: "Problem: too old"},
    ),
    Operation(
        method="get",
        path="/withdraw/{token}",
        summary="What would be withdrawn, and one button. Changes nothing.",
        media=("text/html",),
        answers={200: "a page", 400: "Problem: not a link of ours", 410: "Problem: too old"},
    ),
    Operation(
        method="post",
        path="/withdraw/{token}",
        summary="Withdraw; may be repeated.",
        media=("text/html",),
        answers={200: "a page", 400: "Problem: not a link of ours", 410: "Problem: too old"},
    ),
    Operation(
        method="get",
        path="/console",
        summary="The publisher's pages; without a link, how to get one.",
        media=("text/html",),
        answers={200: "a page"},
    ),
    Operation(
        method="get",
        path="/console/{token}",
        summary="A site at a glance, behind a signed link.",
        media=("text/html",),
        answers={200: "a page", 400: "Problem: not a link of ours", 410: "Problem: too old"},
    ),
    Operation(
        method="get",
        path="/console/{token}/records/{seq}",
        summary="One record with the proof that it is in the log.",
        media=("text/html",),
        answers={200: "a page", 400: "Problem: not a link of ours", 404: "Problem: no such record"}
        | {410: "Problem: too old"},
    ),
    Operation(method="get", path="/healthz", summary="Alive.", answers={200: "alive"}),
    Operation(method="get", path="/readyz", summary="Can commit.", answers={200: "ready", 503: "Problem: it cannot"}),
    Operation(
        method="get", path="/metrics", summary="Prometheus.", media=("text/plain",), answers={200: "the figures"}
    ),
    Operation(method="get", path="/openapi.json", summary="This document.", answers={200: "OpenAPI 3.1"}),
    Operation(
        method="get", path="/docs", summary="This document as a page.", media=("text/html",), answers={200: "a page"}
    ),
    Operation(
        method="get", path="/.well-known/gpc.json", summary="GPC is honoured.", answers={200: "the GPC statement"}
    ),
    Operation(
        method="get",
        path="/.well-known/security.txt",
        summary="Where to tell of a weakness (RFC 9116).",
        media=("text/plain",),
        answers={200: "the contact"},
    ),
    Operation(
        method="get", path="/robots.txt", summary="For crawlers.", media=("text/plain",), answers={200: "the rules"}
    ),
)
