"""What the receipt of a newsletter's record shows: the sentence that was agreed to, and what holds now.

Invariant: the sentence is read from the notice that stood beside the button, in its language, and is not shown where
another page's button was pressed; the address is not on it, for the record has only its keyed hash.
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
from consent.web.pages import reading, sheets
from consent.web.pages.receipts import Held, Story

HIDDEN = "•••@•••"


class ListRow(msgspec.Struct, frozen=True, kw_only=True):
    """A list, what the record made of it, and what it is now; with the way out, where it is still given."""

    name: str
    description: str
    status: Status
    now: Status
    unsubscribe_link: str | None


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """What stood beside the button; `lists` are those that were ticked, where there were boxes to tick."""

    words: str
    lists: tuple[str, ...] = ()


async def shown(services: Services, story: Story) -> dict[str, Any]:
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
        "sentence": await _sentence(services, story.told),
        "is_agreed": _is_agreed(record),
        "said": words.of(section)(key),
        "unsubscribe": words("unsubscribe_button"),
        "kept_link": f"/newsletter/{record.site}",
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


def _is_agreed(record: ConsentRecord) -> bool:
    return record.action == "confirm" and any(record.lists.values())


async def _sentence(services: Services, held: Held) -> Sentence | None:
    """What stood beside the button on the page of a confirmation; other pages have no such sentence."""
    record = held.record
    if not _is_agreed(record) or record.via == "preferences":
        return None
    notice = await reading.confirmed_by(services, held)
    words = spoken(notice, "signup", record.confirmed_language or record.language)
    agreed = [choice.name for choice in sheets.choices(notice, words.language, (), record.lists)]
    controller = notice.controller.name
    if len(record.offered or agreed) > 1:
        several = words.plain("confirm_several", controller=controller, address=HIDDEN)
        return Sentence(words=several, lists=tuple(agreed))
    one = words.plain("confirm_sentence", controller=controller, lists=", ".join(agreed), address=HIDDEN)
    return Sentence(words=one)


def _unsubscribe_link(services: Services, record: ConsentRecord, name: str) -> str:
    link = LetterLink(id=record.subject, site=record.site, lists=(name,))
    token = services.tokens.sign("unsubscribe", record.site, link, clock.parse(record.recorded_at))
    return f"{services.settings.url}/unsubscribe/{token}"
