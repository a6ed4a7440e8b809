"""Reading a site file: what a right one becomes, and that every wrong one, however made, ends in `Refused`."""

from __future__ import annotations

import copy
import time
import tomllib
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.errors import Fault, Refused
from consent.notices import SiteFile, read_site_file
from consent.notices.reading import MOST_BYTES, MOST_FAULTS
from consent.notices.shape import misfits
from tests.words.sites.making import GONE, HARBOUR, Place, altered, site_tables, tables, toml

COOKIE: Place = ("purposes", 1, "services", 0, "cookies", 0)
SHAPE = msgspec.inspect.type_info(SiteFile)


def refusal(data: bytes) -> list[str]:
    """The faults of a file, as they are printed."""
    with pytest.raises(Refused) as refused:
        read_site_file(data)
    return [str(fault) for fault in refused.value.faults]


def test_every_key_is_read() -> None:
    site = read_site_file(HARBOUR.read_bytes())
    assert (site.id, site.languages, site.records.ip) == ("harbour-post", ("en", "es"), "hash")
    assert (site.consent.expires_days, site.consent.regime, site.consent.close) == (180, "opt_in", "ask_later")
    assert [purpose.id for purpose in site.purposes] == ["necessary", "statistics", "advertising"]
    assert site.purposes[1].services[0].cookies[0].about == "Tells visitors apart."
    assert site.purposes[1].services[0].cookies[1].about == {"en": "Keeps a visit together.", "es": "Une una visita."}
    assert site.newsletter
    assert site.newsletter.prompt
    assert site.newsletter.prompt.later_days == 10
    assert site.texts["en"]["notice"]["title"] == "Your choice at the Harbour"


OPTIONAL: tuple[Place, ...] = (
    ("consent",), ("records",), ("newsletter",), ("theme",), ("texts",), ("controller", "cookie_policy"),
    ("purposes", 1, "signals"), ("purposes", 1, "services"), ("newsletter", "prompt"),
    ("purposes", 1, "services", 0, "cookies"), ("purposes", 1, "services", 0, "cookies", 0, "domain"),
)  # fmt: skip


@pytest.mark.parametrize("place", OPTIONAL, ids=str)
def test_what_has_a_default_may_be_left_out(place: Place) -> None:
    read_site_file(toml(altered(place, GONE)))


def test_the_defaults_ask_for_the_least() -> None:
    raw = tables()
    for key in ("consent", "records", "newsletter", "theme", "texts"):
        del raw[key]
    site = read_site_file(toml(raw))
    assert (site.consent.regime, site.consent.close, site.consent.expires_days) == ("auto", "refuse", 182)
    assert (site.consent.refusal_days, site.consent.cookie_domain) == (msgspec.UNSET, msgspec.UNSET)
    assert (site.consent.cookie_from, site.consent.reload, site.consent.together) == ("page", True, ())
    assert set(msgspec.to_builtins(site.signals).values()) == {True}
    assert site.records.ip == "none"
    assert site.newsletter is msgspec.UNSET


GOOD: list[tuple[Place, str]] = [
    *((("origins", 0), each) for each in ("http://127.0.0.1:*", "http://a.example", "https://xn--caf-dma.example:444")),
    *((("controller", "email"), each) for each in ("a.b+c@sub.example.org", "o'neil@example.org")),
    *((("controller", "privacy_policy"), each) for each in ("http://a.example", "https://a.example/p?x=1#y", "https://é.example/ü")),
    *((("theme", "radius"), each) for each in ("0", "0px", "12px", "1rem", "0.25rem", ".5rem")),
    *((("newsletter", "sender"), each) for each in ("n@a.example", "Café Nord-Süd & Co <n@a.example>")),
    *(((*COOKIE, "lifetime"), each) for each in ("session", "persistent", "1 day", "13 months")),
    *(((*COOKIE, "name"), each) for each in ("_ga", "*", "wp-settings-*", "__Host-id", "a[b]")),
    *((("name",), each) for each in ("Ω", "Zeitung „Nord“", "خبر\u200cنامه", "👩‍👩‍👧", "<b>&amp;")),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), GOOD, ids=[f"{place[-1]} {value!a}" for place, value in GOOD])
