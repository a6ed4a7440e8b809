"""Takes pictures of every mail and every reader's page: `python -m tests.browser.letter_pictures [NAME …]`.

One picture each, with what the running service shows on a desk and on a phone, in both schemes, side by side.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from tests.browser.asking import site_file
from tests.browser.letters import KINDS, SHEETS, Shelf, shelf
from tests.browser.serving import serving
from tests.conftest import CHROMIUM_FLAGS
from tests.provision.needs import CHROMIUM
from tests.small_png import shrink

SCHEMES = ("light", "dark")
WIDTHS = (1000, 320)
LANGUAGES: dict[str, tuple[str, ...]] = {"en": (), "ar": ("confirm", "confirm-several", "manage", "form")}
"""Each with what is taken in it; everything where nothing is named."""
FOLDER = Path(__file__).with_name("screenshots")
SHEET = (
    "<!doctype html><style>body{margin:16px;background:#888;display:flex;gap:16px;align-items:flex-start}"
    "img{zoom:.5}</style>"
)


async def take(shown: Shelf, name: str) -> None:
    """What is shown now, four times on one sheet."""
    shots = []
    for scheme in SCHEMES:
        for width in WIDTHS:
            media: Any = {"color_scheme": scheme, "reduced_motion": "reduce"}
            await shown.page.emulate_media(**media)
            await shown.page.set_viewport_size({"width": width, "height": 500})
            shots.append(await shown.page.screenshot(full_page=True))
    browser = shown.page.context.browser
    assert browser is not None
    sheet = await browser.new_page()
    await sheet.set_viewport_size({"width": 1400, "height": 100})
    await sheet.set_content(SHEET + "".join(map(as_image, shots)))
    taken = await sheet.screenshot(full_page=True)
    await sheet.close()
    (FOLDER / f"{name}.{shown.language}.png").write_bytes(shrink(taken))
    print(name, shown.language)


def as_image(png: bytes) -> str:
    """The picture as an element of a page."""
    return f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}">'


async def take_all(shown: Shelf, names: set[str]) -> None:
    """Every mail and page, or those that are named."""
    for kind in KINDS:
        if not names or kind in names:
            await shown.show(kind)
            await take(shown, f"mail-{kind}")
    for name, pose in SHEETS.items():
        if not names or name in names:
            await pose(shown)
            await take(shown, f"page-{name}")


async def main(names: set[str]) -> None:
    """Takes them in English, and some in a language of the other direction."""
    FOLDER.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM.path(), args=CHROMIUM_FLAGS)
        with tempfile.TemporaryDirectory() as kept:
            async with serving(f"sqlite:///{kept}/consent.db", Path(kept), site_file=site_file("ar")) as served:
                for language, chosen in LANGUAGES.items():
                    async with shelf(await browser.new_page(), served, language) as shown:
                        await take_all(shown, names or set(chosen))
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(set(sys.argv[1:])))
