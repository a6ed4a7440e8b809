"""`GET /w/…`: the loader for the visitor's place, as script or module, the layers, and what was pinned.

All bytes are made once a publication, each file when it is first asked for, and served from memory. The loader is
short-lived and has an ETag; every other file has its content's hash in its name and never changes.

Invariant: no cache that visitors share ever holds a loader that asks more leniently than the strictest of its site. A
cache may keep a loader for a day after the next publication, so any process has what the latest few loaders name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope

from consent import notices, regimes
from consent.directory import Published
from consent.errors import Unknown
from consent.notices import Notice
from consent.places import NOWHERE, Place
from consent.services import Services
from consent.storage import experiments, sites
from consent.storage.database import Database
from consent.web import access, coding, drawing, pinned, scripts
from consent.web.coding import File, Kept
from consent.web.pinned import IMMUTABLE, Pins
from consent.web.requests import client_of, place_of, sends_gpc, services_of
from consent.web.scripts import Variant

FOR_ALL = "public, max-age=300, stale-while-revalidate=86400"
FOR_ONE = "private, max-age=300"
ENDINGS = {"js": False, "mjs": True}
EARLIER = 3
"""How many publications before the present one still have their layers served."""

Key = TypeVar("Key")


class Bundle:
    """All scripts of one publication; there are as many loaders as rules in the table, with and without GPC."""

    def __init__(self, site: Published, url: str, *, is_second: bool = False) -> None:
        shown = _with_second(site) if is_second else site
        self.site, self.notice = site, shown.notice
        self.is_auto = self.notice.regime == "auto"
        made = {rule: scripts.layers(self.notice, rule) for rule in scripts.rules(self.notice)}
        self.texts = {path: text for layers in made.values() for path, text in layers.texts.items()}
        self.told = {rule: scripts.settings(shown, url, layers.build) for rule, layers in made.items()}
        self.loaders: dict[Variant, File] = {}
        self.layers: dict[str, File] = {}

    def rule(self, place: Place) -> regimes.Rule:
        """The rule that holds for a visitor; a fixed one wherever he is."""
        return regimes.under(self.notice.regime, *place)

    def loader(self, variant: Variant, headers: tuple[str, ...]) -> File:
        """A loader; `headers` are those that the place hangs on."""
        rule = scripts.spoken(self.notice, variant.rule)
        is_strictest = rule == regimes.of(self.notice.regime) and not variant.gpc
        is_for_all = is_strictest and self.site.second is None  # what was drawn for one is nobody else's
        kept = Kept(FOR_ALL if is_for_all else FOR_ONE, ("Sec-GPC", *(headers if self.is_auto else ())))
        return coding.file(scripts.loader(self.told[rule], self.notice, variant._replace(rule=rule)).encode(), kept)

    def layer(self, path: str) -> File:
        """One of the layers."""
        return coding.file(self.texts[path].encode(), IMMUTABLE)


def _with_second(site: Published) -> Published:
    """The site as if an experiment's second notice were in force."""
    if site.second is None:
        return site
    return msgspec.structs.replace(site, notice=site.second.notice, digest=site.second.digest)


class Earlier(msgspec.Struct):
    """The layers of the publications before one, by their path."""

    site: Published
    texts: dict[str, str]
    layers: dict[str, File]


