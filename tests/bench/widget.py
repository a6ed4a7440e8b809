"""The widget in Chromium, beside vanilla-cookieconsent from npm: the same page, the same words, the same run.

Beside both stands the floor: the same page with a script that only reads the cookie and runs what was held back.

Invariant: every figure is taken turn by turn of the bare page, the floor, ours and the peer's, each in a fresh browser
profile; what a page costs by itself is taken off.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import brotli
import httpx
import msgspec
from playwright.async_api import BrowserContext, CDPSession, Page, async_playwright

from tests.bench import machine, pages, quiet, tracing
from tests.bench.results import Effort, Row
from tests.bench.serving import SITE, service, sqlite_in
from tests.bench.tracing import Cost
from tests.conftest import CHROMIUM_FLAGS
from tests.ports import free_port
from tests.provision.needs import CHROMIUM

PEER = "vanilla-cookieconsent@3.1.0"
SLOWER = 4
"""How many times slower the processor is made: about a phone of the middle."""
WHO = ("bare", "floor", "ours", "peer")
SETTLED_MS = 700
LAYERS = ("notice", "preferences", "placeholder", "clear")
SCRIPTS = ("/w/", "/peer/", "/floor/")
# Where the peer's controls are; ours have their parts.
ACCEPT = {"ours": '[part~="accept"]', "peer": '#cc-main [data-role="all"]'}
WATCH = """
addEventListener('consent:shown', () => window.shown ??= performance.now(), true);
document.addEventListener('consent:shown', () => window.shown ??= performance.now());
addEventListener('cc:onModalShow', () => window.shown ??= performance.now());
window.shifts = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => one.hadRecentInput || (shifts += one.value)))
  .observe({ type: 'layout-shift', buffered: true });
window.slowest = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => {
  if (one.interactionId) slowest = Math.max(slowest, one.duration);
})).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""


Taken = TypeVar("Taken", "Seen", Cost)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One visit, the processor slowed down: what was asked for, and what came of it."""

    requests: int
    layouts: float
    shown_ms: float
    shifts: float
    interaction_ms: float = 0


class Visits(msgspec.Struct, kw_only=True):
    """First visits that end with Accept, and later ones; what they cost is taken apart, with nobody looking on."""

    first: list[Seen] = []
    later: list[Seen] = []
    first_costs: list[Cost] = []
    later_costs: list[Cost] = []
    unslowed_costs: list[Cost] = []
    """Of later visits, by the machine's own processor."""
    cookies: Sequence[object] = ()
    """What the last first visit left behind."""


def widget(effort: Effort) -> Iterator[Row]:
    """Sizes, and a visitor's first and later page, ours ÷ the peer's."""
    with machine.folder() as folder:
        package = _package(folder)
        with service(sqlite_in(folder, "consent"), core=None) as served, _pages(served.url, package) as origin:
            yield from _sizes(served.url, package)
            taken, rounds = {who: Visits() for who in WHO}, 9 if effort.seconds > 2 else 5
            asyncio.run(_watch(taken, origin, rounds))
            _weigh(taken, origin, rounds)
    yield from _rows(taken)


def _package(folder: Path) -> Path:
    """The peer as npm gives it."""
    npm = machine.tool("npm", "npm")
    subprocess.run([npm, "pack", "--silent", PEER], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    archive = next(folder.glob("*.tgz"))
    subprocess.run(["tar", "xzf", archive.name], cwd=folder, check=True)
    return folder / "package"


@contextlib.contextmanager
def _pages(service_url: str, package: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "tests.bench.pages:pages", "--port", str(port)]
    more = {pages.SERVICE: service_url, pages.PEER: str(package)}
    with machine.running([*command, "--log-level", "warning"], more, None):
        machine.await_200(f"http://127.0.0.1:{port}/page/bare")
        yield f"http://127.0.0.1:{port}"


def _brotli(text: str) -> int:
    return len(brotli.compress(text.encode(), quality=11))


def _sizes(url: str, package: Path) -> Iterator[Row]:
    """Bytes after brotli: ours as served in English, the peer's files as they are and its settings and words."""
    ours = _served_sizes(url)
    peer = {name: _brotli(pages.peer_file(package, name)) for name in pages.PEER_FILES}
    bare, whole = peer["style.css"] + peer["script.js"], sum(peer.values())
    first = ours["loader"] + ours["notice"]
    everything = sum(ours.values())
    yield Row(what="loader: all of a later visit", figure=ours["loader"], unit="B", target="≤ 4,000")
    yield Row(what="first view: loader, first layer, style, words", figure=first, unit="B", target="≤ 8,000")
    details = ", ".join(f"{name} {size:,}" for name, size in ours.items())
    yield Row(what="everything, second layer too", figure=everything, unit="B", target="≤ 13,000", details=details)
    # The peer has nothing that stands in for embeds.
    alike = everything - ours["placeholder"]
    yield Row(
        what="as much as the peer has ÷ the peer without a word", figure=alike / bare, details=f"{bare:,} B, {PEER}"
    )
    yield Row(what="as much as the peer has ÷ the peer, same words", figure=alike / whole, details=f"{whole:,} B")


def _served_sizes(url: str) -> dict[str, int]:
    """The loader and the layers of one language, each as the service sends it."""
    with httpx.Client(base_url=url, headers={"Accept-Encoding": "identity"}) as client:
        loader = client.get(f"/w/{SITE}.js").text
        build = loader.partition('build:"')[2].partition('"')[0]
        texts = {layer: client.get(f"/w/{SITE}.{layer}.en.{build}.js").raise_for_status().text for layer in LAYERS}
    return {name: _brotli(text) for name, text in {"loader": loader, **texts}.items()}


async def _watch(taken: dict[str, Visits], origin: str, rounds: int) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM.path(), args=list(CHROMIUM_FLAGS))
        for _ in range(rounds):
            for who, visits in taken.items():
                async with await browser.new_context() as context:
                    await context.add_init_script(WATCH)
                    visits.first.append(await _visit(context, f"{origin}/page/{who}", ACCEPT.get(who, "")))
                    visits.cookies = await context.cookies()
                    visits.later.append(await _visit(context, f"{origin}/page/{who}", ""))
        await browser.close()


