"""`/assets/{name}`: what the pages look like, in files whose names carry their content's hash.

Invariant: an address, once given out, always means the same bytes; so it may be kept for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from consent.errors import Unknown

IMMUTABLE = "public, max-age=31536000, immutable"
MEDIA = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


async def serve(request: Request) -> Response:
    """One asset.

    Raises:
        Unknown: there is none of this name and content.
    """
    name = request.path_params["name"]
    if name not in _hashed():
        raise Unknown("there is no such file")
    return Response(_hashed()[name], headers={"Cache-Control": IMMUTABLE}, media_type=MEDIA[name[-4:]])


@cache
def address(name: str) -> str:
    """Where the asset `name` (`pages.css`) is served."""
    return f"/assets/{_named(name, files(__package__).joinpath('assets', name).read_bytes())}"


@cache
def _hashed() -> Mapping[str, bytes]:
    kept = [file for file in files(__package__).joinpath("assets").iterdir() if file.name[-4:] in MEDIA]
    return {_named(file.name, file.read_bytes()): file.read_bytes() for file in kept}


def _named(name: str, data: bytes) -> str:
    stem, _, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(data).hexdigest()[:12]}.{ending}"
