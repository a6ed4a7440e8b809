"""Scripts as they are sent: compressed as small as they get, once, in answers that serve every request for them.

Invariant: an ETag is of one script in one content coding, so no cache takes one for another.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import brotli
from starlette.responses import Response
from starlette.types import Scope

from consent.web.requests import header

SCRIPT = "text/javascript; charset=utf-8"


class Coded(NamedTuple):
    """One script in one content coding, as the answers that are sent again and again."""

    etag: str
    whole: Response
    unchanged: Response


File = Mapping[str, Coded]
"""One script by content coding: br, gzip, and "" for none."""


class Kept(NamedTuple):
    """Who may keep a script for how long, and the request's headers that it depends on besides its coding."""

    cache_control: str
    vary: tuple[str, ...] = ()


def short(script: bytes) -> str:
    """Sixteen hex digits that name the script."""
    return hashlib.sha256(script).hexdigest()[:16]


def smallest(script: bytes) -> bytes:
    """The script by brotli; takes a moment."""
    return bytes(brotli.compress(script, quality=11))


def opened(compressed: bytes) -> bytes:
    """What `smallest` was given."""
    return bytes(brotli.decompress(compressed))


def file(script: bytes, kept: Kept, compressed: bytes | None = None) -> File:
    """The script in all codings; `compressed` is what `smallest` made of it, when that is known."""
    digest = short(script)
    codings = {"br": compressed or smallest(script), "gzip": gzip.compress(script, 9, mtime=0), "": script}
    return {coding: _coded(data, coding, digest, kept) for coding, data in codings.items()}


def reply(scope: Scope, file: File) -> Response:
    """The file in the coding that the client takes; 304 when it has that already."""
    coded = file[_coding(header(scope, b"accept-encoding"))]
    return coded.unchanged if coded.etag in header(scope, b"if-none-match") else coded.whole


def _coded(data: bytes, coding: str, digest: str, kept: Kept) -> Coded:
    etag = f'"{digest}{coding and "-" + coding}"'
    headers = {
        "ETag": etag,
        "Cache-Control": kept.cache_control,
        "Vary": ", ".join(("Accept-Encoding", *kept.vary)),
        "Access-Control-Allow-Origin": "*",
    }
    named = {"Content-Encoding": coding} if coding else {}
    whole = Response(data, headers=headers | named, media_type=SCRIPT)
    return Coded(etag, whole, Response(status_code=304, headers=headers))


@lru_cache(maxsize=256)  # browsers send a handful of different lines
def _coding(accepted: str) -> str:
    """The smallest encoding that the client takes."""
    offers = {}
    for offer in accepted.lower().split(","):
        coding, _, weight = offer.partition(";")
        offers[coding.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((coding for coding in ("br", "gzip") if offers.get(coding)), "")
