"""What would change if a site file came in force: in words, who is asked again, and what the linter holds against it.

Invariant: nothing here writes. What a comparison says of a whole file is what publishing it does.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consent import notices, publishing
from consent.editing import files, labels
from consent.editing.merging import differences
from consent.editing.reaching import Reach, reach
from consent.errors import Fault, Refused
from consent.lint import Finding, lint
from consent.notices import Notice, SiteFile, Table
from consent.services import Services
from consent.storage import sites

BEHIND = frozenset({"origins", "records", "signals", "retention"})
"""Tables of a site file that no visitor is shown; `consent` and `newsletter` have some keys of that kind."""
BEHIND_KEYS = frozenset({"cookie_domain", "cookie_from", "reload", "children", "reminder_days"})


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One change, in words."""

    place: str
    kind: str
    """added, removed or changed"""
    before: str
    after: str
    is_material: bool = False


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A file beside a publication."""

    revision: int
    shown: tuple[Line, ...]
    """What visitors see otherwise."""
    behind: tuple[Line, ...]
    """What only the service does otherwise."""
    faults: tuple[Fault, ...] = ()
    findings: tuple[Finding, ...] = ()
    reach: Reach | None = None
    """Who is asked again; None when nobody is for this."""
    is_in_force: bool = True
    """The publication that it is compared with is the one in force."""

    @property
    def stops(self) -> tuple[Finding, ...]:
        """The findings that publishing is refused for."""
        return tuple(one for one in self.findings if one.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that go along with the notice."""
        return tuple(one for one in self.findings if one.severity != "error")

    @property
    def is_same(self) -> bool:
        """Nothing differs."""
        return not (self.shown or self.behind)

    @property
    def may_be_published(self) -> bool:
        """Nothing stops it."""
        return not (self.faults or self.stops or self.is_same)


async def compare(services: Services, site: str, new: Table, revision: int = 0) -> Comparison:
    """A file's tables, whole or not, beside a publication: the one in force, or another."""
    async with services.database.reading() as reader:
        row = await sites.find(reader, site)
        in_force = row.revision if row else 0
        against = revision or in_force
        is_now = against == in_force
        old = await files.published(reader, site, against)
    faults = notices.site_faults(new)
    if faults:
        return Comparison(
            revision=against, shown=(), behind=_behind(old, new, every=True), faults=faults, is_in_force=is_now
        )
    before, after = _notice(services, old), _notice(services, new)
    changes = notices.changes(before, after) if before and after else ()
    shown = tuple(_line(one) for one in changes if not one.path.startswith("findings"))
    asks_again = any(one.is_material for one in shown) and is_now
    return Comparison(
        revision=against,
        shown=shown,
        behind=_behind(old, new, every=before is None),
        findings=lint(_whole(new)),
        reach=await reach(services, site, after) if asks_again and after else None,
        is_in_force=is_now,
    )


def _whole(raw: Table) -> SiteFile:
    return notices.site_file(raw)


def _notice(services: Services, raw: Table) -> Notice | None:
    """The notice of a file; None where it breaks a rule that came after it was published."""
    try:
        site_file = _whole(raw)
    except Refused:
        return None
    return compiled(services, site_file)


def compiled(services: Services, site_file: SiteFile) -> Notice:
    """The notice that the file would be published as."""
    partners = {id_: services.directory.find(id_) for id_ in site_file.consent.together}
    there = {id_: partner.notice for id_, partner in partners.items() if partner}
    return publishing.compiled(site_file, publishing.names_of(site_file, there))


def _line(change: notices.Change) -> Line:
    return Line(
        place=labels.place(labels.steps_of(change.path)),
        kind=change.kind,
        before=told(change.before),
        after=told(change.after),
        is_material=change.material,
    )


def _behind(old: Table, new: Table, *, every: bool) -> tuple[Line, ...]:
    """Differences between the tables: of all of them, or only of what no notice shows."""
    found = [one for one in differences(old, new) if every or _is_behind(one.steps)]
    return tuple(
        Line(
            place=labels.place(one.steps),
            kind="added" if one.before is msgspec.UNSET else "removed" if one.after is msgspec.UNSET else "changed",
            before=told(one.before),
            after=told(one.after),
        )
        for one in found
    )


def _is_behind(steps: Sequence[str]) -> bool:
    return steps[0] in BEHIND or (len(steps) > 1 and steps[1] in BEHIND_KEYS)


def told(value: object) -> str:
    """A value as a cell of a page shows it."""
    if value is None or value is msgspec.UNSET:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(told, value))
    if isinstance(value, dict):
        return str(value.get("id") or value.get("name") or "all of it")
    return str(value)
