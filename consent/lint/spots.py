"""Where a site's own words stand in its file, and what visitors are shown there.

Invariant: every text that a publisher wrote and a visitor reads is given once, with its place as faults name it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from consent.notices import SiteFile
from consent.notices.wording import joined

ASKING = ("notice", "preferences", "placeholder")
"""The sections that are shown when somebody is asked about cookies."""


class Said(NamedTuple):
    """Words of the site's own."""

    where: str
    language: str
    text: str


class Replaced(NamedTuple):
    """Words that stand in for the service's."""

    where: str
    language: str
    section: str
    key: str
    text: str


def replaced(site: SiteFile) -> Iterator[Replaced]:
    """The words that a site replaced, in every language."""
    for language, sections in site.texts.items():
        for section, words in sections.items():
            for key, text in words.items():
                yield Replaced(f"texts.{language}.{section}.{key}", language, section, key, text)


def labels(site: SiteFile, key: str) -> Iterator[Replaced]:
    """The label of one button of the first layer, wherever the site replaced it."""
    return (one for one in replaced(site) if one.section == "notice" and one.key == key)


def described(site: SiteFile) -> Iterator[Said]:
    """What the purposes are called and said to be for."""
    for at, purpose in enumerate(site.purposes):
        for field in ("name", "description"):
            yield from _table(getattr(purpose, field), f"purposes[{at}].{field}")


def offered(site: SiteFile) -> Iterator[Said]:
    """What the newsletters are called and said to bring."""
    for at, one in enumerate(() if isinstance(site.newsletter, msgspec.UnsetType) else site.newsletter.lists):
        yield from _table(one.name, f"newsletter.lists[{at}].name")
        yield from _table(one.description, f"newsletter.lists[{at}].description")


def cookies(site: SiteFile) -> Iterator[Said]:
    """What cookies are said to do; one line alone is in the first language."""
    for at, purpose in enumerate(site.purposes):
        for number, service in enumerate(purpose.services):
            for which, cookie in enumerate(service.cookies):
                where = f"purposes[{at}].services[{number}].cookies[{which}].about"
                if isinstance(cookie.about, str):
                    yield Said(where, site.languages[0], cookie.about)
                else:
                    yield from _table(cookie.about, where)


def asking(site: SiteFile) -> Iterator[Said]:
    """All of the site's own words that are shown to whoever is asked about cookies."""
    yield from (Said(one.where, one.language, one.text) for one in replaced(site) if one.section in ASKING)
    yield from described(site)
    yield from cookies(site)


def _table(words: Mapping[str, str], where: str) -> Iterator[Said]:
    for language, text in words.items():
        yield Said(joined(where, language), language, text)
