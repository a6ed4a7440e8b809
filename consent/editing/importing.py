"""A site file from elsewhere, read for a draft: what it says, what is wrong with it, and what no draft can hold.

Invariant: a file that is TOML becomes a draft however wrong it is; what would be left out is said before.
"""

from __future__ import annotations

from typing import NamedTuple

from consent.errors import Fault
from consent.notices import Table, fitted, site_faults, site_tables


class Imported(NamedTuple):
    """What was read."""

    tables: Table
    faults: tuple[Fault, ...]
    """What is wrong with what is taken over."""
    left_out: tuple[Fault, ...]
    """What is not taken over: unknown keys, and values that are of no use to any form."""


def read(data: bytes, site: str) -> Imported:
    """The file's tables, for a draft of this site: its id stays the site's.

    Raises:
        Refused: it is no TOML; the fault's path is the line and column.
    """
    raw = site_tables(data)
    renamed = [Fault("id", f'this is the site "{site}": the id stays')] if raw.get("id") != site else []
    taken = fitted({**raw, "id": site})
    return Imported(taken.tables, site_faults(taken.tables), (*renamed, *taken.left_out))
