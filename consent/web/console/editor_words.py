"""What the editor's pages share: who did something, what is wrong with a draft, and when.

Invariant: an actor's text never reaches a page as it is: a member is named by the address as this site wrote it,
and only to the site's own members.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from consent import clock, ids
from consent.accounts import people
from consent.editing import sections
from consent.editing.drafting import Draft
from consent.errors import Refused
from consent.lint import lint
from consent.notices import colours, direction, site_file
from consent.web.console.visiting import Visit

COMMAND, NOBODY = "the command line", "somebody who is no member any more"


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something to mend in a draft: a fault, or what the linter holds against it."""

    where: str
    words: str
    severity: str
    """fault, error or warning"""
    section: str
    rule: str = ""


async def names(visit: Visit, actors: Iterable[str]) -> dict[str, str]:
    """What each actor's text is called on a page."""
    found: dict[str, str] = {}
    async with visit.services.database.reading() as reader:
        for actor in set(actors):
            kind, _, id_ = actor.partition(":")
            if kind == "member":
                member = ids.parse_uuid(id_)
                name = await people.called(reader, visit.site.id, member, is_told_all=visit.is_told_all)
                found[actor] = name or NOBODY
            else:
                found[actor] = f"the key {id_}" if kind == "key" else COMMAND if kind == "command" else "not recorded"
    return found


def at(instant: int) -> str:
    """An instant as pages take it."""
    return clock.text(instant)


def remarks(draft: Draft) -> list[Remark]:
    """Everything to mend: faults first; the linter reads only what is whole."""
    told = [
        Remark(where=one.path, words=one.message, severity="fault", section=sections.of_place(one.path))
        for one in draft.faults
    ]
    if told:
        return told
    try:
        findings = lint(site_file(draft.tables))
    except Refused:
        return []
    return [
        Remark(
            where=one.where, words=one.why, severity=one.severity, section=sections.of_place(one.where), rule=one.rule
        )
        for one in sorted(findings, key=lambda one: one.severity != "error")
    ]


def by_field(found: Sequence[Remark], shown: Iterable[str]) -> tuple[dict[str, list[Remark]], list[Remark]]:
    """The remarks of each field that is shown, and those of its section that no field is shown for."""
    names_shown = set(shown)
    tied: dict[str, list[Remark]] = {}
    for one in found:
        if one.where in names_shown:
            tied.setdefault(one.where, []).append(one)
    return tied, [one for one in found if one.where not in names_shown]


def counts(found: Iterable[Remark]) -> dict[str, int]:
    """How many things are to be mended in each section of the navigation."""
    heads = [one.section.partition("/")[0] for one in found if one.severity != "warning"]
    return {name: heads.count(name) for name in sections.TITLES}


class Known:
    """What the templates of fields ask for."""

    direction = staticmethod(direction)
    papers = colours.PAPERS
    enough = f"{colours.SEEN:g}"

    @staticmethod
    def contrast(accent: str) -> str:
        """How well a colour is seen on both papers; empty for what is no colour."""
        if not _COLOUR.fullmatch(accent):
            return ""
        # Rounded down, so that what is too little never reads as enough.
        light, dark = (int(colours.contrast(accent, paper) * 100) / 100 for paper in colours.PAPERS.values())
        in_the_dark = f"in the dark {dark} : 1, where an edge makes up for less"
        return f"Contrast with the paper {light} : 1, of which {Known.enough} is enough; {in_the_dark}."


_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
