"""Where a form's sender goes on to: `next`, when it is a page of the site's.

Invariant: an address is compared, never repaired: what leads elsewhere in any browser's reading has no way through.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.responses import Response

from consent.directory import Published

POLICY = "Content-Security-Policy"
OWN = "form-action 'self'"
USUAL_PORTS = {"http": 80, "https": 443}

# No blank, no control, no backslash (browsers read it as a slash), nothing that could end a header or an attribute.
_address = re.compile(r"https?://[^\s\x00-\x1f\x7f-\xa0\\\"<>`{}|^]{1,2000}", re.IGNORECASE)


def next_of(site: Published, words: str) -> str | None:
    """The address, when it is a page of one of the site's origins."""
    return words if _origin(site, words) else None


def allow(page: Response, site: Published, next_: str) -> Response:
    """The page, whose form may lead to `next`: Chromium holds `form-action` against an answer's redirect too."""
    if origin := _origin(site, next_):
        page.headers[POLICY] = page.headers[POLICY].replace(OWN, f"{OWN} {origin}")
    return page


def _origin(site: Published, words: str) -> str | None:
    """The address's origin, when it is the site's: exactly one of those in its file."""
    if not _address.fullmatch(words):
        return None
    try:
        parts = urlsplit(words)
        port = parts.port
    except ValueError:
        return None
    if "@" in parts.netloc or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, USUAL_PORTS[parts.scheme]) else "")
    return origin if site.allows(origin) else None
