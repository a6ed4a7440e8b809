"""What words give away, by language: patterns in `words/*.toml`, one file a language, and where they are looked for.

The themes: `continuing`, `closing` (that acts which are no choice are taken for a yes) · `wall`, `pay` (no reading
without a yes, or without one or money) · `shaming`, `urgency`, `double` (who refuses is made to feel a fool, to hurry,
or to read twice) · `yes`, `no`, `later`, `settings` (what a label says) · `newsletter` · `vague` (a purpose that says
nothing) · `sensitive` (data of special kinds) · `nobody` (a recipient without a name).

Invariant: the service's own words match nothing that would be held against a site (a test reads all of them). English
patterns are tried in every language, for its phrases are pasted everywhere.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Literal

Theme = Literal[
    "continuing", "closing", "wall", "pay", "shaming", "urgency", "double", "later", "settings", "no", "yes",
    "newsletter", "vague", "sensitive", "nobody",
]  # fmt: skip

_FILES = resources.files("consent.lint") / "words"
_LABELS: tuple[Theme, ...] = ("yes", "no", "later", "settings")
_PLAIN = str.maketrans('’‘‚‛“”„«»"\u00a0\u202f', "''''''''''  ")


@cache
def tongues() -> frozenset[str]:
    """The languages whose patterns there are."""
    return frozenset(file.name.removesuffix(".toml") for file in _FILES.iterdir() if file.name.endswith(".toml"))


def said(theme: Theme, language: str, text: str) -> str:
    """What in the text gives the theme away; empty when nothing does."""
    read, written = plain(text), " ".join(text.split())
    hit = pattern(theme, language).search(read)
    if not hit:
        return ""
    # As it was written, unless lower case has other letters than the words had.
    return (written if len(written) == len(read) else read)[slice(*hit.span())].strip()


def is_all(theme: Theme, language: str, text: str) -> bool:
    """Whether the text says the theme and nothing else."""
    return bool(pattern(theme, language).fullmatch(plain(text).strip(" .!…")))


@cache
def pattern(theme: Theme, language: str) -> re.Pattern[str]:
    """The theme's pattern in a language, and in English; one that never matches where there is neither."""
    tongue = language.partition("-")[0]
    # What a label says is known only where its language is: an English pattern would misread a Spanish "no".
    spoken = (tongue,) if theme in _LABELS else dict.fromkeys((tongue, "en"))
    found = [each for name in spoken for each in _patterns(name).get(theme, ())]
    return re.compile("|".join(f"(?:{each})" for each in found) or r"(?!)")


@cache
def _patterns(tongue: str) -> Mapping[str, Sequence[str]]:
    if tongue not in tongues():
        return {}
    return tomllib.loads((_FILES / f"{tongue}.toml").read_text("utf-8"))


def plain(text: str) -> str:
    """In lower case, with straight quotes and single blanks, as the patterns are written."""
    return " ".join(text.lower().translate(_PLAIN).split())
