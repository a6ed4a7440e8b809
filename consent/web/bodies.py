"""From bytes to a struct, with every limit: size, time, depth, one spelling for each thing.

Invariant: what passes here is stored alike by both engines. Duplicate keys, NUL, half surrogate pairs,
NaN and numbers without end are refused before anything reads them.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from consent.errors import Malformed, Refused, TooLarge, UnsupportedMedia
from consent.web import faults
from consent.web.requests import header

LIMIT = 16 * 1024
SECONDS = 8  # less than a shutdown waits for what is under way (`cli.serving`), so that a slow body ends as 400
NOT_JSON = "the body is not JSON in UTF-8, or is nested too deep"
MEDIA = ("application/json", "text/plain")
T = TypeVar("T", bound=msgspec.Struct)

_encode = msgspec.json.Encoder().encode
_decode_any = msgspec.json.Decoder().decode


async def read(scope: Scope, receive: Receive, limit: int = LIMIT, seconds: float = SECONDS) -> bytes:
    """The whole body.

    Raises:
        TooLarge: more than the limit, by Content-Length or by count.
        Malformed: it did not come in time.
    """
    length = header(scope, b"content-length").lstrip("0")
    if length.isdecimal() and (len(length) > 9 or int(length) > limit):
        raise TooLarge(f"a body has at most {limit} bytes")
    try:
        async with asyncio.timeout(seconds):  # around the first part too: headers alone may be all that ever comes
            message = await receive()
            body = message.get("body", b"")
            if message.get("more_body", False):
                body = await _read_rest(receive, body, limit)
    except TimeoutError:
        raise Malformed(f"the body did not come within {seconds} seconds") from None
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    if len(body) > limit:
        raise TooLarge(f"a body has at most {limit} bytes")
    return bytes(body)


async def _read_rest(receive: Receive, body: bytes, limit: int) -> bytes:
    parts, size = [body], len(body)
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise TooLarge(f"a body has at most {limit} bytes")
        if not message.get("more_body", False):
            return b"".join(parts)


def check_media(scope: Scope, allowed: tuple[str, ...] = MEDIA) -> None:
    """Refuses a content type that is not spoken here.

    Raises:
        UnsupportedMedia: another type, none, or another character set than UTF-8.
    """
    media, _, rest = header(scope, b"content-type").lower().partition(";")
    charset = rest.strip().removeprefix("charset=").strip('"')
    if media.strip() not in allowed or (rest.strip() and charset not in ("utf-8", "utf8")):
        raise UnsupportedMedia(f"send {' or '.join(allowed)} in UTF-8")


def decode(data: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """The body as its struct.

    Raises:
        Malformed: not JSON, or JSON that reads differently in different hands.
        Refused: JSON of another shape.
    """
    try:
        value = decoder.decode(data)
    except msgspec.ValidationError as error:
        raise Refused(faults.fault(str(error), read_strictly(data))) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Malformed(NOT_JSON) from None
    if b"\\" in data or _encode(_decode_any(data)) != data:
        read_strictly(data)  # what comes back byte by byte has no key twice; without a backslash it has no escape
    return value


def read_strictly(data: bytes) -> Any:
    """Any JSON value, held to one reading.

    Raises:
        Malformed: not JSON, too deep, a key twice, NaN, NUL, half a surrogate pair.
    """
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, _Ambiguous) else NOT_JSON
        raise Malformed(said) from None
    if isinstance(value, str):
        _check_text(value)
    return value


class _Ambiguous(ValueError):
    """JSON that parsers read differently."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Ambiguous("a key stands twice in one object")
    for key, value in pairs:
        _check_text(key)
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str):
                _check_text(text)
    return found


def _check_text(text: str) -> None:
    if "\0" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise _Ambiguous("a text has NUL or half a surrogate pair")


def _no_constant(name: str) -> Any:
    raise _Ambiguous(f"{name} is not JSON")
