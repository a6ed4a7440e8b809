"""What a site file must keep about words: every language of the site has them, and each stands where it will be read.

Invariant: a notice compiled from a file that passes has words for every language, section and key, so that nobody
is ever shown a hole or another language's buttons.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from consent.errors import Fault
from consent.notices.catalogue import IN_ENGLISH_ELSE, Section, measure, packaged_languages
from consent.notices.finding import Table, entries, find, find_tables
from consent.notices.kinds import LANGUAGE
from consent.notices.wording import guess, joined, listed

# The tables that give words in every language of the site.
TRANSLATED = (
    "purposes[].name",
    "purposes[].description",
    "purposes[].services[].cookies[].about",
    "newsletter.lists[].name",
    "newsletter.lists[].description",
)
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


class Languages(NamedTuple):
    """The site's languages in order, each once, and whether every one of them can be told."""

    tags: dict[str, None]
    whole: bool


def untranslated(raw: object) -> Iterator[Fault]:
    """Words that one of the site's languages lacks, or in a language that the site does not have."""
    languages = _languages(raw)
    for path, table in chain.from_iterable(find_tables(raw, place) for place in TRANSLATED):
        for language in (each for each in languages.tags if each not in table):
            yield Fault(joined(path, language), f"missing; expected words in each of {listed(languages.tags)}")
        yield from _foreign(path, table, languages)


def wordless(raw: object) -> Iterator[Fault]:
    """Languages of the site whose words neither come with the service nor stand in the file."""
    sections = measure(newsletter=any(True for _ in find(raw, "newsletter")))
    needed = {section: words for section, words in sections.items() if section not in IN_ENGLISH_ELSE}
    ours = [f"{section}.{key}" for section, words in needed.items() for key in words]
    for language in _languages(raw).tags:
        lacks = [place for place in ours if not any(True for _ in find(raw, f"texts.{language}.{place}"))]
        if language not in packaged_languages() and lacks:
            yield Fault(
                joined("texts", language),
                f"expected all {len(ours)} words, because none come with the service for this language"
                f" (there are {listed(packaged_languages())}); missing {listed(lacks, 6)}",
            )


def misplaced(raw: object) -> Iterator[Fault]:
    """Replaced words whose language, section, key or placeholder does not exist."""
    for path, texts in find_tables(raw, "texts"):
        yield from _foreign(path, texts, _languages(raw))
        for where, _, sections in entries(texts, path):
            yield from _stray_sections(sections, where)


def _stray_sections(sections: object, path: str) -> Iterator[Fault]:
    for where, section, words in entries(sections, path):
        if section in measure():
            yield from _stray_keys(measure()[section], words, where)
        else:
            yield Fault(where, _unknown("section", section, measure()))


def _stray_keys(known: Section, words: object, path: str) -> Iterator[Fault]:
    for where, key, text in entries(words, path):
        if key not in known:
            yield Fault(where, _unknown("key", key, known))
        elif isinstance(text, str):
            yield from _stray_placeholders(known[key], text, where)


def _stray_placeholders(ours: str, text: str, path: str) -> Iterator[Fault]:
    known = _PLACEHOLDER.findall(ours)
    for placeholder in _PLACEHOLDER.findall(text):
        if placeholder not in known:
            yield Fault(path, f"unknown placeholder {placeholder[:64]}; known here: {listed(known) or 'none'}")


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    return f"unknown {what}{guess(name, known) or f'; known here: {listed(known)}'}"


def _languages(raw: object) -> Languages:
    given = [tag for _, tag in find(raw, "languages[]")]
    tags = {tag: None for tag in given if isinstance(tag, str) and re.fullmatch(LANGUAGE, tag)}
    return Languages(tags, whole=bool(given) and all(isinstance(tag, str) and tag in tags for tag in given))


def _foreign(path: str, table: Table, languages: Languages) -> Iterator[Fault]:
    """Nothing while a language of the site is misspelt: these may be its words."""
    for language in (each for each in table if languages.whole and each not in languages.tags):
        yield Fault(joined(path, language), f"not one of the site's languages ({listed(languages.tags)})")
