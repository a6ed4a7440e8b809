"""The console over a real socket, its services in the test's own hands: somebody signed in, watched and judged."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page
from starlette.types import Receive, Scope, Send

from consent import clock as clocks
from consent.accounts.roles import Role
from tests.acts import SITE
from tests.listening import listening
from tests.ports import free_port
from tests.signing_in import sign_in
from tests.web.stage import Stage, staged

AXE = Path(__file__).parents[2] / "widget" / "node_modules" / "axe-core" / "axe.min.js"
JUDGE = """async () => {
  const { violations } = await axe.run(document, { iframes: false, rules: { 'target-size': { enabled: true } } });
  return violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html.slice(0, 150)).join(' | '));
}"""
LOOKS: list[tuple[Any, int]] = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 320)]


class Desk:
    """A browser signed in to the console, and what it complained of."""

    def __init__(self, page: Page, stage: Stage) -> None:
        self.page, self.stage = page, stage
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, said: Any) -> None:
        if "Content Security" in said.text or "Trusted" in said.text or "Refused to" in said.text:
            self.complaints.append(said.text)

    def address(self, path: str = "") -> str:
        """A page of the site's, by what follows its home."""
        return f"{self.stage.services.settings.url}/console/sites/{SITE}{path}"

    async def open(self, path: str = "") -> None:
        """Shows a page of the site's."""
        await self.page.goto(self.address(path))

    async def judge(self, *looks: tuple[Any, int]) -> None:
        """Nothing for axe to find in any look (light and dark, wide and narrow), nothing wider than the window."""
        for scheme, width in looks or LOOKS:
            await self.page.emulate_media(color_scheme=scheme)
            await self.page.set_viewport_size({"width": width, "height": 800})
            if not await self.page.evaluate("'axe' in window"):
                await self.page.evaluate(AXE.read_text("utf-8"))
            assert await self.page.evaluate(JUDGE) == [], (self.page.url, scheme, width)
            assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                self.page.url,
                width,
            )

    def assert_calm(self) -> None:
        """No script failed, and no policy was breached."""
        assert self.complaints == []


@contextlib.asynccontextmanager
async def served(database_url: str) -> AsyncIterator[Stage]:
    """The stage, answering on a port of this machine under the address that it takes for its own."""
    port = free_port()
    async with staged(database_url, clocks.now, settings={"url": f"http://localhost:{port}"}) as stage:

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await stage.app({**scope, "state": dict(stage.state)}, receive, send)

        async with listening(app, port, lifespan="off"):
            yield stage


@contextlib.asynccontextmanager
async def at_desk(chromium: Browser, stage: Stage, role: Role = "owner", **options: Any) -> AsyncIterator[Desk]:
    """Somebody in this role, signed in; `options` go to the browser profile."""
    context = await chromium.new_context(**options)
    try:
        await sign_in(context, stage, role)
        yield Desk(await context.new_page(), stage)
    finally:
        await context.close()
