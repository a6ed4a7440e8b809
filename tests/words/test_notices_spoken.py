"""A section's words, filled in: no hole, nothing read twice, and names that keep together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.notices import Spoken, packaged_words, spoken
from tests.words.sites.making import altered, notice

NOVEMBER = 1_795_341_600_000


def test_words_are_filled_in_once() -> None:
    words = Spoken("signup", "en")
    filled = words("confirm_sentence", controller="{lists}", lists="{address}", address="a@example.org")
    assert filled == "Yes, {lists} may send {address} to a@example.org."
    assert "{lists}" in words("confirm_sentence", controller="We", address="me")


@given(st.text(), st.text())
def test_what_is_filled_in_is_there_as_it_is(site: str, address: str) -> None:
    filled = Spoken("reader", "en")("not_me", site=site, address=address)
    assert filled == f"Then we delete the sign-up of {address}, and {site} sends nothing more to it."


@pytest.mark.parametrize("key", packaged_words("en")["signup"])
def test_the_pieces_are_the_words(key: str) -> None:
    words = Spoken("signup", "en")
    pieces = list(words.pieces(key))
    assert (
        "".join(text + (f"{{{name}}}" if name else "") for text, name in pieces) == packaged_words("en")["signup"][key]
    )
    assert [name for _, name in pieces][-1] == ""


def test_a_name_keeps_together_where_words_run_the_other_way() -> None:
    assert "\u2068a@example.org\u2069" in Spoken("reader", "ar").plain("manage_lead", site="A", address="a@example.org")
    assert Spoken("reader", "en").plain("manage_lead", site="A", address="a") == "What A sends to a."
    assert (Spoken("reader", "ar").direction, Spoken("reader", "de").direction) == ("rtl", "ltr")


def test_days_and_instants_as_the_language_writes_them() -> None:
    words = Spoken("letters", "en")
    assert words.day(NOVEMBER) == "22 November 2026"
    assert words.date("2026-11-22T10:00:00.123Z") == "22 November 2026, 10:00 UTC"
    assert Spoken("letters", "de").date("2026-11-22T10:00:00Z") == "22. November 2026, 10:00 UTC"


def test_the_sites_own_words_come_first_and_english_where_there_are_none() -> None:
    made = notice(altered(("texts", "en", "reader"), {"saved": "Stowed."}))
    assert spoken(made, "reader", "en")("saved") == "Stowed."
    assert spoken(made, "letters", "en").of("reader")("saved") == "Stowed."
    assert spoken(made, "reader", "es")("saved") == Spoken("reader", "es")("saved")
    assert spoken(made, "reader", "fi").language == made.languages[0]
    assert Spoken("reader", "tlh")("saved") == "Saved."
