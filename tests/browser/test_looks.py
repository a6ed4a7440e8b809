"""How the layers look: on any screen, in any scheme, in a publisher's own colours, without moving the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.browser.asking import GPC, asked, frame, show, site_file
from tests.browser.serving import Served
from tests.browser.visiting import Visit, visit

# Collects every layout shift from before the first script.
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value }) => value)))
  .observe({ type: 'layout-shift', buffered: true });
"""
# Every class, id and file name that a filter list could go by, in the page's light and in the open shadow roots.
NAMES = """() => {
  const within = ({ shadowRoot }) => (shadowRoot ? all(shadowRoot) : []);
  const all = (root) => [...root.querySelectorAll('*')].flatMap((one) => [one, ...within(one)]);
  return all(document.body).filter((one) => one.getRootNode() !== document || one.shadowRoot)
    .flatMap((one) => [one.id, one.getAttribute('class'), one.localName, one.getAttribute('part')]).filter(Boolean);
}"""
WEAR = """(css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
}"""
SPILLS = """(one) => one.scrollWidth > one.clientWidth || document.documentElement.scrollWidth > innerWidth"""


async def css(one: Locator, name: str) -> str:
    """One property of an element's computed style."""
    found: str = await one.evaluate("(one, name) => getComputedStyle(one).getPropertyValue(name)", name)
    return found


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(…)` or `color(srgb …)`, as WCAG 2.2 defines it."""
    most = 1 if colour.startswith("color(") else 255
    parts = [float(part) / most for part in re.findall(r"[\d.]+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


async def assert_in_window(visitor: Visit, part: str) -> None:
    """The layer stays inside the window, spills nothing to its side, and all its buttons can be reached."""
    layer = visitor.part(part)
    await expect(layer).to_be_visible()
    size = visitor.page.viewport_size
    box = await layer.bounding_box()
    assert box and size
    assert box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    assert box["y"] >= 0 and box["y"] + box["height"] <= size["height"]
    assert not await layer.evaluate(SPILLS)
    for button in await layer.locator("button").all():
        await button.click(trial=True)


@pytest.mark.parametrize(
    "size",
    # A phone, a desktop, 4K; 1280 x 1024 zoomed to 200 % and to 400 % (WCAG 2.2, 1.4.4 and 1.4.10).
    [(320, 568), (1280, 720), (3840, 2160), (640, 512), (320, 256)],
)
async def test_the_layers_fit_every_screen(
    chromium: Browser, sqlite_url: str, tmp_path: Path, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    async with asked(chromium, sqlite_url, tmp_path, viewport=viewport) as visitor:
        await show(visitor)
        await assert_in_window(visitor, "notice")
        await visitor.part("choose").click()
        for summary in await visitor.part("preferences").locator("summary").all():
            await summary.click()
        await assert_in_window(visitor, "preferences")


POSITIONS = {
    "bottom": (0, 0, 0),
    "bottom-left": (16, None, 16),
    "bottom-right": (None, 16, 16),
    "center": (370, 370, None),
}


@pytest.mark.parametrize("position", POSITIONS)
async def test_four_positions(chromium: Browser, sqlite_url: str, tmp_path: Path, position: str) -> None:
    site = site_file(changes={'position = "bottom"  ': f'position = "{position}"  '})
    async with asked(chromium, sqlite_url, tmp_path, site=site, viewport={"width": 1280, "height": 720}) as visitor:
        await show(visitor)
        await assert_in_window(visitor, "notice")
        box = await visitor.part("notice").bounding_box()
        assert box
        left, right, below = POSITIONS[position]
        assert left is None or box["x"] == left
        assert right is None or box["x"] + box["width"] == 1280 - right
        assert below is None or box["y"] + box["height"] == 720 - below
        await visitor.page.set_viewport_size({"width": 320, "height": 568})
        await assert_in_window(visitor, "notice")


async def test_nothing_on_the_page_moves_and_no_focus_is_taken(
    chromium: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    async with asked(chromium, sqlite_url, tmp_path, place="US-CA") as visitor:
        await visitor.context.add_init_script(SHIFTS)
        head = "<script>addEventListener('DOMContentLoaded', () => document.querySelector('input').focus())</script>"
        await show(visitor, '<input aria-label="Search">' + frame(visitor.served), head=head)
        await expect(visitor.part("notice")).to_be_visible()
        assert await visitor.page.evaluate("document.activeElement.localName") == "input"
        # By the page's own call, so that no click excuses a shift.
        await visitor.page.evaluate("window.consent.set({ advertising: false, analytics: true, content: true })")
        await expect(visitor.part("reopen")).to_be_visible()
        await visitor.page.evaluate("window.consent.open()")
        await expect(visitor.part("preferences")).to_be_visible()
        await visitor.page.evaluate("window.consent.close()")
        await expect(visitor.part("preferences")).to_have_count(0)
        await visitor.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert await visitor.page.evaluate("shifts") == []


async def test_forced_colours_keep_every_edge_and_state(chromium: Browser, demo: Served) -> None:
    async with visit(chromium, demo, forced_colors="active", reduced_motion="reduce") as visitor:
        await visitor.arrive()
        for part in ("accept", "refuse", "choose"):
            assert await css(visitor.part(part), "border-top-style") == "solid"
        await visitor.part("choose").click()
        off, on = visitor.switch("analytics"), visitor.switch("content")
        await on.check()
        assert await css(off, "background-color") != await css(on, "background-color")
        paper = await css(visitor.part("preferences"), "background-color")
        assert contrast(await css(off, "border-top-color"), paper) >= 3
        assert await on.evaluate("(one) => getComputedStyle(one, '::before').marginInlineStart") == "20px"


async def test_reduced_motion_moves_nothing(chromium: Browser, demo: Served) -> None:
    for motion, seconds in (("reduce", "0s"), ("no-preference", "0.12s")):
        chosen: Any = motion
        async with visit(chromium, demo, reduced_motion=chosen) as visitor:
            await visitor.arrive()
            await visitor.part("choose").click()
            knob = "(one) => getComputedStyle(one, '::before').transitionDuration"
            assert await visitor.switch("content").evaluate(knob) == seconds
            moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
            assert await visitor.page.evaluate(moving) == 0


@pytest.mark.parametrize(("accent", "scheme"), [("#f7f7f2", "light"), ("#202024", "dark"), ("#c8102e", "light")])
async def test_a_faint_accent_gets_an_edge_and_every_accent_is_readable(
    chromium: Browser, sqlite_url: str, tmp_path: Path, accent: str, scheme: str
) -> None:
    site = site_file(changes={'accent = "#c8102e"': f'accent = "{accent}"'})
    async with asked(chromium, sqlite_url, tmp_path, site=site, color_scheme=scheme) as visitor:
        await show(visitor)
        accept = visitor.part("accept")
        paper = await css(visitor.part("notice"), "background-color")
        assert contrast(await css(accept, "color"), await css(accept, "background-color")) >= 4.5
        assert contrast(await css(accept, "border-top-color"), paper) >= 3
        assert contrast(await css(visitor.part("choose"), "border-top-color"), paper) >= 3
        assert contrast(await css(visitor.part("close"), "color"), paper) >= 4.5
        await visitor.page.keyboard.press("Tab")
        close = visitor.part("close")
        assert await close.evaluate("(one) => one.matches(':focus-visible')")
        assert await css(close, "outline-style") == "solid"
        assert contrast(await css(close, "outline-color"), paper) >= 3


async def test_a_publishers_properties_and_parts_dress_the_layers(visitor: Visit) -> None:
    await visitor.arrive()
    sheet = """
      :root { --consent-accent: rgb(0, 64, 128); --consent-on-accent: rgb(255, 255, 0);
              --consent-paper: rgb(250, 240, 230); --consent-ink: rgb(20, 20, 20);
              --consent-radius: 0px; --consent-font: monospace; --consent-z: 77 }
      ::part(refuse) { letter-spacing: 3px }
      div, section, button, p { display: none !important; color: red !important; position: static !important }
    """
    await visitor.page.evaluate(WEAR, sheet)
    accept, notice = visitor.part("accept"), visitor.part("notice")
    await expect(accept).to_be_visible()
    assert await css(accept, "background-color") == "rgb(0, 64, 128)"
    assert await css(accept, "color") == "rgb(255, 255, 0)"
    assert await css(accept, "border-radius") == "0px"
    assert await css(notice, "background-color") == "rgb(250, 240, 230)"
    assert await css(notice, "font-family") == "monospace"
    assert await css(notice, "z-index") == "77"
    assert await css(visitor.part("refuse"), "letter-spacing") == "3px"


async def test_a_printed_page_has_no_layer_on_it(visitor: Visit) -> None:
    await visitor.arrive()
    await visitor.page.emulate_media(media="print")
    await expect(visitor.part("notice")).to_be_hidden()


async def test_no_name_invites_a_filter_list(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with asked(chromium, sqlite_url, tmp_path, place="US-CA") as visitor:
        await visitor.context.add_init_script(GPC)
        await show(visitor, frame(visitor.served))
        await visitor.part("reopen").click()
        await expect(visitor.part("preferences")).to_be_visible()
        names = await visitor.page.evaluate(NAMES)
        assert "preferences" in names
        assert "reopen" in names
        files = [path for path in visitor.paths() if path.startswith("/w/")]
        assert len(files) >= 3
        assert [name for name in [*names, *files] if re.search("cookie|consent|gdpr|cmp|banner", name)] == []
