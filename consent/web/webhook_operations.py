"""What can be asked about endpoints, and what providers post: the part of the table that `operations` puts together."""

from __future__ import annotations

from consent.web.described import BAD_BODY, FILTERED, KEYED, SITE, Operation

WEBHOOKS = f"{SITE}/webhooks"
NO_ENDPOINT = {404: "Problem: no such site or endpoint"}
HEARD = {
    200: "heard",
    400: "Problem: no message of this provider",
    404: "Problem: nobody is listened to at this address",
    413: "Problem: over 1 MiB",
    429: "Problem: too often",
    503: "Problem: it cannot be checked or kept now",
}
NOT_SIGNED = {403: "Problem: it does not come from whom it should"}
POSTED = ("application/json", "text/plain")


def _posted(path: str, summary: str, takes: tuple[str, ...] = POSTED) -> Operation:
    return Operation(
        method="post", path=path, summary=summary, takes=takes, media=("text/plain",), answers=HEARD | NOT_SIGNED
    )


ENDPOINTS = (
    Operation(
        method="get",
        path=WEBHOOKS,
        summary="Where the site's events go, and which mailing providers are told who joined and left.",
        scope="read",
        answers={200: "Endpoints: all of them, without secrets", **KEYED, **FILTERED},
    ),
    Operation(
        method="post",
        path=WEBHOOKS,
        summary="Connect a webhook (Standard Webhooks) or a mailing provider; its secret is shown this once.",
        body="EndpointRequest",
        scope="write",
        answers={201: "Connected: the endpoint and its secret", **BAD_BODY, **KEYED},
    ),
    Operation(
        method="delete",
        path=f"{WEBHOOKS}/{{endpoint}}",
        summary="Take an endpoint away; what it is still owed is not sent.",
        scope="write",
        answers={204: "gone", **KEYED, **NO_ENDPOINT},
    ),
    Operation(
        method="post",
        path=f"{WEBHOOKS}/{{endpoint}}/test",
        summary="Try an endpoint at once: an event `endpoint.test`, or a look whether the provider's key is good.",
        scope="write",
        answers={200: "Tried: whether it was taken, else why not", **KEYED, **NO_ENDPOINT},
    ),
    Operation(
        method="post",
        path=f"{WEBHOOKS}/{{endpoint}}/enable",
        summary="Take up an endpoint again that was switched off.",
        scope="write",
        answers={200: "EndpointView: the endpoint", **KEYED, **NO_ENDPOINT},
    ),
    Operation(
        method="post",
        path=f"{WEBHOOKS}/{{endpoint}}/secret",
        summary="A new secret; a webhook is signed with the one before too, until the next.",
        scope="write",
        answers={200: "Connected: the endpoint and its new secret", **KEYED, **NO_ENDPOINT},
    ),
    _posted("/v1/mail-events/{provider}", "What the mail provider tells of mails: bounces, complaints, deliveries."),
    _posted("/v1/mail-events/{provider}/{secret}", "The same, for providers that sign nothing."),
    _posted(
        f"{SITE}/inbound/{{endpoint}}/{{secret}}",
        "Who left at a mailing provider.",
        (*POSTED, "application/x-www-form-urlencoded"),
    ),
    Operation(
        method="get",
        path=f"{SITE}/inbound/{{endpoint}}/{{secret}}",
        summary="That somebody listens there. Changes nothing.",
        media=("text/plain",),
        answers={200: "heard", **NO_ENDPOINT, 429: "Problem: too often"},
    ),
)
