"""The recipes of `widget/recipes/`, as a publisher follows them: a tag container's pages, and WordPress'."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from playwright.async_api import expect
from starlette.responses import Response

from tests.browser.pages import ran
from tests.browser.serving import SITE, Served
from tests.browser.visiting import Visit
from tests.provision.needs import PHP

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "widget" / "recipes"
BOOT = (
    '<script>/* the boot script */</script>\n<script src="https://consent.example/w/miami-new-times.js" async></script>'
)
# Stands for Google's container: takes the data layer's entries in their order, and fires one tag as the recipe says.
CONTAINER = """
window.order = [];
const granted = {};
const take = (entry) => {
  const isCommand = Object.prototype.toString.call(entry) === "[object Arguments]";
  order.push(isCommand ? (entry[0] === "set" ? "set" : `${entry[0]} ${entry[1]}`) : entry.event);
  if (isCommand && entry[0] === "consent") Object.assign(granted, entry[2]);
  if (entry.event === "consent_change" && entry.consent.analytics) ran.push(`tag: ${granted.analytics_storage}`);
};
window.dataLayer ??= [];
dataLayer.forEach(take);
dataLayer.push = (...entries) => {
  entries.forEach(take);
  return Array.prototype.push.apply(dataLayer, entries);
};
"""
# Stands for the container's sandbox: the interfaces that the template requires, as Google documents them.
SANDBOX = """
const gtag = function () { dataLayer.push(arguments); };
const interfaces = {
  gtagSet: (settings) => gtag("set", settings),
  setDefaultConsentState: (state) => gtag("consent", "default", state),
  injectScript: (src, onload, onerror) =>
    document.head.append(Object.assign(document.createElement("script"), { src, onload, onerror })),
};
"""


LAX = "default-src * data: 'unsafe-inline'"


def _show(served: Served, name: str, html: str, policy: str = LAX) -> str:
    served.own[name] = Response(html, headers={"Content-Security-Policy": policy}, media_type="text/html")
    return f"{served.origin}/own/{name}"


def _page(head: str) -> str:
    return f'<!doctype html><html lang="en"><head><title>A page</title><script>ran = [];</script>{head}</head></html>'


async def _snippet(served: Served) -> str:
    code, printed = await served.command("site", "snippet", SITE)
    assert code == 0, printed
    return printed.strip()


async def _order(visitor: Visit) -> list[str]:
    found: list[str] = await visitor.page.evaluate("window.order")
    return [entry for entry in found if entry != "set"]


async def _open_container(visitor: Visit) -> str:
    served = visitor.served
    recipe = (RECIPES / "gtm.html").read_text("utf-8")
    assert recipe.count(BOOT) == 1
    served.own["gtm.js"] = Response(CONTAINER, media_type="text/javascript")
    head = recipe.replace(BOOT, await _snippet(served)).replace("https://www.googletagmanager.com", "/own")
    address = _show(served, "container", _page(head))
    await visitor.page.goto(address)
    return address


async def test_one_policy_without_nonces_serves_a_whole_site(visitor: Visit) -> None:
    served = visitor.served
    head = await _snippet(served)
    boot = head[head.index("<script>") + len("<script>") : head.index("</script>")]
    digest = base64.b64encode(hashlib.sha256(boot.encode()).digest()).decode()
    policy = f"default-src 'none'; script-src {served.service} 'sha256-{digest}'; connect-src {served.service}"
    html = f'<!doctype html><html lang="en"><head>{head}<title>A page</title></head></html>'
    await visitor.page.goto(_show(served, "plain", html, f"{policy}; require-trusted-types-for 'script'"))
    await visitor.recorded(visitor.part("accept"))
    assert await visitor.page.evaluate("dataLayer[0][2].ad_storage") == "denied"
    await visitor.assert_calm()


async def test_a_container_hears_no_then_the_choice_then_the_event(visitor: Visit) -> None:
    await _open_container(visitor)
    await expect(visitor.part("notice")).to_be_visible()
    await visitor.until("window.order !== undefined")
    assert await _order(visitor) == ["consent default", "gtm.js"]
    await visitor.recorded(visitor.part("accept"))
    await visitor.until("window.ran.length > 0")
    assert await _order(visitor) == ["consent default", "gtm.js", "consent update", "consent_change"]
    assert await ran(visitor) == ["tag: granted"]
    await visitor.assert_calm()


async def test_a_container_hears_a_stored_choice_on_the_next_page(visitor: Visit) -> None:
    address = await _open_container(visitor)
    await visitor.recorded(visitor.part("accept"))
    await visitor.page.goto(address)
    await visitor.until("window.ran.length > 0")
    order = await _order(visitor)
    assert order[0] == "consent default"
    assert order[order.index("consent update") + 1] == "consent_change"
    assert sorted(order) == ["consent default", "consent update", "consent_change", "gtm.js"]
    assert await ran(visitor) == ["tag: granted"]


async def test_a_container_alone_can_bring_the_widget(visitor: Visit) -> None:
    served = visitor.served
    template = (RECIPES / "gtm-template.js").read_text("utf-8")
    data = (
        f'{{ url: "{served.service}", site: "{SITE}", gtmOnSuccess: () => ran.push("success"), gtmOnFailure() {{}} }}'
    )
    sandbox = f"(() => {{{SANDBOX} const require = (name) => interfaces[name], data = {data};\n{template}}})();"
    await visitor.page.goto(_show(served, "template", _page(f"<script>{CONTAINER}{sandbox}</script>")))
    await visitor.until("window.ran.includes('success')")
    assert await _order(visitor) == ["consent default"]
    await visitor.recorded(visitor.part("refuse"))
    await visitor.until("window.order.includes('consent_change')")
    assert await _order(visitor) == ["consent default", "consent update", "consent_change"]
    assert await visitor.page.evaluate("dataLayer.at(-2)[2].analytics_storage") == "denied"
    assert await ran(visitor) == ["success"]


def _wordpress(folder: Path, snippet: str, page: dict[str, Any]) -> str:
    """The page that WordPress makes with the plugin, which lies beside its snippet."""
    plugin = Path(shutil.copy(RECIPES / "consent.php", folder))
    (folder / "snippet.html").write_text(snippet)
    stage = ROOT / "tests" / "snippets" / "wordpress.php"
    command = [str(PHP.path()), "-d", "display_errors=stderr", "-d", "zend.assertions=1", str(stage), str(plugin)]
    done = subprocess.run(command, input=json.dumps(page), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    html: str = done.stdout
    return html


async def test_wordpress_holds_back_what_it_is_told_to(visitor: Visit, tmp_path: Path) -> None:
    served = visitor.served
    video = served.origin + "/demo/video"
    page = {
        "scripts": {"stats": ["analytics", "google-analytics"], "late": "advertising"},
        "embeds": {"youtube.com": ["content", "youtube"], "x.com": "content"},
        "print": [
            [{"id": "page-js-before"}, "window.ran = [];"],
            [{"id": "stats-js-before"}, "ran.push('before');"],
            [{"id": "stats-js", "src": "/own/stats.js?a=1&b=2", "async": False}, None],
            [{"id": "stats-js-after", "type": "module"}, "ran.push('after');"],
            [{"id": "late-js-extra"}, "ran.push('never');"],
        ],
        "embed": [
            [f'<iframe title="A > B" src="{video}" width="400"></iframe>', "https://www.youtube.com/watch?v=1"],
            ['<blockquote id="post">A post</blockquote><script>ran.push("post")</script>', "https://x.com/1"],
            ['<p id="free">Free</p>', "https://notx.com/1"],
        ],
    }
    served.own["stats.js"] = Response("ran.push('stats');", media_type="text/javascript")
    html = _wordpress(tmp_path, await _snippet(served), page)
    assert html.index("wp_consent_type") < html.index("page-js-before")
    await visitor.page.goto(_show(served, "blog", html))
    await expect(visitor.part("placeholder")).to_be_visible()
    await expect(visitor.page.locator("#free")).to_be_visible()
    assert await ran(visitor) == []
    assert not [path for path in visitor.paths() if "video" in path or "stats" in path]

    await visitor.page.evaluate("window.consent.set({analytics: true, content: true})")
    await expect(visitor.page.locator("iframe")).to_have_attribute("src", video)
    await expect(visitor.page.locator("#post")).to_be_visible()
    await visitor.until("window.ran.includes('post')")
    assert await ran(visitor) == ["before", "stats", "after", "post"]
    await visitor.page.get_by_text("Cookies & more").click()
    await expect(visitor.part("preferences")).to_be_visible()
    await visitor.assert_calm()


async def test_what_cannot_be_read_is_held_back_whole(tmp_path: Path) -> None:
    odd = [
        "<p><iframe src=a></iframe></p>",
        "<iframe src=a></iframe><script>1</script>",
        "<iframe src=a></iframe><iframe src=b></iframe>",
        "<iframe></iframe>",
    ]
    page = {
        "scripts": {},
        "embeds": {"x.com": "content"},
        "print": [],
        "embed": [[one, "https://X.com/"] for one in odd],
    }
    html = _wordpress(tmp_path, "", page)
    for one in odd:
        assert f'<template data-purpose="content">{one}</template>' in html