def test_what_is_right_is_taken(place: Place, value: str) -> None:
    read_site_file(toml(altered(place, value)))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a = \n", "line 1, column 5: not TOML: invalid value"),
        (b'id = "a"\nid = "b"\n', "line 2, column 9: not TOML: cannot overwrite a value"),
        (b'id = "a', "end of document: not TOML: unterminated string"),
        (b'id = "a"\nname = "\xff"', "line 2: expected UTF-8, found bytes that are not"),
        (b'id = "\xed\xa0\x80"', "line 1: expected UTF-8, found bytes that are not"),
        (b'id = "\\ud800"', "line 1, column 13: not TOML: escaped character is not a Unicode scalar value"),
        (b"#" * (MOST_BYTES + 1), f"expected at most {MOST_BYTES} bytes, found {MOST_BYTES + 1}"),
        (b"a = " + b"[" * 100_000, "lists or tables are nested far too deep"),
        (b"a = " + b"{a=" * 50_000, "lists or tables are nested far too deep"),
        (b"a = " + b"9" * 5_000, "a number is far too long"),
        (b"\n" + b"a." * 100_000 + b"a = 1", "line 2: a key of that many parts is in no site file"),
        (b"[" + b"'a' . " * 40_000 + b"a]", "line 1: a key of that many parts is in no site file"),
    ],
    ids=lambda each: f"{each[:20]!a}",
)
def test_what_is_not_toml_is_told_with_its_place(data: bytes, told: str) -> None:
    assert refusal(data)[0].startswith(told)


def test_a_byte_order_mark_and_windows_lines_are_taken() -> None:
    data = HARBOUR.read_bytes()
    assert read_site_file(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")) == read_site_file(data)


def test_a_great_many_faults_are_cut_short_and_soon() -> None:
    began = time.monotonic()
    told = refusal(b"\n".join(b"key%d = 1" % at for at in range(20_000)))
    assert len(told) == MOST_FAULTS + 1
    assert told[-1] == "there are more than 100 faults; mend these first"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("value", ["0x" + "f" * 200_000, "nan", "-inf", "1e400", "1979-05-27", "07:32:00"])
def test_a_value_of_any_kind_is_named_and_not_repeated_at_length(value: str) -> None:
    (told,) = [each for each in refusal(f"name = {value}".encode()) if each.startswith("name:")]
    assert len(told) < 80


@given(site_tables())
@settings(max_examples=50, deadline=None)
def test_right_files_are_taken(raw: dict[str, Any]) -> None:
    assert read_site_file(toml(raw)).id == "harbour-post"


scalars = st.one_of(st.text(max_size=8), st.integers(-5, 500), st.booleans(), st.floats(), st.dates(), st.none())
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
)


def places(value: object, path: Place = ()) -> list[Place]:
    """Every place in the tables."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for step, each in steps for place in [(*path, step), *places(each, (*path, step))]]


PLACES = places(tables())


@given(st.lists(st.tuples(st.sampled_from(PLACES), anything), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_what_the_shape_lets_pass_msgspec_takes(alterations: list[tuple[Place, object]]) -> None:
    raw = tables()
    for place, value in alterations:
        try:
            altered(place, copy.deepcopy(value), raw)
        except (IndexError, KeyError, TypeError):
            continue  # An earlier alteration took this place away.
    if not list(misfits(SHAPE, raw)):
        msgspec.convert(raw, SiteFile)


@given(st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=3)), max_size=4))
@settings(max_examples=300, deadline=None)
def test_a_file_with_bytes_changed_is_read_or_refused(changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(HARBOUR.read_bytes())
    for at, piece in changes:
        data[at : at + len(piece)] = piece
    site, faults = read(bytes(data))
    assert str(Refused(*faults)).isprintable()
    assert faults or site == msgspec.convert(tomllib.loads(data.decode()), SiteFile)


def read(data: bytes) -> tuple[SiteFile | None, tuple[Fault, ...]]:
    """The site, or the faults."""
    try:
        return read_site_file(data), ()
    except Refused as refused:
        return None, refused.faults
