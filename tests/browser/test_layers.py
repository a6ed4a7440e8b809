"""What each layer says and does, as the law of the visitor's place wants it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect

from consent import notices
from tests.browser.asking import GPC, asked, frame, show, site_file
from tests.browser.pages import gated, ran
from tests.browser.visiting import Visit, visit

WORDS = json.loads((Path(notices.__file__).parent / "texts" / "en.json").read_text())
FIRST = WORDS["notice"]
SECOND = WORDS["preferences"]
# All of it but the lengths that follow from the box's own, which are compared apart.
STYLE = """(one) => Object.fromEntries([...getComputedStyle(one)]
  .filter((name) => !/^(width|inline-size|(transform|perspective)-origin)$/.test(name))
  .map((name) => [name, getComputedStyle(one)[name]]))"""
BOXES = "() => [...document.querySelectorAll('main *')].map((one) => JSON.stringify(one.getBoundingClientRect()))"


async def style(one: Locator) -> dict[str, str]:
    """An element's computed style."""
    found: dict[str, str] = await one.evaluate(STYLE)
    return found


def bodies(visitor: Visit, path: str) -> list[dict[str, Any]]:
    """What was sent to paths that end so, in order."""
    sent = [request for request in visitor.requests if request.method == "POST" and request.url.endswith(path)]
    return [json.loads(request.post_data or "") for request in sent]


ASKED = "would like to store and read"
TOLD = "store and read data on your device"


@pytest.mark.parametrize(
    ("place", "says", "buttons"),
    [
        (None, (ASKED, "opt_in"), ["close", "accept", "refuse", "choose"]),
        ("DE", (ASKED, "opt_in"), ["close", "accept", "refuse", "choose"]),
        ("US-CA", (TOLD, "presumed"), ["close", "accept", "refuse", "choose"]),
        ("US-TX", (TOLD, "presumed"), ["close", "accept", "refuse", "choose"]),
        ("NZ", (TOLD, "presumed"), ["close", "acknowledge", "choose"]),
    ],
)
async def test_the_first_layer_asks_as_the_law_of_the_place_wants(
    chromium: Browser, sqlite_url: str, tmp_path: Path, place: str | None, says: tuple[str, str], buttons: list[str]
) -> None:
    async with asked(chromium, sqlite_url, tmp_path, place=place) as visitor:
        await show(visitor)
        notice = visitor.part("notice")
        await expect(notice).to_contain_text(says[0])
        await expect(notice).to_contain_text(FIRST[says[1]])
        assert "{" not in await notice.inner_text(), "a name that was not put in"
        await expect(notice).to_contain_text("Performance and usage · Content and embeds · Advertisements")
        await expect(notice).to_contain_text("Miami New Times, LLC")
        await expect(notice).to_contain_text(FIRST["services"].format(count=5))
        sale = "personal information: Advertisements."
        assert (sale in await notice.inner_text()) == (place or "").startswith("US")
        parts = await notice.locator("button").evaluate_all("(all) => all.map((one) => one.part.value)")
        assert parts == buttons
        hrefs = await notice.locator("a").evaluate_all("(all) => all.map((one) => one.href)")
        assert hrefs == ["https://www.miaminewtimes.com/cookies", "https://www.miaminewtimes.com/privacy"]
        assert await visitor.writes() == []


@pytest.mark.parametrize("place", ["DE", "US"])
@pytest.mark.parametrize("size", [(1280, 720), (320, 568)])
async def test_accept_and_refuse_are_the_same_in_every_computed_style(
    chromium: Browser, sqlite_url: str, tmp_path: Path, place: str, size: tuple[int, int]
) -> None:
    width, height = size
    viewport = {"width": width, "height": height}
    async with asked(chromium, sqlite_url, tmp_path, place=place, viewport=viewport) as visitor:
        await show(visitor)
        for layer in ("notice", "preferences"):
            parts = visitor.part(layer)
            await expect(parts).to_be_visible()
            accept, refuse = parts.locator('[part="accept"]'), parts.locator('[part="refuse"]')
            assert await style(accept) == await style(refuse)
            boxes = [await one.bounding_box() for one in (accept, refuse)]
            assert boxes[0] and boxes[1]
            for side in ("width", "height"):
                assert boxes[0][side] == pytest.approx(boxes[1][side], abs=0.1)  # the browser's own rounding
            if layer == "notice":
                await visitor.part("choose").click()


