"""What each role may do at a site: one table.

An owner does everything; an editor writes the notice; a data-protection officer sees people and answers them; a viewer
sees counts and the notice.

Invariant: what is not listed is not allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["owner", "editor", "viewer", "dpo"]
Capability = Literal[
    "see",  # overview, statistics, notices, the snippet
    "see_people",  # records, readers, requests: whatever is of one person
    "edit",  # drafts
    "publish",  # publish, roll back, experiments
    "answer",  # access and erasure, suppressions, import and export of readers
    "connect",  # keys, webhooks, deliveries, retention
    "invite",  # people and their roles
    "audit",  # who did what
]

ROLES: tuple[Role, ...] = get_args(Role)
ALLOWED: Mapping[Role, frozenset[Capability]] = {
    "owner": frozenset(get_args(Capability)),
    "editor": frozenset({"see", "edit", "publish"}),
    "dpo": frozenset({"see", "see_people", "answer", "audit"}),
    "viewer": frozenset({"see"}),
}

MEANS: Mapping[Capability, str] = {
    "see": "Looking at this site",
    "see_people": "Looking at records, readers and requests",
    "edit": "Changing the draft",
    "publish": "Publishing",
    "answer": "Answering people’s requests",
    "connect": "Keys, webhooks and how long things are kept",
    "invite": "Inviting people and changing their roles",
    "audit": "Seeing who did what",
}
"""What each capability is about, as the beginning of a sentence."""

SHOWN: Mapping[Role, str] = {
    "owner": "Owner: everything",
    "editor": "Editor: the notice, its texts and its publication",
    "viewer": "Viewer: figures and the notice, nobody’s data",
    "dpo": "Data protection: records, readers, requests and who did what",
}
"""What each role is, in words to choose by."""


def may(role: Role, capability: Capability) -> bool:
    """Whether the role is allowed this."""
    return capability in ALLOWED[role]
