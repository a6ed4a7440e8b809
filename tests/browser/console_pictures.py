"""Takes pictures of every page of the console: `python -m tests.browser.console_pictures [NAME …]`.

`answers` names those that forms lead to.

One picture each: on a desk and on a phone, light and dark, side by side.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

import consent
from tests.browser.consoles import Desk, at_desk, served
from tests.browser.letter_pictures import SCHEMES, SHEET, as_image
from tests.browser.stocked import pages, stock
from tests.conftest import CHROMIUM_FLAGS
from tests.provision.needs import CHROMIUM
from tests.running import notice_of
from tests.small_png import shrink

WIDTHS = (1280, 320)
TALLEST = 2400
SETTLED_MS = 1500
UNGATED = """<!doctype html><html lang="en"><head>
<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>
</head><body><iframe src="https://www.youtube.com/embed/x"></iframe></body></html>"""
LEFT = """{"page": "https://www.miaminewtimes.com/", "cookie": ["_ga", "_hjSession_3141592"],
"local_storage": ["theme"], "addresses": ["https://www.google-analytics.com/g/collect", "https://cdn.example.net/a.js"]}"""
FOLDER = Path(consent.__file__).parent / "web" / "console" / "screenshots"


async def take(page: Page, name: str) -> None:
    """What is shown now, four times on one sheet."""
    shots = []
    for scheme in SCHEMES:
        for width in WIDTHS:
            media: Any = {"color_scheme": scheme, "reduced_motion": "reduce"}
            await page.emulate_media(**media)
            await page.set_viewport_size({"width": width, "height": 800})
            height = min(TALLEST, await page.evaluate("document.documentElement.scrollHeight"))
            # As tall a window as the page: what is out of view is not drawn, and what sticks to an edge stands there.
            await page.set_viewport_size({"width": width, "height": height})
            await page.wait_for_load_state("networkidle")
            await page.wait_for_timeout(SETTLED_MS if await page.locator("iframe").count() else 0)
            await page.evaluate("scrollTo(0, 0)")
            shots.append(await page.screenshot())
    browser = page.context.browser
    assert browser is not None
    sheet = await browser.new_page()
    await sheet.set_viewport_size({"width": 1720, "height": 100})
    await sheet.set_content(SHEET + "".join(map(as_image, shots)))
    taken = await sheet.screenshot(full_page=True)
    await sheet.close()
    (FOLDER / f"{name}.png").write_bytes(shrink(taken))
    print(name)


def elsewhere(url: str) -> dict[str, str]:
    """The pages that are of no site, the last ones for who is signed in no more."""
    return {
        "account": f"{url}/console/account",
        "docs": f"{url}/docs",
        "verify": f"{url}/verify",
        "sign-in": f"{url}/console/sign-in",
        "sign-in-asked": f"{url}/console/sign-in/asked",
    }


async def take_all(page: Page, addresses: Mapping[str, str], names: set[str]) -> None:
    """Every page, or those that are named."""
    for name, address in addresses.items():
        if not names or name in names:
            if name.startswith("sign-in"):
                await page.context.clear_cookies()
            await page.goto(address)
            await take(page, name)


async def take_answers(desk: Desk, subject: str) -> None:
    """The pages that forms lead to: a page that was checked; somebody who is found, given all, and erased."""
    page = desk.page
    await desk.open("/settings")
    await page.get_by_label("The page’s HTML").fill(UNGATED)
    await page.get_by_role("button", name="Check", exact=True).click()
    await take(page, "settings-checked")
    await desk.open("/settings/cookies")
    await page.get_by_label("What the script wrote").fill(LEFT)
    await page.get_by_role("button", name="Compare").click()
    await take(page, "settings-compared")
    await find(desk, subject)
    await take(page, "request")
    await page.get_by_role("button", name="Give as a page").click()
    await take(page, "request-access")
    await find(desk, subject)
    await page.locator("[name=confirm]").fill("erase")
    await page.get_by_role("button", name="Erase for good").click()
    await take(page, "request-erased")


async def find(desk: Desk, subject: str) -> None:
    """What is kept of a subject."""
    await desk.open("/requests")
    await desk.page.get_by_label("What the person brings").fill(subject)
    await desk.page.get_by_role("button", name="See what is found").click()


async def main(names: set[str]) -> None:
    """Takes all, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM.path(), args=CHROMIUM_FLAGS)
        with tempfile.TemporaryDirectory() as kept:
            async with served(f"sqlite:///{kept}/consent.db") as stage:
                stocked = await stock(stage)
                async with at_desk(browser, stage) as desk:
                    found = pages(stocked, notice_of(stage.services))
                    addresses = {name: desk.address(path) for name, path in found.items()}
                    await take_all(desk.page, addresses | elsewhere(stage.services.settings.url), names)
                if not names or "answers" in names:
                    async with at_desk(browser, stage) as desk:
                        await take_answers(desk, stocked.subject)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(set(sys.argv[1:])))
