"""What a publisher asks for in an address: which form of answer, and which of many rows.

Invariant: a filter that there is not, stands twice or cannot be read is refused: whoever misspells one would otherwise
take everything for what was asked.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Iterator, Sequence

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from consent import clock, ids
from consent.errors import Fault, Refused
from consent.web.requests import header

PAGE, MAX_PAGE = 100, 1000
PAGING = frozenset({"after", "limit"})
STREAMS = frozenset({"application/x-ndjson", "text/csv"})
WEIGHT = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)
ONLY_PAGES = "only pages of JSON have it; a stream goes to the end"


def accepted(request: Request, media: Sequence[str]) -> str | None:
    """Which of these the caller names and likes best, the first of equals; None: none of them."""
    offers = {name: _weight(parameters) for name, *parameters in _offers(header(request.scope, b"accept"))}
    best = max(media, key=lambda name: offers.get(name, 0.0))
    return best if offers.get(best) else None


def _offers(accept: str) -> Iterator[list[str]]:
    return ([part.strip() for part in offer.split(";")] for offer in accept.lower().split(","))


def _weight(parameters: Sequence[str]) -> float:
    """The offer's `q`, 0 to 1; one that cannot be read counts as if it were not there (RFC 9110, 12.4.2)."""
    found = [WEIGHT.fullmatch(parameter) for parameter in parameters]
    return next((float(one[1]) for one in found if one), 1.0)


def stream(chunks: AsyncIterator[bytes], media: str, name: str) -> Response:
    """An answer as long as it comes, to be kept as a file of this name."""
    return StreamingResponse(
        chunks, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def check(request: Request, known: Collection[str]) -> None:
    """Refuses what is asked by other filters than these, or twice by one.

    Raises:
        Refused: with one fault for each.
    """
    asked = request.query_params
    faults = [Fault(name[:64], "there is no such filter") for name in asked if name not in known]
    if len(asked.multi_items()) != len(asked):
        faults.append(Fault("", "a filter stands twice"))
    if faults:
        raise Refused(*faults)


def refuse(request: Request, names: Collection[str], words: str) -> None:
    """Refuses filters that do not belong to this form of answer.

    Raises:
        Refused: with one fault for each that is there.
    """
    faults = [Fault(name, words) for name in request.query_params if name in names]
    if faults:
        raise Refused(*faults)


def instant(request: Request, name: str) -> int | None:
    """The instant that the filter names, in milliseconds.

    Raises:
        Refused: no time.
    """
    words = request.query_params.get(name)
    if words is None:
        return None
    try:
        return clock.parse(words)
    except (ValueError, OverflowError):
        raise Refused(Fault(name, "expected a time like 2026-11-22T10:00:00Z")) from None


def day(request: Request, name: str, default: int) -> int:
    """The day that the filter names (`2026-11-22`, or an instant in it): its first millisecond, UTC.

    Raises:
        Refused: no day.
    """
    words = request.query_params.get(name)
    if words is None:
        return default
    try:
        return clock.parse(words if "T" in words.upper() else f"{words}T00:00:00Z") // clock.DAY * clock.DAY
    except (ValueError, OverflowError):
        raise Refused(Fault(name, "expected a day like 2026-11-22")) from None


def whole(request: Request, name: str, default: int, least: int, most: int) -> int:
    """The number that the filter gives.

    Raises:
        Refused: none, or out of bounds.
    """
    words = request.query_params.get(name)
    if words is None:
        return default
    if not words.isascii() or not words.isdecimal() or len(words) > 16 or not least <= int(words) <= most:
        raise Refused(Fault(name, f"expected a number from {least} to {most}"))
    return int(words)


def limit(request: Request) -> int:
    """How many rows a page has.

    Raises:
        Refused: no number, or more than there may be.
    """
    return whole(request, "limit", PAGE, 1, MAX_PAGE)


def one_of(request: Request, name: str, allowed: Collection[str], default: str | None = None) -> str | None:
    """One of a few words.

    Raises:
        Refused: another.
    """
    words = request.query_params.get(name, default)
    if words is not None and words not in allowed:
        raise Refused(Fault(name, f"expected one of {', '.join(allowed)}"))
    return words


def raw_uuid(request: Request, name: str) -> bytes:
    """The UUID that the filter gives, as its 16 bytes; none as no bytes at all.

    Raises:
        Refused: no UUID.
    """
    words = request.query_params.get(name)
    try:
        return ids.parse_uuid(words) if words is not None else b""
    except ValueError as error:
        raise Refused(Fault(name, str(error))) from None
