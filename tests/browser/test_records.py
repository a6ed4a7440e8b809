"""Records in the console: found, read, shown again in the very widget, and proven in the reader's own browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, FrameLocator, expect

from consent.web.console.preview import LAYERS
from tests.acts import SITE, new_id
from tests.browser.consoles import Desk, at_desk, served
from tests.forgetting import erase_subject
from tests.running import MIAMI, publish
from tests.web.signing import subscribed
from tests.web.stage import Stage

ACCEPTED = {"analytics": True, "content": True, "advertising": True}
REFUSED = dict.fromkeys(ACCEPTED, False)
BOTH: tuple[tuple[Any, int], ...] = (("light", 1280), ("dark", 320))
SHOWN_PART = {"signup": "email", "reopen": "reopen"}


@pytest.fixture
async def stage(sqlite_url: str) -> AsyncIterator[Stage]:
    """The service on a port, with what several visitors and a reader did."""
    async with served(sqlite_url) as made:
        yield made


@pytest.fixture
async def desk(chromium: Browser, stage: Stage) -> AsyncIterator[Desk]:
    """An owner's browser."""
    async with at_desk(chromium, stage, "owner") as opened:
        yield opened


def framed(desk: Desk) -> FrameLocator:
    """What is in the preview's frame."""
    return desk.page.frame_locator("iframe.preview")


async def outlined(desk: Desk) -> str | None:
    """The part that is marked as the one that was pressed."""
    found = framed(desk).locator("[part][aria-current]")
    await expect(found).to_be_visible()
    return await found.get_attribute("part")


async def test_a_record_is_found_by_whatever_is_at_hand(desk: Desk, stage: Stage) -> None:
    first = (await stage.give()).json()
    for _ in range(26):
        await stage.give(action="reject_all", purposes=REFUSED, language="es")
    await desk.open("/records")
    await expect(desk.page.locator("table.records tbody tr")).to_have_count(25)
    await desk.judge(*BOTH)
    await desk.page.get_by_role("link", name="Older").click()
    await expect(desk.page.locator("table.records tbody tr")).to_have_count(2)
    for typed in (first["receipt"], first["id"], "1"):
        await desk.open("/records")
        await desk.page.get_by_label("Find a record").fill(typed)
        await desk.page.get_by_role("button", name="Find").click()
        await expect(desk.page).to_have_url(desk.address("/records/1"))
        await expect(desk.page.get_by_role("status").first).to_contain_text("Understood as")
    await desk.open("/records")
    await desk.page.get_by_label("Find a record").fill("5f0e")
    await desk.page.get_by_role("button", name="Find").click()
    await expect(desk.page.get_by_role("alert")).to_contain_text("no number, no id and no receipt")
    await expect(desk.page.get_by_label("Find a record")).to_have_value("5f0e")
    await desk.judge(("light", 320))
    desk.assert_calm()


async def test_a_record_is_shown_again_and_proven_and_an_altered_one_fails(desk: Desk, stage: Stage) -> None:
    for _ in range(5):
        await stage.give(action="accept_all", purposes=ACCEPTED)
    subject = new_id()
    await stage.give(subject=subject)
    await desk.open("/records/3")
    verdict = desk.page.locator("#proof-verdict")
    await expect(verdict).to_contain_text("as it was committed to")
    await expect(desk.page.locator("#proof .made .badge.good")).to_have_count(5)
    assert await outlined(desk) == "accept"
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    before = await stage.count()
    await desk.page.locator("iframe.preview").scroll_into_view_if_needed()  # what is out of view is not drawn
    await framed(desk).locator("[part=refuse]").click()
    await expect(framed(desk).locator("[part=notice]")).to_have_count(0)
    assert (asked, await stage.count()) == ([], before)
    await desk.judge(*BOTH)
    await desk.page.get_by_text("The record, as it was committed to").click()
    whole = desk.page.get_by_label("Its bytes")
    await whole.fill((await whole.input_value()).replace('"analytics":true', '"analytics":false'))
    await desk.page.get_by_role("button", name="Check again").click()
    await expect(verdict).to_contain_text("does not hold")
    await expect(desk.page.locator("#step-leaf .badge.bad")).to_be_visible()
    await expect(desk.page.locator("#step-signature .badge.good")).to_be_visible()
    await desk.judge(("dark", 320))
    assert await erase_subject(stage.services, subject) == 1
    await desk.open("/records/6")
    await expect(verdict).to_contain_text("signed the log and the erasure")
    await desk.judge(("light", 320))
    desk.assert_calm()


