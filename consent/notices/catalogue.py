"""The words that come with the service, one file for each language in `texts/`.

Invariant: English is the measure. Its sections and keys are those that exist; every other packaged language has
exactly the same ones (a test holds them together), and no caller can change what another reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

import msgspec

Section = Mapping[str, str]
Words = Mapping[str, Section]

MEASURE = "en"
READ_AFTERWARDS = frozenset({"receipt", "letters", "reader", "rights"})
"""Sections that nobody is shown when asked: the pages behind links, and the mails."""
IN_ENGLISH_ELSE = frozenset({"rights"})
"""Sections that a site file need not have in a language of its own: what it lacks is said in English."""
OF_NEWSLETTERS = frozenset({"signup", "letters", "reader"})
"""Sections that only a site with a newsletter needs."""
_FILES = resources.files("consent.notices") / "texts"


@cache
def packaged_languages() -> tuple[str, ...]:
    """The languages whose words come with the service, sorted."""
    names = (file.name for file in _FILES.iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


@cache
def packaged_words(language: str) -> Words:
    """Section -> key -> words of a packaged language; empty for any other."""
    if language not in packaged_languages():
        return MappingProxyType({})
    data = (_FILES / f"{language}.json").read_bytes()
    sections = msgspec.json.decode(data, type=dict[str, dict[str, str]])
    return MappingProxyType({name: MappingProxyType(words) for name, words in sections.items()})


def measure(*, newsletter: bool = True) -> Words:
    """The English words, whose sections and keys every language must have; of a site with a newsletter or without."""
    words = packaged_words(MEASURE)
    return words if newsletter else {name: words[name] for name in words if name not in OF_NEWSLETTERS}