def _weigh(taken: dict[str, Visits], origin: str, rounds: int) -> None:
    with quiet.browser() as browser:
        for _ in range(rounds):
            for who, visits in taken.items():
                for costs, cookies, slower in (
                    (visits.first_costs, [], SLOWER),
                    (visits.later_costs, visits.cookies, SLOWER),
                    (visits.unslowed_costs, visits.cookies, 1),
                ):
                    costs.append(tracing.cost(browser.visit(f"{origin}/page/{who}", cookies, slower), SCRIPTS))


async def _visit(context: BrowserContext, url: str, accept: str) -> Seen:
    async with _watched(context) as (page, session):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.method))
        await page.goto(url, wait_until="load")
        if accept:
            await page.locator(accept).first.wait_for()
        await page.wait_for_timeout(SETTLED_MS)
        metrics = await _metrics(session)
        requests = asked.count("GET") - 1
        shown, shifts = await page.evaluate("[window.shown ?? 0, window.shifts]")
        return Seen(
            requests=requests,
            layouts=metrics["LayoutCount"],
            shown_ms=shown,
            shifts=shifts,
            interaction_ms=await _interaction(page, accept) if accept else 0,
        )


@contextlib.asynccontextmanager
async def _watched(context: BrowserContext) -> AsyncIterator[tuple[Page, CDPSession]]:
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await session.send("Performance.enable")
    try:
        yield page, session
    finally:
        await page.close()


async def _metrics(session: CDPSession) -> dict[str, float]:
    told: dict[str, Any] = await session.send("Performance.getMetrics")
    return {one["name"]: one["value"] for one in told["metrics"]}


async def _interaction(page: Page, accept: str) -> float:
    """Milliseconds from the click on Accept to the next paint, as the browser reports it (the parts of INP)."""
    await page.locator(accept).first.click()
    await page.wait_for_timeout(SETTLED_MS)
    slowest: float = await page.evaluate("window.slowest")
    return slowest


def _rows(taken: dict[str, Visits]) -> Iterator[Row]:
    floor, ours, peer = (_figures(taken, who) for who in ("floor", "ours", "peer"))
    targets = {
        "later visit: requests": "1",
        "later visit: script": "< 5 ms",
        "later visit: layouts": "0",
        "first visit: requests": "≤ 2",
        "Accept to paint": "< 100 ms",
        "layout shift": "0",
    }
    for name, figure in ours.items():
        beside = f"peer {peer[name]:.2f}" + (f", floor {floor[name]:.2f}" if name.endswith("script") else "")
        yield Row(what=name, figure=figure, unit=_unit(name), target=targets.get(name, ""), details=beside)


def _unit(name: str) -> str:
    return "" if name.endswith(("requests", "layouts", "shift")) else "ms"


def _figures(taken: dict[str, Visits], who: str) -> dict[str, float]:
    """The medians, less those of the bare page where the page itself has a share."""
    visits, bare = taken[who], taken["bare"]
    first, later = visits.first, visits.later
    return {
        "later visit: requests": median(one.requests for one in later),
        "later visit: script": median(one.script_ms for one in visits.later_costs),
        "later visit: not slowed down, script": median(one.script_ms for one in visits.unslowed_costs),
        "later visit: whole main thread": _more(visits.later_costs, bare.later_costs, lambda one: one.task_ms),
        "later visit: layouts": _more(later, bare.later, lambda one: one.layouts),
        "first visit: requests": median(one.requests for one in first),
        "first visit: script": median(one.script_ms for one in visits.first_costs),
        "first visit: whole main thread": _more(visits.first_costs, bare.first_costs, lambda one: one.task_ms),
        "first visit: shown after": median(one.shown_ms for one in first),
        "Accept to paint": median(one.interaction_ms for one in first),
        "layout shift": median(one.shifts for one in first),
    }


def _more(visits: list[Taken], bare: list[Taken], figure: Callable[[Taken], float]) -> float:
    return max(0.0, median(map(figure, visits)) - median(map(figure, bare)))
