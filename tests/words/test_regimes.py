"""The table of regimes: what holds where, how the notice is laid out for it, and which regimes a record may name."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import regimes
from consent.notices import packaged_words
from consent.notices.kinds import COUNTRIES
from consent.regimes import CALIFORNIA, LAWS, NOTICE_ONLY, OPT_IN, OPT_OUT, STRICTEST, Layout, Regime, Rule, allowed, at

REGIMES = get_args(Regime)
EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()
STATES = (
    "AL AK AZ AR CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA"
    " RI SC SD TN TX UT VT VA WA WV WI WY DC PR"
).split()


@pytest.mark.parametrize("setting", REGIMES)
def test_a_fixed_setting_allows_itself(setting: Regime) -> None:
    assert allowed(setting) == (setting,)


def test_auto_allows_any_and_nothing_else_does() -> None:
    assert set(allowed("auto")) == set(REGIMES)
    assert allowed("AUTO") == allowed("") == allowed("opt") == ()


@pytest.mark.parametrize(
    ("country", "region"), [(None, None), (None, "CA"), ("XX", None), ("ZZ", "CA"), ("", ""), ("us", None)]
)
def test_a_place_that_is_not_known_is_asked_the_strictest_way(country: str | None, region: str | None) -> None:
    assert at(country, region) == STRICTEST == Rule("opt_in")


@pytest.mark.parametrize("country", [*EEA, *"GB CH BR CA KR IN TR ZA CN TH".split()])
def test_where_consent_comes_first(country: str) -> None:
    assert at(country) == at(country, "CA") == OPT_IN


def test_all_of_the_united_states_may_opt_out_and_california_has_its_own_label() -> None:
    assert {at("US", state) for state in STATES} == {at("US"), at("PR"), at("VI")} == {OPT_OUT}
    assert at("US", "CA") == CALIFORNIA
    assert at("CA", "QC") == at("CA", "ON") == OPT_IN


@pytest.mark.parametrize("country", "JP MX AU NZ SG HK".split())
def test_where_informing_suffices(country: str) -> None:
    assert at(country) == NOTICE_ONLY


def test_the_table_names_real_places_once_and_each_law_its_source() -> None:
    places = [place for law in LAWS for place in law.places.split()]
    assert len(places) == len(set(places))
    assert {place.partition("-")[0] for place in places} <= set(COUNTRIES)
    assert all(law.source for law in LAWS)


@given(st.text(max_size=4), st.text(max_size=4))
def test_nothing_is_lenient_that_is_not_listed(country: str, region: str) -> None:
    listed = {place for law in LAWS for place in law.places.split()}
    if country not in listed:
        assert at(country, region) == STRICTEST


def test_a_fixed_regime_needs_no_place() -> None:
    assert [regimes.of(one) for one in REGIMES] == [OPT_IN, OPT_OUT, NOTICE_ONLY]
    assert regimes.of("auto") == regimes.of("") == STRICTEST


@pytest.mark.parametrize(
    ("rule", "sells", "layout"),
    [
        (
            OPT_IN, True,
            ("opt_in", "intro", ("services", "opt_in", "withdraw"), ("accept", "refuse", "choose"), "reopen"),
        ),
        (
            OPT_OUT, True,
            ("opt_out", "intro_presumed", ("services", "presumed", "sale", "withdraw"), ("accept", "refuse", "choose"),
             "do_not_sell"),
        ),
        (
            OPT_OUT, False,
            ("opt_out", "intro_presumed", ("services", "presumed", "withdraw"), ("accept", "refuse", "choose"),
             "reopen"),
        ),
        (
            CALIFORNIA, True,
            ("opt_out", "intro_presumed", ("services", "presumed", "sale", "withdraw"), ("accept", "refuse", "choose"),
             "privacy_choices"),
        ),
        (
            NOTICE_ONLY, True,
            ("notice_only", "intro_presumed", ("services", "presumed", "withdraw"), ("acknowledge", "choose"),
             "reopen"),
        ),
    ],
)  # fmt: skip
def test_the_layouts(rule: Rule, sells: bool, layout: tuple[object, ...]) -> None:
    made = regimes.layout(rule, sells=sells)
    assert tuple(getattr(made, name) for name in Layout.__struct_fields__) == layout


def test_every_word_of_every_layout_is_packaged() -> None:
    words = packaged_words("en")["notice"]
    for law in LAWS:
        made = regimes.layout(law.rule, sells=True)
        assert {made.intro, *made.says, *made.buttons, made.reopen} <= set(words)


@given(st.sampled_from([law.rule for law in LAWS]), st.booleans())
def test_a_refusal_is_never_further_than_a_yes(rule: Rule, sells: bool) -> None:
    buttons = regimes.layout(rule, sells=sells).buttons
    assert ("accept" in buttons) == ("refuse" in buttons)
    assert "choose" in buttons


def test_an_opt_out_holds_for_a_year() -> None:
    assert [regimes.lasts("opt_out", days) for days in (7, 365, 390)] == [365, 365, 390]
    assert [regimes.lasts(regime, 182) for regime in ("opt_in", "notice_only")] == [182, 182]
