"""`/demo/assets/{name}`: the article's style, scripts and pictures.

Invariant: only files of the package's own folder are served, by their exact name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from consent.errors import Unknown

MEDIA = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


async def serve(request: Request) -> Response:
    """One file.

    Raises:
        Unknown: no such file.
    """
    name = request.path_params["name"]
    if name not in _files():
        raise Unknown("there is no such file")
    return Response(_files()[name], media_type=MEDIA[name.rpartition(".")[2]])


@cache
def _files() -> Mapping[str, bytes]:
    folder = files(__package__).joinpath("assets")
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.rpartition(".")[2] in MEDIA}
