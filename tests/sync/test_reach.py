"""Which addresses are the internet's: the registries' special ones are not, in whatever clothes they come."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.sync.reach import is_public

PRIVATE = (
    "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.0.1 169.254.169.254"
    " 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255"
    " 198.51.100.7 203.0.113.7 224.0.0.1 239.1.2.3 240.0.0.1 255.255.255.255"
    " :: ::1 ::2 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe"
    " 64:ff9b:1::1 64:ff9b:1:808:808:: 100::1 2001::1 2001:0:808:808::1 2001:10::1 2001:db8::1 2002:7f00:1::1"
    " 2002:808:808::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 ff0e::1"
).split()
PUBLIC = (
    "8.8.8.8 1.1.1.1 100.63.255.255 172.15.0.1 172.32.0.1 192.0.1.1 223.255.255.255"
    " 2606:4700::1111 2a00:1450::1 64:ff9b::808:808 ::ffff:8.8.8.8"
).split()


@pytest.mark.parametrize("words", PRIVATE)
def test_what_is_somebodys_own_is_not_public(words: str) -> None:
    assert not is_public(ipaddress.ip_address(words))


@pytest.mark.parametrize("words", PUBLIC)
def test_the_internets_addresses_are_public(words: str) -> None:
    assert is_public(ipaddress.ip_address(words))


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_itself(address: ipaddress.IPv4Address) -> None:
    mapped = ipaddress.IPv6Address(0xFFFF << 32 | int(address))
    translated = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | int(address))
    assert is_public(mapped) == is_public(translated) == is_public(address)


@given(st.ip_addresses())
def test_nothing_is_public_that_the_standard_library_knows_to_be_private(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not is_public(address) or getattr(address, "ipv4_mapped", None)
