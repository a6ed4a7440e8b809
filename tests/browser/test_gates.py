"""What is gated: nothing runs before its yes, everything after it once and in order, under a strict policy."""

from __future__ import annotations

import asyncio
import base64
from urllib.parse import urlsplit

from playwright.async_api import Route, expect

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


PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


async def open_media(visitor: Visit, body: str, head: str = "") -> list[str]:
    """A page that may show what its own origin serves; gives the paths of that asked for so far, as they come."""
    asked: list[str] = []

    async def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path.rpartition("/")[2]
        asked.append(path)
        kind = {"css": "text/css", "png": "image/gif"}.get(path.rpartition(".")[2], "application/octet-stream")
        await route.fulfill(body="p { color: rgb(1, 2, 3) }" if kind == "text/css" else PIXEL, content_type=kind)

    await visitor.page.route("**/media/*", serve)
    own = visitor.served.origin
    await open_page(visitor, body, head=head, more=f"img-src {own}; media-src {own}; object-src {own}")
    return asked


async def test_images_links_and_embeds_wait_as_well(visitor: Visit) -> None:
    body = """
    <img data-purpose="analytics" data-src="/media/a.png" data-srcset="/media/b.png 2x" alt="" width="300" height="200">
    <picture><source data-purpose="analytics" data-srcset="/media/c.png"><img alt="" width="30" height="20"></picture>
    <link rel="stylesheet" nonce="r4nd0m" data-purpose="analytics" data-href="/media/d.css">
    <video><source data-purpose="analytics" data-src="/media/e.bin" type="video/mp4"></video>
    <audio data-purpose="analytics" data-src="/media/f.bin" preload="auto"></audio>
    <embed data-purpose="analytics" data-src="/media/g.png" type="image/gif" width="60" height="60">
    <img data-purpose="content" data-src="/media/never.png" alt="">
    <img data-purpose="unheard-of" data-src="/media/never.png" alt="">
    <img data-purpose="!analytics" data-src="/media/instead.png" alt="">
    <p id="last">Below</p>
    """
    asked = await open_media(visitor, body)
    await expect(visitor.part("notice")).to_be_visible()
    assert asked == []
    place = "JSON.stringify(document.getElementById('last').getBoundingClientRect())"
    before = await visitor.page.evaluate(place)
    await visitor.page.evaluate("window.consent.set({analytics: true})")
    await expect(visitor.part("notice")).to_have_count(0)
    await expect(visitor.page.locator("#last")).to_have_css("color", "rgb(1, 2, 3)")
    async with asyncio.timeout(10):
        while len(set(asked)) < 6:  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(0.05)
    await visitor.page.wait_for_load_state("networkidle")
    assert sorted(set(asked)) == ["a.png", "c.png", "d.css", "e.bin", "f.bin", "g.png"]
    assert await visitor.page.evaluate(place) == before
    await visitor.assert_calm()


async def test_what_stands_in_for_the_refused_runs_on_a_refusal_alone(visitor: Visit) -> None:
    body = (
        gated("!analytics", "instead")
        + gated("!unheard-of", "never")
        + gated("!necessary", "never either")
        + gated("!content", "without twitter", 'data-service="twitter"')
        + '<template data-purpose="!advertising"><p id="house-ad">Subscribe</p></template>'
    )
    await open_page(visitor, body)
    await expect(visitor.part("notice")).to_be_visible()
    assert await ran(visitor) == []
    await visitor.page.evaluate("consent.set({analytics: false, content: true, advertising: false, twitter: false})")
    await visitor.until("window.ran.includes('without twitter')")
    await expect(visitor.page.locator("#house-ad")).to_be_visible()
    assert await ran(visitor) == ["instead", "without twitter"]
    # Given after all, what stood in for it may stay: the page is not loaded anew.
    await visitor.page.evaluate("window.before = true")
    await visitor.page.evaluate("window.consent.set({analytics: true, advertising: true})")
    await visitor.until("window.consent.receipt() !== null")
    await visitor.page.wait_for_load_state("networkidle")
    assert await visitor.page.evaluate("window.before") is True
    await visitor.assert_calm()


async def test_a_page_that_replaces_its_body_is_held_as_before(visitor: Visit) -> None:
    await open_page(visitor, gated("analytics", "first page"))
    await decide(visitor, "{analytics: true}", last="first page")
    template = "<body><h1>Next</h1>" + gated("analytics", "second page") + gated("advertising", "never")
    await visitor.page.evaluate(
        """([html, nonce]) => {
            const rules = trustedTypes.createPolicy('page', { createHTML: (text) => text });
            const next = new DOMParser().parseFromString(rules.createHTML(html), 'text/html');
            for (const script of next.querySelectorAll('script')) script.nonce = nonce;
            document.body.replaceWith(next.body);
        }""",
        [template, NONCE],
    )
    await visitor.until("window.ran.includes('second page')")
    assert await ran(visitor) == ["first page", "second page"]
    await visitor.assert_calm()


async def test_a_notice_that_is_open_stays_when_the_page_replaces_its_body(visitor: Visit) -> None:
    await open_page(visitor, gated("analytics", "held"))
    await expect(visitor.part("notice")).to_be_visible()
    await visitor.page.evaluate("document.body.replaceWith(document.createElement('body'))")
    await expect(visitor.part("notice")).to_be_visible()
    await visitor.recorded(visitor.part("accept"))
    await expect(visitor.part("notice")).to_have_count(0)
    await visitor.assert_calm()


async def test_another_address_is_another_gate(visitor: Visit) -> None:
    body = '<img id="it" data-purpose="analytics" data-src="/media/a.png" alt=""><img id="late" alt="">'
    asked = await open_media(visitor, body)
    await visitor.page.evaluate("window.consent.set({analytics: true})")
    await visitor.until("document.getElementById('it').complete && document.getElementById('it').src !== ''")
    await visitor.page.evaluate("void (document.getElementById('it').dataset.src = '/media/b.png')")
    await visitor.until("document.getElementById('it').src.endsWith('b.png')")
    await visitor.page.evaluate(
        "void Object.assign(document.getElementById('it').dataset, {purpose: 'content', src: '/media/c.png'});"
        "void Object.assign(document.getElementById('late').dataset, {src: '/media/d.png', purpose: 'analytics'})"
    )
    await visitor.until("document.getElementById('late').src.endsWith('d.png')")
    await visitor.page.wait_for_load_state("networkidle")
    assert sorted(set(asked)) == ["a.png", "b.png", "d.png"]
    await visitor.assert_calm()


async def test_integrity_is_kept(visitor: Visit) -> None:
    bad = f"sha256-{base64.b64encode(bytes(32)).decode()}"
    source = visitor.served.origin + "/demo/assets/analytics.js"
    body = (
        f'<script nonce="{NONCE}" type="text/plain" data-purpose="analytics" src="{source}" integrity="{bad}"'
        f' crossorigin="anonymous"></script>' + gated("analytics", "after")
    )
    await open_page(visitor, body, head=STAND_IN)
    await decide(visitor, "{analytics: true}", last="after")
    assert await ran(visitor) == ["after"]
    await visitor.assert_calm()