class Widgets:
    """The scripts of all sites, made when first asked for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._bundles: dict[tuple[str, bool], Bundle] = {}
        self._earlier: dict[str, Earlier] = {}
        self._making = asyncio.Lock()
        self.pins = Pins()

    async def bundle(self, site: Published, *, is_second: bool = False) -> Bundle:
        """The site's present bundle, or an experiment's second; the directory replaces a site whole when it changes."""
        key = (site.id, is_second)
        found = self._bundles.get(key)
        if found and found.site is site:
            return found
        async with self._making:
            found = self._bundles.get(key)
            if found is None or found.site is not site:
                found = self._bundles[key] = await asyncio.to_thread(Bundle, site, self._url, is_second=is_second)
            return found

    async def loader(self, scope: Scope, services: Services, site: Published, *, is_module: bool) -> File:
        """The loader for who asks."""
        is_second = site.second is not None and drawing.is_second(scope, services, site)
        bundle, places = await self.bundle(site, is_second=is_second), services.places
        place = place_of(scope, places, services.networks) if bundle.is_auto else NOWHERE
        variant = Variant(bundle.rule(place), sends_gpc(scope), is_module)
        return await self._kept(bundle.loaders, variant, lambda key: bundle.loader(key, places.headers))

    async def layer(self, database: Database, site: Published, path: str) -> File | None:
        """A layer's file, of the present bundle or of one whose loader a page may still have in its cache."""
        for is_second in (False, True) if site.second else (False,):
            bundle = await self.bundle(site, is_second=is_second)
            if path in bundle.texts:
                return await self._kept(bundle.layers, path, bundle.layer)
        earlier = await self._earlier_of(database, site)
        if path in earlier.texts:
            texts = earlier.texts
            return await self._kept(earlier.layers, path, lambda path: coding.file(texts[path].encode(), IMMUTABLE))
        return None

    async def _kept(self, files: dict[Key, File], key: Key, make: Callable[[Key], File]) -> File:
        """The file under this key, made by another thread when it is not there yet, for it is compressed."""
        found = files.get(key)
        if found is None:
            async with self._making:
                found = files.get(key)
                if found is None:
                    found = files[key] = await asyncio.to_thread(make, key)
        return found

    async def _earlier_of(self, database: Database, site: Published) -> Earlier:
        """Made once a publication, when something is first asked for that the present one has not."""
        async with self._making:
            found = self._earlier.get(site.id)
            if found is None or found.site is not site:
                texts = await asyncio.to_thread(_texts_of, await _earlier_notices(database, site))
                found = self._earlier[site.id] = Earlier(site, texts, {})
            return found


def _texts_of(earlier: list[Notice]) -> dict[str, str]:
    made = (scripts.layers(notice, rule) for notice in earlier for rule in scripts.rules(notice))
    return {path: text for layers in made for path, text in layers.texts.items()}


async def _earlier_notices(database: Database, site: Published) -> list[Notice]:
    async with database.reading() as reader:
        published = await sites.publications(reader, site.id, EARLIER + 1)
        tried = await experiments.of_site(reader, site.id, EARLIER)
        shown = [*(one.notice for one in published), *(one.second for one in tried)]
        digests = dict.fromkeys(digest for digest in shown if digest != site.digest)
        found = [await sites.notice(reader, site.id, digest) for digest in digests]
    return [notices.parse_notice(one.document.encode()) for one in found if one]


async def serve(scope: Scope, receive: Receive, name: str) -> Response:
    """`/w/{site}.js`, `/w/{site}.mjs`, `/w/{site}@{version}.js` and `/w/{site}.{layer}.{language}.{build}.js`."""
    services, widgets = services_of(scope), _widgets(scope)
    stem, _, ending = name.partition(".")
    site = services.directory.get(stem.partition("@")[0])
    if stem == site.id and ending in ENDINGS:
        file = await widgets.loader(scope, services, site, is_module=ENDINGS[ending])
    else:
        made = await widgets.layer(services.database, site, f"/w/{name}") if stem == site.id else None
        file = made or await _stored(scope, services, widgets, site, name)
    return coding.reply(scope, file)


async def _stored(scope: Scope, services: Services, widgets: Widgets, site: Published, name: str) -> File:
    """Of a pin, or of a publication that another process has taken up a moment before this one.

    From memory, else from the database, which is asked by one address only so often.
    """
    found = widgets.pins.kept(name)
    if found is None and pinned.NAME.fullmatch(name):
        await access.check_rate(services, "pins", client_of(scope, services.networks), pinned.RATE)
        found = await widgets.pins.read(services.database, site.id, name)
        if found is None and "@" not in name:
            await services.directory.refresh()
            found = await widgets.layer(services.database, services.directory.get(site.id), f"/w/{name}")
    if found is None:
        raise Unknown("there is no such script")
    return found


def _widgets(scope: Scope) -> Widgets:
    widgets: Widgets = scope["state"]["widgets"]
    return widgets
