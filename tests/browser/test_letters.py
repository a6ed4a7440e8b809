"""What is behind the links of mails, in a real browser: what opens a link changes nothing, and everybody can use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from starlette.responses import Response

from tests.browser.asking import site_file
from tests.browser.letters import FORM, KINDS, SHEETS, Shelf, shelf, solve
from tests.browser.serving import SITE, Served, serving
from tests.browser.test_access import AXE, JUDGE
from tests.browser.visiting import PATIENCE_SECONDS
from tests.linking import EVENTS, STORIES, Reader, everything

SCHEMES = ("light", "dark")
WIDTHS = (320, 1280)
# A mail is shown inside of a mail program's page, which has the landmarks.
JUDGE_MAIL = JUDGE.replace(
    "{ rules: {", "{ rules: { 'landmark-one-main': { enabled: false }, region: { enabled: false },"
)


@pytest.fixture(scope="module")
async def press(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """The running demo, in Arabic too."""
    folder = tmp_path_factory.mktemp("letters")
    async with serving(f"sqlite:///{folder / 'consent.db'}", folder, site_file=site_file("ar")) as served:
        yield served


@pytest.fixture
async def reading(chromium: Browser, press: Served) -> AsyncIterator[Shelf]:
    """A reader's browser."""
    context = await chromium.new_context()
    async with shelf(await context.new_page(), press) as opened:
        yield opened
    await context.close()


async def links(reader: Reader) -> dict[str, str]:
    """A link of every kind, each of which would do something."""
    await reader.subscribe(STORIES)
    found = {"unsubscribe": await reader.leaving(), "manage": await reader.managing()}
    found["confirm"] = await reader.ask(EVENTS)
    found["not-me"] = await reader.waiting("not-me")
    return found


async def test_what_only_opens_a_link_changes_nothing(reading: Shelf) -> None:
    """Scanners, previews and prefetching browsers open links, some with scripts on; some even follow what is there."""
    found = await links(reading.reader())
    before = await everything(reading.services)
    for path in found.values():
        await reading.open(path)
        await reading.page.wait_for_load_state("networkidle")
        await reading.page.mouse.move(160, 300)
        await reading.page.reload()
    hints = "".join(
        f'<link rel="{how}" href="{reading.served.service}{path}" as="document">'
        for path in found.values()
        for how in ("prefetch", "preload", "prerender", "preconnect")
    )
    rules = ", ".join(f'"{reading.served.service}{path}"' for path in found.values())
    script = f'<script type="speculationrules">{{"prerender": [{{"urls": [{rules}]}}]}}</script>'
    reading.served.own["hints"] = Response(f"<!doctype html>{hints}{script}", media_type="text/html")
    await reading.page.goto(f"{reading.served.service}/own/hints")
    await reading.page.wait_for_load_state("networkidle")
    async with httpx.AsyncClient(base_url=reading.served.service) as client:
        for path in found.values():
            assert (await client.head(path)).status_code == 200
            for value in ("prefetch", "prefetch;prerender"):
                assert (await client.get(path, headers={"Sec-Purpose": value})).status_code == 200
    assert await everything(reading.services) == before


async def test_a_subscription_is_confirmed_by_keyboard(reading: Shelf) -> None:
    reader = reading.reader()
    await reading.open(await reader.ask(STORIES, EVENTS))
    for key in ("Tab", "Space", "Tab", "Tab"):
        await reading.page.keyboard.press(key)
    async with reading.page.expect_navigation():
        await reading.page.keyboard.press("Enter")
    await expect(reading.page.locator("h1")).to_have_text("You are subscribed")
    assert await reader.states() == {EVENTS: "confirmed"}
    await reading.page.reload()
    await expect(reading.page.locator("h1")).to_have_text("You are subscribed")


async def test_the_preferences_are_changed_by_keyboard_alone(reading: Shelf) -> None:
    reader = reading.reader()
    await reader.subscribe()
    await reading.open(await reader.managing())
    keyboard = reading.page.keyboard
    await keyboard.press("Tab")
    await keyboard.press("Space")
    await keyboard.press("Tab")
    await keyboard.press("Space")
    async with reading.page.expect_navigation():
        await keyboard.press("Enter")
    await expect(reading.page.get_by_role("status")).to_have_text("Saved.")
    assert await reader.states() == {STORIES: "unsubscribed", EVENTS: "confirmed"}
    await reading.page.locator("#new-email").focus()
    await keyboard.type(f"new.{reader.email}")
    async with reading.page.expect_navigation():
        await keyboard.press("Enter")
    await expect(reading.page.get_by_role("status")).to_contain_text("Open the mail we have sent to the new address")


