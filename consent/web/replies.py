"""Answers that are structs: JSON by msgspec."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

_encode = msgspec.json.Encoder().encode


def json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The value as an `application/json` answer."""
    return Response(_encode(value), status, headers, "application/json")
