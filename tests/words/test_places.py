"""The place of a request, by the operator's headers or by a local MaxMind file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from consent.places import NOWHERE, Place, Places, named


@pytest.mark.parametrize(
    ("country", "region", "place"),
    [
        ("US", "", ("US", None)), (" de ", "", ("DE", None)), ("US", "CA", ("US", "CA")), ("us", " ca ", ("US", "CA")),
        ("US-CA", "", ("US", "CA")), ("us-tx", "", ("US", "TX")), ("US", "US-CA", ("US", "CA")),
        ("US-CA", "TX", ("US", "TX")), ("GB", "ENG", ("GB", "ENG")), ("FR", "75", ("FR", "75")),
        ("US", "California", ("US", None)), ("US", "<b>", ("US", None)), ("US-", "", ("US", None)),
        ("US", "DE-BY", ("US", None)),
        *((none, "CA", (None, None)) for none in ("XX", "ZZ", "T1", "", "USA", "U$", "us,de", "XX-CA", "ÄÖ")),
        ("US,US-CA", "", (None, None)),
        ("US" + " " * 99, "", (None, None)), ("US", "C" * 99, (None, None)),
    ],
)  # fmt: skip
def test_the_headers_name_a_place_or_none(country: str, region: str, place: tuple[str | None, str | None]) -> None:
    assert named(country, region) == place


@given(st.text(max_size=8), st.text(max_size=8))
def test_whatever_they_say_the_place_is_short_plain_and_whole(country: str, region: str) -> None:
    place = named(country, region)
    assert place.country is not None or place == NOWHERE
    for code in place:
        assert code is None or (code.isascii() and code.isalnum() and code == code.upper() and len(code) <= 3)


def test_without_headers_and_file_nothing_is_known() -> None:
    places = Places()
    assert (places.country_header, places.region_header, places.by_address, places.headers) == (None, None, None, ())


def test_the_headers_are_named_as_they_are_read_and_as_they_vary() -> None:
    places = Places("CF-IPCountry", None, "CF-Region-Code")
    assert (places.country_header, places.region_header) == (b"cf-ipcountry", b"cf-region-code")
    assert places.headers == ("CF-IPCountry", "CF-Region-Code")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file as MaxMind makes them, with cities and without."""
    path = tmp_path / "places.mmdb"
    writer = MMDBWriter(6, "GeoLite2-City", languages=["en"], description="test", ipv4_compatible=True)
    networks: dict[str, dict[str, Any]] = {
        "203.0.113.0/24": {"country": {"iso_code": "IE"}},
        "198.51.100.0/24": {"continent": {"code": "EU"}},
        "192.0.2.0/24": {
            "country": {"iso_code": "US"},
            "subdivisions": [{"iso_code": "CA"}, {"iso_code": "037"}],
            "city": {"names": {"en": "Los Angeles"}},
        },
        "2001:db8::/32": {"country": {"iso_code": "JP"}, "subdivisions": []},
    }
    for network, entry in networks.items():
        writer.insert_network(IPSet([network]), entry)
    writer.to_db_file(str(path))
    return path


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", Place("IE")), ("198.51.100.1", NOWHERE), ("2001:db8::7", Place("JP")),
        ("192.0.2.1", Place("US", "CA")), ("not an address", NOWHERE), ("", NOWHERE),
    ],
)  # fmt: skip
def test_a_local_file_is_asked_instead_of_the_headers(file: Path, address: str, place: Place) -> None:
    places = Places("CF-IPCountry", file, "CF-Region-Code")
    assert places.by_address
    assert places.by_address(address) == place
    assert (places.country_header, places.region_header, places.headers) == (None, None, ())
