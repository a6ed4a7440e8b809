"""What is gated: nothing runs before its yes, everything after it once and in order, under a strict policy."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.pages import NONCE, decide, embed, gated, open_page, ran
from tests.browser.visiting import Visit

GATES = f"""
{gated("analytics", "first")}
<script nonce="{NONCE}" type="text/plain" data-purpose="analytics" src="/demo/assets/analytics.js"></script>
{gated("analytics", "after the external one")}
{gated("analytics", "module", 'data-type="module"')}
{gated("analytics", "after it")}
{gated("content", "of another purpose")}
{gated("necessary", "required")}
{gated("unheard-of", "of no purpose")}
<template data-purpose="analytics"><p id="inside">Inside</p>
<script nonce="{NONCE}">ran.push("in the template")</script></template>
"""
STAND_IN = f'<script nonce="{NONCE}">window.demo = {{ran: (what) => ran.push(what)}};</script>'


async def test_only_the_permitted_run_once_in_document_order(visitor: Visit) -> None:
    await open_page(visitor, GATES, head=STAND_IN)
    await expect(visitor.part("notice")).to_be_visible()
    assert await ran(visitor) == ["required"]
    await decide(visitor, "{analytics: true}", last="in the template")
    in_order = ["required", "first", "analytics.js", "after the external one", "module", "after it", "in the template"]
    assert await ran(visitor) == in_order
    await expect(visitor.page.locator("#inside")).to_be_visible()
    await decide(visitor, "{content: true}", last="of another purpose")
    assert await ran(visitor) == [*in_order, "of another purpose"]
    await visitor.assert_calm()


async def test_inline_modules_keep_their_place_whatever_becomes_of_them(visitor: Visit) -> None:
    analytics = visitor.served.origin + "/demo/assets/analytics.js"
    fates = [
        f'import "{analytics}";ran.push("imported")',
        'import "/nowhere.js"',
        "no javascript",
        'throw "for nothing"',
    ]
    script = '<script nonce="{}" type="text/plain" data-purpose="analytics" data-type="Module">{}</script>'
    body = "".join(script.format(NONCE, fate) + gated("analytics", f"after {at}") for at, fate in enumerate(fates))
    await open_page(visitor, body, head=STAND_IN)
    await decide(visitor, "{analytics: true}", last="after 3")
    assert await ran(visitor) == ["analytics.js", "imported", "after 0", "after 1", "after 2", "after 3"]
    assert await visitor.page.locator("script[src^=data]").count() == 0
    assert await visitor.page.evaluate("window.breaches") == []


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
    for purpose in ("analytics", "advertising", "necessary"):
        await visitor.page.evaluate(add, [purpose, NONCE])
    await visitor.until("window.ran.includes('late necessary')")
    assert await ran(visitor) == ["late necessary"]
    await decide(visitor, "{advertising: true}", last="late advertising")
    assert await ran(visitor) == ["late necessary", "late advertising"]
    await visitor.page.evaluate(add, ["advertising", NONCE])
    await visitor.until("window.ran.length === 4")
    assert await ran(visitor) == ["late necessary", "late advertising", "late advertising"]
    await visitor.assert_calm()


async def test_a_service_is_finer_than_its_purpose(visitor: Visit) -> None:
    body = gated("content", "twitter", 'data-service="twitter"') + gated("content", "youtube", 'data-service="youtube"')
    await open_page(visitor, body)
    await expect(visitor.part("notice")).to_be_visible()
    await decide(visitor, "{youtube: true}", last="youtube")
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
    twice = embed(visitor.served.service) * 2
    body = '<form id="consent"><input name="q"></form><img name="fc"><a id="fc"></a>' + gated("analytics", "clobbered")
    await open_page(visitor, body, tag=twice)
    await expect(visitor.part("notice")).to_have_count(1)
    await visitor.recorded(visitor.part("refuse"))
    await expect(visitor.part("notice")).to_have_count(0)
    assert await ran(visitor) == []
    await visitor.assert_calm()
