"""Two changed site files brought together: nothing of either is lost, and what both changed is asked about."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from consent.editing import places
from consent.editing.merging import Conflict, Steps, differences, merge
from consent.notices import Table, fitted
from tests.words.sites.making import Place, altered, site_tables, tables


def changed(*changes: tuple[Place, object]) -> Table:
    """The Harbour Post's tables with these places set to other values."""
    raw = tables()
    for place, value in changes:
        raw = altered(place, value, raw)
    return raw


NAME, ACCENT, WORD = ("controller", "name"), ("theme", "accent"), ("purposes", 1, "name", "es")
settings_ = settings(max_examples=25, deadline=None)


@given(site_tables(), site_tables())
@settings_
def test_a_side_that_changed_nothing_yields_to_the_other(was: Table, now: Table) -> None:
    assert merge(was, now, was) == (now, ())
    assert merge(was, was, now) == (now, ())
    assert merge(was, now, now) == (now, ())


@given(site_tables(), site_tables(), site_tables())
@settings_
def test_every_choice_for_one_side_keeps_what_it_made_of_each_conflict(was: Table, ours: Table, theirs: Table) -> None:
    whole = merge(was, ours, theirs)
    mirrored = merge(was, theirs, ours)
    assert {one.where for one in whole.conflicts} == {one.where for one in mirrored.conflicts}
    chosen = merge(was, ours, theirs, {one.where: "theirs" for one in whole.conflicts})
    asked = [one.steps for one in whole.conflicts]
    # Between the two ways of choosing lie the conflicts and nothing else.
    for each in differences(whole.tables, chosen.tables):
        assert any(near(steps, each.steps) for steps in asked), each


def near(asked: Steps, differs: Steps) -> bool:
    """Whether the difference is at the place that was asked about, in it, or around it."""
    place = asked[:-1] if asked[-1] == "(order)" else asked
    return differs[: len(place)] == place or place[: len(differs)] == differs


@given(site_tables(), site_tables())
@settings_
def test_nothing_differs_exactly_when_they_are_equal(one: Table, other: Table) -> None:
    assert (differences(one, other) == []) == (one == other)


def test_what_each_changed_alone_is_taken_from_each() -> None:
    ours = changed((NAME, "Ours Ltd"), (WORD, "Nuestro"))
    theirs = changed((ACCENT, "#112233"), (("languages",), ["en", "es", "de"]))
    assert merge(tables(), ours, theirs) == (
        changed((NAME, "Ours Ltd"), (WORD, "Nuestro"), (ACCENT, "#112233"), (("languages",), ["en", "es", "de"])),
        (),
    )


def test_what_both_changed_is_asked_about_and_chosen_by_its_place() -> None:
    ours, theirs = changed((WORD, "Nuestro")), changed((WORD, "Suyo"), (NAME, "Theirs Ltd"))
    where = "purposes.statistics.name.es"
    merged = merge(tables(), ours, theirs)
    assert merged.conflicts == (Conflict(tuple(where.split(".")), "Estadísticas", "Nuestro", "Suyo"),)
    assert places.at(merged.tables, WORD) == "Nuestro"
    assert merge(tables(), ours, theirs, {where: "theirs"}).tables == theirs


def test_rows_are_told_by_their_names_not_by_their_places() -> None:
    raw = tables()
    first, second, third = raw["purposes"]
    new = {**second, "id": "extra", "services": []}
    ours = {**raw, "purposes": [third, first, second]}
    theirs = {**raw, "purposes": [first, {**second, "signals": ["ad_storage"]}, new]}
    merged = merge(raw, ours, theirs)
    assert [one["id"] for one in merged.tables["purposes"]] == ["necessary", "statistics", "extra"]  # type: ignore[attr-defined]
    assert merged.conflicts == ()
    both = merge(raw, ours, {**raw, "purposes": [first, second, {**third, "sale_or_sharing": False}]})
    assert [one["id"] for one in both.tables["purposes"]] == ["advertising", "necessary", "statistics"]  # type: ignore[attr-defined]


def test_who_takes_a_row_out_that_the_other_changed_is_asked() -> None:
    ours = {**tables(), "purposes": tables()["purposes"][:2]}
    theirs = changed((("purposes", 2, "sale_or_sharing"), False))
    [conflict] = merge(tables(), ours, theirs).conflicts
    assert (conflict.where, conflict.ours) == ("purposes.advertising", UNSET)
    kept = merge(tables(), ours, theirs, {conflict.where: "theirs"}).tables
    assert places.at(kept, ("purposes", 2, "id")) == "advertising"


def test_two_orders_are_a_conflict_of_their_own() -> None:
    raw = tables()
    a, b, c = raw["purposes"]
    ours, theirs = {**raw, "purposes": [c, b, a]}, {**raw, "purposes": [b, a, c]}
    merged = merge(raw, ours, theirs)
    assert [one.where for one in merged.conflicts] == ["purposes.(order)"]
    assert merge(raw, ours, theirs, {"purposes.(order)": "theirs"}).tables == theirs


def test_rows_without_names_of_their_own_are_one_entry() -> None:
    raw: Any = tables()
    twice = {**raw, "purposes": [*raw["purposes"], raw["purposes"][0]]}
    theirs = changed((WORD, "Suyo"))
    assert [one.where for one in merge(raw, twice, theirs).conflicts] == ["purposes"]


@given(st.sampled_from(["purposes[1].name.es", "theme.accent", "purposes[0].services[12].cookies[3].about.zh-Hans"]))
def test_a_place_is_read_as_it_is_named(text: str) -> None:
    assert places.named(places.parsed(text)) == text


def test_what_is_no_place_is_none() -> None:
    assert [places.parsed(text) for text in ("", "a b", "a..b", "a[x]", "a.b]", 'a."b"')] == [()] * 6


def test_putting_makes_tables_and_takes_empty_ones_away() -> None:
    made = places.put({}, ("newsletter", "prompt", "on_exit"), True)
    assert made == {"newsletter": {"prompt": {"on_exit": True}}}
    assert places.put(made, ("newsletter", "prompt", "on_exit"), UNSET) == {}
    assert places.put({"a": [1]}, ("a", 4), 2) == {"a": [1]}
    assert places.put({"a": [1, 2]}, ("a", 0), UNSET) == {"a": [2]}


@given(site_tables())
@settings_
def test_tables_in_their_one_form_stay_as_they_are(raw: Table) -> None:
    once = fitted(raw)
    assert once.left_out == ()
    assert fitted(once.tables) == once
