"""The prompt as axe-core judges it, on a small screen, without a pointer and for who likes no motion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.asking import asked, site_file
from tests.browser.offering import open_story, reading, wait
from tests.browser.test_access import SIGHT, TARGETS, assert_axe_finds_nothing


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_the_prompt(
    chromium: Browser, sqlite_url: str, tmp_path: Path, scheme: Any, language: str, width: int
) -> None:
    options: Any = {"color_scheme": scheme, "viewport": {"width": width, "height": 720}, "reduced_motion": "reduce"}
    site = site_file("ar", changes={"after_seconds = 20": "after_seconds = 5"})
    async with asked(chromium, sqlite_url, tmp_path, site=site, **options) as visitor:
        await open_story(visitor, language=language)
        await wait(visitor, 40)
        await assert_axe_finds_nothing(visitor, "prompt")
        controls = visitor.part("prompt").locator("a, button, input:not(.unseen)")
        assert await controls.evaluate_all(TARGETS) == []
        box = await visitor.part("prompt").bounding_box()
        assert box
        near = box["x"] if language == "ar" else width - box["x"] - box["width"]
        assert near == 16
        await visitor.part("later").click()
        await expect(visitor.part("prompt")).to_have_count(0)


@pytest.mark.parametrize("size", [(1280, 720), (320, 568), (320, 256)])
async def test_it_hides_nothing_that_has_the_focus_and_all_of_it_can_be_reached(
    chromium: Browser, sqlite_url: str, tmp_path: Path, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    async with reading(chromium, sqlite_url, tmp_path, viewport=viewport) as visitor:
        await wait(visitor, 40)
        await expect(visitor.part("prompt")).to_be_visible()
        for control in await visitor.part("prompt").locator("button").all():
            await control.click(trial=True)
        await visitor.part("reopen").click(trial=True)
        await visitor.page.evaluate("document.getElementById('p0').focus()")
        seen = []
        for _ in range(29):
            await visitor.page.keyboard.press("Tab")
            seen.append(await visitor.page.evaluate(SIGHT))
        assert seen == [""] * 29


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
async def test_it_slides_only_for_who_likes_motion(
    chromium: Browser, sqlite_url: str, tmp_path: Path, motion: Any
) -> None:
    async with reading(chromium, sqlite_url, tmp_path, reduced_motion=motion) as visitor:
        await wait(visitor, 40)
        style = await visitor.part("prompt").evaluate("(one) => getComputedStyle(one).animationName")
        assert (style == "none") == (motion == "reduce")