async def test_every_act_is_shown_where_it_was_done(desk: Desk, stage: Stage) -> None:
    acts: list[tuple[dict[str, Any], str]] = [
        ({"action": "reject_all", "purposes": REFUSED, "language": "es"}, "refuse"),
        ({"action": "dismiss", "purposes": REFUSED}, "close"),
        ({"action": "save", "services": {"youtube": True}}, "save"),
        ({"action": "acknowledge", "purposes": ACCEPTED, "regime": "notice_only"}, "acknowledge"),
        ({"action": "accept_all", "purposes": ACCEPTED, "regime": "opt_out"}, "accept"),
    ]
    for number, (fields, part) in enumerate(acts, 1):
        assert (await stage.give(**fields)).status_code == 201, fields
        await desk.open(f"/records/{number}?theme=dark")
        assert await outlined(desk) == part
        if part == "save":
            switch = framed(desk).locator
            assert await switch("[data-purpose=analytics]").is_checked()
            assert await switch("[data-service=youtube]").is_checked()
            assert not await switch("[data-purpose=advertising]").is_checked()
    await subscribed(stage)
    await desk.open(f"/records/{await stage.count()}")
    await expect(framed(desk).locator("[part=email]")).to_be_visible()
    await expect(desk.page.locator("blockquote")).to_contain_text("may send")
    await desk.judge(*BOTH)
    desk.assert_calm()


async def test_who_had_chosen_before_is_shown_what_was_asked_then(desk: Desk, stage: Stage) -> None:
    more: dict[str, Any] = {"subject": new_id(), "page": "https://www.miaminewtimes.com/"}
    await stage.give(action="accept_all", purposes=ACCEPTED, **more)
    await stage.give(action="withdraw", purposes=REFUSED, **more)
    await desk.open("/records/2")
    assert await outlined(desk) == "withdraw"
    assert await framed(desk).locator("[data-purpose=analytics]").is_checked()
    await publish(stage.services, MIAMI.read_bytes().replace(b"Twitter International Unlimited", b"X International"))
    await stage.give(action="accept_all", purposes=ACCEPTED, **more)
    await stage.give(action="reject_all", purposes=REFUSED, **more)
    await desk.open("/records/3")
    assert await outlined(desk) == "accept"
    await expect(framed(desk).locator("[part=notice] .strong").first).to_contain_text("Content and embeds")
    await expect(framed(desk).locator("[part=notice] .strong").first).not_to_contain_text("Advertisements")
    await desk.open("/records/4")
    await expect(framed(desk).locator("[part=preferences]")).to_be_visible()
    assert await outlined(desk) == "refuse"
    await desk.open("/records/1")
    await expect(desk.page.get_by_text("Another record of this subject came later")).to_be_visible()
    await expect(desk.page.get_by_role("table", name="Records of the same subject").locator("tbody tr")).to_have_count(
        4
    )
    desk.assert_calm()


async def test_every_layer_of_a_notice_is_seen_in_its_frame_and_keeps_to_itself(desk: Desk, stage: Stage) -> None:
    digest = stage.services.directory.get(SITE).digest
    await desk.open(f"/notices/{digest}")
    await desk.judge(*BOTH)
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    for layer in LAYERS:
        for theme, paper in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(27, 27, 28)")):
            await desk.open(f"/notices/{digest}?layer={layer}&theme={theme}&language=es&regime=california")
            part = framed(desk).locator(f"[part~={SHOWN_PART.get(layer, layer)}]").first
            await expect(part).to_be_visible()
            if layer in ("notice", "preferences", "prompt"):
                assert await part.evaluate("(one) => getComputedStyle(one).backgroundColor") == paper, layer
    assert await framed(desk).locator("html").evaluate("self.origin") == "null"
    allowed = re.compile(rf"(data:|{re.escape(desk.address())}/notices/|.*/assets/)")
    assert [address for address in asked if not allowed.match(address)] == []
    assert {cookie.get("name") for cookie in await desk.page.context.cookies()} == {"console"}
    desk.assert_calm()


async def test_a_line_of_the_audit_trail_is_shown_there(desk: Desk, stage: Stage) -> None:
    await stage.give()
    await desk.open("/records")
    async with desk.page.expect_download() as waiting:
        await desk.page.get_by_role("button", name="Export as JSON lines").click()
    assert (await (await waiting.value).path()).read_bytes().count(b"\n") == 2
    await desk.open("/records")
    await desk.page.locator("table.records").get_by_role("link", name="2").click()
    await expect(desk.page.get_by_role("heading", name="Audit trail")).to_be_visible()
    await expect(desk.page.locator("#r2")).to_contain_text("Consents exported")
    desk.assert_calm()
