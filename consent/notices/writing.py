"""Writes a site file: plain tables in, the TOML that reads back as them out.

Invariant: what is written of a right file is read as an equal `SiteFile`. Comments are no part of a site file's
values: a file that was read and is written again has none but the first lines.
"""

from __future__ import annotations

from consent.notices.finding import Table
from consent.notices.fitting import fitted

HEADING = "# {title}\n# Check it with `consent site check FILE`, put it in force with `consent site publish FILE`.\n\n"


def write_site_file(tables: Table, title: str = "A site file") -> bytes:
    """The tables, whole or half written, as TOML; the title, in a comment on top, is of one line."""
    import tomli_w  # only when a file is written

    shown = "".join(letter if letter.isprintable() else " " for letter in title)
    return (HEADING.format(title=shown) + tomli_w.dumps(fitted(tables).tables)).encode()
