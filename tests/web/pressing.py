"""Readers before the pages behind their links: how each link comes about, and pressing a page's button."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.linking import EVENTS, STORIES, Reader
from tests.web.seeing import HTML
from tests.web.stage import Stage

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
Link = Callable[[Stage, Reader], Awaitable[str]]


async def press(stage: Stage, path: str, **fields: Any) -> httpx.Response:
    """Sends the page's form, from an address of its own."""
    return await stage.client().post(path, data=fields, headers=HTML)


async def to_confirm(stage: Stage, reader: Reader) -> str:
    """A link to confirm two lists by."""
    return await reader.ask(STORIES, EVENTS)


async def to_refuse(stage: Stage, reader: Reader) -> str:
    """A link that says: it was not me."""
    await reader.ask()
    return await reader.waiting("not-me")


async def to_leave(stage: Stage, reader: Reader) -> str:
    """A link to unsubscribe from one list."""
    await reader.subscribe(STORIES, EVENTS)
    return await reader.leaving()


async def to_manage(stage: Stage, reader: Reader) -> str:
    """A link to the preferences."""
    await reader.subscribe()
    return await reader.managing()


async def to_change(stage: Stage, reader: Reader) -> str:
    """A link that confirms a new address."""
    await reader.subscribe()
    answer = await press(stage, await reader.managing(), do="address", email=f"new.{reader.email}")
    assert answer.status_code == 200, answer.text
    return await reader.changing(f"new.{reader.email}")


LINKS: dict[str, Link] = {
    "confirm": to_confirm,
    "not-me": to_refuse,
    "unsubscribe": to_leave,
    "manage": to_manage,
    "change": to_change,
}
