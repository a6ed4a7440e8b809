"""What the widget is told: exactly the shapes that its TypeScript declares, in the language that is asked for."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given, settings

from consent.notices import (
    compile_notice,
    digest,
    layer_texts,
    layers,
    material,
    read_site_file,
    sells,
    speaks,
    widget_settings,
)
from tests.words.sites.making import GONE, altered, notice, site_tables, tables, toml

HARBOUR = notice(tables())
CONTROLLER = {
    "name": "Harbour Post Ltd",
    "privacy_policy": "https://www.harbour-post.example/privacy",
    "cookie_policy": "https://www.harbour-post.example/cookies#list",
}
STYLE = (
    ":host{--accent:var(--consent-accent,#0a5c8f);--on-accent:var(--consent-on-accent,#fff);"
    "--radius:var(--consent-radius,0.5rem)}@media(prefers-color-scheme:dark){:host{--edge:var(--ink)}}"
)


def test_the_settings_of_the_loader() -> None:
    assert widget_settings(HARBOUR, digest(HARBOUR)) == {
        "site": "harbour-post",
        "notice": digest(HARBOUR),
        "material": material(HARBOUR),
        "close": "ask_later",
        "days": 180,
        "purposes": [
            {"id": "statistics", "services": ["matomo"]},
            {"id": "advertising", "services": ["adnet", "bidder"], "sale": True},
        ],
        "required": [{"id": "necessary", "services": []}],
        "languages": ["en", "es"],
        "reopen": False,
        "signals": {
            "ad_storage": ["advertising"],
            "ad_user_data": ["advertising"],
            "ad_personalization": ["advertising"],
            "analytics_storage": ["statistics"],
            "functionality_storage": [],
            "personalization_storage": [],
        },
        "offer": True,
    }
    # In the order of Consent Mode's own documents.
    assert list(widget_settings(HARBOUR, "")["signals"])[3:5] == ["analytics_storage", "functionality_storage"]


def test_what_is_unusual_is_in_the_settings_and_only_then() -> None:
    raw = altered(("consent", "refusal_days"), 30)
    for purpose in raw["purposes"]:
        purpose.pop("signals", None)
    told = widget_settings(notice(raw), "0" * 64)
    assert told["refusal_days"] == 30
    assert "signals" not in told
    assert "aliases" not in told


def test_a_signal_of_a_purpose_that_is_always_on_is_nobodys_to_decide() -> None:
    raw = altered(("purposes", 0, "signals"), ["security_storage", "functionality_storage"])
    assert "functionality_storage" not in widget_settings(notice(raw), "")["signals"]
    for purpose in raw["purposes"]:
        purpose["signals"] = ["security_storage"]
    assert "signals" not in widget_settings(notice(raw), "")


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
            {"id": "advertising", "name": "Publicidad", "required": False, "sale": True},
        ],
        "services": 3,
        "position": "bottom-left",
        "css": STYLE,
    }


def test_the_first_layer_names_the_sites_that_the_choice_goes_along_to() -> None:
    raw = altered(("consent", "together"), ["harbour-events", "harbour-jobs"])
    together = compile_notice(read_site_file(toml(raw)), {"harbour-events": "Harbour Events"})
    assert layer_texts(together, "en", "notice")["together"] == ["Harbour Events", "harbour-jobs"]
    assert layers(together) == (*layers(HARBOUR), "carry")
    assert layer_texts(together, "en", "carry") == {}


def test_the_second_layer() -> None:
    shown = layer_texts(HARBOUR, "es", "preferences")
    assert shown["words"] == HARBOUR.texts["es"]["preferences"]
    assert set(shown) == {"words", "purposes"}
    assert shown["purposes"][1] == {
        "description": "Contar visitas.",
        "legal_basis": "consent",
        "services": [
            {
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
        "words": HARBOUR.texts["en"]["placeholder"],
        "services": {
            "matomo": "Matomo",
            "adnet": "Adnet",
            "bidder": "Bidder",
        },
    }


def test_what_is_to_be_cleared() -> None:
    raw = tables()
    first, second = raw["purposes"][1]["services"][0]["cookies"]
    second |= {"kind": "local_storage", "name": "mtm*"}
    raw["purposes"][2]["services"][0]["cookies"] = []
    made = notice(raw)
    told = layer_texts(made, "es", "clear")["kept"]
    assert list(told) == ["cookie", "local_storage"]
    assert told["local_storage"] == [["matomo", "mtm*"]]
    assert told["cookie"][0] == ["matomo", first["name"], first["domain"]]
    assert {service for service, *_ in told["cookie"]} <= {"matomo", "bidder"}
    shown = layer_texts(made, "en", "preferences")["purposes"][1]["services"][0]["cookies"]
    assert [cookie.get("kind") for cookie in shown] == [None, "local_storage"]


def test_a_notice_of_an_older_version_may_lack_newer_words() -> None:
    assert speaks(HARBOUR, ["intro_presumed", "acknowledge"])
    texts = {**HARBOUR.texts, "es": {**HARBOUR.texts["es"], "notice": {"intro": "…"}}}
    older = msgspec.structs.replace(HARBOUR, texts=texts)
    assert speaks(older, ["intro"])
    assert not speaks(older, ["intro", "acknowledge"])


def test_a_site_that_sells_says_so() -> None:
    assert sells(HARBOUR)
    assert not sells(notice(altered(("purposes", 2, "sale_or_sharing"), False)))


def test_a_language_that_the_notice_lacks_falls_back_to_the_first() -> None:
    spanish = notice(altered(("languages",), ["es", "en"]))
    assert layer_texts(spanish, "fr", "notice") == layer_texts(spanish, "es", "notice")


def test_a_site_without_a_cookie_policy_names_none() -> None:
    bare = notice(altered(("controller", "cookie_policy"), GONE))
    assert set(layer_texts(bare, "en", "notice")["controller"]) == {"name", "privacy_policy"}


@given(site_tables())
@settings(max_examples=30, deadline=None)
def test_every_view_is_plain_json_and_leaves_the_notice_as_it_was(raw: dict[str, Any]) -> None:
    made = notice(raw)
    name = digest(made)
    views = [widget_settings(made, name)]
    for language in made.languages:
        views += [layer_texts(made, language, layer) for layer in layers(made)]
    assert json.loads(json.dumps(views)) == views
    for view in views:
        view.clear()
    assert digest(made) == name


def test_words_that_are_never_shown_are_not_told() -> None:
    named = {"intro", "opt_in", "services", "withdraw", "choose"}
    first = layer_texts(HARBOUR, "en", "notice", named)["words"]
    assert named < set(first)
    assert {"title", "accept", "refuse", "close_later", "reopen", "saved", "unsaved"} < set(first)
    assert not {"close_refuse", "acknowledge", "presumed", "opted_out", "together"} & set(first)
    second = layer_texts(HARBOUR, "en", "preferences", named)["words"]
    assert {"basis_consent", "save", "lifetime", "receipt_pending"} < set(second)
    assert not {"basis_vital_interests", "indexed_db"} & set(second)
    assert layer_texts(HARBOUR, "en", "placeholder", named) == layer_texts(HARBOUR, "en", "placeholder")


def test_an_older_notice_has_its_lifetimes_in_its_own_words() -> None:
    """Version 0.1.0 had no words for these two, and showed them as they are."""
    made = notice(altered(("purposes", 1, "services", 0, "cookies", 0, "lifetime"), "session"))
    assert layer_texts(made, "es", "preferences", ())["words"]["session"] != "session"
    texts = {language: {**words, "preferences": {"title": "…"}} for language, words in made.texts.items()}
    older = msgspec.structs.replace(made, texts=texts)
    assert layer_texts(older, "es", "preferences", ())["words"] == {"title": "…", "session": "session"}
