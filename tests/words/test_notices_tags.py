"""Language tags: the direction of writing, and which of a site's languages serves a tag that it does not have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.notices import direction
from consent.notices.tags import aliases


@pytest.mark.parametrize("language", ["ar", "he", "fa", "ur", "fa-IR", "yi", "ckb", "ps", "az-Arab", "uz-Arab-AF"])
def test_right_to_left(language: str) -> None:
    assert direction(language) == "rtl"


@pytest.mark.parametrize("language", ["en", "es", "pt-BR", "zh-Hans", "ja", "tr", "ku", "ar-Latn", "az"])
def test_left_to_right(language: str) -> None:
    assert direction(language) == "ltr"


@pytest.mark.parametrize(
    ("languages", "found"),
    [
        (("en", "es"), {}),
        (("no",), {"nb": "no", "nn": "no"}),
        (("nb", "nn"), {"no": "nb"}),
        (("no", "nn"), {"nb": "no"}),
        (("he", "id", "ro"), {"iw": "he", "in": "id", "mo": "ro"}),
        (("pt-BR",), {"pt": "pt-BR"}),
        (("pt-PT", "pt-BR"), {"pt": "pt-PT"}),
        (("pt", "pt-BR"), {}),
        (("sr-Latn",), {"sh": "sr-Latn", "sr": "sr-Latn"}),
    ],
)
def test_other_tags_that_a_language_serves(languages: tuple[str, ...], found: dict[str, str]) -> None:
    assert aliases(languages) == found


def test_chinese_by_the_script_that_a_place_writes() -> None:
    both = aliases(("zh-Hant", "zh-Hans"))
    assert both["zh"] == both["zh-cn"] == both["zh-sg"] == "zh-Hans"
    assert both["zh-tw"] == both["zh-hk"] == both["zh-mo"] == both["yue"] == "zh-Hant"
    assert aliases(("zh-Hant",))["zh"] == "zh-Hant"
    assert aliases(("zh",)) == {"yue": "zh"}


@given(st.lists(st.sampled_from("en es no nb nn zh zh-Hans zh-Hant pt pt-BR pt-PT sr-Latn he id".split()), unique=True))
def test_an_alias_is_no_language_of_the_site_and_names_one(languages: list[str]) -> None:
    for tag, language in aliases(languages).items():
        assert language in languages
        assert tag == tag.lower()
        assert tag not in [one.lower() for one in languages]
