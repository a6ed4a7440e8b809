"""A site file written out reads back as the same; its tables have one form; the editor has a field for each value."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from consent.editing import fields, rowing, sections, standing_in
from consent.editing.places import Path, named, parsed, put
from consent.errors import Refused, Unknown
from consent.notices import SiteFile, Table, fitted, plain, read_site_file, site_faults, site_file, write_site_file
from consent.publishing import settings_of
from tests.running import MIAMI
from tests.words.sites.making import GONE, HARBOUR, Place, altered, site_tables, tables, toml

anything = st.recursive(
    st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.floats(), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)


def leaves(value: object, path: Path = ()) -> Iterator[Path]:
    """Every place of a value that is neither a table nor a row."""
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value)):
        for step, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*path, step))
    else:
        yield path


@pytest.mark.parametrize("file", [MIAMI, HARBOUR], ids=lambda file: file.stem)
def test_the_files_there_are_read_back_as_they_were(file: Any) -> None:
    site = read_site_file(file.read_bytes())
    assert read_site_file(write_site_file(plain(site))) == site


@given(site_tables())
@settings(max_examples=30, deadline=None)
def test_whatever_is_right_reads_back_as_it_was(raw: dict[str, Any]) -> None:
    site = read_site_file(toml(raw))
    written = write_site_file(plain(site), title="Anything\n = 1 \x85 x")
    assert read_site_file(written) == site
    assert write_site_file(plain(site)) == write_site_file(tomllib.loads(written.decode()))


@given(st.dictionaries(st.sampled_from([field.name for field in msgspec.structs.fields(SiteFile)]), anything), anything)
@settings(max_examples=60, deadline=None)
def test_whatever_is_wrong_fits_into_one_form_or_is_told(raw: dict[str, Any], more: object) -> None:
    raw = {**raw, "unknown": more}
    kept, left_out = fitted(raw)
    assert fitted(kept) == (kept, ())
    assert any(fault.path == "unknown" for fault in left_out)
    if not any(hostile in str(kept) for hostile in ("\\x", "\\u", "\\r", "\\n")):
        assert fitted(tomllib.loads(write_site_file(kept).decode())).tables == kept


def everything() -> Table:
    """Tables that say something at every place that a site file has."""
    raw = tables()
    raw["consent"] |= {"refusal_days": 30, "cookie_domain": "harbour-post.example", "cookie_from": "service"}
    raw["consent"] |= {"reload": False, "together": ["another"], "children": True}
    raw["newsletter"] |= {"reminder_days": 3, "preset": True, "double_opt_in": False}
    raw["newsletter"]["prompt"] |= {"after_scroll_percent": 5, "after_pages": 2, "on_exit": True}
    raw["purposes"][1] |= {"preset": True}
    raw["purposes"][1]["services"][0]["cookies"][0] |= {"kind": "local_storage"}
    raw["signals"] = dict.fromkeys(msgspec.structs.asdict(plain_defaults().signals), False)
    days = msgspec.to_builtins(plain_defaults().retention)
    raw["retention"] = {name: 31 if name == "bounced_days" else value - 1 for name, value in days.items()}
    raw["notice"] = {
        "close": "accepts", "continuing": "accepts", "scrolling": "accepts", "waiting": "accepts", "refuse": "link",
        "prominent": "accept", "choose": False, "wall": True, "gpc": False,
    }  # fmt: skip
    return fitted(raw).tables


def plain_defaults() -> SiteFile:
    """A file that leaves out what it may."""
    raw = tables()
    for key in ("consent", "records", "newsletter", "theme", "texts"):
        del raw[key]
    return read_site_file(toml(raw))


def every_section(raw: Table) -> list[str]:
    """The names of all sections that these tables have."""
    found = [*sections.TITLES, *(f"texts/{tag}" for tag in fields.languages(raw))]
    found += [group.link for name in found for group in sections.section(raw, name).groups if group.link]
    found += [group.link for name in list(found) for group in sections.section(raw, name).groups if group.link]
    return sorted(set(found))


def test_every_value_has_its_field_in_the_section_that_faults_lead_to() -> None:
    raw = everything()
    every = {field.encode_name for field in msgspec.inspect.type_info(SiteFile).fields}  # type: ignore[attr-defined]
    assert set(raw) == every
    shown = [(one.name, name) for name in every_section(raw) for one in sections.section(raw, name).fields]
    assert len(shown) == len(dict(shown)), "a field stands in two sections"
    for path in leaves(raw):
        if path in (("id",), ("languages",)):  # the site's own, and rows with buttons
            continue
        place = path if path[-1] != "about" else (*path, "en")
        assert dict(shown).get(named(place)) == sections.of_place(named(path)), named(path)


@given(site_tables())
@settings(max_examples=6, deadline=None)
def test_a_form_sent_as_it_was_shown_changes_nothing(raw: dict[str, Any]) -> None:
    site = fitted(raw).tables
    for name in every_section(site):
        shown = sections.section(site, name).fields
        sent: list[tuple[str, str]] = []
        for one in shown:
            if one.kind in ("flag", "several"):
                sent.append((one.name, "no" if one.kind == "flag" else ""))
            values = ["yes"] * one.value if one.kind == "flag" else one.value if one.kind == "several" else [one.value]
            sent += [(one.name, "\r\n".join(value) if one.kind == "lines" else value) for value in values]
        assert fields.read(site, shown, sent) == site, name
        assert fields.read(site, shown, []) == site


def test_what_is_emptied_is_taken_out_and_numbers_are_numbers() -> None:
    raw = everything()
    look, about = sections.section(raw, "regimes").fields, sections.section(raw, "purposes/1/services/0").fields
    sent = [("consent.expires_days", " 90 "), ("consent.refusal_days", ""), ("consent.close", "accept\r\nall")]
    new = fields.read(raw, look, sent)
    assert (new["consent"]["expires_days"], "refusal_days" in new["consent"]) == (90, False)  # type: ignore[index, operator]
    assert [fault.path for fault in site_faults(new)] == ["consent.close"]
    cookie = "purposes[1].services[0].cookies[0].about"
    both = fields.read(raw, about, [(f"{cookie}.es", "Dos"), (f"{cookie}.en", "Two")])
    again = sections.section(both, "purposes/1/services/0").fields
    one = fields.read(both, again, [(f"{cookie}.es", "")])
    found = [each["purposes"][1]["services"][0]["cookies"][0]["about"] for each in (both, one)]  # type: ignore[index]
    assert found == [{"en": "Two", "es": "Dos"}, "Two"]


def test_rows_come_move_and_go() -> None:
    raw = tables()

    def ids(changed: Any) -> list[str]:
        return [each["id"] for each in changed["purposes"]]

    assert ids(rowing.done(raw, "add:purposes")) == ["necessary", "statistics", "advertising", "purpose-1"]
    assert ids(rowing.done(rowing.done(raw, "add:purposes"), "add:purposes"))[-2:] == ["purpose-1", "purpose-2"]
    assert ids(rowing.done(raw, "up:purposes[2]")) == ["necessary", "advertising", "statistics"]
    assert ids(rowing.done(raw, "remove:purposes[0]")) == ["statistics", "advertising"]
    for nothing in ("up:purposes[0]", "down:purposes[2]", "save", "", "add:", "add:theme", "up:purposes", "remove:"):
        assert rowing.done(raw, nothing) == raw, nothing
    assert "newsletter" not in rowing.done(raw, "remove:newsletter")
    bare = rowing.done(rowing.done(raw, "remove:newsletter"), "add:newsletter")
    assert rowing.done(bare, "add:newsletter.prompt")["newsletter"] == {
        "lists": [{"id": "news"}],
        "prompt": {"lists": ["news"], "after_seconds": 20},
    }
    assert rowing.done(raw, "add:languages", "en") == raw


def test_a_section_that_is_not_there_is_unknown() -> None:
    for name in (
        "",
        "x",
        "purposes/9",
        "purposes/x",
        "purposes/0/services/0",
        "look/1",
        "purposes/1/cookies/0",
        "site/",
    ):
        with pytest.raises(Unknown):
            sections.section(tables(), name)


STOOD_IN: list[tuple[Place, object]] = [
    (("controller", "email"), "nobody"),
    (("purposes", 1, "name", "es"), GONE),
    (("languages",), ["en", "es", "de"]),
    (("languages",), ["en"]),
    (("purposes", 1, "services", 0, "provider"), ""),
    (("theme", "accent"), "red"),
]


@pytest.mark.parametrize(("place", "value"), STOOD_IN, ids=str)
def test_a_draft_that_is_not_whole_can_be_looked_at(place: Place, value: object) -> None:
    raw = altered(place, value)
    assert site_faults(raw)
    shown = standing_in.whole(raw, plain(read_site_file(HARBOUR.read_bytes())))
    assert settings_of(shown).origins == tuple(raw["origins"])


def test_but_not_one_that_is_far_from_whole() -> None:
    with pytest.raises(Refused):
        standing_in.whole({}, {})
    assert site_file(put(tables(), parsed("theme.accent"), UNSET)).theme.accent == "#1d4f91"
