"""Language tags: which way a language is written, and which of a site's languages serve other tags as well.

Invariant: pure tables over BCP 47 tags; what is looked up is in lower case, what comes out is a site's own tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

# Languages (and scripts, as in az-Arab) that are written from right to left.
_RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he ks nqo ps sd syr ug ur yi Adlm Arab Hebr Nkoo Syrc Thaa".split())

# A browser's or a page's tag -> the languages that serve it, best first: older codes of one language (RFC 5646's
# deprecated subtags), the written forms of Norwegian, and the script that a place writes Chinese in (CLDR).
_SERVED_BY: dict[str, tuple[str, ...]] = {
    "no": ("nb", "nn"),
    "nb": ("no", "nn"),
    "nn": ("no", "nb"),
    "zh": ("zh-Hans", "zh-Hant"),
    "zh-cn": ("zh-Hans",),
    "zh-sg": ("zh-Hans",),
    "zh-my": ("zh-Hans",),
    "zh-tw": ("zh-Hant",),
    "zh-hk": ("zh-Hant",),
    "zh-mo": ("zh-Hant",),
    "yue": ("zh-Hant", "zh"),
    "iw": ("he",),
    "ji": ("yi",),
    "in": ("id",),
    "mo": ("ro",),
    "sh": ("sr-Latn", "sr"),
    "tl": ("fil",),
    "fil": ("tl",),
    "prs": ("fa",),
}


def direction(language: str) -> Literal["ltr", "rtl"]:
    """Which way a language is written: a script that is named decides, else the language."""
    first, *rest = language.split("-")
    script = next((part for part in rest if len(part) == 4), first)
    return "rtl" if script in _RIGHT_TO_LEFT else "ltr"


def aliases(languages: Iterable[str]) -> dict[str, str]:
    """Lower-case tags that are none of the languages, each with the one of them that serves it.

    Whoever looks up cuts a tag from its end until it is found, so `pt` -> `pt-BR` serves `pt-PT` as well.
    """
    known = tuple(languages)
    names = {language.lower() for language in known}
    found: dict[str, str] = {}
    for tag, language in (*_listed(known), *_bare(known)):
        if tag not in names:
            found.setdefault(tag, language)
    return found


def _listed(known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    return ((tag, each) for tag, by in _SERVED_BY.items() for each in by if each in known)


def _bare(known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """A language without script and place, for the first of the site's that has some."""
    return ((each.partition("-")[0], each) for each in known if "-" in each)
