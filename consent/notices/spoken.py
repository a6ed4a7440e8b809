"""A section's words in one language, ready to be filled in: what pages behind links and mails are written with.

Invariant: there is never a hole: what a notice lacks comes from the words of the service, and what no language has
comes in English. What is filled in is never read for names again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from consent import clock
from consent.notices.catalogue import Section, measure, packaged_words
from consent.notices.notice import Notice
from consent.notices.tags import direction

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NOTHING: Mapping[str, Section] = {}
ISOLATED = "\u2068{}\u2069"
"""Keeps a name's letters together where the words around it run the other way (Unicode UAX #9, FSI and PDI)."""


class Spoken:
    """A section in one language; a template says `words("title")` or `words("ask", site=…)`."""

    def __init__(self, section: str, language: str, own: Mapping[str, Section] = _NOTHING) -> None:
        self.section = section
        self.language = language
        self.direction = direction(language)
        self._own = own
        self._words = self._read(section)

    def __call__(self, key: str, /, **values: object) -> str:
        """The words with each `{name}` filled in."""
        return _PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), self._words[key])

    def pieces(self, key: str) -> Iterator[tuple[str, str]]:
        """The words in pieces, each with the name of the placeholder that follows, or nothing behind the last."""
        parts = _PLACEHOLDER.split(self._words[key])
        yield from zip(parts[::2], [*parts[1::2], ""], strict=True)

    def plain(self, key: str, /, **values: object) -> str:
        """The words for plain text, where no markup can say that a name runs another way than the words around it."""
        if self.direction == "rtl":
            values = {name: ISOLATED.format(value) for name, value in values.items()}
        return self(key, **values)

    def of(self, section: str) -> Spoken:
        """Another section in the same language."""
        return Spoken(section, self.language, self._own)

    def date(self, instant: str) -> str:
        """`22 November 2026, 10:00 UTC`, the way the language writes it."""
        day, time = clock.text(clock.parse(instant)).split("T")
        return self.of("receipt")("date", **self._named(day), time=time[:5])

    def day(self, instant: int) -> str:
        """`22 November 2026`, by UTC."""
        return self.of("reader")("day", **self._named(clock.text(instant)[:10]))

    def _named(self, day: str) -> dict[str, object]:
        year, month, number = day.split("-")
        names = self._read("receipt")["months"].split()
        return {"day": int(number), "month": names[int(month) - 1] if len(names) == 12 else month, "year": year}

    def _read(self, section: str) -> Section:
        ours = packaged_words(self.language).get(section, {})
        return {**measure()[section], **ours, **self._own.get(section, {})}


def spoken(notice: Notice, section: str, language: str) -> Spoken:
    """A section as the notice has it; in its first language where it does not have this one."""
    known = language if language in notice.languages else notice.languages[0]
    return Spoken(section, known, notice.texts[known])
