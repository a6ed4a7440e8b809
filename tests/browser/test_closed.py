"""Whatever fails, fails towards no: nothing gated runs, no choice is lost, the page goes on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from playwright.async_api import Browser, Request, Route, expect

from tests.browser.pages import NONCE, gated, open_page, put_page, ran
from tests.browser.serving import Served
from tests.browser.sites import GPC, records
from tests.browser.visiting import Visit, visit
from tests.running import MIAMI

GATES = gated("analytics", "analytics") + gated("advertising", "advertising")
NONSENSE: list[dict[str, Any]] = [
    {"status": 500, "body": "no"},
    {"status": 200, "content_type": "text/html", "body": "<h1>A portal asks you to log in</h1>"},
    {"status": 200, "content_type": "text/javascript", "body": "export const T = {"},
]


@pytest.mark.parametrize("answer", NONSENSE, ids=["error", "portal", "cut short"])
async def test_a_layer_that_cannot_be_had_opens_nothing(visitor: Visit, answer: dict[str, Any]) -> None:
    async def fulfil(route: Route) -> None:
        await route.fulfill(headers={"Access-Control-Allow-Origin": "*"}, **answer)

    await visitor.context.route("**/w/*.notice.*", fulfil)
    async with visitor.page.expect_response("**/w/*.notice.*"):
        await open_page(visitor, GATES)
    await visitor.page.wait_for_load_state("networkidle")
    assert await ran(visitor) == []
    assert await visitor.cookies() == set()
    assert await visitor.page.evaluate("window.consent.given('analytics')") is False
    assert visitor.errors == []


async def test_a_service_that_is_down_loses_no_choice(visitor: Visit) -> None:
    bodies: list[dict[str, Any]] = []

    async def refuse(route: Route, request: Request) -> None:
        bodies.append(json.loads(request.post_data or "{}"))
        await route.abort()

    await visitor.context.route("**/consents", refuse)
    await visitor.arrive()
    async with visitor.page.expect_event("requestfailed"):
        await visitor.part("refuse").click()
    await visitor.until("localStorage.getItem('fc.q') !== null")
    await expect(visitor.part("notice")).to_have_count(0)
    assert await visitor.ran() == []

    await visitor.context.unroute("**/consents")
    async with visitor.page.expect_response(lambda answer: answer.url.endswith("/consents")) as waiting:
        await visitor.page.reload()
    answer = await (await waiting.value).json()
    assert {body["id"] for body in bodies} == {answer["id"]}
    await visitor.until("localStorage.getItem('fc.q') === null")
    _, exported = await visitor.served.command("export", "consents", "miami-new-times")
    assert [json.loads(line)["id"] for line in exported.splitlines()[:-1]] == [answer["id"]]


async def test_an_answer_that_is_lost_is_asked_for_again_and_recorded_once(visitor: Visit) -> None:
    lost = 0

    async def lose(route: Route) -> None:
        nonlocal lost
        lost += 1
        if lost > 1:
            await route.continue_()
            return
        await route.fetch()  # the service records it, but its answer never comes
        await route.abort()

    await visitor.context.route("**/consents", lose)
    await visitor.arrive()
    await visitor.part("accept").click()
    await visitor.until("window.consent.receipt() !== null")
    assert lost == 2
    _, exported = await visitor.served.command("export", "consents", "miami-new-times")
    assert len(exported.splitlines()) == 2


@pytest.mark.parametrize("text", ["", "1", "garbage", "2~a~b", "1~x~y~z~0~zzzzzzzz~analytics~~", "%7B%22a%22%3A1%7D"])
async def test_a_cookie_that_is_none_of_ours_is_no_choice(visitor: Visit, text: str) -> None:
    await visitor.context.add_cookies([{"name": "fc", "value": text, "url": visitor.served.page}])
    await open_page(visitor, GATES)
    await expect(visitor.part("notice")).to_be_visible()
    assert await ran(visitor) == []
    await visitor.assert_calm()


async def test_an_expired_choice_is_asked_again(visitor: Visit) -> None:
    await visitor.arrive()
    await visitor.recorded(visitor.part("accept"))
    [cookie] = [one for one in await visitor.context.cookies() if one.get("name") == "fc"]
    fields = str(cookie.get("value")).split("~")
    fields[5] = "1"
    await visitor.context.add_cookies([{"name": "fc", "value": "~".join(fields), "url": visitor.served.page}])
    await open_page(visitor, GATES)
    await expect(visitor.part("notice")).to_be_visible()
    assert await ran(visitor) == []


async def test_a_material_change_asks_again_and_says_what_changed(visitor: Visit) -> None:
    await visitor.arrive()
    await visitor.recorded(visitor.part("accept"))
    changed = (
        MIAMI.read_text()
        .replace('id = "google-ads"', 'id = "other-ads"')
        .replace('"Collect and analyze information', '"Collect, and analyze, information')
    )
    assert "visitors are asked again" in await visitor.served.publish(changed)
    await visitor.context.clear_cookies(name="_ga")
    await visitor.page.route(
        "**/w/miami-new-times.js", lambda route: route.continue_(headers={"cache-control": "no-cache"})
    )
    await open_page(visitor, GATES)
    await expect(visitor.part("notice")).to_contain_text("Advertisements")
    await expect(visitor.part("notice")).to_contain_text("Changed since your last choice")
    assert await ran(visitor) == ["analytics"]


async def test_a_browser_without_storage_keeps_the_page_whole(chromium: Browser, demo: Served) -> None:
    async with visit(chromium, demo) as visitor:
        await visitor.context.add_init_script(
            "for (const name of ['localStorage', 'sessionStorage'])"
            " Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });"
            "Object.defineProperty(Document.prototype, 'cookie', { get() { return ''; }, set() {} });"
        )
        await open_page(visitor, GATES)
        await visitor.part("accept").click()
        await expect(visitor.part("notice")).to_contain_text("does not let this site keep your choice")
        assert await ran(visitor) == []
        assert visitor.errors == []


async def test_gpc_is_sent_and_recorded(chromium: Browser, demo: Served) -> None:
    async with visit(chromium, demo, extra_http_headers={"Sec-GPC": "1"}) as visitor:
        await visitor.context.add_init_script(GPC)
        await open_page(visitor, GATES)
        await visitor.page.evaluate("window.consent.withdraw()")
        await visitor.until("window.consent.receipt() !== null")
        [record] = await records(visitor, "miami-new-times")
        assert (record["gpc"], record["gpc_header"]) == (True, True)


CLOBBERED = {
    "ids": '<form id="consent"><input name="q"><input name="given"></form><a id="fc"></a><a id="cookieStore"></a>'
    '<form id="dataLayer"></form><img name="fc"><form id="trustedTypes"></form>',
    "the cookie": '<img name="cookie">',
    "the body": '<form name="body"></form><form name="documentElement"></form>',
    "the state": '<img name="readyState"><form name="adoptedStyleSheets"></form>',
    "the search": '<form name="querySelectorAll"></form><form name="querySelector"></form>',
    "the making": '<form name="createElement"></form><form name="addEventListener"></form><form name="hidden"></form>',
}


@pytest.mark.parametrize("names", CLOBBERED.values(), ids=CLOBBERED)
async def test_names_that_an_element_takes_open_nothing(visitor: Visit, names: str) -> None:
    await visitor.page.goto(visitor.served.page)
    put_page(visitor.served, names + GATES)
    await visitor.page.goto(visitor.served.origin + "/own/page", wait_until="load")
    await visitor.page.wait_for_load_state("networkidle")
    await asyncio.sleep(0.3)
    assert await ran(visitor) == []
    if await visitor.part("refuse").count():
        await visitor.part("refuse").click()
    await asyncio.sleep(0.3)
    assert await ran(visitor) == []
    assert visitor.errors == []


POLLUTED = {
    "an object's keys": """
        for (const name of ['analytics', 'advertising', 'gpc', 'sale', 'signals', 'mute', 'domain', 'together',
          'stay', 'by_service', 'refusal_days', 'aliases', 'decided', 'choice', 'purposes', 'services', 'regime',
          'value', 'get'])
          Object.prototype[name] = name === 'gpc' || name === 'sale' ? true : () => true;
    """,
    "an object's layout": """
        Object.assign(Object.prototype, { regime: 'opt_out', required: [{ id: 'analytics' }], a: true, b: true });
    """,
    "lists and maps": """
        Array.prototype.analytics = Map.prototype.analytics = Set.prototype.analytics = true;
        Array.prototype.at = Array.prototype.findLast = () => true; Map.prototype.getOrInsert = () => true;
    """,
    # For a while only, as the test itself cannot look into such a page.
    "a map that has everything": """
        for (const name of ['get', 'has']) {
          const own = Map.prototype[name];
          Map.prototype[name] = () => true;
          setTimeout(() => (Map.prototype[name] = own), 1000);
        }
    """,
    "lists that throw": """
        for (const name of ['map', 'find', 'includes', 'forEach']) Array.prototype[name] = () => { throw 1; };
    """,
    "text": "String.prototype.split = () => []; String.prototype.slice = () => 'analytics';",
}


@pytest.mark.parametrize("script", POLLUTED.values(), ids=POLLUTED)
async def test_prototypes_that_a_page_has_spoilt_open_nothing(visitor: Visit, script: str) -> None:
    head = f'<script nonce="{NONCE}">{script}</script>'
    await visitor.page.goto(visitor.served.page)
    put_page(visitor.served, GATES, head=head)
    await visitor.page.goto(visitor.served.origin + "/own/page", wait_until="load")
    await visitor.page.wait_for_load_state("networkidle")
    await asyncio.sleep(1)
    assert await ran(visitor) == []
    assert visitor.errors == []


async def test_a_service_that_never_answers_holds_nothing_up(visitor: Visit) -> None:
    over = asyncio.Event()

    async def hang(route: Route) -> None:
        await over.wait()
        await route.abort()

    await visitor.context.route("**/w/*.notice.*", hang)
    await open_page(visitor, GATES)
    assert await ran(visitor) == []
    assert await visitor.page.evaluate("window.consent.given('analytics')") is False
    assert await visitor.page.evaluate("window.consent.state().decided") is False
    await visitor.assert_calm()
    over.set()
    await visitor.page.wait_for_load_state("networkidle")


async def test_a_choice_holds_where_what_follows_it_cannot_be_had(visitor: Visit) -> None:
    await visitor.context.route("**/w/*.clear.*", lambda route: route.abort())
    await open_page(visitor, GATES)
    await visitor.part("accept").click()
    await visitor.until("window.ran.includes('advertising')")
    assert await records(visitor, "miami-new-times") == []
    await visitor.context.unroute("**/w/*.clear.*")
    await visitor.page.reload()
    await visitor.until("window.consent?.receipt?.() != null")
    [record] = await records(visitor, "miami-new-times")
    assert record["action"] == "accept_all"
    assert await visitor.page.evaluate("localStorage.getItem('fc.q')") is None


async def test_a_click_before_the_page_is_left_is_recorded(visitor: Visit) -> None:
    await open_page(visitor, GATES)
    await expect(visitor.part("notice")).to_be_visible()
    await visitor.context.route("**/w/*.clear.*", lambda route: route.abort())
    await visitor.part("accept").click()
    await visitor.page.goto("about:blank")
    async with asyncio.timeout(20):
        while not (made := await records(visitor, "miami-new-times")):  # noqa: ASYNC110 - no page is there
            await asyncio.sleep(0.1)
    assert [record["action"] for record in made] == ["accept_all"]
