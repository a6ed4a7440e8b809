"""Pages that know no notice speak the reader's language, as the browser asks for it."""

from __future__ import annotations

import pytest

from consent.web.pages.words import of_reader


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT", "de"),
        ("pt-BR,pt;q=0.9", "pt-BR"),
        ("PT-br", "pt-BR"),
        ("pt-AO,en;q=0.5", "pt"),
        ("nb-NO,nb;q=0.9", "no"),
        ("zh-TW,zh;q=0.9", "zh-Hant"),
        ("zh-Hans-SG", "zh-Hans"),
        ("tlh,fr-CA;q=0.5", "fr"),
        ("tlh", "en"),
        ("a-" * 31_000, "en"),
        ("de-AT-" + "x-" * 31_000, "de"),
        ("*", "en"),
        ("", "en"),
        (",;,-", "en"),
    ],
)
def test_the_first_language_of_the_header_that_there_is(header: str, language: str) -> None:
    assert of_reader(header).language == language
