"""`GET /w/…`: the loader with the site's settings inside, and the layers with one language's words.

All bytes are made once a publication, compressed, and served from memory. The loader is short-lived and
has an ETag; every other file has its content's hash in its name and never changes.

Invariant: what a page loads is one publication's: a loader names only files made with it. A cache may keep
a loader for a day after the next publication, so any process has what the latest few loaders name.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from typing import Literal, NamedTuple

import brotli
import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope

from consent import notices
from consent.directory import Published
from consent.errors import Unknown
from consent.notices import Notice
from consent.regimes import UNKNOWN_PLACE
from consent.storage import sites
from consent.storage.database import Database
from consent.web.requests import header, services_of

Layer = Literal["notice", "preferences", "placeholder"]
LAYERS: tuple[Layer, ...] = ("notice", "preferences", "placeholder")
SCRIPT = "text/javascript; charset=utf-8"
LOADER_CACHE = "public, max-age=300, stale-while-revalidate=86400"
IMMUTABLE = "public, max-age=31536000, immutable"
EARLIER = 3
"""How many publications before the present one still have their layers served."""


class Coded(NamedTuple):
    """One script in one content coding, as the answers that are sent again and again."""

    etag: str
    whole: Response
    unchanged: Response


File = Mapping[str, Coded]
"""One script by content coding: br, gzip, and "" for none."""


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """All scripts of one publication, by their path."""

    revision: int
    loader: File
    layers: dict[str, File]


class Widgets:
    """The bundles of all sites, made when first asked for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._bundles: dict[str, Bundle] = {}
        self._earlier: dict[str, tuple[int, dict[str, File]]] = {}
        self._making = asyncio.Lock()

    async def bundle(self, site: Published) -> Bundle:
        """The site's present bundle."""
        found = self._bundles.get(site.id)
        if found and found.revision == site.revision:
            return found
        async with self._making:
            found = self._bundles.get(site.id)
            if found is None or found.revision != site.revision:
                found = self._bundles[site.id] = await asyncio.to_thread(make_bundle, site, self._url)
            return found

    async def layer(self, database: Database, site: Published, path: str) -> File:
        """A layer's file, of the present bundle or of one whose loader a page may still have in its cache.

        Raises:
            Unknown: none of them has it.
        """
        layers = (await self.bundle(site)).layers
        if path not in layers:
            layers = await self._earlier_layers(database, site)
        if path not in layers:
            raise Unknown("there is no such script")
        return layers[path]

    async def _earlier_layers(self, database: Database, site: Published) -> dict[str, File]:
        """Made once a publication, when something is first asked for that the present one has not."""
        async with self._making:
            revision, layers = self._earlier.get(site.id, (0, {}))
            if revision != site.revision:
                earlier = await _earlier_notices(database, site)
                layers = await asyncio.to_thread(make_layers, *earlier)
                self._earlier[site.id] = (site.revision, layers)
            return layers


async def _earlier_notices(database: Database, site: Published) -> list[Notice]:
    async with database.reading() as reader:
        published = await sites.publications(reader, site.id, EARLIER + 1)
        digests = dict.fromkeys(one.notice for one in published if one.notice != site.digest)
        found = [await sites.notice(reader, site.id, digest) for digest in digests]
    return [notices.parse_notice(one.document.encode()) for one in found if one]


async def serve(scope: Scope, receive: Receive, name: str) -> Response:
    """`/w/{site}.js` and `/w/{site}.{layer}.{language}.{hash}.js`."""
    services = services_of(scope)
    site = services.directory.get(name.partition(".")[0])
    widgets: Widgets = scope["state"]["widgets"]
    if name == f"{site.id}.js":
        return _reply(scope, (await widgets.bundle(site)).loader)
    return _reply(scope, await widgets.layer(services.database, site, f"/w/{name}"))


def make_bundle(site: Published, url: str) -> Bundle:
    """The publication's scripts; takes a moment, for they are compressed as small as they get."""
    layers = make_layers(site.notice)
    paths: dict[str, dict[str, str]] = {}
    for path in layers:
        _, layer, language, _, _ = path.rsplit(".", 4)
        paths.setdefault(language, {})[layer] = path
    return Bundle(revision=site.revision, loader=_file(_loader(site, url, paths), LOADER_CACHE), layers=layers)


def make_layers(*of: Notice) -> dict[str, File]:
    """The notices' layers in each of their languages, by their path."""
    made = {}
    for notice in of:
        for language, layer in product(notice.languages, LAYERS):
            words = json.dumps(notices.layer_texts(notice, language, layer), ensure_ascii=False, sort_keys=True)
            script = f"{_dist(f'{layer}.js').rstrip()}\nexport const T={words};\n"
            made[f"/w/{notice.site}.{layer}.{language}.{_hash(script)}.js"] = _file(script, IMMUTABLE)
    return made


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
    data, digest = script.encode(), _hash(script)
    encodings = {"br": brotli.compress(data, quality=11), "gzip": gzip.compress(data, 9, mtime=0), "": data}
    return {coding: _coded(coded, coding, digest, cache_control) for coding, coded in encodings.items()}


def _coded(data: bytes, coding: str, digest: str, cache_control: str) -> Coded:
    etag = f'"{digest}{coding and "-" + coding}"'
    headers = {
        "ETag": etag,
        "Cache-Control": cache_control,
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
    }
    named = {"Content-Encoding": coding} if coding else {}
    whole = Response(data, headers=headers | named, media_type=SCRIPT)
    return Coded(etag, whole, Response(status_code=304, headers=headers))


def _reply(scope: Scope, file: File) -> Response:
    coded = file[_coding(header(scope, b"accept-encoding"))]
    return coded.unchanged if coded.etag in header(scope, b"if-none-match") else coded.whole


@lru_cache(maxsize=256)  # browsers send a handful of different lines
def _coding(accepted: str) -> str:
    """The smallest encoding that the client takes."""
    offers = {}
    for offer in accepted.lower().split(","):
        coding, _, weight = offer.partition(";")
        offers[coding.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((coding for coding in ("br", "gzip") if offers.get(coding)), "")
