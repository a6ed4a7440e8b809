"""What is material and what is cosmetic, field by field, and that the fingerprint and the changes never disagree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.notices import Change, changed_purposes, changes, digest, material, purposes_alike
from tests.words.sites.making import GONE, Place, altered, notice, site_tables, tables

EVERY = ("necessary", "statistics", "advertising")
NEW_SERVICE = {
    "id": "tiles",
    "name": "Tiles",
    "provider": "Tiles BV",
    "privacy_policy": "https://tiles.example/privacy",
}
NEW_PURPOSE = {
    "id": "research",
    "legal_basis": "consent",
    "name": {"en": "Research", "es": "Investigación"},
    "description": {"en": "Study.", "es": "Estudiar."},
}

# What is altered in the file, the path of the change, and the purposes that a returning visitor is told of.
MATERIAL: list[tuple[Place, object, str, tuple[str, ...]]] = [
    (("controller", "name"), "Sea Ltd", "controller.name", EVERY),
    (("controller", "country"), "GB", "controller.country", EVERY),
    (("consent", "expires_days"), 365, "expires_days", EVERY),
    (("consent", "refusal_days"), 90, "refusal_days", EVERY),
    (("purposes", 1, "id"), "counting", "purposes.counting", ("counting",)),
    (("purposes", 1, "legal_basis"), "legitimate_interest", "purposes.statistics.legal_basis", ("statistics",)),
    (("purposes", 0, "required"), False, "purposes.necessary.required", ("necessary",)),
    (("purposes", 2, "sale_or_sharing"), False, "purposes.advertising.sale_or_sharing", ("advertising",)),
    (("purposes", 2, "services", 0, "id"), "adnet-2", "purposes.advertising.services.adnet", ("advertising",)),
    (("purposes", 1, "services", 0, "provider"), "X", "purposes.statistics.services.matomo.provider", ("statistics",)),
    (("purposes", 2, "services", 1), GONE, "purposes.advertising.services.bidder", ("advertising",)),
    (("purposes", 1, "services"), [NEW_SERVICE], "purposes.statistics.services.tiles", ("statistics",)),
    (("purposes", 2), GONE, "purposes.advertising", ()),
    (("purposes", 2), NEW_PURPOSE, "purposes.research", ("research",)),
]  # fmt: skip
COSMETIC: list[tuple[Place, object, str]] = [
    (("name",), "The Post", "name"),
    (("controller", "email"), "dpo@harbour-post.example", "controller.email"),
    (("controller", "privacy_policy"), "https://harbour-post.example/p", "controller.privacy_policy"),
    (("controller", "cookie_policy"), GONE, "controller.cookie_policy"),
    (("consent", "regime"), "auto", "regime"),
    (("consent", "close"), "refuse", "close"),
    (("purposes", 1, "signals"), [], "purposes.statistics.signals"),
    (("purposes", 1, "name", "en"), "Counting", "purposes.statistics.name.en"),
    (("purposes", 1, "description", "es"), "Medir.", "purposes.statistics.description.es"),
    (("purposes", 1, "services", 0, "name"), "Piwik", "purposes.statistics.services.matomo.name"),
    (
        ("purposes", 1, "services", 0, "privacy_policy"),
        "https://matomo.example",
        "purposes.statistics.services.matomo.privacy_policy",
    ),
    (
        ("purposes", 2, "services", 0, "cookies", 0, "lifetime"),
        "1 day",
        'purposes.advertising.services.adnet.cookies."anid .adnet.example".lifetime',
    ),
    (
        ("purposes", 2, "services", 0, "cookies", 0, "about"),
        "Other.",
        'purposes.advertising.services.adnet.cookies."anid .adnet.example".about.en',
    ),
    (
        ("purposes", 2, "services", 0, "cookies"),
        GONE,
        'purposes.advertising.services.adnet.cookies."anid .adnet.example"',
    ),
    (("consent", "together"), ["harbour-radio"], "together"),
    (("theme", "position"), "center", "look.position"),
    (("theme", "accent"), "#000000", "look.accent"),
    (("theme", "radius"), "0", "look.radius"),
    (("theme", "reopen"), True, "look.reopen"),
    (("texts", "en", "notice", "title"), "Choose", "texts.en.notice.title"),
    (("newsletter", "prompt"), GONE, "newsletter.prompt"),
    (("newsletter", "sender"), "n@a.example", "newsletter.sender"),
    (("newsletter", "lists", 0, "name", "en"), "Weekly", "newsletter.lists.daily.name.en"),
]

OLD = notice(tables())


@pytest.mark.parametrize(("place", "value", "path", "told"), MATERIAL, ids=[path for _, _, path, _ in MATERIAL])
def test_material(place: Place, value: object, path: str, told: tuple[str, ...]) -> None:
    new = notice(altered(place, value))
    assert material(new) != material(OLD)
    assert path in {change.path for change in changes(OLD, new) if change.material}
    assert changed_purposes(OLD, new) == told


@pytest.mark.parametrize(("place", "value", "path"), COSMETIC, ids=[path for _, _, path in COSMETIC])
def test_cosmetic(place: Place, value: object, path: str) -> None:
    new = notice(altered(place, value))
    assert material(new) == material(OLD)
    assert digest(new) != digest(OLD)
    assert [change.path for change in changes(OLD, new)] == [path]
    assert not any(change.material for change in changes(OLD, new))
    assert changed_purposes(OLD, new) == ()


def test_a_newsletter_that_goes_takes_its_words_along() -> None:
    new = notice(altered(("newsletter",), GONE))
    assert material(new) == material(OLD)
    assert [change.path for change in changes(OLD, new)] == ["newsletter", "texts.en.signup", "texts.es.signup"]


def test_a_service_that_moves_to_another_purpose_is_material_for_both() -> None:
    raw = tables()
    raw["purposes"][1]["services"].append(raw["purposes"][2]["services"].pop())
    new = notice(raw)
    assert [str(change) for change in changes(OLD, new)] == [
        "purposes.advertising.services.bidder: removed (visitors are asked again)",
        "purposes.statistics.services.bidder: added (visitors are asked again)",
    ]
    assert changed_purposes(OLD, new) == ("statistics", "advertising")


def test_what_is_kept_elsewhere_is_another_thing_but_not_another_question() -> None:
    new = notice(altered(("purposes", 2, "services", 0, "cookies", 0, "kind"), "local_storage"))
    adnet = "purposes.advertising.services.adnet.cookies"
    assert [str(change) for change in changes(OLD, new)] == [
        f'{adnet}."anid .adnet.example": removed',
        f'{adnet}."anid .adnet.example local_storage": added',
    ]
    assert material(new) == material(OLD)


ALIKE = frozenset(EVERY)


def test_purposes_are_alike_that_ask_for_the_same() -> None:
    cosmetic = altered(("controller", "name"), "Another Ltd")
    altered(("purposes", 1, "description", "en"), "Other words.", cosmetic)
    altered(("id",), "another", cosmetic)
    altered(("consent", "expires_days"), 30, cosmetic)
    assert purposes_alike(OLD, notice(cosmetic)) == ALIKE
    own = altered(("purposes", 2, "services", 0, "provider"), "Another SA")
    altered(("purposes", 1, "id"), "counting", own)
    assert purposes_alike(OLD, notice(own)) == {"necessary"}
    assert purposes_alike(notice(own), OLD) == {"necessary"}


@pytest.mark.parametrize(
    "turn", [lambda raw: raw["purposes"].reverse(), lambda raw: raw["purposes"][2]["services"].reverse()]
)
def test_order_is_cosmetic(turn: Callable[[dict[str, Any]], None]) -> None:
    raw = tables()
    turn(raw)
    (change,) = changes(OLD, notice(raw))
    assert (change.kind, change.material) == ("changed", False)
    assert material(notice(raw)) == material(OLD)


def test_another_first_language_is_cosmetic() -> None:
    new = notice(altered(("languages",), ["es", "en"]))
    told = {change.path: change for change in changes(OLD, new)}
    assert (told["languages"].before, told["languages"].after) == ("en, es", "es, en")
    assert material(new) == material(OLD)


def test_a_change_says_what_was_and_what_is() -> None:
    new = notice(altered(("consent", "expires_days"), 90))
    assert changes(OLD, new) == (Change(kind="changed", path="expires_days", material=True, before=180, after=90),)
    assert str(changes(OLD, new)[0]) == "expires_days: the number 180 became the number 90 (visitors are asked again)"


def test_what_is_new_as_a_whole_is_one_change() -> None:
    raw = tables()
    raw["purposes"].append(NEW_PURPOSE)
    assert [str(change) for change in changes(OLD, notice(raw))] == [
        "purposes.research: added (visitors are asked again)"
    ]


def test_a_change_of_words_is_printable() -> None:
    new = notice(altered(("name",), "\u200fاخبار"))
    assert [str(change) for change in changes(OLD, new)] == [r'name: "The Harbour Post" became "\u200fاخبار"']


@given(site_tables(), site_tables())
@settings(max_examples=80, deadline=None)
def test_the_changes_and_the_fingerprint_agree(one: dict[str, Any], other: dict[str, Any]) -> None:
    old, new = notice(one), notice(other)
    told = changes(old, new)
    assert any(change.material for change in told) == (material(old) != material(new))
    assert bool(told) == (digest(old) != digest(new))
    assert len({change.path for change in told}) == len(told)
    assert [change.path for change in changes(new, old)] == [change.path for change in told]
    assert changed_purposes(old, new) == () or material(old) != material(new)


@given(site_tables(), st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_one_alteration_of_a_file_is_told_rightly(raw: dict[str, Any], at: int) -> None:
    old = notice(raw)
    edits = (
        lambda: raw["purposes"][0].update(sale_or_sharing=not raw["purposes"][0]["sale_or_sharing"]),
        lambda: raw["purposes"][0]["name"].update(en="Other words"),
        raw["purposes"].reverse,
        lambda: raw["purposes"].append(NEW_PURPOSE),
        lambda: raw["controller"].update(country="FR"),
    )
    edits[at]()
    new = notice(raw)
    told = changes(old, new)
    assert any(change.material for change in told) == (material(old) != material(new)) == (at in (0, 3, 4))


def test_the_fingerprint_is_16_hex_digits() -> None:
    assert len(material(OLD)) == 16
    assert int(material(OLD), 16) >= 0
