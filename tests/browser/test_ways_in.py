"""The ways in beside the tag: the package's `load`, its parts for React and Vue, the module that the service serves."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect
from starlette.responses import Response

from tests.browser.pages import NONCE, embed, gated, open_page, policy, ran
from tests.browser.serving import SITE
from tests.browser.visiting import Visit
from tests.provision.needs import NODE

ROOT = Path(__file__).parents[2]
FRAMEWORKS = ["react", "vue"]
# Runs first: counts who listens to the widget on the document.
COUNT = """
window.ran = [];
window.listening = 0;
for (const [name, step] of [["addEventListener", 1], ["removeEventListener", -1]]) {
  const original = document[name];
  document[name] = function (kind, ...more) {
    if (kind.startsWith("consent:")) listening += step;
    return original.call(this, kind, ...more);
  };
}
"""
CLOSED = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small apps that have the package installed as it would be published, bundled and rendered by a server."""
    folder = tmp_path_factory.mktemp("apps")
    node = NODE.path()
    path = os.pathsep.join((str(node.parent), os.environ.get("PATH", os.defpath)))
    script = ROOT / "widget" / "test" / "apps" / "bundle.mjs"
    done = subprocess.run(
        [node, script, folder], env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
async def complaints(visitor: Visit) -> AsyncIterator[list[str]]:
    """What the frameworks complain of: hydration that does not fit, above all. Must be empty in the end."""
    found: list[str] = []
    visitor.page.on("console", lambda said: found.append(said.text) if said.type in ("error", "warning") else None)
    yield found
    assert found == []


async def _open_app(visitor: Visit, apps: Path, name: str, *, tag: bool = False) -> None:
    """Shows the page that a server rendered of the app, which brings the widget itself or finds the tag."""
    served = visitor.served
    body = (apps / f"{name}.html").read_text("utf-8")
    brings = "" if tag else f'data-service="{served.service}/" data-site="{SITE}"'
    served.own[f"{name}.js"] = Response((apps / f"{name}.js").read_bytes(), media_type="text/javascript")
    served.own[name] = Response(
        f'<!doctype html><html lang="en" {brings}><head><meta charset="utf-8"><title>An app</title>'
        f'<script nonce="{NONCE}">{COUNT}</script>{embed(served.service) if tag else ""}</head><body>'
        f'<div id="app">{body}</div><script nonce="{NONCE}" type="module" src="/own/{name}.js"></script></body></html>',
        headers={"Content-Security-Policy": policy(served.service)},
        media_type="text/html",
    )
    await visitor.page.goto(f"{served.origin}/own/{name}")


async def _marks(visitor: Visit, name: str) -> list[str]:
    found: list[str] = await visitor.page.evaluate("window.ran")
    return [mark for mark in found if mark.startswith(name)]


@pytest.mark.parametrize("tag", [False, True], ids=["by load", "by the tag"])
@pytest.mark.parametrize("name", FRAMEWORKS)
async def test_a_gate_shows_its_content_for_as_long_as_it_may(
    visitor: Visit, apps: Path, complaints: list[str], name: str, *, tag: bool
) -> None:
    await _open_app(visitor, apps, name, tag=tag)
    page = visitor.page
    await expect(visitor.part("notice")).to_be_visible()
    await expect(page.locator("#state")).to_have_text('{"analytics":false,"content":false,"advertising":false}')
    await expect(page.locator("#instead")).to_be_visible()
    assert await page.evaluate("window.ran") == []

    await page.evaluate("window.consent.set({analytics: true, youtube: true})")
    for shown in ("#analytics", "#youtube"):
        await expect(page.locator(shown)).to_be_visible()
    await expect(page.locator("#instead")).to_have_count(0)
    await expect(page.locator("#state")).to_contain_text('"analytics":true,"content":false')
    assert (await _marks(visitor, "analytics"))[-1] == "analytics on"

    await page.evaluate("window.consent.withdraw()")
    for gone in ("#analytics", "#youtube", "#unheard-of"):
        await expect(page.locator(gone)).to_have_count(0)
    await expect(page.locator("#instead")).to_be_visible()
    assert (await _marks(visitor, "youtube"))[-1] == "youtube off"
    assert visitor.paths().count(f"/w/{SITE}.js") == 1
    await visitor.assert_calm()


@pytest.mark.parametrize("name", FRAMEWORKS)
async def test_a_stored_choice_holds_from_the_first_look_on(
    visitor: Visit, apps: Path, complaints: list[str], name: str
) -> None:
    await _open_app(visitor, apps, name)
    await visitor.recorded(visitor.part("accept"))
    await _open_app(visitor, apps, name, tag=True)
    await expect(visitor.page.locator("#analytics")).to_be_visible()
    await expect(visitor.page.locator("#unheard-of")).to_have_count(0)
    await visitor.assert_calm()


@pytest.mark.parametrize("name", FRAMEWORKS)
async def test_an_app_that_goes_listens_no_more(visitor: Visit, apps: Path, complaints: list[str], name: str) -> None:
    await _open_app(visitor, apps, name)
    await expect(visitor.part("notice")).to_be_visible()
    assert await visitor.page.evaluate("window.listening") > 0
    await visitor.page.evaluate("window.unmount()")
    assert await visitor.page.evaluate("window.listening") == 0
    await visitor.part("accept").click()
    await expect(visitor.part("notice")).to_have_count(0)
    await visitor.assert_calm()


@pytest.mark.parametrize("name", FRAMEWORKS)
async def test_a_button_of_the_app_opens_the_preferences(
    visitor: Visit, apps: Path, complaints: list[str], name: str
) -> None:
    await _open_app(visitor, apps, name)
    await expect(visitor.part("notice")).to_be_visible()
    await visitor.page.locator("#open").click()
    await expect(visitor.part("preferences")).to_be_visible()
    await visitor.assert_calm()


async def _open_plain(visitor: Visit, apps: Path, tag: str = "", head: str = "") -> None:
    """A page with the package's functions in `ways`."""
    visitor.served.own["plain.js"] = Response((apps / "plain.js").read_bytes(), media_type="text/javascript")
    script = f'<script nonce="{NONCE}" type="module" src="/own/plain.js"></script>'
    served = visitor.served
    served.own["plain"] = Response(
        f'<!doctype html><html lang="en"><title>A page</title><script nonce="{NONCE}">window.ran = [];</script>'
        f"{head}{tag}{script}{gated('analytics', 'gated')}</html>",
        headers={"Content-Security-Policy": policy(served.service)},
        media_type="text/html",
    )
    await visitor.page.goto(f"{served.origin}/own/plain", wait_until="load")


async def test_load_gives_the_widget_and_brings_it_once(visitor: Visit, apps: Path) -> None:
    await _open_plain(visitor, apps)
    load = "({url, site}) => ways.load({url, site}).then((consent) => consent === window.consent)"
    for _ in range(3):
        assert await visitor.page.evaluate(load, {"url": visitor.served.service, "site": SITE}) is True
    assert visitor.paths().count(f"/w/{SITE}.js") == 1
    await expect(visitor.part("notice")).to_have_count(1)
    assert await visitor.page.evaluate("ways.snapshot() === ways.snapshot()") is True
    assert await ran(visitor) == []
    await visitor.assert_calm()


async def test_load_beside_the_tag_gives_the_same_widget(visitor: Visit, apps: Path) -> None:
    await _open_plain(visitor, apps, tag=embed(visitor.served.service))
    load = "({url, site}) => ways.load({url, site}).then((consent) => consent === window.consent)"
    assert await visitor.page.evaluate(load, {"url": visitor.served.service, "site": SITE}) is True
    await expect(visitor.part("notice")).to_have_count(1)
    await visitor.assert_calm()


async def test_load_is_refused_when_there_is_no_widget_to_be_had(visitor: Visit, apps: Path) -> None:
    await _open_plain(visitor, apps, head='<form id="consent"><input name="given"></form>')
    told = "({url, site}) => ways.load({url, site}).then(() => 'kept', () => 'refused')"
    for url in (CLOSED, visitor.served.service + "/nowhere"):
        assert await visitor.page.evaluate(told, {"url": url, "site": SITE}) == "refused"
    assert await visitor.page.evaluate("[ways.permits('analytics'), ways.snapshot()]") == [False, None]
    assert await ran(visitor) == []
    assert visitor.errors == []


async def test_preferences_asked_for_early_open_when_the_widget_is_there(visitor: Visit, apps: Path) -> None:
    await _open_plain(visitor, apps, head='<form id="consent"></form>')
    await visitor.page.evaluate("ways.openPreferences()")
    await visitor.page.evaluate("(from) => ways.load(from)", {"url": visitor.served.service, "site": SITE})
    await expect(visitor.part("preferences")).to_be_visible()
    await visitor.assert_calm()


async def test_the_service_serves_a_module(visitor: Visit) -> None:
    module = f"{visitor.served.service}/w/{SITE}.mjs"
    script = (
        f'import consent from "{module}"; consent.ready.then(({{ decided }}) => ran.push(`decided: ${{decided}}`));'
    )
    await open_page(visitor, "", tag=f'<script nonce="{NONCE}" type="module">{script}</script>')
    await visitor.until("window.ran.includes('decided: false')")
    await expect(visitor.part("notice")).to_be_visible()
    await visitor.assert_calm()
