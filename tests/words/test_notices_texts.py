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


# The 24 official languages of the European Union, and those of readers elsewhere.
PROMISED = set(
    "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"
    " ar fa he is ja ko no pt-BR ru tr uk zh-Hans zh-Hant".split()
)
# Names that stay what they are, and words that other languages share.
SHARED = 0.08


def test_every_promised_language_is_there() -> None:
    assert set(packaged_languages()) >= PROMISED
    assert len(PROMISED) == 37
    assert set(ENGLISH) == {"notice", "preferences", "placeholder", "receipt", "signup", "letters", "reader", "rights"}


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


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_was_left_in_english(language: str) -> None:
    theirs, ours = places(language), places("en")
    same = [place for place in ours if theirs[place] == ours[place] and re.search("[a-z]", ours[place])]
    assert len(same) <= SHARED * len(ours), same


@pytest.mark.parametrize("language", packaged_languages())
def test_yes_and_no_are_said_alike(language: str) -> None:
    """Neither answer is made to look the lesser by its words: both are about as long (rule R05)."""
    accept, refuse = (packaged_words(language)["notice"][key] for key in ("accept", "refuse"))
    assert accept != refuse
    assert max(len(accept), len(refuse)) <= 2 * min(len(accept), len(refuse)) + 2


@pytest.mark.parametrize("language", packaged_languages())
def test_a_year_has_twelve_months(language: str) -> None:
    months = packaged_words(language)["receipt"]["months"].split(" ")
    assert len(set(months)) == 12


def test_every_language_says_its_own_name() -> None:
    names = [packaged_words(language)["receipt"]["language_name"] for language in packaged_languages()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("language", packaged_languages())
def test_no_text_is_empty_or_hides_anything(language: str) -> None:
    for place, text in places(language).items():
        assert text, place
        assert text == text.strip(), place
        assert not hidden(text), place


def test_nobody_can_change_the_words_for_others() -> None:
    with pytest.raises(TypeError):
        packaged_words("en")["notice"]["accept"] = "No"  # type: ignore[index]
