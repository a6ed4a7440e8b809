"""What tools on the page are told, in which order: before anything gated runs, and at each change."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from tests.browser.pages import NONCE, decide, gated, open_page, ran
from tests.browser.sites import GPC, site_under
from tests.browser.visiting import Visit

TYPES = [
    "ad_storage",
    "ad_user_data",
    "ad_personalization",
    "analytics_storage",
    "functionality_storage",
    "personalization_storage",
]
# Every tool's own queue or function; each call is noted in the order it comes, beside what runs.
TOOLS = """
const note = (name) => (...words) => void ran.push([name, ...words]);
window.dataLayer = { push(entry) {
  const isArguments = Object.prototype.toString.call(entry) === '[object Arguments]';
  ran.push(['dataLayer', ...(isArguments ? entry : [entry])]);
} };
Object.assign(window, {
  uetq: { push: note('uetq') }, clarity: note('clarity'), fbq: note('fbq'), _paq: { push: note('_paq') },
  ttq: { grantConsent: note('grantConsent'), revokeConsent: note('revokeConsent') },
  wp_set_consent: note('wp_set_consent'),
  Shopify: { customerPrivacy: { setTrackingConsent: (consent) => void ran.push(['Shopify', consent]) } },
});
"""
GATES = gated("analytics", "analytics") + gated("content", "content") + gated("advertising", "advertising")


def script(text: str) -> str:
    """An inline script of the page's own."""
    return f'<script nonce="{NONCE}">{text}</script>'


def told(given: set[str], *, sale: bool | None = None) -> list[list[Any]]:
    """All that tools are told when these purposes are given; `sale`: what Shopify hears of a sale, if anything."""
    ads, stats, content = "advertising" in given, "analytics" in given, "content" in given
    by_type = dict.fromkeys(TYPES[:3], ads) | {TYPES[3]: stats, TYPES[4]: content, TYPES[5]: content}
    words = {name: "granted" if yes else "denied" for name, yes in by_type.items()}
    groups = {
        "functional": True,
        "preferences": content,
        "statistics": stats,
        "statistics-anonymous": stats,
        "marketing": ads,
    }
    sold = {} if sale is None else {"sale_of_data": sale}
    purposes = {purpose: purpose in given for purpose in ("analytics", "content", "advertising")}
    return [
        ["dataLayer", "consent", "update", words],
        ["dataLayer", {"event": "consent_change", "consent": purposes}],
        ["uetq", "consent", "update", {"ad_storage": words["ad_storage"]}],
        [
            "clarity",
            "consentv2",
            {"ad_Storage": words["ad_storage"], "analytics_Storage": words["analytics_storage"]},
        ],
        ["fbq", "consent", "grant" if ads else "revoke"],
        ["_paq", ["rememberCookieConsentGiven" if stats else "forgetCookieConsentGiven"]],
        ["grantConsent" if ads else "revokeConsent"],
        *(["wp_set_consent", name, "allow" if yes else "deny"] for name, yes in groups.items()),
        ["Shopify", {"marketing": ads, "analytics": stats, "preferences": content, **sold}],
    ]


async def test_tools_are_told_before_anything_gated_runs_and_at_each_change(visitor: Visit) -> None:
    await open_page(visitor, GATES, head=script(TOOLS))
    await expect(visitor.part("notice")).to_be_visible()
    assert await ran(visitor) == []
    await decide(visitor, "{analytics: true, content: true}", last="content")
    first = [*told({"analytics", "content"}), "analytics", "content"]
    assert await ran(visitor) == first
    await decide(visitor, "{advertising: true}", last="advertising")
    assert await ran(visitor) == [*first, *told({"analytics", "content", "advertising"}), "advertising"]

    await open_page(visitor, GATES, head=script(TOOLS))
    await visitor.until("window.ran.includes('advertising')")
    everything = {"analytics", "content", "advertising"}
    assert await ran(visitor) == [*told(everything), "analytics", "content", "advertising"]
    await visitor.assert_calm()


async def test_a_withdrawal_is_told_on_the_page_and_on_the_next_one(visitor: Visit) -> None:
    tag = await site_under(visitor, "opt_in", "reload = false")
    await open_page(visitor, GATES, head=script(TOOLS), tag=tag)
    await decide(visitor, "{analytics: true}", last="analytics")
    before = await ran(visitor)
    await visitor.page.evaluate("window.consent.withdraw()")
    await visitor.until(f"window.ran.length > {len(before) + 1}")
    assert await ran(visitor) == [*before, *told(set())]
    await open_page(visitor, GATES, head=script(TOOLS), tag=tag)
    await visitor.until("window.ran.length > 2")
    told_anew: list[Any] = [*await ran(visitor)]
    assert told_anew == told(set())


async def test_what_a_regime_presumes_is_told_at_once(visitor: Visit) -> None:
    tag = await site_under(visitor, "opt_out", "reload = false")
    await open_page(visitor, GATES, head=script(TOOLS), tag=tag)
    await visitor.until("window.ran.includes('advertising')")
    everything = {"analytics", "content", "advertising"}
    first = [*told(everything), "analytics", "content", "advertising"]
    assert await ran(visitor) == first
    await visitor.part("refuse").click()
    await visitor.until(f"window.ran.length > {len(first) + 1}")
    assert await ran(visitor) == [*first, *told(set(), sale=False)]


async def test_the_signal_itself_is_told(visitor: Visit) -> None:
    await visitor.context.add_init_script(GPC)
    tag = await site_under(visitor, "opt_out")
    await open_page(visitor, GATES, head=script(TOOLS), tag=tag)
    await visitor.until("window.ran.includes('content')")
    assert await ran(visitor) == [*told({"analytics", "content"}), "analytics", "content"]


async def test_each_tool_can_be_switched_off(visitor: Visit) -> None:
    names = ["google", "microsoft_uet", "microsoft_clarity", "meta", "matomo", "tiktok", "wordpress", "shopify"]
    switches = "\n[signals]\n" + "".join(f"{name} = false\n" for name in names if name != "meta")
    tag = await site_under(visitor, "opt_in", end=switches)
    await open_page(visitor, GATES, head=script(TOOLS), tag=tag)
    await decide(visitor, "{advertising: true}", last="advertising")
    assert await ran(visitor) == [["fbq", "consent", "grant"], "advertising"]


async def test_tools_that_throw_or_are_no_tools_break_nothing(visitor: Visit) -> None:
    broken = """
    const fail = () => { throw new Error('a tool') };
    Object.assign(window, { clarity: fail, fbq: 'no function', _paq: null, ttq: {}, wp_set_consent: fail });
    Object.defineProperty(window, 'Shopify', { get: fail });
    window.dataLayer = { push: fail };
    """
    body = '<form id="uetq"><input name="push"></form>' + GATES
    await open_page(visitor, body, head=script(broken))
    await decide(visitor, "{advertising: true}", last="advertising")
    assert await ran(visitor) == ["advertising"]
    await visitor.assert_calm()


async def test_a_tool_that_comes_up_while_the_page_is_read_is_told_as_well(visitor: Visit) -> None:
    await open_page(visitor, GATES)
    await decide(visitor, "{advertising: true}", last="advertising")
    body = GATES + script("window.fbq = (...words) => void ran.push(words);")
    await open_page(visitor, body)
    await visitor.until("window.ran.includes('advertising')")
    assert await ran(visitor) == [["consent", "grant"], "advertising"]
    assert await visitor.page.evaluate("window.dataLayer.map(({ event, 1: what }) => event ?? what)") == [
        "update",
        "consent_change",
    ]
