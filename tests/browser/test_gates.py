"""What is gated: nothing runs before its yes, everything after it once and in order, under a strict policy."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.pages import NONCE, gated, open_page, ran
from tests.browser.visiting import Visit

GATES = f"""
{gated("analytics", "first")}
<script nonce="{NONCE}" type="text/plain" data-purpose="analytics" src="/demo/assets/analytics.js"></script>
{gated("analytics", "after the external one")}
{gated("analytics", "module", 'data-type="module"')}
{gated("content", "of another purpose")}
{gated("necessary", "required")}
{gated("unheard-of", "of no purpose")}
<template data-purpose="analytics"><p id="inside">Inside</p>
<script nonce="{NONCE}">ran.push("in the template")</script></template>
"""
STAND_IN = f'<script nonce="{NONCE}">window.demo = {{ran: (what) => ran.push(what)}};</script>'


async def decide(visitor: Visit, decisions: str) -> None:
    """Decides through the page's own API, and waits for the work after the paint."""
    await visitor.page.evaluate(f"window.consent.set({decisions})")
    await visitor.page.wait_for_timeout(400)


async def test_only_the_permitted_run_once_in_document_order(visitor: Visit) -> None:
    await open_page(visitor, GATES, head=STAND_IN)
    await expect(visitor.part("notice")).to_be_visible()
    assert await ran(visitor) == ["required"]
    await decide(visitor, "{analytics: true}")
    in_order = ["required", "first", "analytics.js", "after the external one", "module", "in the template"]
    assert [mark for mark in await ran(visitor) if mark != "module"] == [m for m in in_order if m != "module"]
    assert sorted(await ran(visitor)) == sorted(in_order)
    await expect(visitor.page.locator("#inside")).to_be_visible()
    await decide(visitor, "{content: true}")
    assert sorted(await ran(visitor)) == sorted([*in_order, "of another purpose"])
    await visitor.assert_calm()


async def test_what_the_page_adds_later_waits_as_well(visitor: Visit) -> None:
    await open_page(visitor, "<div id='here'></div>")
    await expect(visitor.part("notice")).to_be_visible()
    add = """([purpose, nonce]) => {
        const script = document.createElement('script');
        Object.assign(script, { type: 'text/plain', nonce });
        script.dataset.purpose = purpose;
        window.rules ??= trustedTypes.createPolicy('page', { createScript: (text) => text });
        script.text = rules.createScript(`ran.push('late ${purpose}')`);
        document.getElementById('here').append(script);
    }"""
    for purpose in ("analytics", "advertising"):
        await visitor.page.evaluate(add, [purpose, NONCE])
    await visitor.page.wait_for_timeout(200)
    assert await ran(visitor) == []
    await decide(visitor, "{advertising: true}")
    assert await ran(visitor) == ["late advertising"]
    await visitor.page.evaluate(add, ["advertising", NONCE])
    await visitor.page.wait_for_timeout(200)
    assert await ran(visitor) == ["late advertising", "late advertising"]
    await visitor.assert_calm()


async def test_a_service_is_finer_than_its_purpose(visitor: Visit) -> None:
    body = gated("content", "youtube", 'data-service="youtube"') + gated("content", "twitter", 'data-service="twitter"')
    await open_page(visitor, body)
    await expect(visitor.part("notice")).to_be_visible()
    await decide(visitor, "{youtube: true}")
    assert await ran(visitor) == ["youtube"]
    assert await visitor.page.evaluate("['youtube', 'twitter', 'content'].map(window.consent.given)") == [
        True,
        False,
        False,
    ]
    await visitor.assert_calm()


async def test_calls_made_before_the_script_are_not_lost(visitor: Visit) -> None:
    stub = (
        f'<script nonce="{NONCE}">window.consent = window.consent || {{q: []}};'
        "consent.q.push(['on', 'change', () => ran.push('told')]);</script>"
    )
    await open_page(visitor, "", head=stub)
    await visitor.part("refuse").click()
    await visitor.until("window.ran.includes('told')")
    await visitor.assert_calm()


async def test_a_second_tag_and_clobbered_names_change_nothing(visitor: Visit) -> None:
    service = visitor.served.service
    twice = f'<script nonce="{NONCE}" src="{service}/w/miami-new-times.js" async></script>' * 2
    body = '<form id="consent"><input name="q"></form><img name="fc"><a id="fc"></a>' + gated("analytics", "clobbered")
    await open_page(visitor, body, tag=twice)
    await expect(visitor.part("notice")).to_have_count(1)
    await visitor.recorded(visitor.part("refuse"))
    await expect(visitor.part("notice")).to_have_count(0)
    assert await ran(visitor) == []
    await visitor.assert_calm()
