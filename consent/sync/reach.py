"""Which addresses are on the internet, and which are somebody's own network.

Invariant: an address that carries another one inside (IPv4 in IPv6's clothes, NAT64) is what it carries; what is not
known to be public is not.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

Resolve = Callable[[str, int], Awaitable[Sequence[tuple[str, int]]]]
"""Host and port to the addresses there are, each with its port."""


class Answer(NamedTuple):
    """What came back; the body is cut at the limit."""

    status: int
    headers: Mapping[str, str]
    """By name, whatever its case."""
    body: bytes

    def json(self) -> Any:
        """The body's value; None when it is no JSON."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


# The registries of special-purpose addresses (RFC 6890 and its successors), written out: what the standard library
# counts as global changed from one of its versions to the next.
_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(words)
    for words in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24"
        " 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24"
        " 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
    ).split()
)
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(words)
    # Protocol assignments (Teredo, ORCHID), documentation, 6to4 (which nothing speaks any more), AS112, documentation.
    for words in "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20".split()
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether the address is one of the internet's, for one host alone."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id is not None:
        return False
    if inside := _inside(address):
        return is_public(inside)
    return address in _UNICAST_6 and not any(address in network for network in _NOT_PUBLIC_6)


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that this one stands for: mapped (RFC 4291) or translated (RFC 6052)."""
    if address.ipv4_mapped:
        return address.ipv4_mapped
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
