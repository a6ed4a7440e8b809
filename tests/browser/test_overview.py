"""The overview in a real browser: in order in every look, its words apart, by keyboard, names for codes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser.consoles import Desk, at_desk, served
from tests.counted import count_days
from tests.web.stage import Stage

# Texts of one chart that are shown and touch each other, or stand out of it.
CLASHES = """() => [...document.querySelectorAll('.columns svg')].flatMap((svg) => {
  const place = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll('text')].map((text) => [text.textContent, text.getBoundingClientRect()])
    .filter(([, box]) => box.width);
  const out = boxes.filter(([, box]) => box.left < place.left - 1 || box.right > place.right + 1);
  const meet = boxes.flatMap(([one, a], index) => boxes.slice(index + 1)
    .filter(([, b]) => a.left < b.right + 3 && b.left < a.right + 3 && a.top < b.bottom && b.top < a.bottom)
    .map(([other]) => one + ' × ' + other));
  return [...out.map(([text]) => text), ...meet];
})"""

# Parts of the page that are wider than the place that they have.
WIDER = """() => [...document.querySelectorAll('.two > *, .pile > *')]
  .filter((part) => part.scrollWidth > part.clientWidth || part.clientWidth > part.parentElement.clientWidth)
  .map((part) => part.innerText.slice(0, 40))"""


@pytest.fixture
async def stage(sqlite_url: str) -> AsyncIterator[Stage]:
    """The service on a port, looked at for three months."""
    async with served(sqlite_url) as made:
        await count_days(made.services)
        yield made


async def test_the_overview_is_in_order_in_every_look(chromium: Browser, stage: Stage) -> None:
    async with at_desk(chromium, stage) as desk:
        await desk.open()
        await desk.judge(("light", 320), ("dark", 1280))  # the other two: test_console
        await expect(desk.page.get_by_text("United Kingdom", exact=True).first).to_be_visible()
        names = await desk.page.locator("[data-language='ht']").all_text_contents()
        assert names and "ht" not in names
        for days, columns in ((7, 7), (90, 90)):
            await desk.page.get_by_role("link", name=f"{days} days").click()
            await expect(desk.page.locator("g.column")).to_have_count(columns)
            for width in (320, 640, 1024, 1280):
                await desk.page.set_viewport_size({"width": width, "height": 800})
                assert await desk.page.evaluate(CLASHES) == [], (days, width)
        await numbers_open_by_keyboard(desk)
        desk.assert_calm()


async def numbers_open_by_keyboard(desk: Desk) -> None:
    """The table behind the chart, with a row for each column; open, no table pushes its neighbours away."""
    await desk.page.locator("summary").first.focus()
    await desk.page.keyboard.press("Enter")
    table = desk.page.locator(".figures-table").first
    await expect(table).to_be_visible()
    await expect(table.locator("tbody tr")).to_have_count(90)
    for summary in (await desk.page.locator("summary").all())[1:]:
        await summary.click()
    for width in (1280, 700):
        await desk.page.set_viewport_size({"width": width, "height": 800})
        assert await desk.page.evaluate(WIDER) == [], width
    await desk.judge(("dark", 320))


async def test_without_a_script_codes_stay_and_days_are_chosen(chromium: Browser, stage: Stage) -> None:
    async with at_desk(chromium, stage, java_script_enabled=False) as desk:
        await desk.open()
        await expect(desk.page.get_by_text("GB", exact=True).first).to_be_visible()
        await desk.page.get_by_label("From", exact=True).fill("2026-01-01")
        await desk.page.get_by_label("to", exact=True).fill("2026-01-31")
        await desk.page.get_by_role("button", name="Show").click()
        await expect(desk.page.get_by_text("Nobody answered in these days")).to_be_visible()
