"""The script for the console of a browser, run in one: what it writes is what the page keeps, and is understood."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from consent.inspection.traces import SCRIPT
from tests.browser.consoles import at_desk, served
from tests.web.stage import Stage

KEEPS = """() => {
  document.cookie = "_hjid=secret-value; path=/";
  localStorage.setItem("theme", "secret-value");
  sessionStorage.setItem("tab", "secret-value");
  return new Promise((resolve) => { indexedDB.open("player").onsuccess = resolve; }).then(() => 1);
}"""


@pytest.fixture
async def stage(sqlite_url: str) -> AsyncIterator[Stage]:
    """The service on a port."""
    async with served(sqlite_url) as made:
        yield made


async def test_what_a_page_keeps_is_written_down_pasted_and_told(chromium: Browser, stage: Stage) -> None:
    async with at_desk(chromium, stage) as desk:
        await desk.page.goto(f"{stage.services.settings.url}/docs?reader=ada@example.org#x")
        await desk.page.evaluate(KEEPS)
        async with desk.page.expect_console_message() as heard:
            await desk.page.evaluate(SCRIPT)
        written = (await heard.value).text
        told = json.loads(written)
        assert told["page"] == f"{stage.services.settings.url}/docs"
        assert (told["local_storage"], told["session_storage"]) == (["theme"], ["tab"])
        assert (told["cookie"], told["indexed_db"]) == (["_hjid"], ["player"])
        assert told["addresses"]
        assert "secret-value" not in written
        await desk.open("/settings/cookies")
        await desk.page.get_by_label("What the script wrote").fill(written)
        await desk.page.get_by_role("button", name="Compare").click()
        await expect(desk.page.locator("#compared")).to_contain_text("The page does what the notice does not say.")
        await expect(desk.page.get_by_role("row").filter(has_text="_hjid")).to_contain_text("not in the notice")
        await desk.judge(("light", 320), ("dark", 1280))
        await desk.page.get_by_role("button", name="Forget all of them").click()
        await expect(desk.page.get_by_text("What was found is forgotten.")).to_be_visible()
        desk.assert_calm()
