"""Pinned loaders: one loader and its layers, stored as they were, so that pages may name them by their digest (SRI).

A page that pins trusts no later script of the service: the browser refuses any other bytes. The site's origins stay
those of its file in force.

Invariant: what is served under a version is what was stored under it, byte for byte, whatever the program has become.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from html import escape

import msgspec

from consent import regimes
from consent.directory import Published
from consent.errors import Fault, Refused, Unknown
from consent.limits import Rate
from consent.services import Services
from consent.storage import pins as stored
from consent.storage import sites
from consent.storage.database import Database
from consent.storage.pins import PinnedLayer, StoredPin
from consent.web import coding, scripts
from consent.web.coding import File, Kept
from consent.web.scripts import Variant

IMMUTABLE = Kept("public, max-age=31536000, immutable")
NAME = re.compile(r"[a-z][a-z0-9_-]*(?:@[0-9a-f]{16}|\.[a-z]+\.[A-Za-z0-9-]+\.[0-9a-f]{16})\.js")
RATE = Rate(burst=300, per_minute=300)
REMEMBERED = 256
"""How many files are kept in memory; each is some 30 KB."""


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """A pinned loader: what to paste."""

    version: str
    import_map: str
    tag: str


class Pins:
    """The pinned scripts that pages ask for, in memory once they were read."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, File] = OrderedDict()

    def kept(self, name: str) -> File | None:
        """The file under this name, when it was read before."""
        if name in self._files:
            self._files.move_to_end(name)
        return self._files.get(name)

    async def read(self, database: Database, site: str, name: str) -> File | None:
        """The file from the database; None when it is not pinned, or not what was pinned."""
        version = name.removesuffix(".js").partition("@")[2]
        async with database.reading() as reader:
            if version:
                script = await stored.loader(reader, site, version)
            else:
                script = await stored.layer(reader, site, name)
        if script is None:
            return None
        file = await asyncio.to_thread(_file, script, version)
        if file:
            self._files[name] = file
            if len(self._files) > REMEMBERED:
                self._files.popitem(last=False)
        return file


def _file(compressed: bytes, version: str) -> File | None:
    script = coding.opened(compressed)
    return coding.file(script, IMMUTABLE, compressed) if version in ("", coding.short(script)) else None


async def pin(services: Services, site: Published, regime: str | None = None) -> Pin:
    """Stores the loader that the site has now, with its layers; the same again changes nothing.

    Without a `regime`, an `auto` site's is the strictest, as one script serves everybody.

    Raises:
        Refused: the site's setting does not allow the regime, or its notice has no words for it.
    """
    rule = _rule(site, regime)
    url = services.settings.url
    build, layers = scripts.layers(site.notice, rule)
    told = scripts.settings(site, url, build)
    loader = scripts.loader(told, site.notice, Variant(rule)).encode()
    made = StoredPin(
        site=site.id,
        version=coding.short(loader),
        notice=site.digest,
        regime=rule.regime,
        build=build,
        pinned_at=services.clock(),
    )
    await _keep(services.database, made, loader, layers)
    return Pin(version=made.version, import_map=_import_map(url, layers), tag=_tag(url, made, loader))


async def _keep(database: Database, pin: StoredPin, loader: bytes, layers: Mapping[str, str]) -> None:
    """Compresses first: meanwhile others may write."""
    smallest = coding.smallest(loader)
    kept = [PinnedLayer(path.removeprefix("/w/"), coding.smallest(text.encode())) for path, text in layers.items()]
    async with database.writing() as writer:
        await sites.lock(writer, pin.site)  # who drops layers must see who needs them
        if not await stored.has(writer, pin.site, pin.version):
            await stored.add(writer, pin, smallest, kept)


async def listed(database: Database, site: str) -> list[StoredPin]:
    """The site's pins, the newest first."""
    async with database.reading() as reader:
        return await stored.of_site(reader, site)


async def drop(database: Database, site: str, version: str) -> None:
    """Forgets a pin, and the layers that no other pin names. A process that served it may do so until it ends.

    Raises:
        Unknown: the site has no such pin.
    """
    async with database.writing() as writer:
        await sites.lock(writer, site)
        if not await stored.drop(writer, site, version):
            raise Unknown(f"'{site[:64]}' has no pin '{version[:64]}'")


def _rule(site: Published, regime: str | None) -> regimes.Rule:
    setting = site.notice.regime
    if regime is None:
        return regimes.of(setting)
    if regime not in regimes.allowed(setting):
        raise Refused(Fault("regime", f"the site's is {setting}, which does not allow {regime}"))
    rule = regimes.of(regime)
    if scripts.spoken(site.notice, rule) != rule:
        raise Refused(Fault("regime", f"the notice has no words for {regime}: publish the site file again"))
    return rule


def _tag(url: str, pin: StoredPin, loader: bytes) -> str:
    source = escape(f"{url}/w/{pin.site}@{pin.version}.js")
    return f'<script src="{source}" integrity="{_integrity(loader)}" crossorigin="anonymous" async></script>'


def _import_map(url: str, layers: Mapping[str, str]) -> str:
    """What lets the browser check the layers as well; JSON's `<` cannot end the element, for no address has one."""
    integrity = {f"{url}{path}": _integrity(text.encode()) for path, text in layers.items()}
    return f'<script type="importmap">\n{json.dumps({"integrity": integrity}, indent=1)}\n</script>'


def _integrity(script: bytes) -> str:
    return f"sha384-{base64.b64encode(hashlib.sha384(script).digest()).decode()}"
