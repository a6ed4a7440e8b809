"""The linter: what a finding says, what holds of all rules together, and the newspaper's notices, old and new."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import publishing
from consent.lint import RULES, Finding, lint, rules_table
from consent.notices import changes, compile_notice, digest, document, material, parse_notice, read_site_file
from tests.house.reading import ROOT
from tests.running import MIAMI
from tests.words.sites.making import HARBOUR, Place, altered, lines, site_tables, tables, toml

OLD = HARBOUR.with_name("miami-new-times-2024.toml")
# The Harbour Post's file as it would be published without a word from the linter.
MENDED: tuple[tuple[Place, object], ...] = (
    (("theme", "reopen"), True),
    (("theme", "accent"), "#1d4f91"),
    (("purposes", 2, "services", 1, "cookies"), [{"name": "bid", "lifetime": "1 day", "about": "Tells bids apart."}]),
)


def findings(*changes: tuple[Place, object]) -> tuple[Finding, ...]:
    """What is held against the Harbour Post's file with these places altered."""
    raw = tables()
    for place, value in (*MENDED, *changes):
        altered(place, value, raw)
    return lint(read_site_file(toml(raw)))


def test_the_newspapers_own_file_is_clean() -> None:
    assert lint(read_site_file(MIAMI.read_bytes())) == ()
    assert findings() == ()


def test_the_newspapers_old_notice_is_refused_for_the_right_reasons() -> None:
    told = lint(read_site_file(OLD.read_bytes()))
    assert {(one.rule, one.where) for one in told if one.severity == "error"} == {
        ("R02", "notice.refuse"),
        ("R04", "purposes[1].preset"),
        ("R04", "purposes[2].preset"),
        ("R04", "purposes[3].preset"),
        ("R06", "notice.close"),
        ("R06", "texts.en.notice.intro"),
        ("R07", "notice.continuing"),
        ("R07", "texts.en.notice.intro"),
        ("R10", "notice.choose"),
        ("R11", "texts.en.notice.intro"),
        ("R24", "notice.refuse"),
    }
    assert {one.rule for one in told if one.severity == "warning"} == {"R09", "R12c", "R27b"}


def test_the_same_said_in_words_alone_is_refused_too() -> None:
    intro = OLD.read_text("utf-8").partition("intro = ")[2].strip().strip('"')
    text = MIAMI.read_text("utf-8") + f'\n[texts.en.notice]\nintro = "{intro} {{controller}}"\n'
    assert [(one.rule, one.where) for one in lint(read_site_file(text.encode()))] == [
        ("R06", "texts.en.notice.intro"),
        ("R07", "texts.en.notice.intro"),
    ]


def test_a_finding_says_all_that_its_rule_is() -> None:
    (finding,) = findings((("theme", "reopen"), False))
    assert (finding.rule, finding.severity, finding.where) == ("R09", "warning", "theme.reopen")
    assert "data-consent-open" in finding.why
    assert str(finding) == (
        "warning R09 theme.reopen: without this button every page needs an element of its own with data-consent-open"
        " [EU: GDPR, article 7(3); EDPB cookie banner taskforce, type K]"
    )


@pytest.mark.parametrize(
    ("accent", "ratio"), [("#ffffff", "1.00"), ("#ffd700", "1.40"), ("#959595", "2.99"), ("#949494", None)]
)
def test_an_accent_that_is_hard_to_see_is_told_with_its_contrast(accent: str, ratio: str | None) -> None:
    told = findings((("theme", "accent"), accent))
    assert [re.findall(r"contrast of ([\d.]+):1", finding.why) for finding in told] == ([[ratio]] if ratio else [])
    assert {(finding.rule, finding.severity, finding.where) for finding in told} <= {("R05", "warning", "theme.accent")}


def test_every_rule_is_one_value_and_looks_or_names_its_keeper() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert ids == [row.id for row in rules_table()]
    assert {f"R{number:02}" for number in range(1, 40)} <= {one[:3] for one in ids}
    for rule in RULES:
        assert (rule.check is None) == bool(rule.kept_by), rule.id
        assert rule.words.endswith("."), rule.id
        assert rule.source, rule.id
        assert rule.jurisdiction, rule.id


def test_what_is_kept_is_shown_by_a_test_that_is_there() -> None:
    for row in (one for one in rules_table() if one.kept_by):
        named = re.findall(r"(tests/\S+\.py)::(\w+)", row.kept_by)
        assert named, row.id
        for path, name in named:
            tree = ast.parse((ROOT / path).read_text("utf-8"))
            assert name in {getattr(node, "name", "") for node in ast.walk(tree)}, f"{row.id}: {path}::{name}"


def test_what_a_notice_is_published_in_spite_of_is_in_it_and_asks_nobody_again() -> None:
    site = read_site_file(toml(tables()))
    plain, noted = compile_notice(site), publishing.compiled(site)
    assert isinstance(noted.findings, tuple)
    assert [(one.rule, one.where) for one in noted.findings] == [
        ("R09", "theme.reopen"),
        ("R12b", "purposes[2].services[1].cookies"),
    ]
    assert parse_notice(document(noted)) == noted
    assert material(noted) == material(plain)
    assert [(one.material, one.kind) for one in changes(plain, noted)] == [(False, "added")]
    assert b"findings" not in document(plain)
    clean = read_site_file(MIAMI.read_bytes())
    assert digest(publishing.compiled(clean)) == digest(compile_notice(clean))


def test_a_wish_is_compiled_into_nothing() -> None:
    wishes = {
        "close": "accepts",
        "continuing": "accepts",
        "refuse": "none",
        "choose": False,
        "wall": True,
        "gpc": False,
    }
    raw = altered(("notice",), wishes)
    altered(("purposes", 1, "preset"), True, raw)
    altered(("newsletter", "preset"), True, raw)
    altered(("newsletter", "double_opt_in"), False, raw)
    altered(("consent", "children"), True, raw)
    assert digest(compile_notice(read_site_file(toml(raw)))) == digest(compile_notice(read_site_file(toml(tables()))))
    with pytest.raises(publishing.Objected):
        publishing.gate(read_site_file(toml(raw)))


HABITS = {
    "close": st.sampled_from(["refuses", "accepts"]),
    "continuing": st.sampled_from(["nothing", "accepts"]),
    "refuse": st.sampled_from(["button", "link", "settings", "none"]),
    "wall": st.booleans(),
    "gpc": st.booleans(),
}
PROSE = st.one_of(
    lines,
    st.sampled_from(["By scrolling you agree", "{controller}", "Al continuar aceptas", "((((", "no no no", "İ ẞ ŉ x"]),
).filter(lambda text: text == text.strip() and "{" not in text.replace("{controller}", ""))


@given(site_tables(), st.fixed_dictionaries({}, optional=HABITS), st.sampled_from(["intro", "intro_presumed"]), PROSE)
@settings(max_examples=60, deadline=None)
def test_it_never_raises_and_says_the_same_twice(
    raw: dict[str, Any], habits: dict[str, Any], key: str, prose: str
) -> None:
    raw["notice"] = habits
    raw["texts"]["es"]["notice"] = {key: prose}
    raw["texts"]["en"]["notice"] = {key: prose, "refuse": prose.replace("{controller}", "x")}
    site = read_site_file(toml(raw))
    told = lint(site)
    assert told == lint(site)
    assert [one.rule for one in told] == sorted((one.rule for one in told), key=[rule.id for rule in RULES].index)
    assert all(one.where and one.why and one.words and one.mend and one.source for one in told)
