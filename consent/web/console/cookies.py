"""The console's cookies: who is signed in, which browser asked for a link and what it wanted to see, and what is to be
said on the next page.

Behind https they carry the `__Host-` prefix, by which no other host and no page without TLS can set them. On a plain
http address, which is only ever this machine's own, browsers differ (Safari keeps no `Secure` cookie there), so that
they go without.

Invariant: none can be read by a script, none is sent along by another site's form, and each ends with the browser or
sooner.
"""

from __future__ import annotations

import base64
import hmac

from starlette.requests import Request
from starlette.responses import Response

from consent.services import Services
from consent.web.requests import header

SESSION, ASKED, NEXT, TOLD = "console", "console-asked", "console-next", "console-told"
ASKED_SECONDS = 3600
"""How long a browser is remembered that asked for a link: longer than any link that it may be mailed is good."""
TOLD_SECONDS = 60
LONGEST = 1024


def name_of(services: Services, cookie: str) -> str:
    """What the cookie is called here."""
    return f"__Host-{cookie}" if services.settings.is_public else cookie


def read(request: Request, services: Services, cookie: str) -> str:
    """The cookie's value, or nothing; of one that comes twice, nothing: somebody else set one of them."""
    name, found = name_of(services, cookie), list[str]()
    for part in header(request.scope, b"cookie").replace(",", ";").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            found.append(value)
    return found[0] if len(found) == 1 and len(found[0]) <= LONGEST else ""


def put(response: Response, services: Services, cookie: str, value: str, seconds: int | None = None) -> None:
    """Sets the cookie, for so long or until the browser is closed."""
    age = "" if seconds is None else f"; Max-Age={seconds}"
    secure = "; Secure" if services.settings.is_public else ""
    line = f"{name_of(services, cookie)}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"
    response.headers.append("Set-Cookie", line)


def drop(response: Response, services: Services, cookie: str) -> None:
    """Takes the cookie away."""
    put(response, services, cookie, "", 0)


def sealed(words: str, secret: str) -> str:
    """The words as a cookie's value that only this session can have made."""
    data = words.encode()[: LONGEST // 2]
    return base64.urlsafe_b64encode(_seal(data, secret) + data).decode()


def opened(value: str, secret: str) -> str:
    """The words again; nothing when they are none of this session's."""
    try:
        data = base64.b64decode(value.encode(), b"-_", validate=True)
    except ValueError:
        return ""
    seal, words = data[:16], data[16:]
    return words.decode("utf-8", "ignore") if hmac.compare_digest(seal, _seal(words, secret)) else ""


def _seal(data: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"consent console told\0" + data, "sha256")[:16]
