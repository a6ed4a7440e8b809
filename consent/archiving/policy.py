"""What a restore does with each table, when the database it replaces can still be read.

    archive     its rows are those of the archive
    facts       so are its rows, with those that only the replaced database has
    stands      its rows are those of the replaced database: nobody who was shut out gets in again, nothing that left
                leaves twice, no bound on mails begins anew, nobody is told anything who was taken off
    log         the logs themselves: what the replaced one has more is added, what was erased stays erased
    readers     of each reader and subscription the newer state
    barred      of each suppression the stronger; who was erased is erased again
    never       not even in an archive: what lasts for minutes, or is of this one database

Invariant: every table has its line; `tests/archiving` fails for one that has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Policy = Literal["archive", "facts", "stands", "log", "readers", "barred", "never"]

POLICIES: Mapping[str, Policy] = {
    "sites": "facts",
    "notices": "facts",
    "publications": "facts",
    "logs": "log",
    "heads": "log",
    "records": "log",
    "erasures": "log",
    "tiles": "log",
    "keys": "stands",
    "heartbeats": "never",
    "pins": "facts",
    "pinned_layers": "facts",
    "instance_keys": "archive",
    "subscribers": "readers",
    "subscriptions": "readers",
    "pendings": "stands",
    "pending_lists": "stands",
    "budgets": "stands",
    "ceilings": "stands",
    "tallies": "stands",
    "suppressions": "barred",
    "outbox": "stands",
    "endpoints": "stands",
    "spent": "stands",
    "funnel": "stands",
    "members": "stands",
    "memberships": "stands",
    "passkeys": "stands",
    "sign_in_links": "never",
    "sessions": "never",
    "ceremonies": "never",
    "drafts": "stands",
    "draft_versions": "stands",
    "site_files": "facts",
    "experiments": "stands",
    "figures": "stands",
    "claims": "facts",
    "forgotten": "barred",
    "retired": "log",
    "sweeps": "stands",
    "idempotency": "stands",
    "attempts": "stands",
    "backups": "never",
    "discoveries": "stands",
}
ERASURES = (
    "sites",
    "logs",
    "heads",
    "erasures",
    "keys",
    "subscribers",
    "subscriptions",
    "suppressions",
    "members",
    "memberships",
    "passkeys",
    "forgotten",
    "retired",
)
"""The tables of an archive of erasures alone; without any address, and without any key that opens something."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "sites": ("id",),
    "logs": ("site", "origin", "public_key"),
    "keys": ("site", "id", "revoked_at"),
    "subscribers": ("site", "id"),
    "subscriptions": ("site", "subscriber", "list", "state", "since"),
    "members": ("id", "disabled_at"),
    "memberships": ("site", "member", "role"),
    "passkeys": ("id",),
}
"""The columns of them that are in it, where not all are."""


def policy(table: str) -> Policy:
    """What is done with the table; one that nobody decided on comes from the archive."""
    return POLICIES.get(table, "archive")
