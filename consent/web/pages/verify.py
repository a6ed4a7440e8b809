"""`/verify`: the page that checks an exported file or a receipt's proof in the reader's browser, without the service.

The page is one file, made by `tests/house/generate.py` of what stands in `verify/`: saved to a disk it does the same.

Invariant: what is served is that file, byte for byte, under the policy that stands in it: it can reach nothing.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')


async def serve(request: Request) -> Response:
    """The page; the same for everybody."""
    page, policy = _page()
    headers = {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'", "Cache-Control": "public, max-age=300"}
    return Response(page, headers=headers, media_type="text/html")


@cache
def _page() -> tuple[bytes, str]:
    page = files(__package__).joinpath("verify.html").read_bytes()
    found = _POLICY.search(page.decode())
    if found is None:
        raise LookupError("the page has no policy: make it anew")
    return page, unescape(found[1])
