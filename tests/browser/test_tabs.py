"""Several pages of one visitor: a choice made on one holds on all of them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from playwright.async_api import expect

from tests.browser.pages import decide, gated, open_page, ran, show
from tests.browser.sites import site_under
from tests.browser.visiting import Visit

GATES = gated("analytics", "analytics") + gated("!analytics", "no analytics")


@contextlib.asynccontextmanager
async def other_tab(visitor: Visit) -> AsyncIterator[Visit]:
    """The same page in another tab of the same browser."""
    page = await visitor.context.new_page()
    tab = Visit(page, visitor.served)
    await show(tab, visitor.served.origin + "/own/page")
    yield tab
    await page.close()


async def test_a_choice_in_one_tab_is_seen_in_the_other(visitor: Visit) -> None:
    await open_page(visitor, GATES)
    async with other_tab(visitor) as other:
        await expect(visitor.part("notice")).to_be_visible()
        await expect(other.part("notice")).to_be_visible()
        await other.page.evaluate("void consent.on('change', (state) => ran.push(state.purposes.analytics))")
        await decide(visitor, "{analytics: true}", last="analytics")
        await other.until("window.ran.includes('analytics')")
        assert await ran(other) == [True, "analytics"]
        await expect(other.part("notice")).to_have_count(0)
        record = await visitor.page.evaluate("consent.state().record")
        assert await other.page.evaluate("consent.state().record") == record
        await visitor.until("window.consent.receipt() !== null")
        await other.until("window.consent.receipt() !== null")
        await visitor.assert_calm()
        await other.assert_calm()


async def test_a_withdrawal_in_one_tab_leaves_the_other_behind_as_well(visitor: Visit) -> None:
    await open_page(visitor, GATES)
    async with other_tab(visitor) as other:
        await decide(visitor, "{analytics: true}", last="analytics")
        await other.until("window.ran.includes('analytics')")
        await visitor.until("window.consent.receipt() !== null")
        await visitor.page.evaluate("window.consent.withdraw()")
        for tab in (visitor, other):
            await tab.until("window.ran?.includes('no analytics') && !window.ran.includes('analytics')")
            assert await ran(tab) == ["no analytics"]
            await tab.assert_calm()


async def test_a_tab_that_was_not_told_looks_when_it_is_seen_again(visitor: Visit) -> None:
    # As on another host of the same domain, which has a storage of its own.
    await visitor.context.add_init_script("addEventListener('storage', (event) => event.stopImmediatePropagation())")
    await open_page(visitor, GATES)
    async with other_tab(visitor) as other:
        await decide(visitor, "{analytics: true}", last="analytics")
        assert await ran(other) == []
        for kind in ("focus", "pageshow", "visibilitychange"):
            await other.page.evaluate(f"dispatchEvent(new Event('{kind}'))")
        await other.until("window.ran.includes('analytics')")
        assert await ran(other) == ["analytics"]
        await expect(other.part("notice")).to_have_count(0)


async def test_an_older_choice_does_not_come_back(visitor: Visit) -> None:
    await open_page(visitor, GATES)
    await decide(visitor, "{analytics: true}", last="analytics")
    [old] = [one for one in await visitor.context.cookies() if one.get("name") == "fc"]
    tag = await site_under(visitor, "opt_in", "reload = false", "stays")
    await open_page(visitor, GATES, tag=tag)
    await visitor.page.evaluate("window.consent.set({analytics: false})")
    await visitor.until("window.ran.includes('no analytics')")
    await visitor.context.add_cookies([{"name": "fc", "value": str(old.get("value")), "url": visitor.served.page}])
    await visitor.page.evaluate("dispatchEvent(new Event('focus'))")
    assert await visitor.page.evaluate("window.consent.given('analytics')") is False


async def test_a_page_brought_back_from_the_browsers_cache_catches_up(visitor: Visit) -> None:
    await open_page(visitor, GATES)
    await visitor.page.goto(visitor.served.page)
    await visitor.recorded(visitor.part("accept"))
    await visitor.page.go_back()
    await visitor.until("window.ran.includes('analytics')")
    assert await ran(visitor) == ["analytics"]
    await visitor.assert_calm()


async def test_closing_for_later_is_not_undone_by_looking_away(visitor: Visit) -> None:
    name = "later-site"
    await site_under(visitor, "opt_in", name=name)
    text = (visitor.served.folder / f"{name}.toml").read_text().replace('close = "refuse"', 'close = "ask_later"')
    await visitor.served.publish(text, name)
    tag = f'<script nonce="r4nd0m" src="{visitor.served.service}/w/{name}.js" async></script>'
    await open_page(visitor, GATES, tag=tag)
    await visitor.part("close").click()
    await expect(visitor.part("notice")).to_have_count(0)
    await visitor.page.evaluate("dispatchEvent(new Event('focus'))")
    await visitor.page.wait_for_load_state("networkidle")
    await expect(visitor.part("notice")).to_have_count(0)
    assert await visitor.cookies() == set()
