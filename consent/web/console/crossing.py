"""Whether a form that changes something was sent by a page of the console itself.

Three things are looked at, and each alone refuses: what the browser says of where the form was (`Sec-Fetch-Site`), the
page's origin, and a token that only a page of this very session carries.

Invariant: no page of another origin, not even of the same site, can make a member's browser change anything.
"""

from __future__ import annotations

import hmac

from starlette.requests import Request

from consent.accounts import ceremonies
from consent.errors import ForeignOrigin
from consent.services import Services
from consent.web.requests import header, services_of

ANEW = "Go back, load the page anew and send it again."


def check_page(request: Request) -> None:
    """Refuses what a page of another origin sent.

    Raises:
        ForeignOrigin: the browser says so, by either header.
    """
    ours = origin_of(services_of(request.scope))
    if header(request.scope, b"sec-fetch-site") not in ("", "same-origin"):
        raise ForeignOrigin(f"this form was not sent by a page of the console: open it at {ours}/console")
    if header(request.scope, b"origin") not in ("", ours):
        raise ForeignOrigin(f"this form was sent from another address than the console's: open it at {ours}/console")


def check_token(sent: str, expected: str) -> None:
    """Refuses a form without this session's token.

    Raises:
        ForeignOrigin: it has none, or another one.
    """
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), expected.encode()):
        raise ForeignOrigin(f"this form belongs to a session that has ended, or to none. {ANEW}")


def origin_of(services: Services) -> str:
    """The origin of the service's public address."""
    return ceremonies.place(services.settings.url).origin


def safe_next(words: str) -> str:
    """The place in the console that somebody wanted to see, when it is one; else nothing.

    A path and a query of plain letters: no other host, no backslash, nothing that a browser would read otherwise.
    """
    is_plain = words.isascii() and words.isprintable() and len(words) <= 512 and not set(words) & set("\\ \"'<>#")
    path = words.partition("?")[0]
    is_ours = path == "/console" or path.startswith("/console/")
    is_straight = "//" not in path and "/." not in path and "%" not in path
    is_elsewhere = path.startswith(("/console/sign-in", "/console/sign-out"))
    return words if is_plain and is_ours and is_straight and not is_elsewhere else ""
