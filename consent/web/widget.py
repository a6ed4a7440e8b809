"""`GET /w/…`: the loader with the site's settings inside, and the layers with one language's words.

All bytes are made once a publication, compressed, and served from memory. The loader is short-lived and
has an ETag; every other file has its content's hash in its name and never changes.

Invariant: what a page loads is one publication's: a loader names only files made with it.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import brotli
import msgspec
from starlette.requests import Request
from starlette.responses import Response

from consent import notices
from consent.directory import Published
from consent.errors import Unknown
from consent.regimes import UNKNOWN_PLACE
from consent.web.requests import header, services_of

Layer = Literal["notice", "preferences", "placeholder"]
LAYERS: tuple[Layer, ...] = ("notice", "preferences", "placeholder")
SCRIPT = "text/javascript; charset=utf-8"
LOADER_CACHE = "public, max-age=300, stale-while-revalidate=86400"
IMMUTABLE = "public, max-age=31536000, immutable"
KEPT_BUNDLES = 3


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One script in all its encodings."""

    etag: str
    encodings: dict[str, bytes]
    """By content coding: br, gzip, and "" for none."""
    cache_control: str


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """All scripts of one publication, by their path."""

    revision: int
    loader: File
    layers: dict[str, File]


class Widgets:
    """The bundles of all sites, made when first asked for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._bundles: dict[str, OrderedDict[int, Bundle]] = {}
        self._making = asyncio.Lock()

    async def bundle(self, site: Published) -> Bundle:
        """The site's present bundle."""
        if found := self._bundles.get(site.id, OrderedDict()).get(site.revision):
            return found
        async with self._making:
            kept = self._bundles.setdefault(site.id, OrderedDict())
            if site.revision not in kept:
                kept[site.revision] = await asyncio.to_thread(make_bundle, site, self._url)
                while len(kept) > KEPT_BUNDLES:
                    kept.popitem(last=False)
            return kept[site.revision]

    async def layer(self, site: Published, path: str) -> File:
        """A layer's file, of the present bundle or of one that pages may still have in their cache.

        Raises:
            Unknown: no bundle kept has it.
        """
        present = await self.bundle(site)
        for bundle in (present, *self._bundles[site.id].values()):
            if path in bundle.layers:
                return bundle.layers[path]
        raise Unknown("there is no such script")


async def serve(request: Request) -> Response:
    """`/w/{site}.js` and `/w/{site}.{layer}.{language}.{hash}.js`."""
    name = request.path_params["name"]
    site = services_of(request.scope).directory.get(name.partition(".")[0])
    widgets: Widgets = request.scope["state"]["widgets"]
    if name == f"{site.id}.js":
        return _reply(request, (await widgets.bundle(site)).loader)
    return _reply(request, await widgets.layer(site, f"/w/{name}"))


def make_bundle(site: Published, url: str) -> Bundle:
    """The publication's scripts; takes a moment, for they are compressed as small as they get."""
    layers: dict[str, File] = {}
    paths: dict[str, dict[str, str]] = {}
    for language in site.notice.languages:
        paths[language] = {}
        for layer in LAYERS:
            words = json.dumps(notices.layer_texts(site.notice, language, layer), ensure_ascii=False, sort_keys=True)
            script = f"{_dist(f'{layer}.js').rstrip()}\nexport const T={words};\n"
            path = f"/w/{site.id}.{layer}.{language}.{_hash(script)}.js"
            paths[language][layer] = path
            layers[path] = _file(script, IMMUTABLE)
    return Bundle(revision=site.revision, loader=_file(_loader(site, url, paths), LOADER_CACHE), layers=layers)


def _loader(site: Published, url: str, paths: Mapping[str, Mapping[str, str]]) -> str:
    settings = notices.widget_settings(site.notice, site.digest)
    if settings["regime"] == "auto":
        settings["regime"] = UNKNOWN_PLACE  # the script is cached for all, so it cannot know the visitor's place
    settings |= {
        "site": site.id,
        "url": url,
        "files": paths,
        "changes": site.changes,
    }
    inside = json.dumps(settings, ensure_ascii=False, separators=(",", ":"))
    return _dist("loader.js").replace('"__SETTINGS__"', inside, 1)


@cache
def _dist(name: str) -> str:
    return files("consent").joinpath("web/static", name).read_text("utf-8")


def _hash(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()[:16]


def _file(script: str, cache_control: str) -> File:
    data = script.encode()
    encodings = {"br": brotli.compress(data, quality=11), "gzip": gzip.compress(data, 9, mtime=0), "": data}
    return File(etag=_hash(script), encodings=encodings, cache_control=cache_control)


def _reply(request: Request, file: File) -> Response:
    coding = _coding(header(request.scope, b"accept-encoding"))
    etag = f'"{file.etag}{coding and "-" + coding}"'
    headers = {
        "ETag": etag,
        "Cache-Control": file.cache_control,
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
    }
    if etag in header(request.scope, b"if-none-match"):
        return Response(status_code=304, headers=headers)
    if coding:
        headers["Content-Encoding"] = coding
    return Response(file.encodings[coding], headers=headers, media_type=SCRIPT)


def _coding(accepted: str) -> str:
    """The smallest encoding that the client takes."""
    offers = {}
    for offer in accepted.lower().split(","):
        coding, _, weight = offer.partition(";")
        offers[coding.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((coding for coding in ("br", "gzip") if offers.get(coding)), "")
