"""The notice editor in a real browser: the preview follows the typing, the linter stops, visitors are asked or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple, cast

import pytest
from playwright.async_api import Browser, FrameLocator, Page, expect

from consent.editing import drafting, places
from consent.records import Actor
from consent.services import Services, open_services
from consent.settings import from_environment
from tests.acts import SITE, new_id
from tests.browser.consoles import Desk, at_desk
from tests.browser.serving import Served
from tests.browser.visiting import Visit
from tests.web.stage import Stage

SOMEBODY = Actor(kind="member", id=new_id())
TWICE = (("light", 1280), ("dark", 320))


class Office(NamedTuple):
    """The services beside the running demo, on its database, to sign in with."""

    services: Services


@pytest.fixture
async def desk(chromium: Browser, demo: Served) -> AsyncIterator[Desk]:
    """An editor at a desk of the running demo."""
    async with (
        open_services(from_environment(demo.environment)) as services,
        at_desk(chromium, cast(Stage, Office(services)), "editor") as opened,
    ):
        yield opened


def frame(page: Page) -> FrameLocator:
    """The preview as it stands."""
    return page.frame_locator(".preview-window iframe:not(.coming)")


async def shows(desk: Desk, words: str) -> None:
    """The preview has come to these words."""
    await expect(frame(desk.page).locator('[part~="notice"]')).to_contain_text(words)


async def warns(desk: Desk) -> bool:
    """Whether the page would ask before it is left."""
    leave = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    return bool(await desk.page.evaluate(leave))


async def press(desk: Desk, name: str) -> None:
    """Presses a button, or follows a link, of exactly this name."""
    page = desk.page
    await page.get_by_role("button", name=name, exact=True).or_(page.get_by_role("link", name=name, exact=True)).click()


async def published(desk: Desk, *words: str) -> None:
    """From the form to what would change, and in force; the pages say these words."""
    await press(desk, "Save and see what would change")
    await expect(desk.page.locator("main")).to_contain_text(words[0])
    await press(desk, "Publish")
    await expect(desk.page.get_by_role("status")).to_contain_text(words[1])


async def is_asked(visitor: Visit) -> bool:
    """Whether the article asks the visitor now."""
    await visitor.page.goto(visitor.served.page)
    await visitor.until("window.consent && window.consent.ready")
    return not await visitor.page.evaluate("consent.ready.then((state) => state.decided)")


async def test_from_typing_to_visitors_and_back(visitor: Visit, desk: Desk) -> None:
    page = desk.page
    await visitor.page.route("**/w/*.js", lambda route: route.continue_(headers={"cache-control": "no-cache"}))
    await visitor.arrive()
    await visitor.recorded(visitor.part("refuse"))

    await desk.open("/notice")
    await press(desk, "Begin a draft")
    await press(desk, "Purposes")
    await press(desk, "Performance and usage")
    await shows(desk, "Performance and usage")
    assert not await warns(desk)
    visited = await page.evaluate("history.length")
    await page.get_by_label("Name, English").fill("Counting readers")
    await shows(desk, "Counting readers")
    assert await warns(desk)
    await page.get_by_label("Language").select_option("es")
    await shows(desk, "Rendimiento y uso")
    await page.get_by_label("Width").select_option("320")
    assert await frame(page).locator("html").evaluate("html => html.clientWidth") == 320
    assert await page.evaluate("history.length") == visited, "going back would lead through the previews"
    await page.keyboard.press("Control+s")
    await expect(page.locator("[data-told]")).to_have_text("Saved as version 2.")
    assert not await warns(desk)

    # What the linter holds against it stands at its field, and stops it.
    await page.get_by_label("Legal basis").select_option("legitimate_interest")
    await press(desk, "Save")
    await expect(page.get_by_label("Legal basis")).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("a[data-section=purposes]")).to_contain_text("1")
    await desk.judge(*TWICE)
    await press(desk, "Save and see what would change")
    await expect(page.locator("main")).to_contain_text("The linter stops it")
    await expect(page.get_by_role("button", name="Publish")).to_have_count(0)
    await desk.judge(*TWICE)
    await page.go_back()
    await page.get_by_label("Legal basis").select_option("consent")
    await published(desk, "Nobody is asked again", "Publication 2 is in force. Nobody is asked again.")
    assert not await is_asked(visitor)

    # A recipient is material: the visitor is asked about that purpose, and no more once it is rolled back.
    await press(desk, "Begin a draft")
    await press(desk, "Purposes")
    await press(desk, "Advertisements")
    await press(desk, "Service: Google Ads")
    await expect(page.get_by_label("Width")).to_have_value("320")
    await page.get_by_label("Recipient").fill("Another Ads Ltd")
    await published(desk, "1 person is asked again", "Publication 3 is in force. Visitors are asked again.")
    assert await is_asked(visitor)
    await expect(visitor.part("notice")).to_contain_text("Changed since your last choice: Advertisements")
    await press(desk, "Roll back to publication 2")
    await press(desk, "Roll back")
    await expect(page.get_by_role("status")).to_contain_text("Rolled back to publication 2. Publication 4 is in force.")
    assert not await is_asked(visitor)
    desk.assert_calm()
    await visitor.assert_calm()


STRAY_BUTTON = """() => {
  const form = document.querySelector("[data-editor]");
  const button = document.createElement("button");
  button.setAttribute("formaction", "/console/account");
  form.prepend(button);
  const sent = new Promise((resolve) => addEventListener("submit", (event) => resolve(!event.defaultPrevented)));
  button.click();
  button.remove();
  return sent;
}"""
"""Presses a button of the form that is not the editor's; says whether that sends the form elsewhere."""


async def test_two_editors_and_a_colour(desk: Desk) -> None:
    page, services = desk.page, desk.stage.services
    draft = await drafting.begin(services, SITE, SOMEBODY)

    async def other(place: str, value: str) -> None:
        seen = (await drafting.opened(services, SITE, draft)).version
        await drafting.save(
            services, SITE, draft, seen, lambda raw: places.put(raw, places.parsed(place), value), SOMEBODY
        )

    await desk.open(f"/notice/edit/{draft}/look")
    assert not await page.evaluate(STRAY_BUTTON)
    accent = page.get_by_label("Accent colour")
    await accent.fill("#ffff00")
    await expect(page.locator(".contrast")).to_contain_text("paper 1.07 : 1")
    await page.get_by_label("Pick the colour").fill("#0a5c8f")
    await expect(accent).to_have_value("#0a5c8f")
    await other("theme.radius", "2px")
    await press(desk, "Save")
    await expect(page.get_by_label("Roundness of corners")).to_have_value("2px")
    await expect(accent).to_have_value("#0a5c8f")

    await other("theme.accent", "#112233")
    await accent.fill("#445566")
    await press(desk, "Save")
    await page.wait_for_url("**/notice/merge/*")
    await desk.judge(*TWICE)
    await page.get_by_role("radio", name="Yours #445566").check()
    await press(desk, "Bring them together")
    await press(desk, "Look")
    await expect(accent).to_have_value("#445566")
    desk.assert_calm()
