"""What the widget is told of a site's newsletters."""

from __future__ import annotations

import msgspec
import pytest

from consent.notices import Notice, layer_texts, layers, widget_settings
from tests.words.sites.making import GONE, altered, notice, tables

HARBOUR = notice(tables())
ALWAYS = {"title", "label", "submit", "privacy", "typo", "invalid", "sending", "sent", "open_mail", "again", "failed"}
ALWAYS |= {"wait", "privacy_policy"}
OF_PROMPTS = {"decline", "later", "later_date", "close", "declined"}
OF_SEVERAL = {"choose_lists", "no_list"}


def words_of(made: Notice) -> set[str]:
    """The keys of the words that the layer has."""
    return set(layer_texts(made, "en", "signup")["words"])


def test_the_layer_stands_by_itself() -> None:
    shown = layer_texts(HARBOUR, "es", "signup")
    first = layer_texts(HARBOUR, "es", "notice")
    for key in ("lang", "dir", "css"):
        assert shown[key] == first[key]
    assert shown["controller"] == {
        "name": "Harbour Post Ltd",
        "privacy_policy": "https://www.harbour-post.example/privacy",
    }
    assert shown["lists"] == [["daily", "Diario", "Cada mañana."]]
    assert shown["prompt"] == {"lists": ["daily"], "seconds": 30, "later": 10, "decline": 180}
    for key in set(shown["words"]) - {"privacy_policy"}:
        assert shown["words"][key] == HARBOUR.texts["es"]["signup"][key]
    assert shown["words"]["privacy_policy"] == first["words"]["privacy_policy"]


def test_each_trigger_has_its_name_and_is_told_only_where_it_is_on() -> None:
    prompt = {"lists": ["daily"], "after_scroll_percent": 40, "after_pages": 3, "on_exit": True}
    made = notice(altered(("newsletter", "prompt"), prompt))
    assert layer_texts(made, "en", "signup")["prompt"] == {
        "lists": ["daily"],
        "scroll": 40,
        "pages": 3,
        "exit": True,
        "later": 7,
        "decline": 365,
    }


def test_words_that_are_never_shown_are_not_told() -> None:
    assert words_of(HARBOUR) == ALWAYS | OF_PROMPTS
    plain = altered(("newsletter", "prompt"), GONE)
    assert words_of(notice(plain)) == ALWAYS
    weekly = {"id": "weekly", "name": {"en": "Weekly", "es": "Semanal"}, "description": {"en": "Sun.", "es": "Dom."}}
    plain["newsletter"]["lists"].append(weekly)
    assert words_of(notice(plain)) == ALWAYS | OF_SEVERAL


def test_nothing_is_offered_unasked_without_a_prompt() -> None:
    made = notice(altered(("newsletter", "prompt"), GONE))
    assert "offer" not in widget_settings(made, "")
    assert "signup" in layers(made)
    assert "prompt" not in layer_texts(made, "en", "signup")


@pytest.mark.parametrize("kind", ["no newsletter", "an older version's words"])
def test_there_is_no_layer_without_a_newsletter_that_can_be_spoken_of(kind: str) -> None:
    made = notice(altered(("newsletter",), GONE))
    if kind != "no newsletter":
        older = {language: {**words, "signup": {}} for language, words in HARBOUR.texts.items()}
        for words in older.values():
            del words["signup"]
        made = msgspec.structs.replace(HARBOUR, texts=older)
    assert "signup" not in layers(made)
    assert "offer" not in widget_settings(made, "")
    assert layer_texts(made, "en", "signup") == {}
