"""Where a request comes from: its country, by a header the operator names or a local MaxMind file.

Invariant: no address ever leaves the machine to learn this, and what is not known is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

Lookup = Callable[[str], str | None]
_COUNTRY = re.compile("[A-Z]{2}")


class Places:
    """Tells the country of a request."""

    def __init__(self, header: str | None = None, geo_db: Path | None = None) -> None:
        self.header = header.lower().encode() if header else None
        self._lookup = _opened(geo_db) if geo_db else None

    def country(self, header: str, address: str) -> str | None:
        """The ISO 3166-1 code, from the header's value or the address; XX and T1 (Tor) are no countries."""
        code: str | None = header.strip().upper()
        if self._lookup:
            code = self._lookup(address)
        return code if code and _COUNTRY.fullmatch(code) and code != "XX" else None


def _opened(path: Path) -> Lookup:
    import maxminddb

    reader = maxminddb.open_database(path)

    def lookup(address: str) -> str | None:
        try:
            found = reader.get(address)
        except ValueError:
            return None
        country = found.get("country") if isinstance(found, dict) else None
        code = country.get("iso_code") if isinstance(country, dict) else None
        return code if isinstance(code, str) else None

    return lookup
