"""What the widget is told: exactly the shapes that its TypeScript declares, in the language that is asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from consent.notices import digest, direction, layer_texts, material, widget_settings
from tests.words.sites.making import GONE, altered, notice, site_tables, tables

HARBOUR = notice(tables())
CONTROLLER = {
    "name": "Harbour Post Ltd",
    "privacy_policy": "https://www.harbour-post.example/privacy",
    "cookie_policy": "https://www.harbour-post.example/cookies#list",
}
LOOK = {"position": "bottom-left", "accent": "#0a5c8f", "radius": "0.5rem"}


def test_the_settings_of_the_loader() -> None:
    assert widget_settings(HARBOUR, digest(HARBOUR)) == {
        "site": "harbour-post",
        "notice": digest(HARBOUR),
        "material": material(HARBOUR),
        "regime": "opt_in",
        "close": "ask_later",
        "days": 180,
        "purposes": [
            {"id": "statistics", "services": ["matomo"], "sale": False},
            {"id": "advertising", "services": ["adnet", "bidder"], "sale": True},
        ],
        "required": [{"id": "necessary", "services": []}],
        "languages": ["en", "es"],
        "look": {**LOOK, "reopen": False},
    }


def test_the_first_layer() -> None:
    shown = layer_texts(HARBOUR, "es", "notice")
    assert shown.pop("words") == HARBOUR.texts["es"]["notice"]
    assert shown == {
        "lang": "es",
        "dir": "ltr",
        "controller": CONTROLLER,
        "purposes": [
            {"id": "necessary", "name": "Necesarias", "required": True},
            {"id": "statistics", "name": "Estadísticas", "required": False},
            {"id": "advertising", "name": "Publicidad", "required": False},
        ],
        "services": 3,
        "look": {**LOOK, "buttons": ["accept", "refuse", "choose"]},
    }


def test_the_second_layer() -> None:
    shown = layer_texts(HARBOUR, "es", "preferences")
    assert shown["words"] == HARBOUR.texts["es"]["preferences"]
    assert shown["controller"] == CONTROLLER
    assert shown["look"] == {**LOOK, "buttons": ["accept", "refuse", "choose"]}
    assert shown["purposes"][1] == {
        "id": "statistics",
        "name": "Estadísticas",
        "description": "Contar visitas.",
        "required": False,
        "legal_basis": "consent",
        "services": [
            {
                "id": "matomo",
                "name": "Matomo",
                "provider": "Harbour Post Ltd",
                "privacy_policy": "https://www.harbour-post.example/privacy",
                "cookies": [
                    # The file gives these words in the first language only.
                    {
                        "name": "_pk_id.*",
                        "lifetime": "13 months",
                        "domain": ".harbour-post.example",
                        "about": "Tells visitors apart.",
                    },
                    {"name": "_pk_ses.*", "lifetime": "30 minutes", "about": "Une una visita."},
                ],
            }
        ],
    }


def test_the_placeholders() -> None:
    assert layer_texts(HARBOUR, "en", "placeholder") == {
        "lang": "en",
        "dir": "ltr",
        "words": HARBOUR.texts["en"]["placeholder"],
        "purposes": {"necessary": "Necessary", "statistics": "Statistics", "advertising": "Advertising"},
        "services": {
            "matomo": {"name": "Matomo", "provider": "Harbour Post Ltd"},
            "adnet": {"name": "Adnet", "provider": "Adnet SA"},
            "bidder": {"name": "Bidder", "provider": "Bidder GmbH"},
        },
    }


def test_a_language_that_the_notice_lacks_falls_back_to_the_first() -> None:
    spanish = notice(altered(("languages",), ["es", "en"]))
    assert layer_texts(spanish, "fr", "notice") == layer_texts(spanish, "es", "notice")


def test_a_site_without_a_cookie_policy_names_none() -> None:
    bare = notice(altered(("controller", "cookie_policy"), GONE))
    assert set(layer_texts(bare, "en", "notice")["controller"]) == {"name", "privacy_policy"}


@pytest.mark.parametrize("language", ["ar", "he", "fa", "ur", "fa-IR", "yi", "ckb", "ps", "az-Arab", "uz-Arab-AF"])
def test_right_to_left(language: str) -> None:
    assert direction(language) == "rtl"


@pytest.mark.parametrize("language", ["en", "es", "pt-BR", "zh-Hans", "ja", "tr", "ku", "ar-Latn", "az"])
def test_left_to_right(language: str) -> None:
    assert direction(language) == "ltr"


@given(site_tables())
@settings(max_examples=30, deadline=None)
def test_every_view_is_plain_json_and_leaves_the_notice_as_it_was(raw: dict[str, Any]) -> None:
    made = notice(raw)
    name = digest(made)
    views = [widget_settings(made, name)]
    for language in made.languages:
        views += [layer_texts(made, language, "notice"), layer_texts(made, language, "preferences")]
        views += [layer_texts(made, language, "placeholder")]
    assert json.loads(json.dumps(views)) == views
    for view in views:
        view.clear()
    assert digest(made) == name
