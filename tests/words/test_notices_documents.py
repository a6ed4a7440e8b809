"""The notice as a document: the same file is the same digest, another word another, and what is stored reads back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.errors import Refused
from consent.notices import (
    Partner,
    compile_notice,
    digest,
    document,
    material,
    packaged_words,
    parse_notice,
    read_site_file,
)
from tests.words.sites.making import GONE, Place, altered, notice, site_tables, tables, toml

# The Miami site's notice as the first version published it, and what that version called it.
FIRST = Path(__file__).parent / "vectors" / "notice-of-0.1.0.json"
FIRST_DIGEST, FIRST_MATERIAL = "592e8b13a6f41693152bbc61a716723145ed35580af763a4d325d3d24c1cbee3", "76340e31e7c1c843"


def shuffled(value: Any, random: Any) -> Any:
    """The same tables with their keys in another order; lists keep theirs."""
    if isinstance(value, dict):
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled(value[key], random) for key in keys}
    return [shuffled(each, random) for each in value] if isinstance(value, list) else value


def words(value: Any, path: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text that stands in the tables and is shown to visitors."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for step, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from words(each, (*path, step))


SHOWN = [place for place, _ in words(tables()) if place[-1] in ("name", "provider", "description", "about", "en", "es")]


@given(site_tables())
@settings(max_examples=50, deadline=None)
def test_a_document_reads_back_as_the_same_notice(raw: dict[str, Any]) -> None:
    made = notice(raw)
    assert parse_notice(document(made)) == made
    assert document(parse_notice(document(made))) == document(made)


@given(site_tables())
@settings(max_examples=50, deadline=None)
def test_a_document_is_canonical_json(raw: dict[str, Any]) -> None:
    data = document(notice(raw))
    assert data == rfc8785.dumps(json.loads(data))


@given(site_tables(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_keys_in_the_file_does_not_matter(raw: dict[str, Any], random: Any) -> None:
    assert digest(notice(shuffled(raw, random))) == digest(notice(raw))


@pytest.mark.parametrize("place", SHOWN, ids=str)
def test_one_word_more_is_another_digest(place: Place) -> None:
    text = dict(words(tables()))[place]
    assert digest(notice(altered(place, f"{text}x"))) != digest(notice(tables()))


def test_the_digest_is_64_hex_digits() -> None:
    name = digest(notice(tables()))
    assert len(name) == 64
    assert int(name, 16) >= 0


UNSEEN: list[tuple[Place, object]] = [
    (("origins", 0), "https://other.example"),
    (("records", "ip"), "none"),
    (("consent", "cookie_domain"), "harbour-post.example"),
    (("consent", "cookie_from"), "page"),
    (("consent", "reload"), False),
    (("signals",), {"meta": False}),
]


@pytest.mark.parametrize(("place", "value"), UNSEEN, ids=str)
def test_what_no_visitor_sees_is_not_in_the_notice(place: Place, value: object) -> None:
    assert digest(notice(altered(place, value))) == digest(notice(tables()))


def test_a_default_left_out_is_the_default_written_out() -> None:
    written = {"expires_days": 182, "regime": "auto", "close": "refuse"}
    assert digest(notice(altered(("consent",), GONE))) == digest(notice(altered(("consent",), written)))


def test_the_words_of_ours_and_the_sites_are_both_in_it() -> None:
    texts = notice(tables()).texts
    assert texts["en"]["notice"]["title"] == "Your choice at the Harbour"
    assert texts["en"]["notice"]["accept"]
    assert texts["es"]["notice"]["title"] not in ("", "Your choice at the Harbour")
    assert {section: set(keys) for section, keys in texts["en"].items()} == {
        section: set(keys) for section, keys in texts["es"].items()
    }


def test_the_buttons_are_equal_and_in_one_order() -> None:
    assert notice(tables()).look.buttons == ("accept", "refuse", "choose")


def test_a_notice_cannot_be_changed() -> None:
    made = notice(tables())
    with pytest.raises(AttributeError):
        made.name = "Other"  # type: ignore[misc]


def test_without_a_newsletter_there_is_no_trace_of_one() -> None:
    made = notice(altered(("newsletter",), GONE))
    assert made.newsletter is msgspec.UNSET
    assert b"newsletter" not in document(made)
    assert {section for words in made.texts.values() for section in words} == {"notice", "preferences", "placeholder"}


def test_the_words_that_a_subscription_is_confirmed_by_are_in_it_and_the_mails_are_not() -> None:
    made = notice(altered(("texts", "en", "letters"), {"welcome_subject": "Ahoy"}))
    for language, words in made.texts.items():
        assert words["signup"] == packaged_words(language)["signup"]
        assert "reader" not in words
    assert made.texts["en"]["letters"] == {"welcome_subject": "Ahoy"}
    assert "letters" not in made.texts["es"]


def test_what_later_versions_brought_leaves_no_trace_where_it_is_not_used() -> None:
    """So a notice published before is the same bytes, under the same name."""
    old = FIRST.read_bytes()
    assert document(parse_notice(old)) == old
    assert (digest(parse_notice(old)), material(parse_notice(old))) == (FIRST_DIGEST, FIRST_MATERIAL)
    new = json.loads(document(notice(tables())))
    assert not new.keys() & {"refusal_days", "together"}
    services = [service for purpose in new["purposes"] for service in purpose["services"]]
    assert {"kind" in cookie for service in services for cookie in service["cookies"]} == {False}


def test_the_sites_that_a_choice_goes_along_to_are_named() -> None:
    site = read_site_file(toml(altered(("consent", "together"), ["harbour-radio", "harbour-tv"])))
    made = compile_notice(site, {"harbour-radio": "Harbour Radio"})
    named = (Partner(id="harbour-radio", name="Harbour Radio"), Partner(id="harbour-tv", name="harbour-tv"))
    assert made.together == named
    assert parse_notice(document(made)) == made


DOCUMENT = document(notice(tables()))


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"", ""),
        (b"\xff", ""),
        (b'"\xff"', ""),
        (b"[" * 100_000, ""),
        (b"{}", ""),
        (DOCUMENT + b" ", ""),
        (DOCUMENT + DOCUMENT, ""),
        (b" " + DOCUMENT, ""),
        (DOCUMENT.replace(b'{"close"', b'{"extra":1,"close"', 1), ""),
        (DOCUMENT.replace(b'{"close"', b'{"close":"refuse","close"', 1), ""),
        (DOCUMENT.replace(b'"format":1', b'"format":2', 1), "format"),
        (DOCUMENT.replace(b'"Matomo"', b"5", 1), "purposes[1].services[0].name"),
        (DOCUMENT.replace(b'"Matomo"', b'"\\ud800"', 1), ""),
        (DOCUMENT.replace(b'"Matomo"', b'"\\u004datomo"', 1), ""),
        (DOCUMENT.replace(b'"expires_days":180', b'"expires_days":180.0', 1), None),
    ],
    ids=range(15),
)
def test_what_is_not_a_notices_document_is_refused(data: bytes, path: str | None) -> None:
    with pytest.raises(Refused) as refused:
        parse_notice(data)
    assert path is None or [fault.path for fault in refused.value.faults] == [path]