async def test_who_is_only_informed_goes_on_with_one_button(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with asked(chromium, sqlite_url, tmp_path, place="NZ") as visitor:
        await show(visitor)
        await visitor.recorded(visitor.part("acknowledge"))
        assert [body["action"] for body in bodies(visitor, "/consents")] == ["acknowledge"]
        await expect(visitor.part("notice")).to_have_count(0)
        await expect(visitor.part("reopen")).to_have_text(FIRST["reopen"])


async def test_an_x_that_asks_later_decides_nothing(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    site = site_file(changes={'close = "refuse"': 'close = "ask_later"'})
    async with asked(chromium, sqlite_url, tmp_path, site=site) as visitor:
        await show(visitor)
        await expect(visitor.part("close")).to_have_text(FIRST["close_later"])
        await visitor.part("close").click()
        await expect(visitor.part("notice")).to_have_count(0)
        assert await visitor.writes() == []
        assert bodies(visitor, "/consents") == []


async def test_an_honoured_signal_is_shown_and_the_notice_is_not(
    chromium: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    async with asked(chromium, sqlite_url, tmp_path, place="US-CA") as visitor:
        await visitor.context.add_init_script(GPC)
        async with visitor.page.expect_response("**/events"):
            await show(visitor, '<a href="#" data-consent-open>Cookie settings</a>')
        # Even where the page has a way back of its own (11 CCR 7025(c)(6)).
        await expect(visitor.part("reopen")).to_have_text(FIRST["privacy_choices"])
        await expect(visitor.page.get_by_role("status").filter(has_text=FIRST["gpc_honored"])).to_be_visible()
        await expect(visitor.part("notice")).to_have_count(0)
        assert [body["kind"] for body in bodies(visitor, "/events")] == ["gpc_honored"]
        assert bodies(visitor, "/consents") == []
        assert await visitor.writes() == []
        await visitor.part("reopen").click()
        await expect(visitor.switch("advertising")).not_to_be_checked()
        await expect(visitor.switch("analytics")).to_be_checked()
        await expect(visitor.part("preferences")).to_contain_text(FIRST["gpc_honored"])
        await expect(visitor.part("preferences")).to_contain_text(SECOND["gpc"])


async def test_a_way_back_is_not_doubled_without_a_signal(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with asked(chromium, sqlite_url, tmp_path, place="US-CA") as visitor:
        await show(visitor, '<a href="#" data-consent-open>Cookie settings</a>')
        await visitor.recorded(visitor.part("accept"))
        await visitor.page.reload()
        await visitor.until("window.consent.state().decided")
        assert await visitor.part("reopen").count() == 0


@pytest.mark.parametrize("link", ["", '<a href="#" data-consent-open>Cookie settings</a>'])
async def test_an_opt_out_is_confirmed_and_stays_so(
    chromium: Browser, sqlite_url: str, tmp_path: Path, link: str
) -> None:
    async with asked(chromium, sqlite_url, tmp_path, place="US-TX") as visitor:
        # Something that runs from the start, so that the page is loaded anew by the opt-out.
        await show(visitor, link + gated("advertising", "sold"), head="<script>window.ran = []</script>")
        await visitor.until("window.ran.includes('sold')")
        async with visitor.page.expect_event("load"):
            await visitor.part("refuse").click()
        await visitor.until("window.consent?.state().decided")
        assert await ran(visitor) == []
        confirmed = visitor.page.get_by_role("status").filter(has_text=FIRST["opted_out"])
        await expect(confirmed).to_be_visible()
        await expect(visitor.part("reopen")).to_have_text(FIRST["do_not_sell"])
        # No timer takes it away; asking back in does.
        await visitor.part("reopen").click()
        await visitor.recorded(visitor.part("accept"))
        await expect(confirmed).to_have_count(0)
        await expect(visitor.part("reopen")).to_be_visible()


async def test_the_second_layer_tells_all_there_is_to_know(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    cookie = 'name = "_fbp", lifetime = "90 days", domain = ".miaminewtimes.com"'
    kinds = {cookie: 'name = "_fbp", kind = "local_storage", lifetime = "persistent"', '"180 days"': '"session"'}
    async with asked(chromium, sqlite_url, tmp_path, site=site_file(changes=kinds)) as visitor:
        await show(visitor)
        told = await visitor.recorded(visitor.part("accept"))
        await visitor.part("reopen").click()
        layer = visitor.part("preferences")
        for words in (
            "Google Ireland Limited",
            "_ga_*",
            "Keeps the state of a visit.",
            "Lifetime: 2 years",
            "Lifetime: 90 days",
            f"Lifetime: {SECOND['session']}",
            f"{SECOND['local_storage']} · Lifetime: {SECOND['persistent']}",
            "Domain: .youtube.com",
            SECOND["basis_consent"],
            told["id"],
            SECOND["decided"],
        ):
            await expect(layer).to_contain_text(words)
        policies = await layer.locator("li a").evaluate_all("(all) => all.map((one) => one.href)")
        assert "https://www.facebook.com/privacy/policy" in policies
        receipt = layer.get_by_role("link", name=SECOND["receipt_open"])
        assert await receipt.get_attribute("href") == f"{visitor.served.service}/receipts/{told['receipt']}"
        await visitor.recorded(visitor.part("withdraw"))
        spoken = visitor.page.get_by_role("status").filter(has_text=SECOND["withdrawn"])
        await expect(spoken).to_have_count(1)
        assert [body["action"] for body in bodies(visitor, "/consents")] == ["accept_all", "withdraw"]


async def test_a_switch_for_each_purpose_and_each_service(visitor: Visit) -> None:
    await visitor.arrive()
    await visitor.part("choose").click()
    layer = visitor.part("preferences")
    await expect(layer).to_be_visible()
    switches = layer.get_by_role("switch", include_hidden=True)
    labels = await switches.evaluate_all("(all) => all.map((one) => one.ariaLabel)")
    assert labels[:2] == ["Performance and usage", "Google Analytics"]
    assert len(labels) == 3 + 5
    await visitor.switch("content").check()
    await layer.locator("summary").nth(1).click()
    await layer.get_by_role("switch", name="Twitter").uncheck()
    await expect(layer.locator("section").nth(2)).to_contain_text(SECOND["partly"])
    await visitor.recorded(visitor.part("save"))
    sent = bodies(visitor, "/consents")[0]
    assert sent["action"] == "save"
    assert sent["purposes"] == {"analytics": False, "content": True, "advertising": False}
    assert sent["services"] == {"twitter": False}


async def test_a_choice_the_browser_does_not_keep_is_said_so_in_both_layers(chromium: Browser, demo: Any) -> None:
    blocked = "Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set() {}, configurable: true });"
    async with visit(chromium, demo) as visitor:
        await visitor.context.add_init_script(blocked)
        await visitor.arrive()
        await visitor.part("accept").click()
        await expect(visitor.part("notice").get_by_role("status")).to_have_text(FIRST["unsaved"])
        await visitor.part("choose").click()
        await visitor.part("preferences").locator('[part="accept"]').click()
        await expect(visitor.part("preferences").get_by_role("status")).to_have_text(FIRST["unsaved"])


SIZES = [(560, 315), (300, 250), (728, 90), (160, 600), (120, 90), (320, 50)]


async def test_a_placeholder_fits_every_frame_and_moves_nothing(
    chromium: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    async with asked(chromium, sqlite_url, tmp_path) as visitor:
        gate = "".join(f"<p>{frame(visitor.served, *size)}</p>" for size in [*SIZES, (30, 30)])
        await visitor.page.set_content(gate)
        await show(visitor, gate)
        await expect(visitor.part("placeholder")).to_have_count(len(SIZES) + 1)
        await visitor.recorded(visitor.part("refuse"))
        before = await visitor.page.evaluate(BOXES)
        frames = await visitor.page.locator("iframe").all()
        hosts = await visitor.page.locator("div:has(+ iframe)").all()
        for held, host, size in zip(frames, hosts, SIZES, strict=False):
            assert await held.bounding_box() == await host.bounding_box()
            button = host.locator('[part="once"]')
            await button.scroll_into_view_if_needed()
            await button.click(trial=True)
            box = await button.bounding_box()
            assert box and box["height"] >= 24 and box["width"] <= size[0]
        assert not await hosts[-1].is_visible()
        await hosts[0].locator('[part="once"]').click()
        await expect(visitor.part("placeholder")).to_have_count(len(SIZES))
        assert [box for box in await visitor.page.evaluate(BOXES) if box not in before] == []


async def test_a_placeholder_shows_once_always_and_manages(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with asked(chromium, sqlite_url, tmp_path) as visitor:
        await show(visitor, frame(visitor.served) + frame(visitor.served))
        await visitor.recorded(visitor.part("refuse"))
        first = visitor.part("placeholder").first
        await expect(first).to_contain_text("YouTube")
        await expect(first).to_contain_text("Content and embeds")
        await first.locator('[part="once"]').click()
        await expect(visitor.part("placeholder")).to_have_count(1)
        assert len(bodies(visitor, "/consents")) == 1
        await visitor.part("manage").click()
        await expect(visitor.part("preferences")).to_be_visible()
        await visitor.page.keyboard.press("Escape")
        await visitor.recorded(visitor.part("always"))
        await expect(visitor.part("placeholder")).to_have_count(0)
        assert bodies(visitor, "/consents")[1]["services"] == {"youtube": True}
