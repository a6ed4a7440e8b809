"""What a page left in a browser: how it is read, and what is said of it."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import Refused
from consent.inspection import Answer, Compared, Terms, Trace, compare, is_declared, traces
from consent.notices import compile_notice, read_site_file
from tests.running import MIAMI

NOTICE = compile_notice(read_site_file(MIAMI.read_bytes()))
SITE = "https://www.miaminewtimes.com"
TERMS = Terms(
    site="miami-new-times",
    url="https://consent.example",
    notice=NOTICE,
    partners=frozenset({SITE, "http://localhost:*"}),
)


def said(answer: Answer = "none", **told: Any) -> Compared:
    return compare(traces.read(json.dumps({"page": f"{SITE}/news", **told})), TERMS, answer)


def bad(compared: Compared) -> list[str]:
    return [one.words for one in compared.remarks if one.level == "bad"]


def archive(*entries: dict[str, Any]) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def entry(url: str, *, sent: tuple[str, ...] = (), got: str = "", kind: str = "text/html") -> dict[str, Any]:
    headers = [{"name": "Set-Cookie", "value": got}] if got else []
    request = {"url": url, "cookies": [{"name": name, "value": "secret"} for name in sent]}
    return {"request": request, "response": {"headers": headers, "cookies": [], "content": {"mimeType": kind}}}


def test_a_page_that_does_what_its_notice_says_is_right() -> None:
    own = [f"{SITE}/a.js", "https://consent.example/w/miami-new-times.js", "http://localhost:8000/x"]
    for answer, kept in (("none", []), ("refused", ["fc"]), ("accepted", ["fc", "_ga", "_ga_ABC123"])):
        compared = said(answer, cookie=kept, local_storage=["fc.queue"], addresses=own)  # type: ignore[arg-type]
        assert (bad(compared), compared.discoveries) == ([], ())


def test_what_the_notice_does_not_name_is_found_whatever_was_answered() -> None:
    for answer in ("none", "refused", "accepted"):
        compared = said(answer, cookie=["_hjid"], local_storage=["_ga"], indexed_db=["player"])
        assert bad(compared) == [
            "The cookie _hjid is kept, and the notice does not name it.",
            "The database player is kept, and the notice does not name it.",
            "In local storage _ga is kept, and the notice does not name it.",
        ]
        assert {one.how for one in compared.discoveries} == {"undeclared"}


def test_what_is_named_comes_too_early_unless_it_was_accepted() -> None:
    told = "The cookie _ga (Google Analytics) is kept"
    purpose = "for “Performance and usage”."
    assert bad(said(cookie=["_ga"])) == [f"{told} before anybody was asked {purpose}"]
    assert bad(said("refused", cookie=["_ga"])) == [f"{told} though everything was refused {purpose}"]
    assert bad(said("accepted", cookie=["_ga"])) == []
    assert [one.how for one in said(cookie=["_ga"]).discoveries] == ["early"]


def test_where_everything_runs_until_it_is_refused_nothing_is_early_before() -> None:
    lenient = msgspec.structs.replace(NOTICE, regime="opt_out")
    terms = msgspec.structs.replace(TERMS, notice=lenient)
    seen = traces.read(json.dumps({"page": SITE, "cookie": ["_ga"]}))
    assert bad(compare(seen, terms, "none")) == []
    assert len(bad(compare(seen, terms, "refused"))) == 1


def test_known_tools_are_not_called_before_they_may() -> None:
    calls = ["https://www.google-analytics.com/g/collect", "https://region1.google-analytics.com/g/collect"]
    assert bad(said(addresses=calls)) == [
        "Google Analytics was called before anybody was asked (www.google-analytics.com)."
    ]
    assert bad(said("accepted", addresses=calls)) == []


def test_hosts_that_nobody_knows_are_worth_a_look_and_no_more() -> None:
    strange = [f"https://cdn{number:02}.example.net/a.js" for number in range(12)]
    compared = said(addresses=[*strange, f"{SITE}/own.js"])
    [told] = [one.words for one in compared.remarks if one.level == "warn"]
    assert told.endswith("cdn09.example.net and 2 more.")
    assert bad(compared) == []


def test_what_is_named_and_not_kept_is_told_only_once_it_might() -> None:
    assert not [one for one in said("refused").remarks if "names more" in one.words]
    assert [one for one in said("accepted").remarks if "names more than this page keeps: VISITOR" in one.words]


def test_names_are_kept_without_the_ids_in_them() -> None:
    compared = said(cookie=["_pk_id.1.1fffaaaa99", "_pk_id.1.0123456789", "AMP_00ff00ff00"])
    assert [one.trace.name for one in compared.discoveries] == ["AMP_*", "_pk_id.1.*"]
    assert traces.pattern("theme") == "theme"


@pytest.mark.parametrize(
    ("declared", "name", "does"),
    [("_ga_*", "_ga_1", True), ("_ga_*", "_ga", False), ("a.c", "abc", False), ("*", "x\ny", True), ("a*", "ab", True)],
)  # fmt: skip
def test_a_star_stands_for_any_part(declared: str, name: str, does: bool) -> None:
    assert traces.fits(declared, name) is does


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_stars_mean_what_an_expression_would(declared: str, name: str) -> None:
    expression = ".*".join(map(re.escape, declared.split("*")))
    assert traces.fits(declared, name) is bool(re.fullmatch(expression, name))


def test_many_stars_cost_nothing() -> None:
    """An expression would not come to an end here."""
    assert not traces.fits("*a" * 60 + "b", "a" * 250)


def test_what_was_found_is_no_discovery_once_it_is_declared() -> None:
    assert is_declared(Trace(kind="cookie", name="_ga_*"), NOTICE)
    assert not is_declared(Trace(kind="local_storage", name="_ga"), NOTICE)


def test_an_archive_has_the_cookies_that_no_script_may_read() -> None:
    text = archive(
        entry(f"{SITE}/news?reader=ada@example.org", got="sid=1; HttpOnly\n_hjid=2; Path=/"),
        entry("https://www.facebook.com/tr?id=1", sent=("_fbp",), kind="image/gif"),
    )
    seen = traces.read(text)
    assert seen.page == f"{SITE}/news"
    assert [one.name for one in seen.kept] == ["_fbp", "_hjid", "sid"]
    assert seen.addresses == (f"{SITE}/news", "https://www.facebook.com/tr")
    assert "secret" not in str(seen)
    assert "ada@" not in str(seen)
    assert "Facebook was called before anybody was asked (www.facebook.com)." in bad(compare(seen, TERMS, "none"))


NEITHER = ("", "x", "[]", "{}", '{"page": 1}', '{"log": 1}', '{"log": {"entries": [{}]}}', "null")


@pytest.mark.parametrize("text", [*NEITHER, pytest.param("[" * 100_000, id="deep")])
def test_what_is_neither_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(Refused, match="expected the line that the script wrote"):
        traces.read(text)


def test_an_address_that_is_none_is_left_out() -> None:
    seen = traces.read(json.dumps({"page": "http://[::1", "addresses": ["blob:x", "http://[y", f"{SITE}/a?b"]}))
    assert (seen.page, seen.addresses) == ("", (f"{SITE}/a",))


WORDS = (
    *("log", "entries", "request", "response", "url", "page", "cookie", "cookies"),
    *("headers", "name", "value", "content", "mimeType"),
)
ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda one: st.lists(one) | st.dictionaries(st.sampled_from(WORDS), one),
    max_leaves=30,
)


@given(ANY)
def test_nothing_makes_it_fall(told: Any) -> None:
    with contextlib.suppress(Refused):
        compare(traces.read(json.dumps(told)), TERMS, "none")
