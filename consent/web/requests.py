"""What the service reads of a request besides its body: few headers, and who asks.

Invariant: headers are read raw, for two lines of one name are not one line with a comma.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, cast

from starlette.types import Scope

from consent import addresses
from consent.places import NOWHERE, Place, Places, named
from consent.services import Services
from consent.web.robots import is_robot

Device = Literal["phone", "tablet", "desktop", "bot"]

FIELDS = "consent.fields"
LONGEST = 512
"""How much of a header is looked at where answers are remembered: nobody fills the memory by long ones."""


def services_of(scope: Scope) -> Services:
    """The bundle that the application was started with."""
    return cast(Services, scope["state"]["services"])


def header(scope: Scope, name: bytes) -> str:
    """The header's value; several lines of it joined by commas, none as an empty text."""
    fields: dict[bytes, bytes] | None = scope.get(FIELDS)
    if fields is None:
        fields = scope[FIELDS] = _fields(scope["headers"])
    return fields.get(name, b"").decode("latin-1")


def _fields(lines: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The lines by name, read once a request; almost none has a name twice."""
    fields = dict(lines)
    if len(fields) != len(lines):
        fields = {name: b",".join(value for key, value in lines if key == name) for name in fields}
    return fields


def sends_gpc(scope: Scope) -> bool:
    """Whether some `Sec-GPC` line is exactly `1` (the GPC specification, section 3.2)."""
    sent = header(scope, b"sec-gpc")  # as a rule none: the lines themselves are then not looked at
    return bool(sent) and any(key == b"sec-gpc" and value == b"1" for key, value in scope["headers"])


def client_of(scope: Scope, trusted: tuple[addresses.Network, ...]) -> str:
    """The address of who asks, through the proxies that the settings trust."""
    peer = scope["client"][0] if scope.get("client") else ""
    return addresses.client(peer, header(scope, b"x-forwarded-for"), trusted) if trusted else peer


def place_of(scope: Scope, places: Places, trusted: tuple[addresses.Network, ...]) -> Place:
    """Where the request comes from, as the headers that the settings name say, or the local file."""
    if places.by_address:
        return places.by_address(client_of(scope, trusted))
    country, region = places.country_header, places.region_header
    return named(header(scope, country), header(scope, region) if region else "") if country else NOWHERE


def device(user_agent: str) -> Device | None:
    """A coarse class and nothing finer, for finer tells people apart."""
    return _device(user_agent[:LONGEST])


@lru_cache(maxsize=4096)
def _device(user_agent: str) -> Device | None:
    words = user_agent.lower()
    if not words:
        return None
    if is_robot(user_agent):
        return "bot"
    if "ipad" in words or "tablet" in words or ("android" in words and "mobile" not in words):
        return "tablet"
    return "phone" if "mobi" in words or "iphone" in words else "desktop"
