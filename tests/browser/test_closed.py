"""Whatever fails, fails towards no: nothing gated runs, no choice is lost, the page goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.async_api import Browser, Request, Route, expect

from tests.browser.pages import gated, open_page, ran
from tests.browser.serving import Served
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
        await visitor.context.add_init_script(
            "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true });"
        )
        await visitor.arrive()
        await visitor.recorded(visitor.part("refuse"))
        _, exported = await visitor.served.command("export", "consents", "miami-new-times")
        line = json.loads(exported.splitlines()[0])
        assert (line["gpc"], line["gpc_header"]) == (True, True)
