"""What can be asked of the links in mails: the part of the table that `operations` puts together."""

from __future__ import annotations

from consent.web.described import Operation

PAGE = ("text/html",)
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
LINK = {
    200: "a page",
    400: "Problem: not a link of ours",
    410: "Problem: too old, or whom it was about is gone",
    429: "Problem: too often",
}


def _opened(path: str, summary: str) -> Operation:
    return Operation(method="get", path=path, summary=f"{summary} Changes nothing.", media=PAGE, answers=LINK)


def _pressed(path: str, summary: str) -> Operation:
    return Operation(method="post", path=path, summary=summary, takes=FORMS, media=PAGE, answers=LINK)


CHANGED = {422: "a page that says what was wrong"}
LETTERS = (
    _opened("/confirm/{token}", "What would be subscribed to, and one button."),
    Operation(
        method="post",
        path="/confirm/{token}",
        summary="Confirm; may be repeated. Without a body, all that the link names.",
        takes=FORMS,
        media=PAGE,
        answers=LINK | CHANGED,
    ),
    _opened("/not-me/{token}", "Was it not you? One button."),
    _pressed("/not-me/{token}", "Delete the sign-up, and send nothing more to the address."),
    _opened("/unsubscribe/{token}", "The list, and one button."),
    Operation(
        method="post",
        path="/unsubscribe/{token}",
        summary="Unsubscribe from one list at once (RFC 8058), whatever the link is.",
        takes=FORMS,
        media=PAGE,
        answers={200: "unsubscribed"},
    ),
    _opened("/change/{token}", "The new address, and one button."),
    _pressed("/change/{token}", "Use the new address from now on."),
    _opened("/manage/{token}", "The preference centre."),
    Operation(
        method="post",
        path="/manage/{token}",
        summary="Change lists, pause, address or language; `do=export` gives all that is kept, as JSON.",
        takes=FORMS,
        media=("text/html", "application/json"),
        answers=LINK | CHANGED,
    ),
)
