"""What the receipt of a newsletter's record shows: the sentence that was agreed to, and what holds now.

Invariant: the sentence is read from the notice that was shown; the address is not on it, for the record has only its
keyed hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from consent import clock, ids
from consent.notices import Notice, spoken
from consent.records import ConsentRecord, Status
from consent.services import Services
from consent.storage import subscribers
from consent.tokens import LetterLink
from consent.web.pages import sheets
from consent.web.pages.receipts import Held, Story

HIDDEN = "•••@•••"


class ListRow(msgspec.Struct, frozen=True, kw_only=True):
    """A list, what the record made of it, and what it is now; with the way out, where it is still given."""

    name: str
    description: str
    status: Status
    now: Status
    unsubscribe_link: str | None


async def shown(services: Services, story: Story, json_link: str) -> dict[str, Any]:
    """Everything the page needs."""
    record, notice = story.told.record, story.told.notice
    language = sheets.spoken_language(notice, record.language)
    words = spoken(notice, "reader", language)
    section, key = _act(record)
    return {
        "words": words.of("receipt"),
        "reader": words,
        "story": story,
        "rows": await _rows(services, record, notice),
        "sentence": _sentence(story.told),
        "said": words.of(section)(key),
        "unsubscribe": words("unsubscribe_button"),
        "json_link": json_link,
    }


def _act(record: ConsentRecord) -> tuple[str, str]:
    """The section and the key of what is said of the record's action."""
    return ("receipt", "action_import") if record.action == "import" else ("reader", f"action_{record.action}")


def withdraw_link(services: Services, record: ConsentRecord) -> str:
    """Where what is agreed to is taken back: of one list at once, of several from a page."""
    if len(record.lists) == 1:
        return _unsubscribe_link(services, record, *record.lists)
    return f"{services.settings.url}/newsletter/{record.site}"


async def _rows(services: Services, record: ConsentRecord, notice: Notice) -> list[ListRow]:
    states = await _states(services, record)
    return [
        ListRow(
            name=choice.name,
            description=choice.description,
            status=record.status[choice.id],
            now="given" if states.get(choice.id) == "confirmed" else "withdrawn",
            unsubscribe_link=_unsubscribe_link(services, record, choice.id)
            if states.get(choice.id) == "confirmed"
            else None,
        )
        for choice in sheets.choices(notice, record.language, (), record.lists)
    ]


async def _states(services: Services, record: ConsentRecord) -> Mapping[str, str]:
    async with services.database.reading() as reader:
        found = await subscribers.subscriptions(reader, record.site, ids.parse_uuid(record.subject))
    return {one.list: one.state for one in found}


def _sentence(held: Held) -> str:
    """What stood beside the button, for a record that something was agreed to by."""
    record, notice = held.record, held.notice
    agreed = [name for name, is_on in record.lists.items() if is_on]
    if record.action != "confirm" or not agreed:
        return ""
    words = spoken(notice, "signup", record.language)
    names = sheets.names(notice, record.language, agreed)
    return words.plain("confirm_sentence", controller=notice.controller.name, lists=names, address=HIDDEN)


def _unsubscribe_link(services: Services, record: ConsentRecord, name: str) -> str:
    link = LetterLink(id=record.subject, site=record.site, lists=(name,))
    token = services.tokens.sign("unsubscribe", record.site, link, clock.parse(record.recorded_at))
    return f"{services.settings.url}/unsubscribe/{token}"
