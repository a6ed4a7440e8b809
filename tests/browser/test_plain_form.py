"""A publisher's own form in a real browser: without any script, and sent by a script of the page's own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect
from starlette.responses import HTMLResponse

from tests.browser.serving import SITE, Served

STORIES = "top-stories"
LOOSE = {"Content-Security-Policy": "default-src * 'unsafe-inline'"}
USUAL = '<meta name="referrer" content="strict-origin-when-cross-origin">'
"""What browsers do where a page says nothing; the service's own pages say more, and a test's are among them."""


@pytest.fixture
async def unscripted(chromium: Browser) -> AsyncIterator[Page]:
    """A page of a browser whose scripts are switched off."""
    context = await chromium.new_context(java_script_enabled=False)
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def scripted(chromium: Browser) -> AsyncIterator[Page]:
    """A page of an ordinary browser."""
    context = await chromium.new_context()
    yield await context.new_page()
    await context.close()


def put_form(served: Served, more: str = "", head: str = USUAL) -> str:
    """A page of the site with the README's form on it; its address."""
    served.own["thanks"] = HTMLResponse("<!doctype html><title>Thanks</title><h1>Thank you</h1>")
    served.own["page"] = HTMLResponse(f"""<!doctype html><meta charset="utf-8"><title>A page</title>{head}
        <form method="post" action="{served.service}/v1/sites/{SITE}/signups" {more}>
          <label>E-mail address <input type="email" name="email" required autocomplete="email"></label>
          <input type="hidden" name="list" value="{STORIES}">
          <input type="hidden" name="next" value="{served.origin}/own/thanks">
          <button>Sign up</button>
        </form>""", headers=LOOSE)  # fmt: skip
    return f"{served.origin}/own/page"


@pytest.mark.parametrize("encoding", ["", 'enctype="multipart/form-data"'])
async def test_a_form_without_a_script_goes_where_it_says(unscripted: Page, demo: Served, encoding: str) -> None:
    await unscripted.goto(put_form(demo, encoding))
    await unscripted.get_by_label("E-mail address").fill("reader@example.org")
    await unscripted.get_by_role("button").click()
    await expect(unscripted).to_have_url(f"{demo.origin}/own/thanks")


async def test_the_hosted_form_needs_no_script(unscripted: Page, demo: Served) -> None:
    await unscripted.goto(f"{demo.service}/newsletter/{SITE}?language=en")
    field = unscripted.locator("#sign-email")
    await unscripted.get_by_label("Top Stories").check()
    await field.fill("reader@nowhere")
    await unscripted.locator("form.fields button.big").click()
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_value("reader@nowhere")
    await field.fill("reader@example.org")
    await unscripted.locator("form.fields button.big").click()
    await expect(unscripted).to_have_url(f"{demo.service}/newsletter/{SITE}/asked?language=en")


async def test_who_is_in_doubt_without_a_script_is_told_what_helps(unscripted: Page, demo: Served) -> None:
    answers = []
    for _ in range(9):
        await unscripted.goto(put_form(demo))
        await unscripted.get_by_label("E-mail address").fill("reader@example.org")
        async with unscripted.expect_response("**/signups") as answer:
            await unscripted.get_by_role("button").click()
        answers.append(await answer.value)
    assert [one.status for one in answers] == [303] * 8 + [403]
    # In the page's source: this browser's switch stops scripts, but does not show what stands in for them.
    assert "This check needs JavaScript" in await answers[-1].text()
    await expect(unscripted.locator("#busy")).to_be_hidden()


async def test_a_pages_own_script_reads_the_answer(scripted: Page, demo: Served) -> None:
    """A form that a script sends, as FormData: no redirect, which would fail it, and an answer it may read."""
    await scripted.goto(put_form(demo))
    await scripted.get_by_label("E-mail address").fill("reader@example.org")
    send = "async () => { const form = document.forms[0];"
    send += " const answer = await fetch(form.action, { method: 'POST', body: new FormData(form) });"
    send += " return [answer.status, answer.redirected, (await answer.json()).status]; }"
    assert await scripted.evaluate(send) == [202, False, "accepted"]
    await scripted.get_by_label("E-mail address").fill("reader@nowhere")
    send = send.replace("(await answer.json()).status", "(await answer.json()).errors[0].path")
    assert await scripted.evaluate(send) == [422, False, "email"]


async def test_a_page_that_keeps_its_referrer_is_told_why_it_may_not(scripted: Page, demo: Served) -> None:
    """Its browser sends `Origin: null`, as any page can have it sent: a form needs its origin."""
    await scripted.goto(put_form(demo, head='<meta name="referrer" content="no-referrer">'))
    await scripted.get_by_label("E-mail address").fill("reader@example.org")
    async with scripted.expect_response("**/signups") as answer:
        await scripted.get_by_role("button").click()
    assert (await answer.value).status == 403


async def test_the_hosted_form_goes_on_to_the_sites_page(unscripted: Page, demo: Served) -> None:
    put_form(demo)
    await unscripted.goto(f"{demo.service}/newsletter/{SITE}?language=en&next={demo.origin}/own/thanks")
    await unscripted.get_by_label("Top Stories").check()
    await unscripted.locator("#sign-email").fill("reader@example.org")
    await unscripted.locator("form.fields button.big").click()
    await expect(unscripted).to_have_url(f"{demo.origin}/own/thanks")


async def test_who_was_in_doubt_goes_on_to_the_sites_page(scripted: Page, demo: Served) -> None:
    for _ in range(9):
        await scripted.goto(put_form(demo))
        await scripted.get_by_label("E-mail address").fill("reader@example.org")
        await scripted.get_by_role("button").click()
        await expect(scripted).to_have_url(f"{demo.origin}/own/thanks")
