"""The newsletter's form in a page: what it asks, what it sends, and what it says when that does not work."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Route, expect

from consent import notices
from tests.browser.asking import asked, show, site_file
from tests.browser.offering import FORM, KEPT, sent, wait
from tests.browser.serving import Served
from tests.browser.test_access import TARGETS, assert_axe_finds_nothing, walk
from tests.browser.visiting import Visit, visit

WORDS: dict[str, str] = json.loads((Path(notices.__file__).parent / "texts" / "en.json").read_text())["signup"]
BOTH = '<div data-newsletter="events  top-stories"></div>'
READER = "reader@example.org"
ADD = """(all) => all.forEach((lists) => {
  const place = document.createElement('div');
  place.dataset.newsletter = lists;
  document.querySelector('main').append(place);
})"""


def said(form: Locator) -> Locator:
    """Where the form speaks."""
    return form.get_by_role("status")


async def fill(visitor: Visit, address: str = READER, seconds: int = 10) -> Locator:
    """Types the address, as long as a person takes for it; gives the form."""
    form = visitor.part("signup").first
    await expect(form).to_be_visible()
    await wait(visitor, seconds)
    await form.get_by_label(WORDS["label"]).fill(address)
    return form


async def send(visitor: Visit, address: str = READER) -> Locator:
    """Signs up, and waits until that is taken."""
    form = await fill(visitor, address)
    await form.locator('[part="submit"]').click()
    await expect(said(form)).to_contain_text(WORDS["sent"].format(address=address))
    return form


@pytest.fixture
async def reader(chromium: Browser, demo: Served) -> AsyncIterator[Visit]:
    """A visitor whose page has a clock that a test turns on."""
    async with visit(chromium, demo) as visitor:
        await visitor.page.clock.install()
        yield visitor


async def test_a_form_stands_in_every_place_now_and_later(reader: Visit) -> None:
    none = '<p data-newsletter="no-such-list" id="none">Write to us.</p>'
    await show(reader, FORM + none)
    forms = reader.part("signup")
    await expect(forms).to_have_count(1)
    await expect(forms.first).to_contain_text("All-access pass to the top stories")
    await reader.page.evaluate(ADD, ["events  top-stories", "top-stories"])
    await expect(forms).to_have_count(3)
    await reader.page.evaluate("document.querySelector('main').append(document.createElement('p'))")
    assert await forms.count() == 3
    await expect(reader.page.locator("#none")).to_have_text("Write to us.")
    assert await reader.writes() == []
    await reader.assert_calm()


async def test_a_sign_up_sends_what_was_seen_and_the_campaign(reader: Visit) -> None:
    await show(reader, '<div data-newsletter="top-stories" data-variant="foot"></div>')
    await reader.page.evaluate("history.replaceState(null, '', '?utm_source=paper&utm_medium=qr&q=secret#p3')")
    await reader.page.evaluate("void consent.on('signup', (detail) => (window.heard = detail))")
    form = await send(reader, " Reader@Gmail.com ".strip())
    [body] = sent(reader, "/signups")
    assert body.pop("seconds") >= 10
    assert body == {
        "email": "Reader@Gmail.com",
        "lists": ["top-stories"],
        "language": "en",
        "notice": await reader.page.evaluate("consent.state().notice"),
        "page": reader.served.origin + "/own/long",
        "source": {"utm_source": "paper", "utm_medium": "qr"},
        "via": "form",
        "variant": "foot",
        "url_2": "",
    }
    assert await reader.page.evaluate("window.heard") == {"lists": ["top-stories"], "via": "form", "variant": "foot"}
    await expect(said(form)).to_be_focused()
    await expect(said(form)).to_contain_text(WORDS["again"])
    mail = form.get_by_role("link", name=WORDS["open_mail"].format(provider="Gmail"))
    assert await mail.get_attribute("href") == "https://mail.google.com"
    await expect(form.get_by_label(WORDS["label"])).to_have_count(0)
    assert await reader.writes() == []
    assert await reader.page.evaluate(KEPT) == "Infinity"
    await reader.assert_calm()


async def test_of_several_newsletters_none_is_ticked(reader: Visit) -> None:
    await show(reader, BOTH)
    form = await fill(reader)
    group = form.get_by_role("group", name=WORDS["choose_lists"])
    boxes = group.get_by_role("checkbox")
    assert [await box.is_checked() for box in await boxes.all()] == [False, False]
    await form.locator('[part="submit"]').click()
    await expect(said(form)).to_have_text(WORDS["no_list"])
    first = group.get_by_role("checkbox", name="Top Stories")
    await expect(first).to_be_focused()
    await expect(first).to_have_accessible_description(WORDS["no_list"])
    await expect(form).to_contain_text("sends you Top Stories and Events this week.")
    await group.get_by_role("checkbox", name="Events this week").check()
    await expect(form).to_contain_text("sends you Events this week.")
    await form.locator('[part="submit"]').click()
    await expect(said(form)).to_contain_text("Almost done")
    assert [body["lists"] for body in sent(reader, "/signups")] == [["events"]]


@pytest.mark.parametrize("address", ["", "reader", "reader@", "@example.org", "a reader@example.org"])
async def test_what_is_no_address_is_said_at_the_field(reader: Visit, address: str) -> None:
    await show(reader, FORM)
    form = await fill(reader, address)
    await reader.page.keyboard.press("Enter")
    field = form.get_by_label(WORDS["label"])
    await expect(said(form)).to_have_text(WORDS["invalid"])
    await expect(field).to_be_focused()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(WORDS["invalid"])
    assert sent(reader, "/signups") == []
    await field.fill(READER)
    await reader.page.keyboard.press("Enter")
    await expect(said(form)).to_contain_text("Almost done")
    assert len(sent(reader, "/signups")) == 1


async def test_an_address_that_the_service_refuses_is_said_at_the_field(reader: Visit) -> None:
    await show(reader, FORM)
    form = await fill(reader, "reader@example..org")
    await form.locator('[part="submit"]').click()
    await expect(said(form)).to_have_text(WORDS["invalid"])
    await expect(form.get_by_label(WORDS["label"])).to_be_focused()
    assert await reader.page.evaluate(KEPT) is None


async def test_a_mistyped_domain_is_doubted_and_holds_nothing_up(reader: Visit) -> None:
    await show(reader, FORM)
    form = await fill(reader, "reader@gmial.com")
    field = form.get_by_label(WORDS["label"])
    await field.blur()
    meant = form.get_by_role("button", name=WORDS["typo"].format(address="reader@gmail.com"))
    await meant.click()
    await expect(field).to_have_value("reader@gmail.com")
    await expect(field).to_be_focused()
    await expect(meant).to_have_count(0)
    await field.fill("reader@gmial.com")
    await reader.page.keyboard.press("Enter")
    await expect(said(form)).to_contain_text(WORDS["sent"].format(address="reader@gmial.com"))
    # And may be mended after it was sent.
    await meant.click()
    await expect(field).to_have_value("reader@gmail.com")
    await reader.page.keyboard.press("Enter")
    await expect(said(form)).to_contain_text(WORDS["sent"].format(address="reader@gmail.com"))
    assert [body["email"] for body in sent(reader, "/signups")] == ["reader@gmial.com", "reader@gmail.com"]


async def test_a_sender_in_doubt_is_asked_to_work_and_is_then_taken(visitor: Visit) -> None:
    await show(visitor, FORM)
    form = visitor.part("signup")
    await form.get_by_label(WORDS["label"]).fill(READER)  # at once, as no person would
    async with visitor.page.expect_response("**/signups/challenge"):
        await form.locator('[part="submit"]').click()
    await expect(said(form)).to_contain_text("Almost done")
    first, second = sent(visitor, "/signups")
    assert "challenge" not in first
    assert first | {"challenge": second["challenge"]} == second
    assert visitor.errors == []


@pytest.mark.parametrize("status", [None, 429, 500, 503])
async def test_a_service_that_is_down_is_said_and_asked_again(reader: Visit, status: int | None) -> None:
    async def fail(route: Route) -> None:
        if status is None:
            await route.abort()
        else:
            await route.fulfill(status=status, headers={"Access-Control-Allow-Origin": "*"}, body="{}")

    await reader.context.route("**/signups", fail)
    await show(reader, FORM)
    form = await fill(reader)
    await form.locator('[part="submit"]').click()
    await expect(said(form)).to_have_text(WORDS["failed"])
    await expect(form.get_by_label(WORDS["label"])).to_have_value(READER)
    assert await reader.page.evaluate(KEPT) is None
    await reader.context.unroute("**/signups")
    await form.locator('[part="submit"]').click()
    await expect(said(form)).to_contain_text("Almost done")
    assert reader.errors == []


async def test_two_clicks_send_it_once(reader: Visit) -> None:
    await show(reader, FORM)
    form = await fill(reader)
    await form.locator('[part="submit"]').dblclick()
    await expect(said(form)).to_contain_text("Almost done")
    assert len(sent(reader, "/signups")) == 1


async def test_it_works_where_storage_is_blocked(chromium: Browser, demo: Served) -> None:
    async with visit(chromium, demo) as visitor:
        await visitor.page.clock.install()
        await visitor.context.add_init_script(
            "for (const name of ['localStorage', 'sessionStorage'])"
            " Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });"
        )
        await show(visitor, FORM)
        await send(visitor)
        await visitor.assert_calm()


async def test_it_is_walked_by_keyboard_and_its_field_can_be_filled_by_the_browser(reader: Visit) -> None:
    await show(reader, FORM)
    await reader.recorded(reader.part("refuse"))
    field = reader.part("email")
    assert await field.evaluate(
        "({ type, autocomplete, inputMode, name }) => [type, autocomplete, inputMode, name]"
    ) == [
        "email",
        "email",
        "email",
        "email",
    ]
    await field.focus()
    assert await walk(reader, 2) == ["submit", "a"]
    trap = reader.part("signup").locator("[name=url_2]")
    assert await trap.evaluate("({ ariaHidden, tabIndex, value }) => [ariaHidden, tabIndex, value]") == ["true", -1, ""]


async def test_what_only_a_machine_fills_in_is_sent_along(reader: Visit) -> None:
    await show(reader, FORM)
    await reader.part("signup").locator("[name=url_2]").evaluate("(one) => (one.value = 'https://spam.example')")
    await send(reader)
    assert [body["url_2"] for body in sent(reader, "/signups")] == ["https://spam.example"]


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_a_form(
    chromium: Browser, sqlite_url: str, tmp_path: Path, scheme: Any, language: str, width: int
) -> None:
    options: Any = {"color_scheme": scheme, "viewport": {"width": width, "height": 720}}
    async with asked(chromium, sqlite_url, tmp_path, site=site_file("ar"), **options) as visitor:
        await show(visitor, FORM + BOTH, language=language)
        await visitor.recorded(visitor.part("refuse"))
        await assert_axe_finds_nothing(visitor, "signup")
        form = visitor.part("signup").first
        await form.locator('[part="email"]').fill("reader@gmial.com")
        await form.locator('[part="email"]').blur()
        await assert_axe_finds_nothing(visitor, "signup")
        controls = visitor.part("signup").locator("a, button, input:not(.unseen)")
        assert await controls.evaluate_all(TARGETS) == []
        wide = "document.documentElement.scrollWidth <= innerWidth"
        assert await visitor.page.evaluate(wide)
        await form.locator('[part="email"]').fill("reader")
        await form.locator('[part="submit"]').click()
        await assert_axe_finds_nothing(visitor, "signup")


async def test_without_javascript_the_page_has_a_form_of_its_own(chromium: Browser, demo: Served) -> None:
    async with visit(chromium, demo, java_script_enabled=False) as visitor:
        await visitor.page.goto(demo.page)
        form = visitor.page.locator("[data-newsletter] form")
        await form.get_by_label("E-mail address").fill(READER)
        await form.get_by_role("button", name="Sign up").click()
        await visitor.page.wait_for_url("**/newsletter/miami-new-times/asked**")
        await expect(visitor.page.locator("h1")).to_have_text("Almost done")


async def test_the_demos_own_form_is_replaced(reader: Visit) -> None:
    await reader.arrive()
    await expect(reader.part("signup")).to_have_count(1)
    await expect(reader.page.locator("[data-newsletter] > form")).to_have_count(0)
    await send(reader)
    await reader.assert_calm()
