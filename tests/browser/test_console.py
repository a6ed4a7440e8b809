"""Every page of the console, full of data, in every look: axe finds nothing, no policy is breached, and
nothing sticks out."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser.consoles import Desk, at_desk, served
from tests.browser.stocked import Stocked, pages, stock
from tests.running import notice_of
from tests.web.stage import Stage


@pytest.fixture
async def stage(sqlite_url: str) -> AsyncIterator[Stage]:
    """The service on a port."""
    async with served(sqlite_url) as made:
        yield made


@pytest.fixture
async def stocked(stage: Stage) -> Stocked:
    """A month of the site."""
    return await stock(stage)


async def test_every_page_is_in_order(chromium: Browser, stage: Stage, stocked: Stocked) -> None:
    async with at_desk(chromium, stage) as desk:
        for name, path in pages(stocked, notice_of(stage.services)).items():
            await desk.open(path)
            assert await desk.page.locator("h1").count() == 1, name
            await desk.judge(("light", 1280), ("dark", 320))
        desk.assert_calm()


async def test_the_keyboard_leads_from_the_top_to_the_content(chromium: Browser, stage: Stage) -> None:
    async with at_desk(chromium, stage) as desk:
        await desk.open()
        await desk.page.keyboard.press("Tab")
        assert await focused(desk) == "To the content"
        await desk.page.keyboard.press("Enter")
        assert await desk.page.evaluate("document.activeElement.id") == "main"
        await desk.page.keyboard.press("Shift+Tab")
        assert await focused(desk) == "Settings"
        await desk.page.keyboard.press("Enter")
        await expect(desk.page.locator(".tabs [aria-current]")).to_have_text("Settings")


async def focused(desk: Desk) -> str:
    """The text of what has the focus."""
    found: str = await desk.page.evaluate("document.activeElement.textContent.trim()")
    return found
