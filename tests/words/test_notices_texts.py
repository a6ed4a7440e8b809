"""The words that come with the service: every language has them all, and none has more."""

from __future__ import annotations

import re

import pytest

from consent.notices import packaged_languages, packaged_words
from consent.notices.shape import hidden

ENGLISH = packaged_words("en")
OTHERS = [language for language in packaged_languages() if language != "en"]


def places(language: str) -> dict[str, str]:
    """Every text of a language by its section and key."""
    return {
        f"{section}.{key}": text for section, keys in packaged_words(language).items() for key, text in keys.items()
    }


def test_english_and_spanish_are_there() -> None:
    assert {"en", "es"} <= set(packaged_languages())
    assert {"notice", "preferences", "placeholder", "receipt"} <= set(ENGLISH)


def test_a_language_that_is_not_there_has_no_words() -> None:
    assert packaged_words("tlh") == {}
    assert packaged_words("../en") == {}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_exactly_the_keys_of_english(language: str) -> None:
    assert set(packaged_words(language)) == set(ENGLISH)
    assert set(places(language)) == set(places("en"))


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_placeholders_of_english(language: str) -> None:
    theirs = {place: set(re.findall(r"\{[^{}]*\}", text)) for place, text in places(language).items()}
    assert theirs == {place: set(re.findall(r"\{[^{}]*\}", text)) for place, text in places("en").items()}


@pytest.mark.parametrize("language", packaged_languages())
def test_no_text_is_empty_or_hides_anything(language: str) -> None:
    for place, text in places(language).items():
        assert text, place
        assert text == text.strip(), place
        assert not hidden(text), place


def test_nobody_can_change_the_words_for_others() -> None:
    with pytest.raises(TypeError):
        packaged_words("en")["notice"]["accept"] = "No"  # type: ignore[index]
