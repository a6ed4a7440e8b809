"""`/assets/{name}`."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response


async def serve(request: Request) -> Response:
    """One asset."""
    raise HTTPException(404)
