"""From a form to its fields, with every limit: size, time, how many, and one reading of each.

A form comes as `application/x-www-form-urlencoded` or as `multipart/form-data`; both give the same fields. Files are
never taken.

Invariant: what passes here is as strict as what passes `bodies`: UTF-8, no NUL, nothing cut off in its middle.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.types import Receive, Scope

from consent.errors import Fault, Malformed, Refused, UnsupportedMedia
from consent.web import bodies, faults
from consent.web.requests import header

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
MEDIA = (URLENCODED, MULTIPART)
MOST_FIELDS = 120
LONGEST_NAME = 64
LONG = 256 * 1024
NO_FORM = "the body is not a form in UTF-8, or is cut off"
WORDLESS = ("7bit", "8bit", "binary")
"""Transfer encodings that change nothing; browsers send none (RFC 7578, section 4.7)."""

Fields = list[tuple[str, str]]
T = TypeVar("T", bound=msgspec.Struct)

_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def is_form(scope: Scope) -> bool:
    """Whether the body claims to be a form."""
    return _media(scope)[0] in MEDIA


async def read(scope: Scope, receive: Receive, limit: int = bodies.LIMIT, most: int = MOST_FIELDS) -> Fields:
    """The form's fields in their order, a repeated name as often as it came; `limit` bytes, `most` fields.

    Raises:
        UnsupportedMedia: no form, or another character set than UTF-8.
        TooLarge, Malformed: as `bodies.read`; or it is cut off, no UTF-8, or has NUL.
        Refused: a file, or more fields than any form here has.
    """
    media, options = _media(scope)
    if media not in MEDIA or options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise UnsupportedMedia(f"send {' or '.join(MEDIA)} in UTF-8")
    data = await bodies.read(scope, receive, limit)
    if media == URLENCODED:  # a long one beside the loop: what it is written with takes long to undo
        fields = await asyncio.to_thread(_urlencoded, data, most) if len(data) > LONG else _urlencoded(data, most)
    else:
        fields = _multipart(data, options.get(b"boundary", b""), limit, most)
    for name, value in fields:
        if len(name) > LONGEST_NAME:
            raise Refused(Fault(name[:LONGEST_NAME], "there is no such field"))
        if "\0" in name or "\0" in value:
            raise Malformed(NO_FORM)
    return fields


def once(fields: Iterable[tuple[str, str]], repeated: frozenset[str] = frozenset()) -> dict[str, str]:
    """The fields that may stand only once, by name; those of `repeated` are left out.

    Raises:
        Refused: one stands twice.
    """
    found: dict[str, str] = {}
    for name, value in fields:
        if name in found:
            raise Refused(Fault(name, "stands twice"))
        if name not in repeated:
            found[name] = value
    return found


def convert(value: dict[str, object], shape: type[T]) -> T:
    """The fields as their struct.

    Raises:
        Refused: of another shape.
    """
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise Refused(faults.fault(str(error), value)) from None


def _media(scope: Scope) -> tuple[str, dict[bytes, bytes]]:
    media, options = parse_options_header(header(scope, b"content-type"))
    return media.decode("latin-1").strip().lower(), options


def _urlencoded(data: bytes, most: int) -> Fields:
    if _PERCENT.search(data):
        raise Malformed(NO_FORM)
    try:
        return parse_qsl(
            data.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=most
        )
    except UnicodeDecodeError:
        raise Malformed(NO_FORM) from None
    except ValueError:
        raise Refused(Fault("", f"a form has at most {most} fields")) from None


def _multipart(data: bytes, boundary: bytes, limit: int, most: int) -> Fields:
    if not 1 <= len(boundary) <= 70:  # RFC 2046, section 5.1.1
        raise Malformed("the form's boundary is missing")
    parts = _Parts(most)
    try:
        parser = MultipartParser(boundary, {"on_header_field": parts.name_header, "on_header_value": parts.take_header,
                                            "on_header_end": parts.end_header, "on_headers_finished": parts.begin,
                                            "on_part_data": parts.take, "on_end": parts.end}, limit)  # fmt: skip
        parser.write(data)
        parser.finalize()
        if parts.is_whole:
            return [(name.decode(), value.decode()) for name, value in parts.fields]
    except (FormParserError, UnicodeDecodeError):
        raise Malformed(NO_FORM) from None
    raise Malformed(NO_FORM)


class _Parts:
    """Takes what the parser finds, part by part."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.fields: list[tuple[bytes, bytearray]] = []
        self.is_whole = False
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value = b"", b""

    def name_header(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def take_header(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def end_header(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def begin(self) -> None:
        """The part's headers are read: only a plain field may follow."""
        disposition, options = parse_options_header(self._headers.get(b"content-disposition"))
        encoding = self._headers.get(b"content-transfer-encoding", b"binary").decode("latin-1").strip().lower()
        self._headers = {}
        if b"filename" in options:
            raise Refused(Fault(_shown(options.get(b"name", b"")), "files are not taken"))
        if disposition != b"form-data" or b"name" not in options or encoding not in WORDLESS:
            raise Malformed(NO_FORM)
        if len(self.fields) == self._most:
            raise Refused(Fault("", f"a form has at most {self._most} fields"))
        self.fields.append((options[b"name"], bytearray()))

    def take(self, data: bytes, start: int, end: int) -> None:
        self.fields[-1][1].extend(data[start:end])

    def end(self) -> None:
        self.is_whole = True


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "replace")[:LONGEST_NAME]
