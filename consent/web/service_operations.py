"""What operators and programs ask of the service itself: the part of the table that `operations` puts together."""

from __future__ import annotations

from consent.web.described import Operation

SERVICE = (
    Operation(
        method="get",
        path="/console",
        summary="The publisher's pages, all below this address, for who is signed in.",
        media=("text/html",),
        answers={200: "a page", 303: "on to signing in"},
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
        method="get",
        path="/verify",
        summary="A page that checks an exported file or a receipt's proof in the browser, and works when it is saved.",
        media=("text/html",),
        answers={200: "a page"},
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
