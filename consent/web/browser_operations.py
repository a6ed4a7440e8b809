"""What visitors' browsers ask: the part of the table that `operations` puts together."""

from __future__ import annotations

from consent.web.described import BAD_BODY, NOT_ADMITTED, SITE, Operation

BROWSERS = (
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
        path="/w/{name}",
        summary="The widget: `{site}.js` (as a module `{site}.mjs`, pinned `{site}@{version}.js`), and its layers.",
        media=("text/javascript",),
        answers={200: "a script", 304: "unchanged", 404: "Problem: no such script"},
    ),
    Operation(
        method="get",
        path="/receipts/{token}",
        summary="A receipt as a page; as JSON-LD by Accept; by `format`: json-ld, kantara, or proof (a file).",
        query=("format", "form"),
        media=("text/html", "application/ld+json", "application/json"),
        answers={200: "the receipt", 400: "Problem: not a receipt", 404: "Problem: it has no such form"}
        | {410: "Problem: too old, or its person was erased", 422: "Problem: there is no such form"},
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
)
