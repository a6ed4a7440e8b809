"""A page of the demo's site at which the newsletter is offered, with a clock that a test turns on."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Request

from tests.browser.asking import asked, show, site_file
from tests.browser.visiting import Visit

SECOND_MS = 1000
DAY_SECONDS = 86_400
FORM = '<div data-newsletter="top-stories"></div>'
KEPT = "localStorage.getItem('fc.n')"
TRIGGERS = ("after_seconds = 20", "after_scroll_percent = 50", "after_pages = 2")


def site_with(*, seconds: int = 0, scroll: int = 0, pages: int = 0, more: str = "") -> bytes:
    """The demo's site with these triggers and no other, but for `more` lines about its prompt."""
    triggers = (seconds, scroll, pages)
    changes = {line: f"{line.split(' = ')[0]} = {value}" for line, value in zip(TRIGGERS, triggers, strict=True)}
    return site_file(changes={**changes, 'lists = ["top-stories"]': f'lists = ["top-stories"]\n{more}'})


async def open_story(visitor: Visit, body: str = "", *, language: str = "en") -> None:
    """Shows the long page to who refuses cookies, or has, and waits for the layer that offers, if it comes."""
    await visitor.page.clock.install()
    await show(visitor, body, language=language)
    if not await visitor.page.evaluate("consent.state().decided"):
        await visitor.recorded(visitor.part("refuse"))
    await come(visitor)


@contextlib.asynccontextmanager
async def reading(chromium: Browser, url: str, folder: Path, body: str = "", **options: Any) -> AsyncIterator[Visit]:
    """A reader of the long page who has refused cookies; the prompt is due after thirty seconds, but for `site`."""
    options.setdefault("site", site_with(seconds=30))
    async with asked(chromium, url, folder, **options) as visitor:
        await open_story(visitor, body)
        yield visitor


async def come(visitor: Visit) -> None:
    """Lets so much time pass that the layer is sent for, and waits for it."""
    await visitor.page.clock.run_for(3 * SECOND_MS)
    await visitor.page.wait_for_load_state("networkidle")


async def wait(visitor: Visit, seconds: int) -> None:
    """Lets seconds pass on the page."""
    await visitor.page.clock.run_for(seconds * SECOND_MS)


def sent(visitor: Visit, path: str) -> list[dict[str, Any]]:
    """What was sent to paths that end so, in order."""
    return [json.loads(one.post_data or "") for one in visitor.requests if _is_to(one, path)]


def _is_to(request: Request, path: str) -> bool:
    return request.method == "POST" and request.url.endswith(path)


def told(visitor: Visit) -> list[tuple[str, str | None]]:
    """What was counted of the prompt: what happened, and what had opened it."""
    events = sent(visitor, "/events")
    return [(one["kind"], one.get("variant")) for one in events if one["kind"].startswith("prompt_")]
