"""What people's rights are used by over HTTP: the part of the table that `operations` puts together."""

from __future__ import annotations

from consent.rights import Who
from consent.rights.bundle import Bundle
from consent.tokens import ClaimReceipt
from consent.web.claims import Claims, ClaimsQuery, Erasing, ErasureBody
from consent.web.described import BAD_BODY, FILTERED, KEYED, SITE, Operation

TAG = "People's requests"
PAGE = ("text/html",)
FORM = ("application/x-www-form-urlencoded", "multipart/form-data")
LINKED = {400: "Problem: not a link of ours", 404: "Problem: there is nothing behind it", 410: "Problem: too old"}

CLAIMS = (
    Operation(
        method="post",
        path=f"{SITE}/claims/access",
        summary="Everything that is kept of a person, by addresses, subjects, records or receipts; with a receipt.",
        body="Who",
        scope="read",
        answers={200: "Bundle: everything; empty parts where there is nothing", **BAD_BODY, **KEYED},
        structs=(Who, Bundle),
        tag=TAG,
    ),
    Operation(
        method="post",
        path=f"{SITE}/claims/erasure",
        summary="Erase a person by all that is brought, at once; or say what would go and what would stay.",
        body="ErasureBody",
        scope="erase",
        answers={200: "Erasing: how much, what stays and why, and the receipt", **BAD_BODY, **KEYED},
        structs=(ErasureBody, Erasing),
        tag=TAG,
    ),
    Operation(
        method="get",
        path=f"{SITE}/claims",
        summary="Requests that were answered, the newest first; not whose they were.",
        scope="read",
        query=ClaimsQuery,
        answers={200: "Claims: the requests", **KEYED, **FILTERED},
        structs=(Claims,),
        tag=TAG,
    ),
    Operation(
        method="get",
        path="/receipts/{token}/kept",
        summary="Everything that is kept of the receipt's subject. Changes nothing.",
        media=PAGE,
        answers={200: "a page", 303: "of a subscription: on to the page that mails a link", **LINKED},
        tag=TAG,
    ),
    Operation(
        method="post",
        path="/receipts/{token}/kept",
        summary="Give it as a file (`do=export`), ask about erasing (`erase`), or erase (`erase_now`).",
        takes=FORM,
        media=(*PAGE, "application/json"),
        answers={200: "a page, or the file", 303: "of a subscription: on to the page that mails a link", **LINKED}
        | {413: "Problem: too long", 415: "Problem: no form", 422: "Problem: there is no such button"},
        tag=TAG,
    ),
    Operation(
        method="get",
        path="/claims/{token}",
        summary="The receipt of a request, as a page, or as JSON by Accept.",
        media=(*PAGE, "application/json"),
        answers={200: "ClaimReceipt: what was asked and how much came of it", **LINKED},
        structs=(ClaimReceipt,),
        tag=TAG,
    ),
)
