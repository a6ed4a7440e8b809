"""Both layers without a pointer, on a small screen, and as axe-core judges them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.browser.serving import Served
from tests.browser.visiting import Visit, visit

AXE = Path(__file__).parents[2] / "widget" / "node_modules" / "axe-core" / "axe.min.js"
# All but the page's own skip link, which axe knows for one only while no other link stands before it.
JUDGE = """async () => {
  const { violations } = await axe.run({ exclude: ['.skip'] }, { rules: { 'target-size': { enabled: true } } });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ' ' + target.flat().join(' ')));
}"""
# The focused element, through shadow roots: its part (and what it switches), else its name.
FOCUSED = """() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  return [one.getAttribute('part') ?? one.localName, one.dataset.purpose].filter(Boolean).join(' ');
}"""
FIRST = ["close", "a", "a", "accept", "refuse", "choose"]
PURPOSES = ["switch analytics", "summary", "switch content", "summary", "switch advertising", "summary"]
SECOND = ["close", *PURPOSES, "a", "a", "accept", "refuse", "save"]


async def focused(visitor: Visit) -> str:
    """What has the focus."""
    found: str = await visitor.page.evaluate(FOCUSED)
    return found


async def walk(visitor: Visit, steps: int) -> list[str]:
    """What the focus meets at each press of Tab."""
    met = []
    for _ in range(steps):
        await visitor.page.keyboard.press("Tab")
        met.append(await focused(visitor))
    return met


async def test_the_first_layer_is_walked_and_answered_by_keyboard(visitor: Visit) -> None:
    await visitor.arrive()
    assert await focused(visitor) == "body"
    assert await walk(visitor, len(FIRST)) == FIRST
    await visitor.page.keyboard.press("Shift+Tab")
    async with visitor.page.expect_response("**/consents") as waiting:
        await visitor.page.keyboard.press("Enter")
    assert (await waiting.value).status == 201
    await expect(visitor.part("notice")).to_have_count(0)
    assert await visitor.page.evaluate("Object.values(window.consent.state().purposes)") == [False, False, False]


async def test_the_second_layer_is_walked_by_keyboard_and_left_undecided(visitor: Visit) -> None:
    await visitor.arrive()
    await visitor.part("choose").focus()
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.part("preferences")).to_be_visible()
    assert await focused(visitor) == "h2"
    assert await walk(visitor, len(SECOND)) == SECOND
    await visitor.switch("analytics").focus()
    await visitor.page.keyboard.press("Space")
    await expect(visitor.switch("analytics")).to_be_checked()
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.part("preferences")).to_have_count(0)
    await expect(visitor.part("notice")).to_be_visible()
    assert await focused(visitor) == "choose"
    assert await visitor.cookies() == set()
    assert [path for path in visitor.paths("POST") if path.endswith("/consents")] == []


async def test_the_focus_returns_to_the_link_that_opened_the_settings(visitor: Visit) -> None:
    await visitor.arrive()
    await visitor.recorded(visitor.part("refuse"))
    await visitor.page.locator("[data-consent-open]").focus()
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.part("preferences")).to_be_visible()
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.part("preferences")).to_have_count(0)
    assert await visitor.page.evaluate("document.activeElement.hasAttribute('data-consent-open')") is True
    assert len([path for path in visitor.paths("POST") if path.endswith("/consents")]) == 1


async def assert_reachable(layer: Locator, width: int) -> None:
    """Every button of it can be scrolled to, is hit by a click, and does not stick out."""
    await expect(layer).to_be_visible()
    buttons = layer.locator("button")
    assert await buttons.count() >= 4
    for button in await buttons.all():
        await button.click(trial=True)
        box = await button.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width, await button.inner_text()


@pytest.mark.parametrize("zoom", [1, 2])
async def test_every_button_is_reachable_on_320_pixels_zoomed(chromium: Browser, demo: Served, zoom: int) -> None:
    width, height = 320 // zoom, 568 // zoom
    size = {"width": width, "height": height}
    async with visit(chromium, demo, viewport=size, device_scale_factor=zoom) as visitor:
        await visitor.arrive()
        await assert_reachable(visitor.part("notice"), width)
        await visitor.part("choose").click()
        await assert_reachable(visitor.part("preferences"), width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(chromium: Browser, demo: Served, scheme: Any) -> None:
    assert AXE.exists(), "axe-core is missing: run `npm ci` in widget/"
    async with visit(chromium, demo, color_scheme=scheme) as visitor:
        await visitor.arrive()
        await visitor.page.evaluate(AXE.read_text())
        assert await visitor.page.evaluate(JUDGE) == []
        await visitor.part("choose").click()
        await expect(visitor.part("preferences")).to_be_visible()
        assert await visitor.page.evaluate(JUDGE) == []
