"""The newsletter offered by itself: when it comes, when it must not, and what each answer to it keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.asking import asked, show
from tests.browser.offering import DAY_SECONDS, FORM, KEPT, come, open_story, reading, sent, site_with, told, wait
from tests.browser.test_access import focused, walk
from tests.browser.test_signup import WORDS, said
from tests.browser.visiting import Visit

DATE = r"[A-Z][a-z]+ \d{1,2}, \d{4}"
LEAVE = """(type) => document.documentElement.dispatchEvent(
  new PointerEvent('pointerleave', { pointerType: type, clientY: -3 }))"""


async def read_again(visitor: Visit, days: float = 0) -> None:
    """Comes back to the page after so many days, and stays there for longer than the prompt waits."""
    await visitor.page.clock.fast_forward(int(days * DAY_SECONDS * 1000))
    await show(visitor)
    await come(visitor)
    await wait(visitor, 40)


async def kept(visitor: Visit) -> tuple[float, int]:
    """Days until which it is quiet, and how often "later" was said."""
    text = await visitor.page.evaluate(KEPT)
    until, more = text.split(".")
    now = await visitor.page.evaluate("Date.now()")
    return round((int(until) - now) / DAY_SECONDS / 1000, 2), int(more[0])


async def test_it_comes_after_seconds_and_takes_nothing(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with reading(chromium, sqlite_url, tmp_path) as visitor:
        prompt = visitor.part("prompt")
        await wait(visitor, 10)
        await expect(prompt).to_have_count(0)
        await visitor.page.locator("#p3").focus()
        await wait(visitor, 40)
        await expect(prompt).to_be_visible()
        assert await focused(visitor) == "a"
        assert await visitor.page.evaluate("document.activeElement.id") == "p3"
        region = visitor.page.get_by_role("region", name=WORDS["title"])
        for name in ("submit", "decline", "later"):
            await expect(region.get_by_role("button", name=WORDS[name], exact=True)).to_have_count(1)
        # Last in the page's order: who reads by keyboard meets it behind the story.
        await visitor.page.locator("#p29").focus()
        assert await walk(visitor, 6) == ["close", "email", "submit", "a", "decline", "later"]
        assert told(visitor) == [("prompt_shown", "seconds")]
        event = sent(visitor, "/events")[-1]
        assert event["page"] == visitor.served.origin + "/own/long"
        assert await visitor.page.evaluate(KEPT) is None
        await visitor.assert_calm()


async def test_it_comes_where_half_of_the_page_was_scrolled(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with reading(chromium, sqlite_url, tmp_path, site=site_with(scroll=50)) as visitor:
        await visitor.page.evaluate("scrollTo(0, (document.documentElement.scrollHeight - innerHeight) * 0.4)")
        await wait(visitor, 60)
        await expect(visitor.part("prompt")).to_have_count(0)
        await visitor.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        await wait(visitor, 1)
        await expect(visitor.part("prompt")).to_be_visible()
        assert told(visitor) == [("prompt_shown", "scroll")]


async def test_it_comes_on_the_second_page(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with reading(chromium, sqlite_url, tmp_path, site=site_with(pages=2)) as visitor:
        await visitor.page.goto(visitor.served.origin + "/own/long?first")
        await come(visitor)
        assert await visitor.page.evaluate("navigation.entries().length") >= 2
        await wait(visitor, 1)
        await expect(visitor.part("prompt")).to_be_visible()
        assert told(visitor) == [("prompt_shown", "pages")]


async def test_a_place_on_the_same_page_is_no_second_page(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with reading(chromium, sqlite_url, tmp_path, site=site_with(pages=2)) as visitor:
        await visitor.page.locator("#p5").click()
        await visitor.page.locator("#p6").click()
        await wait(visitor, 60)
        await expect(visitor.part("prompt")).to_have_count(0)


async def test_it_comes_when_the_mouse_leaves_at_the_top(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with reading(chromium, sqlite_url, tmp_path, site=site_with(seconds=3600, more="on_exit = true")) as visitor:
        await visitor.page.evaluate(LEAVE, "touch")
        await visitor.page.evaluate(LEAVE.replace("-3", "300"), "mouse")
        await wait(visitor, 60)
        await expect(visitor.part("prompt")).to_have_count(0)
        await visitor.page.evaluate(LEAVE, "mouse")
        await expect(visitor.part("prompt")).to_be_visible()
        assert told(visitor) == [("prompt_shown", "exit")]


async def test_it_waits_until_the_cookie_notice_is_answered(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with asked(chromium, sqlite_url, tmp_path, site=site_with(seconds=30)) as visitor:
        await visitor.page.clock.install()
        await show(visitor)
        await come(visitor)
        await wait(visitor, 60)
        await expect(visitor.part("notice")).to_be_visible()
        await expect(visitor.part("prompt")).to_have_count(0)
        await visitor.recorded(visitor.part("refuse"))
        await wait(visitor, 1)
        await expect(visitor.part("prompt")).to_be_visible()


async def test_it_waits_while_somebody_writes_or_something_lies_over_the_page(
    chromium: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    body = '<p><input id="search" aria-label="Search"></p><dialog id="own"><button>Close</button></dialog>'
    async with reading(chromium, sqlite_url, tmp_path, body) as visitor:
        prompt = visitor.part("prompt")
        await visitor.page.locator("#search").focus()
        await wait(visitor, 60)
        await expect(prompt).to_have_count(0)
        await visitor.page.locator("#search").blur()
        await visitor.page.evaluate("document.getElementById('own').showModal()")
        await wait(visitor, 60)
        await expect(prompt).to_have_count(0)
        await visitor.page.evaluate("document.getElementById('own').close()")
        await visitor.page.evaluate("consent.open()")
        await expect(visitor.part("preferences")).to_be_visible()
        await visitor.page.evaluate("document.activeElement.shadowRoot.activeElement.blur()")
        await wait(visitor, 60)
        await expect(prompt).to_have_count(0)
        await visitor.page.evaluate("consent.close()")
        await wait(visitor, 1)
        await expect(prompt).to_be_visible()


async def test_it_does_not_come_beside_the_form_itself(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with reading(chromium, sqlite_url, tmp_path, FORM) as visitor:
        await wait(visitor, 60)
        await expect(visitor.part("signup")).to_be_visible()
        await expect(visitor.part("prompt")).to_have_count(0)
        await visitor.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        await wait(visitor, 1)
        await expect(visitor.part("prompt")).to_be_visible()


async def test_a_no_holds_for_as_long_as_the_site_says(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with reading(chromium, sqlite_url, tmp_path) as visitor:
        await wait(visitor, 40)
        await visitor.part("decline").click()
        await expect(visitor.part("prompt")).to_have_count(0)
        spoken = visitor.page.get_by_role("status").filter(has_text=re.compile(WORDS["declined"].format(date=DATE)))
        await expect(spoken).to_be_visible()
        await wait(visitor, 40)
        await expect(spoken).to_have_count(0)
        assert await kept(visitor) == (365, 0)
        assert told(visitor)[1:] == [("prompt_declined", "seconds")]
        visitor.requests.clear()
        await read_again(visitor, 364)
        await expect(visitor.part("prompt")).to_have_count(0)
        assert not [path for path in visitor.paths() if ".signup." in path], "fetched for nothing"
        await read_again(visitor, 2)
        if await visitor.part("notice").count():  # the choice of cookies has run out meanwhile
            await visitor.part("refuse").click()
            await wait(visitor, 2)
        await expect(visitor.part("prompt")).to_be_visible()


async def test_later_says_its_date_and_doubles_each_time(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with reading(chromium, sqlite_url, tmp_path) as visitor:
        await wait(visitor, 40)
        for times, days in enumerate((7, 14, 28), 1):
            promise = visitor.part("prompt").get_by_text(re.compile(WORDS["later_date"].format(date=DATE)))
            words = await promise.inner_text()
            await expect(visitor.part("later")).to_have_accessible_description(words)
            await visitor.part("later").click()
            await expect(visitor.page.get_by_role("status").filter(has_text=words)).to_be_visible()
            assert await kept(visitor) == (days, times)
            await read_again(visitor, days - 0.5)
            await expect(visitor.part("prompt")).to_have_count(0)
            await read_again(visitor, 0.6)
            await expect(visitor.part("prompt")).to_be_visible()
        assert [kind for kind, _ in told(visitor)] == ["prompt_shown", "prompt_later"] * 3 + ["prompt_shown"]


@pytest.mark.parametrize("way", ["close", "escape", "escape inside"])
async def test_to_close_it_is_later(chromium: Browser, sqlite_url: str, tmp_path: Path, way: str) -> None:
    async with reading(chromium, sqlite_url, tmp_path) as visitor:
        await wait(visitor, 40)
        await visitor.page.locator("#p4").focus()
        if way == "close":
            await expect(visitor.part("close")).to_have_accessible_description(re.compile(DATE))
            await visitor.part("close").focus()
            await visitor.page.keyboard.press("Enter")
        elif way == "escape":
            # On the page's own control it is the page's.
            await visitor.page.keyboard.press("Escape")
            await expect(visitor.part("prompt")).to_be_visible()
            await visitor.page.locator("#p4").blur()
            await visitor.page.keyboard.press("Escape")
        else:
            await visitor.part("email").focus()
            await visitor.page.keyboard.press("Escape")
        await expect(visitor.part("prompt")).to_have_count(0)
        await expect(visitor.page.get_by_role("status").filter(has_text=re.compile(DATE))).to_be_visible()
        assert await kept(visitor) == (7, 1)
        if way != "escape":
            assert await visitor.page.evaluate("document.activeElement.id") == "p4", "the focus goes back"


async def test_it_comes_once_a_page_view_and_never_again_to_a_subscriber(
    chromium: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    async with reading(chromium, sqlite_url, tmp_path) as visitor:
        await wait(visitor, 40)
        prompt = visitor.part("prompt")
        await visitor.part("email").fill("reader@example.org")
        await wait(visitor, 40)
        await visitor.part("submit").click()
        await expect(said(prompt)).to_contain_text("Almost done")
        await expect(visitor.part("decline")).to_have_count(0)
        [body] = sent(visitor, "/signups")
        assert (body["via"], body["variant"]) == ("prompt", "seconds")
        assert told(visitor)[1:] == [("prompt_submitted", "seconds")]
        await visitor.part("close").click()
        await expect(prompt).to_have_count(0)
        assert await visitor.page.evaluate(KEPT) == "Infinity"
        await wait(visitor, 60)
        await expect(prompt).to_have_count(0)
        visitor.requests.clear()
        await read_again(visitor, 100)
        await expect(prompt).to_have_count(0)
        assert not [path for path in visitor.paths() if ".signup." in path]
        await visitor.assert_calm()


async def test_a_form_in_the_page_makes_a_subscriber_too(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with reading(chromium, sqlite_url, tmp_path, FORM) as visitor:
        form = visitor.part("signup")
        await form.locator('[part="email"]').fill("reader@example.org")
        await wait(visitor, 9)
        await form.locator('[part="submit"]').click()
        await expect(said(form)).to_contain_text("Almost done")
        await visitor.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        await wait(visitor, 60)
        await expect(visitor.part("prompt")).to_have_count(0)


async def test_an_answer_in_one_tab_is_one_in_the_other(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with reading(chromium, sqlite_url, tmp_path) as visitor:
        await wait(visitor, 40)
        other = Visit(await visitor.context.new_page(), visitor.served)
        await other.page.clock.install()
        await show(other)
        await come(other)
        await wait(other, 40)
        await expect(visitor.part("prompt")).to_be_visible()
        await expect(other.part("prompt")).to_be_visible()
        await other.part("decline").click()
        await expect(visitor.part("prompt")).to_have_count(0)
        assert [kind for kind, _ in told(visitor)] == ["prompt_shown"]


async def test_a_page_brought_back_does_not_offer_what_was_answered(
    chromium: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    async with reading(chromium, sqlite_url, tmp_path) as visitor:
        await wait(visitor, 40)
        await expect(visitor.part("prompt")).to_be_visible()
        # As if kept by the browser, which tells such a page nothing of storage.
        await visitor.page.evaluate("void localStorage.setItem('fc.n', Infinity)")
        await visitor.page.evaluate("void dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        await expect(visitor.part("prompt")).to_have_count(0)
        await visitor.page.keyboard.press("Escape")
        assert await visitor.page.evaluate(KEPT) == "Infinity"


async def test_where_no_answer_can_be_kept_nothing_is_asked(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with asked(chromium, sqlite_url, tmp_path, site=site_with(seconds=1)) as visitor:
        await visitor.context.add_init_script(
            "Object.defineProperty(window, 'localStorage',"
            " { get() { throw new DOMException('blocked', 'SecurityError'); } });"
        )
        await open_story(visitor)
        await wait(visitor, 60)
        await expect(visitor.part("prompt")).to_have_count(0)
        await visitor.assert_calm()


async def test_it_gives_way_to_the_cookie_notice(chromium: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with reading(chromium, sqlite_url, tmp_path) as visitor:
        await wait(visitor, 40)
        await expect(visitor.part("prompt")).to_be_visible()
        await visitor.page.clock.fast_forward(200 * DAY_SECONDS * 1000)  # the choice has run out
        await visitor.page.evaluate("void dispatchEvent(new Event('focus'))")
        await expect(visitor.part("notice")).to_be_visible()
        await expect(visitor.part("prompt")).to_have_count(0)
        assert await visitor.page.evaluate(KEPT) is None, "nobody has answered"
