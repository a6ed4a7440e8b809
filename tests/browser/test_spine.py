"""The whole way of one visitor's choices: from the first look at the page to a verified export."""

from __future__ import annotations

import json

from playwright.async_api import Browser, expect

from tests.browser.serving import Served
from tests.browser.visiting import Visit, visit

SITE = "miami-new-times"
ANALYTICS = ["analytics.js", "page view"]


async def assert_nothing_optional(visitor: Visit) -> None:
    """No optional cookie, storage write or request."""
    assert await visitor.ran() == []
    assert not [path for path in visitor.paths() if "analytics.js" in path or "/demo/video" in path or "ad.svg" in path]


async def test_refused_then_granted_then_proven(chromium: Browser, demo_anywhere: Served) -> None:
    async with visit(chromium, demo_anywhere) as visitor:
        await visitor.arrive()
        await visitor.page.wait_for_load_state("networkidle")
        await assert_nothing_optional(visitor)
        assert await visitor.writes() == []
        assert await visitor.cookies() == set()
        assert await visitor.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]

        refused = await visitor.recorded(visitor.part("refuse"))
        await expect(visitor.part("notice")).to_have_count(0)
        await assert_nothing_optional(visitor)
        assert await visitor.cookies() == {"fc"}

        visitor.requests.clear()
        await visitor.page.reload(wait_until="networkidle")
        assert await visitor.page.evaluate("window.consent.state().decided") is True
        await expect(visitor.part("notice")).to_have_count(0)
        await assert_nothing_optional(visitor)
        assert visitor.paths("POST") == []

        await visitor.page.locator("[data-consent-open]").click()
        await expect(visitor.part("preferences")).to_be_visible()
        await visitor.switch("analytics").click()
        granted = await visitor.recorded(visitor.part("save"))
        await expect(visitor.page.locator("#watch-ran li strong").nth(1)).to_have_text("page view")
        assert await visitor.ran() == ANALYTICS
        assert await visitor.cookies() == {"fc", "_ga"}
        assert visitor.paths().count("/demo/assets/analytics.js") == 1
        assert not [path for path in visitor.paths() if "/demo/video" in path]
        await visitor.assert_calm()

    await assert_exported(demo_anywhere, [refused["id"], granted["id"]])


async def assert_exported(served: Served, ids: list[str]) -> None:
    """Both acts stand in the export, in order, as they were made, and the log verifies."""
    code, exported = await served.command("export", "consents", SITE)
    assert code == 0, exported
    *lines, last = [json.loads(line) for line in exported.splitlines()]
    assert [line["id"] for line in lines] == ids
    assert lines[0]["status"] == {"advertising": "refused", "analytics": "refused", "content": "refused"}
    assert lines[1]["status"] == {"advertising": "refused", "analytics": "given", "content": "refused"}
    assert [line["action"] for line in lines] == ["reject_all", "save"]
    assert {line["page"] for line in lines} == {served.page}
    assert {line["subject"] for line in lines} == {lines[0]["subject"]}
    assert last["checkpoint"].splitlines()[1] == "2"

    code, verified = await served.command("verify", SITE)
    assert (code, verified.split(",")[0]) == (0, f"{SITE}: 2 records")
    (served.folder / "export.jsonl").write_text(exported)
    code, verified = await served.command("verify", "export.jsonl")
    assert code == 0, verified


async def test_everything_accepted_runs_once_and_in_order(visitor: Visit) -> None:
    await visitor.arrive()
    await visitor.recorded(visitor.part("accept"))
    await expect(visitor.page.locator("#watch-ran li strong")).to_have_count(4)
    assert await visitor.ran() == [*ANALYTICS, "advertising pixel", "video frame"]
    assert {"fc", "_ga", "_fbp"} <= await visitor.cookies()
    await visitor.page.reload(wait_until="networkidle")
    assert await visitor.ran() == [*ANALYTICS, "advertising pixel", "video frame"]
    await visitor.assert_calm()


async def test_withdrawing_ends_what_ran_and_is_on_record(visitor: Visit) -> None:
    await visitor.arrive()
    await visitor.recorded(visitor.part("accept"))
    await visitor.page.locator("[data-consent-open]").click()
    async with visitor.page.expect_navigation():
        await visitor.part("withdraw").click()
    await visitor.until("window.consent && window.consent.state().decided")
    assert await visitor.ran() == []
    assert await visitor.page.evaluate("window.consent.given('analytics')") is False
    _, exported = await visitor.served.command("export", "consents", SITE)
    last = json.loads(exported.splitlines()[-2])
    assert last["action"] == "withdraw"
    assert set(last["status"].values()) == {"withdrawn"}
    await visitor.assert_calm()


async def test_closing_refuses_and_never_accepts(visitor: Visit) -> None:
    await visitor.arrive()
    told = await visitor.recorded(visitor.part("close"))
    await assert_nothing_optional(visitor)
    _, exported = await visitor.served.command("export", "consents", SITE)
    line = json.loads(exported.splitlines()[0])
    assert (line["id"], line["action"]) == (told["id"], "dismiss")
    assert set(line["purposes"].values()) == {False}


async def test_one_frame_allowed_once_decides_nothing(visitor: Visit) -> None:
    await visitor.arrive()
    await visitor.recorded(visitor.part("refuse"))
    await visitor.part("placeholder").scroll_into_view_if_needed()
    await visitor.part("once").click()
    await expect(visitor.part("placeholder")).to_have_count(0)
    await expect(visitor.page.frame_locator("iframe").locator("body")).to_be_visible()
    await visitor.page.reload(wait_until="networkidle")
    await expect(visitor.part("placeholder")).to_have_count(1)
    await visitor.assert_calm()
