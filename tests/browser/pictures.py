"""Takes the pictures of `widget/screenshots` anew: `python -m tests.browser.pictures [NAME …]`.

Invariant: every picture is of the built widget, as the running service serves it to the demo's article.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright, expect

from tests.browser.asking import GPC, asked, site_file
from tests.browser.visiting import Visit
from tests.conftest import CHROMIUM_FLAGS
from tests.provision.needs import CHROMIUM
from tests.small_png import shrink

FOLDER = Path(__file__).parents[2] / "widget" / "screenshots"
WIDE = {"width": 1280, "height": 720}
PHONE = {"width": 320, "height": 640}
TURN = """new MutationObserver(() => Object.assign(document.documentElement, { lang: 'ar', dir: 'rtl' }))
  .observe(document, { childList: true });"""


async def arrive(visitor: Visit) -> None:
    """The article with the first layer."""
    await visitor.arrive()


async def settings(visitor: Visit) -> None:
    """The second layer, with one purpose's services open."""
    await visitor.arrive()
    await visitor.part("choose").click()
    await visitor.switch("content").check()
    await visitor.part("preferences").locator("summary").nth(1).click()
    await visitor.part("preferences").locator("h3").nth(1).scroll_into_view_if_needed()


async def record(visitor: Visit) -> None:
    """The second layer's end, with the visitor's own record."""
    await visitor.arrive()
    await visitor.recorded(visitor.part("accept"))
    await visitor.page.evaluate("window.consent.open()")
    await visitor.part("withdraw").scroll_into_view_if_needed()


async def honour(visitor: Visit) -> None:
    """The corner under Global Privacy Control in California."""
    await visitor.context.add_init_script(GPC)
    await visitor.page.goto(visitor.served.page)
    await expect(visitor.part("reopen")).to_be_visible()


async def hold(visitor: Visit) -> None:
    """The video's placeholder."""
    await visitor.arrive()
    await visitor.recorded(visitor.part("refuse"))
    await visitor.page.locator("figure.video").scroll_into_view_if_needed()
    await expect(visitor.part("placeholder")).to_be_visible()


async def mirror(visitor: Visit) -> None:
    """The first layer where the page is written from right to left."""
    await visitor.context.add_init_script(TURN)
    await visitor.arrive()


async def sign_up(visitor: Visit) -> None:
    """The newsletter's form at the article's end, a mistyped address in it."""
    await visitor.arrive()
    await visitor.recorded(visitor.part("refuse"))
    await visitor.page.locator("[data-newsletter]").scroll_into_view_if_needed()
    await visitor.part("email").fill("reader@gmial.com")
    await visitor.part("email").blur()


async def be_offered(visitor: Visit) -> None:
    """The prompt, half a minute after the cookies were decided on."""
    await visitor.page.clock.install()
    await visitor.arrive()
    await visitor.recorded(visitor.part("refuse"))
    async with visitor.page.expect_response("**/events"):
        while not await visitor.part("prompt").count():
            await visitor.page.clock.run_for(5000)
    await visitor.page.mouse.move(0, 200)


CORNER = {"x": 0, "y": 480, "width": 1280, "height": 240}
SIDE = {"x": 640, "y": 200, "width": 640, "height": 520}
CORNERED = site_file(changes={'position = "bottom"  ': 'position = "bottom-right"  '})
Picture = tuple[str, Callable[[Visit], Awaitable[None]], dict[str, Any]]
PICTURES: list[Picture] = [
    ("article", arrive, {"viewport": {"width": 1120, "height": 700}}),
    ("notice", arrive, {"viewport": WIDE}),
    ("notice-320-dark", arrive, {"viewport": PHONE, "color_scheme": "dark"}),
    ("notice-rtl", mirror, {"viewport": WIDE, "site": site_file("ar")}),
    ("notice-zoomed", arrive, {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}),
    ("notice-opt-out", arrive, {"viewport": WIDE, "place": "US-CA"}),
    ("notice-only", arrive, {"viewport": WIDE, "place": "NZ", "site": CORNERED, "clip": SIDE}),
    ("way-back", honour, {"viewport": WIDE, "place": "US-CA", "clip": CORNER}),
    ("placeholder", hold, {"viewport": {"width": 900, "height": 640}}),
    ("preferences", settings, {"viewport": {"width": 1000, "height": 780}}),
    ("preferences-320-dark", settings, {"viewport": PHONE, "color_scheme": "dark"}),
    ("record", record, {"viewport": {"width": 1000, "height": 780}}),
    ("signup", sign_up, {"viewport": {"width": 900, "height": 560}}),
    ("prompt", be_offered, {"viewport": WIDE}),
    ("prompt-320-dark", be_offered, {"viewport": PHONE, "color_scheme": "dark"}),
]


async def take(browser: Browser, folder: Path, picture: Picture) -> None:
    """One picture, of a service and a visitor of its own."""
    name, pose, options = picture
    clip = options.pop("clip", None)
    async with asked(browser, f"sqlite:///{folder / name}.db", folder, reduced_motion="reduce", **options) as visitor:
        await pose(visitor)
        await asyncio.sleep(0.3)
        taken = await visitor.page.screenshot(clip=clip)
    (FOLDER / f"{name}.png").write_bytes(shrink(taken))
    print(name, (FOLDER / f"{name}.png").stat().st_size)


async def main() -> None:
    """Takes them all."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM.path(), args=CHROMIUM_FLAGS)
        for picture in PICTURES:
            if sys.argv[1:] and picture[0] not in sys.argv:
                continue
            with tempfile.TemporaryDirectory() as folder:
                await take(browser, Path(folder), picture)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