async def test_everything_works_without_scripts(chromium: Browser, press: Served) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    async with shelf(await context.new_page(), press) as opened:
        page, reader = opened.page, opened.reader()
        await opened.open(FORM)
        await page.locator("#sign-email").fill(reader.email)
        await page.locator('[value="top-stories"]').check()
        await page.locator("form.fields button.big").click()
        await expect(page.locator("h1")).to_have_text("Almost done")
        await opened.open(await reader.waiting("confirm"))
        await opened.press("confirm")
        assert await reader.states() == {STORIES: "confirmed"}
        await opened.open(await reader.managing())
        await opened.press("leave")
        assert await reader.states() == {STORIES: "unsubscribed"}
        async with page.expect_download() as download:
            await page.locator('button[value="export"]').click()
        assert (await download.value).suggested_filename == f"{SITE}.json"
        await opened.press("erase")
        await opened.press("erase_now")
        await expect(page.locator("h1")).to_have_text("Your data is erased")
    await context.close()


async def mail_called(opened: Shelf, subject: str, to: str) -> None:
    """Opens a mail of the demo's mailbox once it is there."""
    row = opened.page.locator("tbody tr").filter(has_text=to).get_by_role("link", name=subject)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await opened.page.goto(f"{opened.served.origin}/demo/mail")
        while not await row.count():
            await opened.page.reload()
    await row.click()


async def follow(opened: Shelf, name: str) -> Page:
    """The page that a link in the shown mail opens."""
    async with opened.page.context.expect_page() as waiting:
        await opened.page.frame_locator("iframe.mail").get_by_role("link", name=name).click()
    page: Page = await waiting.value
    await page.wait_for_load_state()
    return page


async def test_the_demo_shows_the_mails_and_their_links_work(reading: Shelf) -> None:
    reader = reading.reader()
    await reading.open(FORM)
    await reading.page.locator("#sign-email").fill(reader.email)
    await reading.page.locator('[value="top-stories"]').check()
    await reading.page.locator("form.fields button.big").click()
    await mail_called(reading, "Please confirm your subscription to Miami New Times", reader.email)
    confirm = await follow(reading, "Confirm my subscription")
    await confirm.get_by_role("button", name="Confirm").click()
    await expect(confirm.locator("h1")).to_have_text("You are subscribed")
    await mail_called(reading, "Welcome to Miami New Times", reader.email)
    leave = await follow(reading, "Unsubscribe")
    await leave.get_by_role("button", name="Unsubscribe").click()
    await expect(leave.locator("h1")).to_have_text("You are unsubscribed")
    assert await reader.states() == {STORIES: "unsubscribed"}
    await assert_axe_finds_nothing(reading, "mailbox")


async def test_who_is_in_doubt_is_checked_and_goes_on(chromium: Browser, demo: Served) -> None:
    context = await chromium.new_context()
    async with shelf(await context.new_page(), demo) as opened:
        signups = f"{demo.service}/v1/sites/{SITE}/signups"
        async with httpx.AsyncClient() as client:
            asked = [{"email": opened.reader().email, "lists": [STORIES]} for _ in range(20)]
            answers = [await client.post(signups, json=body) for body in asked]
        assert answers[-1].json()["code"] == "challenge_required"
        reader = opened.reader()
        await opened.open(FORM)
        await opened.page.locator("#sign-email").fill(reader.email)
        await opened.page.locator('[value="top-stories"]').check()
        await opened.page.locator("form.fields button.big").click()
        await solve(opened)
        await reader.waiting("confirm")
    await context.close()


async def assert_axe_finds_nothing(opened: Shelf, what: str, judge: str = JUDGE) -> None:
    """Nothing in either scheme, on a phone and on a desk, and nothing sticks out."""
    await opened.page.evaluate(AXE.read_text())
    for scheme in SCHEMES:
        for width in WIDTHS:
            media: Any = {"color_scheme": scheme, "reduced_motion": "reduce"}
            await opened.page.emulate_media(**media)
            await opened.page.set_viewport_size({"width": width, "height": 800})
            assert await opened.page.evaluate(judge) == [], (what, scheme, width)
            wide = await opened.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (what, scheme, width, wide)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("sheet", SHEETS)
async def test_axe_finds_nothing_on_any_page(reading: Shelf, sheet: str, language: str) -> None:
    opened = Shelf(page=reading.page, served=reading.served, services=reading.services, language=language)
    breaches: list[str] = []
    reading.page.on("console", lambda said: breaches.append(said.text) if "Content Security" in said.text else None)
    await SHEETS[sheet](opened)
    assert breaches == []
    await assert_axe_finds_nothing(opened, sheet)


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_axe_finds_nothing_in_any_mail(reading: Shelf, language: str) -> None:
    opened = Shelf(page=reading.page, served=reading.served, services=reading.services, language=language)
    for kind in KINDS:
        await opened.show(kind)
        await assert_axe_finds_nothing(opened, kind, JUDGE_MAIL)
