"""The words of the pages behind links, in the reader's language.

Invariant: a page never has a hole: what a notice of long ago lacks comes from the service, and what no language has
comes in English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from consent import clock
from consent.notices import Notice, aliases, direction, packaged_languages, packaged_words

LONGEST = 35  # what RFC 5646, section 4.4.1, has room for
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Words:
    """The section `receipt` in one language; a template says `words("title")` or `words("ask", site=…)`."""

    def __init__(self, language: str, own: Mapping[str, str] | None = None) -> None:
        self.language = language
        self.direction = direction(language)
        self._words = {**packaged_words("en")["receipt"], **packaged_words(language).get("receipt", {}), **(own or {})}

    def __call__(self, key: str, /, **values: object) -> str:
        """The words with each `{name}` filled in; what is filled in is never read for names again."""
        return _PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), self._words[key])

    def date(self, instant: str) -> str:
        """`22 November 2026, 10:00 UTC`, the way the language writes it."""
        day, time = clock.text(clock.parse(instant)).split("T")
        year, month, number = day.split("-")
        names = self._words["months"].split()
        name = names[int(month) - 1] if len(names) == 12 else month
        return self("date", day=int(number), month=name, year=year, time=time[:5])


def of_notice(notice: Notice, language: str) -> Words:
    """The words as the notice has them."""
    spoken = language if language in notice.languages else notice.languages[0]
    return Words(spoken, notice.texts[spoken].get("receipt"))


def of_reader(accept_language: str) -> Words:
    """The words in the first language of the header that comes with the service; for pages that know no notice."""
    offers = (part.split(";")[0].strip().lower() for part in accept_language.split(","))
    return Words(next((found for offer in offers if (found := _packaged(offer))), "en"))


def _packaged(tag: str) -> str | None:
    """The packaged language that serves a tag, which is cut from its end until one does: `de-AT` -> `de`."""
    tag = tag[:LONGEST]  # else a line of hyphens keeps the process busy
    while tag and tag not in _served():
        tag = tag.rpartition("-")[0]
    return _served().get(tag)


@cache
def _served() -> dict[str, str]:
    languages = packaged_languages()
    return {language.lower(): language for language in languages} | aliases(languages)
