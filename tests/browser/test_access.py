"""Both layers without a pointer, on a small screen, and as axe-core judges them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.browser.asking import GPC, asked, asked_from, frame, show, site_file
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


async def assert_axe_finds_nothing(visitor: Visit, part: str) -> None:
    """The layer is there, and axe-core has nothing to say against the page with it."""
    await expect(visitor.part(part).first).to_be_visible()
    if not await visitor.page.evaluate("'axe' in window"):
        await visitor.page.evaluate(AXE.read_text())
    assert await visitor.page.evaluate(JUDGE) == [], part


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(
    chromium: Browser, sqlite_url: str, tmp_path: Path, scheme: Any, language: str, width: int
) -> None:
    assert AXE.exists(), "axe-core is missing: run `npm ci` in widget/"
    options: Any = {"color_scheme": scheme, "viewport": {"width": width, "height": 720}}
    async with asked(chromium, sqlite_url, tmp_path, site=site_file("ar"), **options) as visitor:
        await show(visitor, frame(visitor.served), language=language)
        await assert_axe_finds_nothing(visitor, "notice")
        await assert_axe_finds_nothing(visitor, "placeholder")
        await visitor.part("choose").click()
        await expect(visitor.part("preferences")).to_be_visible()
        for summary in await visitor.part("preferences").locator("summary").all():
            await summary.click()
        await assert_axe_finds_nothing(visitor, "preferences")
        await visitor.recorded(visitor.part("preferences").locator('[part="refuse"]'))
        await assert_axe_finds_nothing(visitor, "reopen")
        await visitor.part("reopen").click()
        await assert_axe_finds_nothing(visitor, "preferences")
        for place in ("US-CA", "NZ"):
            async with asked_from(visitor, place, **options) as other:
                await show(other, language=language)
                await assert_axe_finds_nothing(other, "notice")
        async with asked_from(visitor, "US-CA", **options) as other:
            await other.context.add_init_script(GPC)
            await show(other, language=language)
            await assert_axe_finds_nothing(other, "reopen")


async def test_every_control_has_a_role_and_a_name(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with asked(chromium, sqlite_url, tmp_path) as visitor:
        await show(visitor, frame(visitor.served))
        region = visitor.page.get_by_role("region", name="Your choice about cookies")
        for name in ("Refuse and close", "Accept all", "Refuse all", "Choose"):
            await expect(region.get_by_role("button", name=name, exact=True)).to_have_count(1)
        for name in ("Cookie policy", "Privacy policy"):
            await expect(region.get_by_role("link", name=name)).to_have_count(1)
        group = visitor.page.get_by_role("group", name="Content from YouTube")
        for name in ("Show this once", "Always allow YouTube", "Cookie settings"):
            await expect(group.get_by_role("button", name=name)).to_have_count(1)
        await region.get_by_role("button", name="Choose").click()
        dialog = visitor.page.get_by_role("dialog", name="Cookie settings")
        await expect(dialog.get_by_role("heading", level=2)).to_have_text("Cookie settings")
        for name in ("Performance and usage", "Content and embeds", "Advertisements"):
            control = dialog.get_by_role("switch", name=name)
            await expect(control).not_to_be_checked()
            await expect(control).to_have_accessible_description(re.compile(r"\w{4,}"))
        for name in ("Close without saving", "Accept all", "Refuse all", "Save my choices"):
            await expect(dialog.get_by_role("button", name=name)).to_have_count(1)
        assert await dialog.evaluate("(one) => one.matches(':modal')")


SIGHT = """() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  if (!one.id.startsWith('p')) return null;
  const { left, right, top, bottom } = one.getBoundingClientRect();
  const at = (from, to) => [0.1, 0.5, 0.9].map((part) => from + part * (to - from));
  const points = at(left, right).flatMap((x) => at(top, bottom).map((y) => [x, y]));
  return points.some(([x, y]) => document.elementFromPoint(x, y) === one) ? '' : one.id;
}"""


@pytest.mark.parametrize("size", [(1280, 720), (320, 568), (320, 256)])
@pytest.mark.parametrize("position", ["bottom", "bottom-right", "center"])
async def test_no_layer_hides_what_has_the_focus(
    chromium: Browser, sqlite_url: str, tmp_path: Path, position: str, size: tuple[int, int]
) -> None:
    site = site_file(changes={'position = "bottom"  ': f'position = "{position}"  '})
    viewport = {"width": size[0], "height": size[1]}
    async with asked(chromium, sqlite_url, tmp_path, site=site, viewport=viewport) as visitor:
        await show(visitor)
        await expect(visitor.part("notice")).to_be_visible()
        for layer in ("notice", "reopen"):
            await visitor.page.evaluate("document.getElementById('p0').focus()")
            seen = []
            for _ in range(29):
                await visitor.page.keyboard.press("Tab")
                seen.append(await visitor.page.evaluate(SIGHT))
            assert [hidden for hidden in seen if hidden] == [], layer
            assert seen.count("") == 29
            if layer == "notice":
                await visitor.part("refuse").click()
                await expect(visitor.part("reopen")).to_be_visible()


TARGETS = """(all) => all.filter((one) => one.checkVisibility())
  .map((one) => [one.textContent, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24).map(([words]) => words)"""


async def test_every_target_is_large_enough(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with asked(chromium, sqlite_url, tmp_path, viewport={"width": 320, "height": 568}) as visitor:
        await show(visitor, frame(visitor.served))
        await expect(visitor.part("placeholder")).to_have_count(1)
        for part in ("notice", "placeholder"):
            assert await visitor.part(part).locator("a, button").evaluate_all(TARGETS) == []
        await visitor.recorded(visitor.part("accept"))
        await visitor.part("reopen").click()
        layer = visitor.part("preferences")
        for summary in await layer.locator("summary").all():
            await summary.click()
        assert await layer.locator("a, button, input, summary").evaluate_all(TARGETS) == []
