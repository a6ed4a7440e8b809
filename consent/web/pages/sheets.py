"""What every page about newsletters is made with: the site's words, its name and colour, its lists.

Invariant: a page about a site speaks as the notice in force does; whose link it is changes nothing about that.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import quote

from msgspec import UNSET, Struct

from consent.notices import MailingList, Notice, spoken
from consent.web.pages import styles


class Choice(Struct, frozen=True, kw_only=True):
    """A list that can be ticked."""

    id: str
    name: str
    description: str
    is_ticked: bool
    is_open: bool = True
    """Whether it can be chosen at all."""


def shown(notice: Notice, language: str) -> dict[str, Any]:
    """What the layout needs: words, name, controller, colour."""
    words = spoken(notice, "reader", language)
    return {
        "words": words,
        "signup": words.of("signup"),
        "notice": notice,
        "brand": styles.brand(notice.look.accent),
        "policy": words.of("notice")("privacy_policy"),
        "form_link": f"/newsletter/{quote(notice.site)}?language={quote(words.language)}",
    }


def lists_of(notice: Notice) -> tuple[MailingList, ...]:
    """The site's newsletters, in their order; none for a site without."""
    return () if notice.newsletter is UNSET else notice.newsletter.lists


def choices(
    notice: Notice,
    language: str,
    ticked: Collection[str],
    offered: Collection[str] | None = None,
    blocked: Collection[str] = (),
) -> list[Choice]:
    """The lists to choose from, in the notice's order: all or the `offered` ones; no `blocked` box can be ticked."""
    language = spoken_language(notice, language)
    return [
        Choice(
            id=each.id,
            name=each.name[language],
            description=each.description[language],
            is_ticked=each.id in ticked,
            is_open=each.id not in blocked,
        )
        for each in lists_of(notice)
        if offered is None or each.id in offered
    ]


def names(notice: Notice, language: str, lists: Collection[str]) -> str:
    """The lists' names, as a sentence takes them."""
    return ", ".join(choice.name for choice in choices(notice, language, (), lists))


def spoken_language(notice: Notice, language: str) -> str:
    """The language, when the site has it; else the site's first."""
    return language if language in notice.languages else notice.languages[0]
