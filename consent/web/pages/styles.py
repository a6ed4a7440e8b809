"""`/assets/{name}`: what the pages look like, in files whose names carry their content's hash.

A site's colour is a file of its own, named by the colour, so that no page needs a style of its own.

Invariant: an address, once given out, always means the same bytes; so it may be kept for ever.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from consent.errors import Unknown
from consent.notices import faint_on, ink_on

IMMUTABLE = "public, max-age=31536000, immutable"
MEDIA = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_BRAND = re.compile(r"brand-([0-9a-f]{6})\.css", re.ASCII)


async def serve(request: Request) -> Response:
    """One asset.

    Raises:
        Unknown: there is none of this name and content.
    """
    name = request.path_params["name"]
    if found := _BRAND.fullmatch(name):
        data = _branded(found[1])
    elif name in _hashed():
        data = _hashed()[name]
    else:
        raise Unknown("there is no such file")
    return Response(data, headers={"Cache-Control": IMMUTABLE}, media_type=MEDIA[_ending(name)])


@cache
def address(name: str) -> str:
    """Where the asset `name` (`pages.css`) is served."""
    return f"/assets/{_named(name, files(__package__).joinpath('assets', name).read_bytes())}"


@cache
def brand(accent: str) -> str:
    """Where the colour of a site (`#rrggbb`) is served, as the pages' main colour."""
    return f"/assets/brand-{accent[1:].lower()}.css"


@lru_cache(maxsize=64)
def _branded(colour: str) -> bytes:
    """The button's colours, beside which all else is ink; so is its edge, where it can hardly be seen on the paper."""
    accent = f"#{colour}"
    edges = {scheme: "var(--ink)" if scheme in faint_on(accent) else accent for scheme in ("light", "dark")}
    return (
        f":root{{--accent:var(--ink);--brand:{accent};--on-brand:{ink_on(accent)};--edge:{edges['light']}}}"
        f"@media (prefers-color-scheme:dark){{:root{{--edge:{edges['dark']}}}}}"
    ).encode()


@cache
def _hashed() -> Mapping[str, bytes]:
    kept = [file for file in files(__package__).joinpath("assets").iterdir() if _ending(file.name) in MEDIA]
    return {_named(file.name, file.read_bytes()): file.read_bytes() for file in kept}


def _ending(name: str) -> str:
    return f".{name.rpartition('.')[2]}"


def _named(name: str, data: bytes) -> str:
    stem, _, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(data).hexdigest()[:12]}.{ending}"
