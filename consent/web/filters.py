"""What a publisher asks for in an address: which form of answer, and which of many rows.

Invariant: a filter that there is not, stands twice or cannot be read is refused: whoever misspells one would otherwise
take everything for what was asked.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Iterator, Sequence

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from consent.errors import Fault, Refused
from consent.web.requests import header

PAGING = frozenset({"after", "limit", "order"})
STREAMS = frozenset({"application/x-ndjson", "text/csv"})
FORMS = ("application/x-ndjson", "text/csv", "application/json")
CSV = "text/csv; charset=utf-8"
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


def stream(request: Request, chunks: AsyncIterator[bytes], media: str, name: str) -> Response:
    """An answer as long as it comes, to be kept as a file of this name; asked for by HEAD, nothing of it is made.

    One that breaks off is told by the transfer: its last chunk never comes (RFC 9112, 8). JSON lines say it too, for
    their last line is the checkpoint.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
    media = CSV if media == "text/csv" else media
    if request.method == "HEAD":
        return Response(headers=headers, media_type=media)
    return StreamingResponse(chunks, media_type=media, headers=headers)


def check(request: Request, known: Collection[str]) -> None:
    """Refuses what is asked by other filters than these, or twice by one.

    Raises:
        Refused: with one fault for each.
    """
    asked = request.query_params
    there = f"there are: {', '.join(known)}" if known else "there are none here"
    faults = [Fault(name[:64], f"there is no such filter; {there}") for name in asked if name not in known]
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
