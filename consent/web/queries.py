"""What can be asked in an address, as a struct: read by it here, and described by it in the document.

Invariant: what the struct does not say is refused, and every value has one spelling.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from starlette.requests import Request

from consent import clock
from consent.errors import Fault, Refused
from consent.web import faults, filters

PAGE, MAX_PAGE = 100, 1000
T = TypeVar("T", bound=msgspec.Struct)

Instant = Annotated[str, msgspec.Meta(max_length=40, extra_json_schema={"format": "date-time"})]
Since = Annotated[Instant, msgspec.Meta(description="At this instant or after it.")]
Until = Annotated[Instant, msgspec.Meta(description="Before this instant.")]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE, description="How many rows a page has at most.")]
Cursor = Annotated[
    str, msgspec.Meta(pattern=r"^c[A-Za-z0-9_-]{1,400}$(?!\n)", description="What the page before gave as `next`.")
]


def read(request: Request, kind: type[T]) -> T:
    """What is asked for, as its struct.

    Raises:
        Refused: with a fault for each filter that there is not, or for the first that cannot be read.
    """
    filters.check(request, kind.__struct_encode_fields__)
    asked = dict(request.query_params)
    try:
        found = msgspec.convert(asked, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refused(_fault(str(error), asked, kind)) from None
    told = dict(zip(kind.__struct_encode_fields__, msgspec.structs.astuple(found), strict=True))
    for name, words in asked.items():
        # Lax reading takes `null` for nothing and `1.0` for 1.
        if told[name] is None or (isinstance(told[name], int) and not (words.isascii() and words.isdecimal())):
            raise Refused(Fault(name, "cannot be read"))
    return found


def instant(words: str | None, name: str) -> int | None:
    """The instant that the filter names, in milliseconds.

    Raises:
        Refused: no time.
    """
    if words is None:
        return None
    try:
        return clock.parse(words)
    except (ValueError, OverflowError):
        raise Refused(Fault(name, "expected a time like 2026-11-22T10:00:00Z")) from None


def parameters(kind: type[msgspec.Struct]) -> dict[str, dict[str, Any]]:
    """Each filter's JSON Schema, as the document describes it: what is left out is not null but not asked for."""
    _, components = msgspec.json.schema_components([kind])
    return {name: _without_null(schema) for name, schema in components[kind.__name__]["properties"].items()}


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in schema.items() if name != "anyOf" and (name, value) != ("default", None)}
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return told | kinds[0] if len(kinds) == 1 else told | ({"anyOf": kinds} if kinds else {})


def _fault(words: str, asked: Mapping[str, str], kind: type[msgspec.Struct]) -> Fault:
    fault = faults.fault(words, asked)
    allowed = parameters(kind).get(fault.path, {}).get("enum")
    return Fault(fault.path, f"expected one of {', '.join(allowed)}") if allowed else fault
