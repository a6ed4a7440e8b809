"""Which address a request came from, and how much of it may be kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.addresses import bucket, client, networks, truncated_hash

TRUSTED = networks(["10.0.0.0/8", "::1", "192.0.2.7"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),  # nobody we trust says so
        ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # what the client wrote itself stands left
        ("10.1.2.3", "6.6.6.6, 198.51.100.1, 192.0.2.7, 10.9.9.9", "198.51.100.1"),
        ("10.1.2.3", "10.0.0.1, 10.0.0.2", "10.1.2.3"),
        ("10.1.2.3", "unknown", "10.1.2.3"),
        ("10.1.2.3", "198.51.100.1%x", "10.1.2.3"),
        ("10.1.2.3", "198.51.100.1, unknown", "10.1.2.3"),
        ("10.1.2.3", " , ,", "10.1.2.3"),
        ("::1", "2001:db8::5", "2001:db8::5"),
        ("", "198.51.100.1", ""),
        ("testclient", "198.51.100.1", "testclient"),
    ],
)
def test_a_forwarded_address_is_believed_from_a_named_proxy_alone(peer: str, forwarded: str, expected: str) -> None:
    assert client(peer, forwarded, TRUSTED) == expected
    assert client(peer, forwarded, ()) == peer


@given(st.text(max_size=60))
def test_what_the_client_wrote_itself_never_wins(written: str) -> None:
    assert client("10.1.2.3", f"{written}, 198.51.100.1", TRUSTED) == "198.51.100.1"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("fe80::1%eth0", "fe80::/64"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("nonsense", "nonsense"),
    ],
)
def test_what_is_limited_together(address: str, expected: str) -> None:
    assert bucket(address) == expected


def test_a_hash_keeps_the_network_and_not_the_person() -> None:
    key = b"k" * 32
    assert truncated_hash("203.0.113.5", key) == truncated_hash("203.0.113.250", key)
    assert truncated_hash("203.0.113.5", key) != truncated_hash("203.0.114.5", key)
    assert truncated_hash("2001:db8:1:2::5", key) == truncated_hash("2001:db8:1:ffff::", key)
    assert truncated_hash("2001:db8:1::", key) != truncated_hash("2001:db8:2::", key)
    assert truncated_hash("203.0.113.5", key) != truncated_hash("203.0.113.5", b"x" * 32)
    assert len(truncated_hash("203.0.113.5", key)) == 16
    assert truncated_hash("nonsense", key) == ""


def test_an_address_written_as_ipv6_is_the_same_address() -> None:
    key = b"k" * 32
    assert truncated_hash("::ffff:203.0.113.5", key) == truncated_hash("203.0.113.9", key)
    assert client("::ffff:10.1.2.3", "198.51.100.1", TRUSTED) == "198.51.100.1"
