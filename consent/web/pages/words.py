"""The words of the pages behind links, in the reader's language.

Invariant: a page that knows a notice speaks as the notice does; one that knows none, as the reader's browser asks.
"""

from __future__ import annotations

from functools import cache

from consent.notices import Notice, Spoken, aliases, packaged_languages, spoken

LONGEST = 35  # what RFC 5646, section 4.4.1, has room for
RECEIPT = "receipt"
Words = Spoken


def of_notice(notice: Notice, language: str) -> Words:
    """The words as the notice has them."""
    return spoken(notice, RECEIPT, language)


def of_reader(accept_language: str) -> Words:
    """The words in the first language of the header that comes with the service; for pages that know no notice."""
    offers = (part.split(";")[0].strip().lower() for part in accept_language.split(","))
    return Spoken(RECEIPT, next((found for offer in offers if (found := _packaged(offer))), "en"))


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
