"""Addresses of the network: which one a request came from, and how much of it may be kept.

Invariant: a forwarded address is believed only from a proxy that the settings name, and then the
right-most one that is not such a proxy.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(words: Sequence[str]) -> tuple[Network, ...]:
    """The networks that the words name."""
    return tuple(ipaddress.ip_network(word, strict=False) for word in words)


def client(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The address of who asks, given the peer and the X-Forwarded-For lines joined by commas."""
    if not trusted or not _is_in(peer, trusted):
        return peer
    for hop in reversed([hop.strip() for hop in forwarded.split(",") if hop.strip()]):
        if not _is_in(hop, trusted):
            return hop if is_address(hop) else peer
    return peer


def bucket(address: str) -> str:
    """What is limited together: an IPv4 address, or the /64 of an IPv6 one."""
    if ":" not in address:
        return address
    parsed = _parsed(address)
    if parsed is None:
        return address
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network(f"{parsed}/64", strict=False))


def truncated_hash(address: str, key: bytes) -> str:
    """A keyed hash of the address cut to /24 or /48, 16 hex digits: enough to see a flood, not a person."""
    parsed = _parsed(address)
    if parsed is None:
        return ""
    network = ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False)
    return hmac.digest(key, str(network).encode(), "sha256").hex()[:16]


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address; an IPv4 one in IPv6's clothes (::ffff:…), as a socket for both gives them, is the IPv4 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if parsed.version == 4:
        return parsed
    return parsed.ipv4_mapped or ipaddress.IPv6Address(int(parsed))  # without its zone (%eth0)


def _is_in(address: str, trusted: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in trusted)


def is_address(address: str) -> bool:
    """Whether the words are an address, and no name."""
    return _parsed(address) is not None
