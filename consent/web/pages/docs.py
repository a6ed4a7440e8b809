"""`/docs`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response


async def serve(request: Request) -> Response:
    """The OpenAPI document as a page."""
    return Response("docs", media_type="text/html")
