"""Where a request comes from: its country and region, by headers the operator names or a local MaxMind file.

Invariant: no address ever leaves the machine to learn this, and what is not known is None. A region is only ever told
with its country.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

_COUNTRY = re.compile("[A-Z]{2}")
_UNKNOWN = ("XX", "ZZ")
_LONGEST = 32
_REGION = re.compile("[A-Z0-9]{1,3}")


class Place(NamedTuple):
    """A country (ISO 3166-1) and the region in it (the part of ISO 3166-2 after the hyphen)."""

    country: str | None = None
    region: str | None = None


Lookup = Callable[[str], Place]
NOWHERE = Place()


class Places:
    """What tells the place of a request."""

    def __init__(self, header: str | None = None, geo_db: Path | None = None, region_header: str | None = None) -> None:
        self.by_address = _opened(geo_db) if geo_db else None
        """Asks the file, when there is one."""
        self.country_header = header.lower().encode() if header and not geo_db else None
        self.region_header = region_header.lower().encode() if region_header and not geo_db else None
        self.headers = tuple(name for name in (header, region_header) if name and not geo_db)
        """The headers that the place depends on, for `Vary`; with a file, no header's word is taken."""


def named(country: str, region: str = "") -> Place:
    """The place by the codes of headers: `US` and `CA`, or `US-CA` alone; XX, ZZ and T1 (Tor) are no countries."""
    return NOWHERE if len(country) + len(region) > _LONGEST else _named(country, region)


@lru_cache(maxsize=4096)  # a few hundred places, and no more than this of what somebody makes up
def _named(country: str, region: str) -> Place:
    code, _, within = country.strip().upper().partition("-")
    if not _COUNTRY.fullmatch(code) or code in _UNKNOWN:
        return NOWHERE
    part = region.strip().upper().removeprefix(f"{code}-") or within
    return Place(code, part if _REGION.fullmatch(part) else None)


def _opened(path: Path) -> Lookup:
    import maxminddb

    reader = maxminddb.open_database(path)

    def lookup(address: str) -> Place:
        try:
            found = reader.get(address)
        except ValueError:
            return NOWHERE
        regions = found.get("subdivisions") if isinstance(found, dict) else None
        country = _code(found.get("country")) if isinstance(found, dict) else ""
        return named(country, _code(regions[0]) if isinstance(regions, list) and regions else "")

    return lookup


def _code(entry: Any) -> str:
    code = entry.get("iso_code") if isinstance(entry, dict) else None
    return code if isinstance(code, str) else ""
