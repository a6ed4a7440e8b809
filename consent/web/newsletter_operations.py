"""What can be asked of the newsletter over HTTP: the part of the table that `operations` puts together."""

from __future__ import annotations

from consent.web.described import BAD_BODY, FILTERED, KEYED, SITE, Operation
from consent.web.outbox import OutboxQuery
from consent.web.readers import SubscribersQuery, SuppressionsQuery

HOSTED = "/newsletter/{site}"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
PAGE = ("text/html",)
NO_NEWSLETTER = {404: "Problem: no such site, or it has no newsletter", 429: "Problem: too often"}

SIGNING_UP = (
    Operation(
        method="post",
        path=f"{SITE}/signups",
        summary="Sign up for newsletters, by JSON or by a plain form; the answer is the same for every address.",
        body="SignupRequest",
        takes=FORMS,
        answers={
            202: "Accepted: taken, whatever becomes of it",
            303: "a form's sender goes on to a page that says the same, or to `next` at the site",
            **BAD_BODY,
            **NO_NEWSLETTER,
            403: "Problem: a page of another origin, or a sender who has to solve a challenge first",
            503: "Problem: the store cannot commit",
        },
    ),
    Operation(
        method="get",
        path=f"{SITE}/signups/challenge",
        summary="A proof of work for a sender in doubt, good for ten minutes and one sign-up.",
        answers={200: "Offer: the challenge", **NO_NEWSLETTER, 403: "Problem: a page of another origin"},
    ),
    Operation(
        method="get",
        path=HOSTED,
        summary="The form on a page of the service, which needs no script.",
        query=("language", "list", "next"),
        media=PAGE,
        answers={200: "a page", **NO_NEWSLETTER},
    ),
    Operation(
        method="get",
        path=f"{HOSTED}/asked",
        summary="What everybody is told who signed up there.",
        query=("language", "about"),
        media=PAGE,
        answers={200: "a page", **NO_NEWSLETTER},
    ),
    Operation(
        method="post",
        path=f"{HOSTED}/link",
        summary="Mail a subscriber the link to the preferences; the answer is the same for every address.",
        takes=FORMS,
        media=PAGE,
        answers={303: "on to a page that says so", **BAD_BODY, **NO_NEWSLETTER},
    ),
)

READERS = (
    Operation(
        method="get",
        path=f"{SITE}/subscribers",
        summary="The site's subscribers, as pages of JSON, JSON lines or CSV (by Accept).",
        scope="read",
        query=SubscribersQuery,
        media=("application/json", "application/x-ndjson", "text/csv"),
        answers={200: "Roster: subscribers with their links", **KEYED, **FILTERED},
    ),
    Operation(
        method="post",
        path=f"{SITE}/subscribers/lookup",
        summary="All that is known of an address, what is not confirmed yet included.",
        body="EmailBody",
        scope="read",
        answers={200: "Looked: what is known", **BAD_BODY, **KEYED, 404: "Problem: no such site, or nothing is known"},
    ),
    Operation(
        method="post",
        path=f"{SITE}/subscribers/erase",
        summary="Erase a reader; the log still verifies.",
        body="EmailBody",
        scope="erase",
        answers={200: "ErasedReader: what was erased", **BAD_BODY, **KEYED},
    ),
    Operation(
        method="get",
        path=f"{SITE}/suppressions",
        summary="The keys of addresses that must not be mailed.",
        scope="read",
        query=SuppressionsQuery,
        answers={200: "Suppressions: the keys, and why", **KEYED, **FILTERED},
    ),
    Operation(
        method="get",
        path=f"{SITE}/outbox",
        summary="What is owed by mail and webhook, or was given up (`state`: waiting, done, dead, dropped).",
        scope="read",
        query=OutboxQuery,
        answers={200: "Outbox: the oldest first", **KEYED, **FILTERED},
    ),
    Operation(
        method="post",
        path=f"{SITE}/outbox/replay",
        summary="Try again what was given up: one by its id, or all.",
        body="ReplayBody",
        scope="write",
        answers={200: "Replayed: how many", **BAD_BODY, **KEYED, 404: "Problem: no such site, or nothing dead"},
    ),
)

NEWSLETTER = (*SIGNING_UP, *READERS)
