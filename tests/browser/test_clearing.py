"""A withdrawal clears: what the refused have kept is deleted, what cannot be is told, and the page is left behind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.pages import decide, gated, open_page, ran
from tests.browser.sites import site_under
from tests.browser.visiting import Visit

GATES = gated("analytics", "analytics") + gated("advertising", "advertising")
KEPT = """cookies = [
  { name = "_ga", lifetime = "2 years", domain = ".miaminewtimes.com", about = "Tells visitors apart." },"""
MORE = """cookies = [
  { kind = "local_storage", name = "ga.*", lifetime = "persistent", about = "x" },
  { kind = "session_storage", name = "tab", lifetime = "session", about = "x" },
  { kind = "indexed_db", name = "hits-*", lifetime = "persistent", about = "x" },
  { name = "_ga", lifetime = "2 years", domain = ".miaminewtimes.com", about = "Tells visitors apart." },"""
# What tools leave behind, spread over all the places there are, and beside it what is none of theirs.
LEAVE = """async () => {
  const put = (pair, more = '') => (document.cookie = pair + '; Max-Age=9999' + more);
  put('_ga=1; Path=/'); put('_ga_XYZ=1; Path=/own'); put('_ga_page=1; Path=/own/page'); put('_gcl_au=1; Path=/own/');
  put('_gat=1; Path=/'); put('mine=1; Path=/'); put('x_ga=1; Path=/');
  localStorage.setItem('ga.one', 1); localStorage.setItem('gaXone', 1); localStorage.setItem('mine', 1);
  sessionStorage.setItem('tab', 1); sessionStorage.setItem('tab2', 1);
  for (const name of ['hits-1', 'mine'])
    await new Promise((resolve) => (indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result.close())));
}"""
LEFT = """async () => [
  document.cookie.split('; ').map((pair) => pair.split('=')[0]).filter((name) => name !== 'fc').sort(),
  Object.keys(localStorage).filter((name) => !name.startsWith('fc')).sort(), Object.keys(sessionStorage).sort(),
  (await indexedDB.databases()).map(({ name }) => name).sort(),
]"""
LISTEN = """() => {
  window.heard = [];
  for (const kind of ['cleared', 'reload']) consent.on(kind, (detail) => heard.push([kind, detail]));
}"""
HEARD = "window.heard"


async def open_site(visitor: Visit, more: str = "") -> str:
    """A page of a site that declares something of every kind, after a visitor has left all that there."""
    name = "keeping-site"
    tag = await site_under(visitor, "opt_in", more, name)
    text = (visitor.served.folder / f"{name}.toml").read_text()
    assert KEPT in text
    await visitor.served.publish(text.replace(KEPT, MORE), name)
    await open_page(visitor, GATES, tag=tag)
    await visitor.page.evaluate(LEAVE)
    await visitor.page.evaluate(LISTEN)
    return tag


def names(found: list[dict[str, Any]]) -> list[str]:
    """What a list of the report names."""
    return sorted(f"{one['kind']} {one['name']} {one['service']}" for one in found)


async def test_a_first_refusal_clears_what_was_there_before(visitor: Visit) -> None:
    await open_site(visitor)
    await visitor.part("refuse").click()
    await visitor.until("window.heard.length > 0")
    [[kind, report]] = await visitor.page.evaluate(HEARD)
    assert kind == "cleared"
    assert names(report["deleted"]) == [
        "cookie _ga google-analytics",
        "cookie _ga_XYZ google-analytics",
        "cookie _ga_page google-analytics",
        "cookie _gcl_au google-ads",
        "indexed_db hits-1 google-analytics",
        "local_storage ga.one google-analytics",
        "session_storage tab google-analytics",
    ]
    assert {one["why"] for one in report["left"]} == {"unreachable"}
    assert "cookie VISITOR_INFO1_LIVE youtube" in names(report["left"])
    assert await visitor.page.evaluate(LEFT) == [["_gat", "mine", "x_ga"], ["gaXone", "mine"], ["tab2"], ["mine"]]
    assert "fc" in await visitor.cookies()
    await visitor.assert_calm()


async def test_what_a_given_service_keeps_stays(visitor: Visit) -> None:
    await open_site(visitor)
    await decide(visitor, "{analytics: true}", last="analytics")
    await visitor.until("window.heard.length > 0")
    [[_, report]] = await visitor.page.evaluate(HEARD)
    assert names(report["deleted"]) == ["cookie _gcl_au google-ads"]
    await visitor.assert_calm()


async def test_what_the_page_cannot_reach_is_told(visitor: Visit) -> None:
    await open_site(visitor)
    # Set by the service's side with HttpOnly, no script sees it; held open, no database goes; on another path, neither.
    await visitor.page.evaluate(
        "() => void (indexedDB.open('hits-2').onsuccess = ({ target }) => (window.held = target.result))"
    )
    await visitor.until("window.held !== undefined")
    url = visitor.served.origin
    hidden = {"name": "_ga_hidden", "value": "1", "url": url, "httpOnly": True}
    await visitor.context.add_cookies([hidden, {"name": "_ga_away", "value": "1", "url": url + "/demo/"}])  # type: ignore[list-item]
    await visitor.part("refuse").click()
    await visitor.until("window.heard.length > 0")
    [[_, report]] = await visitor.page.evaluate(HEARD)
    assert [one for one in report["left"] if one["why"] == "kept"] == [
        {"kind": "indexed_db", "name": "hits-2", "service": "google-analytics", "why": "kept"}
    ]
    assert {"_ga_hidden", "_ga_away"} <= await visitor.cookies()
    assert not any("hidden" in name or "away" in name for name in names(report["deleted"]))


@pytest.mark.parametrize("stay", [False, True], ids=["loaded anew", "stays"])
async def test_a_page_on_which_something_runs_is_left_behind(visitor: Visit, *, stay: bool) -> None:
    await open_site(visitor, "reload = false" if stay else "")
    await decide(visitor, "{analytics: true}", last="analytics")
    await visitor.until("window.consent.receipt() !== null")
    await visitor.page.evaluate("window.before = true")
    await visitor.page.evaluate("window.consent.withdraw()")
    if not stay:
        await visitor.until("window.before === undefined")
        await visitor.until("window.consent?.state?.().decided === true")
        assert await ran(visitor) == []
    else:
        await visitor.until("window.heard.length > 1")
        assert [kind for kind, _ in await visitor.page.evaluate(HEARD)] == ["cleared", "cleared"]
        assert await visitor.page.evaluate("window.before") is True
    assert await visitor.page.evaluate(LEFT) == [["_gat", "mine", "x_ga"], ["gaXone", "mine"], ["tab2"], ["mine"]]
    await visitor.assert_calm()


async def test_the_page_may_go_its_own_way_about_it(visitor: Visit) -> None:
    await open_site(visitor)
    await decide(visitor, "{analytics: true}", last="analytics")
    await visitor.page.evaluate("document.addEventListener('consent:reload', (event) => event.preventDefault())")
    await visitor.page.evaluate("window.consent.withdraw()")
    await visitor.until("window.heard.length > 2")
    heard = await visitor.page.evaluate(HEARD)
    assert [kind for kind, _ in heard] == ["cleared", "cleared", "reload"]
    assert heard[1][1] == heard[2][1]
    assert "cookie _ga google-analytics" in names(heard[2][1]["deleted"])


async def test_what_clears_is_fetched_after_a_choice_alone(visitor: Visit) -> None:
    def late() -> list[str]:
        return [path for path in visitor.paths() if ".clear." in path]

    await visitor.arrive()
    await visitor.page.wait_for_load_state("networkidle")
    assert late() == []
    await visitor.recorded(visitor.part("refuse"))
    assert len(late()) == 1
    await visitor.page.reload()
    await visitor.page.wait_for_load_state("networkidle")
    assert len(late()) == 1
