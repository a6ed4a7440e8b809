"""Each regime's way of asking, and Global Privacy Control in each of them."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages import decide, gated, open_page, ran
from tests.browser.serving import Served
from tests.browser.sites import GPC, cookie, records, site_under
from tests.browser.visiting import Visit, visit

OPTIONAL = ["analytics", "content", "advertising"]
GATES = "".join(gated(purpose, purpose) + gated("!" + purpose, "no " + purpose) for purpose in OPTIONAL)
STATE = "[window.consent.state().decided, window.consent.state().gpc, window.consent.state().regime]"


async def test_opt_out_runs_until_refused(visitor: Visit) -> None:
    tag = await site_under(visitor, "opt_out")
    await open_page(visitor, GATES, tag=tag)
    await expect(visitor.part("notice")).to_be_visible()
    await visitor.until("window.ran.length === 4")
    assert await ran(visitor) == OPTIONAL
    assert await visitor.page.evaluate(STATE) == [False, False, "opt_out"]
    assert await visitor.cookies() == set()
    async with visitor.page.expect_event("load"):
        await visitor.part("refuse").click()
    await visitor.until("window.ran.includes('no advertising')")
    assert await ran(visitor) == ["no " + purpose for purpose in OPTIONAL]
    [record] = await records(visitor, "opt-out-site")
    assert (record["action"], record["regime"]) == ("reject_all", "opt_out")
    await visitor.assert_calm()


async def test_closing_the_notice_gives_nothing_under_opt_out_either(visitor: Visit) -> None:
    tag = await site_under(visitor, "opt_out")
    await open_page(visitor, GATES, tag=tag)
    async with visitor.page.expect_event("load"):
        await visitor.part("close").click()
    await visitor.until("window.ran.includes('no advertising')")
    [record] = await records(visitor, "opt-out-site")
    assert record["action"] == "dismiss"
    assert set(record["purposes"].values()) == {False}


async def test_a_notice_is_acknowledged_where_informing_is_enough(visitor: Visit) -> None:
    tag = await site_under(visitor, "notice_only")
    await open_page(visitor, GATES, tag=tag)
    await visitor.until("window.ran.length === 4")
    assert await ran(visitor) == OPTIONAL
    await visitor.recorded(visitor.part("acknowledge"))
    [record] = await records(visitor, "notice-only-site")
    assert (record["action"], set(record["purposes"].values())) == ("acknowledge", {True})
    await open_page(visitor, GATES, tag=tag)
    assert await visitor.page.evaluate(STATE) == [True, False, "notice_only"]
    await expect(visitor.part("notice")).to_have_count(0)
    await visitor.assert_calm()


@pytest.mark.parametrize("source", ["navigator", "header"])
@pytest.mark.parametrize(
    ("regime", "given"), [("opt_out", OPTIONAL[:2]), ("notice_only", OPTIONAL[:2]), ("opt_in", list[str]())]
)
async def test_the_signal_speaks_before_any_choice(
    chromium: Browser, demo: Served, source: str, regime: str, given: list[str]
) -> None:
    headers = {"Sec-GPC": "1"} if source == "header" else {}
    async with visit(chromium, demo, extra_http_headers=headers) as visitor:
        if source == "navigator":
            await visitor.context.add_init_script(GPC)
        tag = await site_under(visitor, regime)
        await open_page(visitor, GATES, tag=tag)
        await visitor.page.wait_for_load_state("networkidle")
        assert await ran(visitor) == [*given, "no advertising"]
        assert await visitor.page.evaluate(STATE) == [False, True, regime]
        await expect(visitor.part("notice")).to_have_count(0)
        assert await visitor.cookies() == set()
        assert await visitor.writes() == []
        sent = [path.rpartition("/")[2] for path in visitor.paths("POST")]
        assert sent == (["events"] if regime == "opt_out" else [])
        assert await records(visitor, f"{regime.replace('_', '-')}-site") == []
        if regime == "opt_out":
            await expect(visitor.page.get_by_text("Opt-Out Preference Signal Honored")).to_be_visible()
        await visitor.page.evaluate("window.consent.open()")
        await expect(visitor.switch("advertising")).not_to_be_checked()
        await visitor.assert_calm()


async def test_a_choice_made_with_the_signal_on_wins(visitor: Visit) -> None:
    await visitor.context.add_init_script(GPC)
    tag = await site_under(visitor, "opt_out")
    await open_page(visitor, GATES, tag=tag)
    await decide(visitor, "{advertising: true}", last="advertising")
    assert (await cookie(visitor))[0] == "1g"
    await open_page(visitor, GATES, tag=tag)
    await visitor.until("window.ran.includes('advertising')")
    assert await visitor.page.evaluate(STATE) == [True, True, "opt_out"]


@pytest.mark.parametrize(("regime", "overruled"), [("opt_out", True), ("opt_in", False), ("notice_only", False)])
async def test_a_choice_from_before_the_signal(
    chromium: Browser, demo: Served, regime: str, *, overruled: bool
) -> None:
    async with visit(chromium, demo) as visitor:
        tag = await site_under(visitor, regime, "reload = false")
        await open_page(visitor, GATES, tag=tag)
        await visitor.page.evaluate("window.consent.set({analytics: true, content: false, advertising: true})")
        await visitor.until("window.consent.receipt() !== null")
        await visitor.context.add_init_script(GPC)
        await open_page(visitor, GATES, tag=tag)
        if overruled:
            await visitor.until("window.consent.receipt() !== null")
        await visitor.page.wait_for_load_state("networkidle")
        mark = "no advertising" if overruled else "advertising"
        assert await ran(visitor) == ["analytics", "no content", mark]
        made = await records(visitor, f"{regime.replace('_', '-')}-site")
        assert [record["action"] for record in made] == ["save", "gpc"][: 1 + overruled]
        if overruled:
            assert made[1]["purposes"] == {"analytics": True, "content": False, "advertising": False}
            assert made[1]["gpc"] is True
            assert made[1]["subject"] == made[0]["subject"]
            assert (await cookie(visitor))[0] == "1g"
        await expect(visitor.part("notice")).to_have_count(0)
        await visitor.assert_calm()


async def test_a_refusal_lives_as_long_as_the_site_says(visitor: Visit) -> None:
    tag = await site_under(visitor, "opt_in", "refusal_days = 200")
    for decisions, days in (("{analytics: false}", 200), ("{analytics: true}", 182)):
        await open_page(visitor, "", tag=tag)
        await visitor.page.evaluate(f"window.consent.set({decisions})")
        await visitor.until("window.consent.receipt() !== null")
        fields = await cookie(visitor)
        assert round((int(fields[5], 36) - int(fields[4], 36)) / 864e5) == days
        await visitor.page.evaluate("window.consent.withdraw()")


async def test_a_choice_that_runs_out_while_the_page_is_open_gives_nothing_more(visitor: Visit) -> None:
    await visitor.arrive()
    await visitor.recorded(visitor.part("accept"))
    fields = await cookie(visitor)
    soon: str = await visitor.page.evaluate("(Date.now() + 2500).toString(36)")
    value = "~".join([*fields[:5], soon, *fields[6:]])
    await visitor.context.add_cookies([{"name": "fc", "value": value, "url": visitor.served.page}])
    await open_page(visitor, gated("analytics", "analytics") + "<div id=late></div>")
    await visitor.until("window.ran.includes('analytics')")
    await visitor.until("!window.consent.given('analytics')")
    await visitor.page.evaluate(
        "document.getElementById('late').append(Object.assign(document.createElement('template'), {id: 'held'}));"
        "document.getElementById('held').dataset.purpose = 'analytics'"
    )
    await visitor.page.evaluate("dispatchEvent(new Event('focus'))")
    await expect(visitor.part("notice")).to_be_visible()
    assert await visitor.page.locator("#held").count() == 1
    assert await ran(visitor) == ["analytics"]
