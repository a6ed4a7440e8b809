"""The layers in other languages: from right to left, with long words, with the browser's own lists and units."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from consent import notices
from tests.browser.asking import asked, frame, show, site_file
from tests.browser.test_looks import assert_in_window, css
from tests.browser.visiting import visit

TEXTS = Path(notices.__file__).parent / "texts"
LONG = ["de", "fi", "hu"]
LANGUAGES = [*LONG, "ar", "he", "ja"]
SITE = site_file(*LANGUAGES)
# Whether the words of a button are wider than it is, or hyphenless words cut.
CUT = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_layers_speak_the_pages_language(
    chromium: Browser, sqlite_url: str, tmp_path: Path, language: str
) -> None:
    words = json.loads((TEXTS / f"{language}.json").read_text())
    size = {"width": 320, "height": 568}
    async with asked(chromium, sqlite_url, tmp_path, site=SITE, viewport=size) as visitor:
        await show(visitor, frame(visitor.served), language=language)
        notice = visitor.part("notice")
        for key in ("title", "accept", "refuse", "choose", "opt_in"):
            await expect(notice).to_contain_text(words["notice"][key])
        assert await notice.evaluate("(one) => one.getRootNode().host.lang") == language
        await assert_in_window(visitor, "notice")
        assert await notice.locator("button").evaluate_all(CUT) == []
        await expect(visitor.part("placeholder")).to_contain_text(words["placeholder"]["once"])
        await expect(visitor.part("manage")).to_have_text(words["notice"]["reopen"])
        await visitor.part("choose").click()
        layer = visitor.part("preferences")
        await expect(layer).to_contain_text(words["preferences"]["save"])
        for summary in await layer.locator("summary").all():
            await summary.click()
        await assert_in_window(visitor, "preferences")
        assert await layer.locator("button, label, code").evaluate_all(CUT) == []
        await layer.locator('[part="refuse"]').click()
        await expect(visitor.part("reopen")).to_have_text(words["notice"]["reopen"])


@pytest.mark.parametrize(
    ("language", "lifetimes"),
    [
        ("en", ["2 years", "90 days", "180 days"]),
        ("de", ["2 Jahre", "90 Tage", "180 Tage"]),
        ("ar", ["سنتان", "يومًا"]),
        ("ja", ["2 年", "90 日", "180 日"]),
    ],
)
async def test_lifetimes_and_dates_are_the_languages_own(
    chromium: Browser, sqlite_url: str, tmp_path: Path, language: str, lifetimes: list[str]
) -> None:
    async with asked(chromium, sqlite_url, tmp_path, site=SITE) as visitor:
        await show(visitor, language=language)
        await visitor.recorded(visitor.part("accept"))
        await visitor.part("reopen").click()
        layer = visitor.part("preferences")
        for lifetime in lifetimes:
            await expect(layer).to_contain_text(lifetime)
        date = "new Date(window.consent.state().decided_at).toLocaleDateString(lang, { dateStyle: 'long' })"
        await expect(layer).to_contain_text(await visitor.page.evaluate(f"(lang) => {date}", language))


@pytest.mark.parametrize("language", ["ar", "he"])
async def test_from_right_to_left_all_is_mirrored(
    chromium: Browser, sqlite_url: str, tmp_path: Path, language: str
) -> None:
    async with asked(chromium, sqlite_url, tmp_path, site=SITE, viewport={"width": 1280, "height": 720}) as visitor:
        await show(visitor, language=language)
        notice = visitor.part("notice")
        assert await css(notice, "direction") == "rtl"
        title, close = await notice.locator("h2").bounding_box(), await visitor.part("close").bounding_box()
        accept = await visitor.part("accept").bounding_box()
        assert title and close and accept
        assert close["x"] < accept["x"] + accept["width"] < title["x"]
        await visitor.part("choose").click()
        control = await visitor.switch("content").bounding_box()
        heading = await visitor.part("preferences").locator("h3").nth(2).bounding_box()
        assert control and heading
        assert control["x"] < heading["x"]
        await visitor.switch("content").check()
        await visitor.recorded(visitor.part("save"))
        reopen = await visitor.part("reopen").bounding_box()
        assert reopen
        assert reopen["x"] + reopen["width"] == 1280 - 16


async def test_a_corner_named_by_its_side_stays_on_it(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    site = SITE.replace(b'position = "bottom"  ', b'position = "bottom-left"  ')
    async with asked(chromium, sqlite_url, tmp_path, site=site) as visitor:
        await show(visitor, language="ar")
        box = await visitor.part("notice").bounding_box()
        assert box
        assert box["x"] == 16


async def test_without_the_pages_language_the_browsers_is_spoken(
    chromium: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    async with asked(chromium, sqlite_url, tmp_path, site=SITE) as visitor:
        served = visitor.served
        async with visit(chromium, served, locale="hu-HU") as other:
            await show(other, language="sw")
            words = json.loads((TEXTS / "hu.json").read_text())
            await expect(other.part("notice")).to_contain_text(words["notice"]["title"])
