"""The HTTP reference in a real browser: nothing of others is loaded, it is read at any width, and by keyboard."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.async_api import Browser, expect

from tests.browser.consoles import Desk, served

SOME = """[...document.querySelectorAll('.operation, .shape, .contents li')]
  .filter((one, place) => place % 12).forEach((one) => one.remove())"""
"""A few of each, for all are alike, and all of them take long to judge."""


async def test_the_reference_is_for_everybody(chromium: Browser, sqlite_url: str) -> None:
    async with served(sqlite_url) as stage:
        page = await chromium.new_page(viewport={"width": 320, "height": 800})
        desk, asked = Desk(page, stage), list[str]()
        page.on("request", lambda one: asked.append(one.url))
        url = stage.services.settings.url
        await page.goto(f"{url}/docs", wait_until="load")
        assert {urlsplit(one).netloc for one in asked} == {urlsplit(url).netloc}
        await page.keyboard.press("Tab")
        skip = page.locator(".skip")
        await expect(skip).to_be_focused()
        await expect(skip).to_be_in_viewport(ratio=1)
        await page.keyboard.press("Enter")
        await expect(page.locator("#reference")).to_be_focused()

        publish = page.locator("#post-v1-sites-site-notices")
        await page.locator('.contents a[href="#post-v1-sites-site-notices"]').press("Enter")
        await expect(publish.locator("h3")).to_be_in_viewport()
        for words in (
            "Idempotency-Key",
            "optional",
            "application/toml",
            "422",
            "Retry-After",
            "--data-binary @site.toml",
        ):
            await expect(publish).to_contain_text(words)
        listing = page.locator("#get-v1-sites-site-consents")
        for words in (
            "asc | desc",
            "1000 or less",
            "else 100",
            "since",
            "text/csv",
            "Link",
            "Authorization: Bearer $CONSENT_KEY",
        ):
            await expect(listing).to_contain_text(words)
        assert await page.evaluate("document.documentElement.scrollWidth") == 320
        await page.evaluate(SOME)
        await desk.judge(("light", 320), ("dark", 1280))
        desk.assert_calm()
        await page.close()
