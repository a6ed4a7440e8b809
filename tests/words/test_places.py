"""The country of a request, by the operator's header or by a local MaxMind file."""

from __future__ import annotations

from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from consent.places import Places


@pytest.mark.parametrize(
    ("value", "country"),
    [("US", "US"), (" de ", "DE"), *((none, None) for none in ("XX", "T1", "", "USA", "U$", "us,de"))],
)
def test_the_header_names_a_country_or_none(value: str, country: str | None) -> None:
    assert Places("CF-IPCountry").country(value, "203.0.113.9") == country


def test_without_header_and_file_no_country_is_known() -> None:
    assert Places().header is None
    assert Places().country("", "203.0.113.9") is None


@pytest.mark.parametrize(
    ("address", "country"),
    [("203.0.113.9", "IE"), ("198.51.100.1", None), ("2001:db8::7", "JP"), ("not an address", None), ("", None)],
)
def test_a_local_file_is_asked_instead_of_the_header(tmp_path: Path, address: str, country: str | None) -> None:
    file = tmp_path / "country.mmdb"
    writer = MMDBWriter(6, "GeoLite2-Country", languages=["en"], description="test", ipv4_compatible=True)
    writer.insert_network(IPSet(["203.0.113.0/24"]), {"country": {"iso_code": "IE"}})
    writer.insert_network(IPSet(["198.51.100.0/24"]), {"continent": {"code": "EU"}})
    writer.insert_network(IPSet(["2001:db8::/32"]), {"country": {"iso_code": "JP"}})
    writer.to_db_file(str(file))
    assert Places("CF-IPCountry", file).country("US", address) == country
