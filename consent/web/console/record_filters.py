"""What the table of records is held to: a few filters from the page's address, each from a list of what there is.

Invariant: a filter that cannot be read is told beside its field and lets nothing through by itself; whatever was typed
stands there again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import get_args
from urllib.parse import urlencode

import msgspec

from consent import clock
from consent.exports import Content, Selection
from consent.notices import Notice
from consent.records import Status
from consent.web.console.rows import ACTIONS
from consent.web.pages import sheets

KINDS = {"cookies": "Cookie choices", "newsletter": "Newsletter", "audit": "Audit trail"}
DECISIONS: tuple[Status, ...] = get_args(Status)
NAMES = ("kind", "action", "purpose", "decision", "from", "to", "subject")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)

Options = list[tuple[str, str]]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for, word for word; and what of it cannot be meant, by the field's name."""

    typed: Mapping[str, str]
    faults: Mapping[str, str]

    @property
    def is_any(self) -> bool:
        """Whether anything is left out at all."""
        return any(self.typed.values())

    @property
    def selection(self) -> Selection:
        """The records that pass."""
        typed = {name: value or None for name, value in self.typed.items()}
        return Selection(
            subject=typed["subject"],
            since=_day(self.typed["from"]),
            until=_after(self.typed["to"]),
            content=Content(
                kind=typed["kind"], action=typed["action"], purpose=typed["purpose"], decision=typed["decision"]
            ),
        )

    def query(self, **more: object) -> str:
        """The filters as an address asks for them, with what comes along."""
        return urlencode({name: value for name, value in {**self.typed, **more}.items() if value})


def read(asked: Mapping[str, str]) -> Filters:
    """The filters of an address, or of a form."""
    typed = {name: asked.get(name, "").strip()[:64] for name in NAMES}
    return Filters(typed=typed, faults=dict(_faults(typed)))


def _faults(typed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    known = {"kind": KINDS, "action": ACTIONS, "decision": DECISIONS}
    for name, there in known.items():
        if typed[name] and typed[name] not in there:
            yield name, f"There is no such {name}; choose one of the list."
    if typed["purpose"] and not _ID.fullmatch(typed["purpose"]):
        yield "purpose", "This is no purpose’s or list’s id."
    if typed["subject"] and not _UUID.fullmatch(typed["subject"]):
        yield "subject", "A subject is a UUID, like 5f0e1c2a-…, with 36 characters."
    if typed["decision"] and not typed["purpose"]:
        yield "purpose", "Say of which purpose or list this was decided."
    for name in ("from", "to"):
        if typed[name] and _day(typed[name]) is None:
            yield name, "A day is written like 2026-11-22."
    since, until = _day(typed["from"]), _after(typed["to"])
    if since is not None and until is not None and since >= until:
        yield "to", "The last day comes before the first."


def options(notice: Notice) -> dict[str, Options]:
    """What there is to choose from, each with its words; the purposes and lists are those of the notice in force."""
    first = notice.languages[0]
    asked = [(one.id, one.name[first]) for one in notice.purposes if not one.required]
    lists = [(one.id, f"{one.name[first]} (list)") for one in sheets.lists_of(notice)]
    return {
        "kind": [("", "Any kind"), *KINDS.items()],
        "action": [("", "Any act"), *((name, words.capitalize()) for name, words in ACTIONS.items())],
        "purpose": [("", "Any purpose or list"), *asked, *lists],
        "decision": [("", "Any decision"), *((name, name.capitalize()) for name in DECISIONS)],
    }


def _day(words: str) -> int | None:
    """The day's first instant, UTC."""
    if not _DAY.fullmatch(words):
        return None
    try:
        return clock.parse(f"{words}T00:00:00Z")
    except (ValueError, OverflowError):
        return None


def _after(words: str) -> int | None:
    """The first instant that is not of the day any more."""
    first = _day(words)
    return None if first is None else first + clock.DAY
