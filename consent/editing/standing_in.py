"""A draft that is not whole yet, made whole enough to be looked at: what is wrong in it is stood in for.

Invariant: what comes out is only ever shown in a preview, never saved or published.
"""

from __future__ import annotations

from msgspec import UNSET

from consent.editing.fields import languages
from consent.editing.places import Path, at, parsed, put
from consent.notices import SiteFile, Table, fitted, site_faults, site_file

ROUNDS = 3


def whole(tables: Table, usual: Table) -> SiteFile:
    """The site file; where it is wrong, what `usual` has there, or the first language's words.

    Raises:
        Refused: it cannot be made whole so; with what is wrong in it.
    """
    raw = given = fitted(tables).tables
    for _ in range(ROUNDS):
        faults = site_faults(raw)
        if not faults:
            return site_file(raw)
        for fault in faults:
            if path := parsed(fault.path):
                stand_in = _stand_in(raw, usual, path)
                raw = put(raw, path, UNSET if stand_in == at(raw, path) else stand_in)
    return site_file(given)


def _stand_in(raw: Table, usual: Table, path: Path) -> object:
    first = next(iter(languages(raw)), "")
    words = at(raw, (*path[:-1], first)) if path and path[-1] in languages(raw) else UNSET
    found = words if words is not UNSET and path[-1] != first else at(usual, path)
    return "…" if found is UNSET and path[0] != "texts" and path[-1:] in ((first,), ("name",), ("provider",)) else found
