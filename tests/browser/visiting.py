"""What a test sees of a visit: every request, every write to a store, every complaint of the browser."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Error, Locator, Page, Request, expect

from tests.browser.serving import Served

PATIENCE_SECONDS = 20

# Runs before any script of the page: notes who writes to a store, and each breach of the page's policy.
WATCH = """
(() => {
  window.writes = [];
  window.breaches = [];
  const setItem = Storage.prototype.setItem;
  Storage.prototype.setItem = function (key, value) {
    writes.push(['storage', key]);
    return setItem.call(this, key, value);
  };
  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
  Object.defineProperty(Document.prototype, 'cookie', {
    configurable: true,
    get() { return cookie.get.call(this); },
    set(text) { writes.push(['cookie', text.split('=')[0]]); cookie.set.call(this, text); },
  });
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    breaches.push(violatedDirective + ' ' + blockedURI);
  });
})();
"""


class Visit:
    """One visitor's page and what was seen of it."""

    def __init__(self, page: Page, served: Served) -> None:
        self.page = page
        self.served = served
        self.requests: list[Request] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108 - it marks what it calls
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @property
    def context(self) -> BrowserContext:
        """The browser profile."""
        return self.page.context

    def part(self, name: str) -> Locator:
        """A control of the widget, wherever its shadow root is."""
        return self.page.locator(f'[part~="{name}"]')

    def switch(self, purpose: str) -> Locator:
        """A purpose's switch in the second layer."""
        return self.page.locator(f'[part~="switch"][data-purpose="{purpose}"]')

    def paths(self, method: str = "GET") -> list[str]:
        """The paths asked for so far by this method, in order."""
        return [urlsplit(request.url).path for request in self.requests if request.method == method]

    async def arrive(self) -> None:
        """Goes to the article and waits until the notice asks."""
        await self.page.goto(self.served.page)
        await expect(self.part("notice")).to_be_visible()

    async def recorded(self, click: Locator) -> dict[str, Any]:
        """Clicks, and waits for the service's answer to what that decided."""
        async with self.page.expect_response(lambda answer: answer.url.endswith("/consents")) as waiting:
            await click.click()
        answer = await waiting.value
        assert answer.status == 201, await answer.text()
        told: dict[str, Any] = json.loads(await answer.text())
        await self.until("window.consent.receipt() !== null")
        return told

    async def until(self, expression: str) -> None:
        """Waits until the expression is true in the page; asked from outside, for the page's policy forbids eval."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self._holds(expression):  # noqa: ASYNC110 - the page has no event to wait for
                await asyncio.sleep(0.05)

    async def _holds(self, expression: str) -> bool:
        """Whether it is true now; a page that is just being left answers nothing, the next one will."""
        try:
            return bool(await self.page.evaluate(expression))
        except Error as error:
            if "context was destroyed" not in str(error):
                raise
            return False

    async def writes(self) -> list[list[str]]:
        """Every write to cookies or storage since the page began."""
        found: list[list[str]] = await self.page.evaluate("window.writes")
        return found

    async def cookies(self) -> set[str]:
        """The names of all cookies in the profile."""
        return {str(cookie.get("name")) for cookie in await self.context.cookies()}

    async def ran(self) -> list[str]:
        """What the demo's panel says has run, in order; nothing optional is an empty list."""
        lines = await self.page.locator("#watch-ran li strong").all_inner_texts()
        return [line for line in lines if line]

    async def assert_calm(self) -> None:
        """No script error and no breach of the page's policy so far."""
        assert self.errors == []
        assert await self.page.evaluate("window.breaches") == []


@contextlib.asynccontextmanager
async def visit(chromium: Browser, served: Served, **options: Any) -> AsyncIterator[Visit]:
    """A new visitor; `options` go to the browser profile (its size, colours, language …)."""
    context = await chromium.new_context(**options)
    await context.add_init_script(WATCH)
    try:
        yield Visit(await context.new_page(), served)
    finally:
        await context.close()
