"""Whose act a publication is: what it may change of how long things are kept, and how the audit trail is told of it.

Who writes a notice must not be able to shorten the periods that keep the proofs of what was done, so an owner, or
whoever has the command line, changes these.

Invariant: a changed period stands in the audit trail, old and new, beside the publication that changed it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from consent import auditing
from consent.errors import Fault, Refused
from consent.notices import Retention
from consent.records import Actor, AuditDraft


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Whose act it is, as the audit trail tells it: with what is published, and what else there is `about` it."""

    actor: Actor
    action: str = "notice.published"
    about: Mapping[str, object] = {}
    may_change_periods: bool = False
    """An owner's, or a command's."""


COMMAND = Deed(actor=auditing.COMMAND, may_change_periods=True)
"""Of whoever has the command line."""


def changed_periods(before: Retention, after: Retention) -> dict[str, str]:
    """Each period that is another now, old and new."""
    was, is_ = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return {name: f"{was[name]} -> {days}" for name, days in is_.items() if was[name] != days}


def check(by: Deed | None, changed: Mapping[str, str]) -> None:
    """Refuses what may not be changed by this.

    Raises:
        Refused: periods are changed by who may not.
    """
    if changed and by and not by.may_change_periods:
        listed = ", ".join(f"{name} {words}" for name, words in changed.items())
        words = "how long things are kept is changed by an owner, in the console or by a command"
        raise Refused(Fault("retention", f"{words}: {listed}; ask an owner to publish it, or leave it as it is"))


def drafts(
    by: Deed, site: str, published: Mapping[str, object], changed: Mapping[str, str], at: int
) -> list[AuditDraft]:
    """What the audit trail is told."""
    told = [auditing.draft(site, by.actor, by.action, {**by.about, **published}, at)]
    if changed:
        told.append(auditing.draft(site, by.actor, "retention.changed", {**changed, **published}, at))
    return told
