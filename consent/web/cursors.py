"""Where the next page begins: a text that the caller gives back as it came (`after`), and a link (RFC 8288).

Invariant: a cursor opens the next page of what was asked for alone: of another address, or of other filters, it is
refused, and so is one that was not made here. It holds places, no rights: what it leads to is asked for with a key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent.errors import Fault, Refused
from consent.web import replies
from consent.web.requests import services_of

OPENING = "c"
TIE = 6
UNTIED = frozenset({"after", "limit"})
T = TypeVar("T")


def make(request: Request, place: object) -> str:
    """The cursor that leads on from this place in what the request asks for."""
    data = _tie(request) + msgspec.msgpack.encode(place)
    return OPENING + base64.urlsafe_b64encode(data).decode().rstrip("=")


def open_(request: Request, cursor: str, place: type[T]) -> T:
    """The place that a cursor leads on from.

    Raises:
        Refused: it was not given for what the request asks for.
    """
    words = cursor.removeprefix(OPENING)
    try:
        data = base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))
        if (
            data[:TIE] == _tie(request)
            and make(request, found := msgspec.msgpack.decode(data[TIE:], type=place)) == cursor
        ):
            return found
    except (binascii.Error, msgspec.DecodeError, ValueError):
        pass
    raise Refused(Fault("after", "expected what the page before gave as `next`, with the same filters"))


def page(request: Request, page: msgspec.Struct, next_: str | None) -> Response:
    """A page of JSON, which says where the next one is."""
    headers = {"Vary": "Accept"}
    if next_ is not None:
        query = urlencode(dict(request.query_params) | {"after": next_})
        url = services_of(request.scope).settings.url
        headers["Link"] = f'<{url}{request.url.path}?{query}>; rel="next"'
    return replies.json(page, headers=headers)


def _tie(request: Request) -> bytes:
    """What the cursor is tied to: the address, and all filters but where and how many."""
    asked = sorted((name, words) for name, words in request.query_params.items() if name not in UNTIED)
    return hashlib.sha256(msgspec.msgpack.encode((request.url.path, asked))).digest()[:TIE]
