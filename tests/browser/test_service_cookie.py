"""The cookie set by the service: it outlives browsers that soon forget what a page's scripts have written.

Safari drops what `document.cookie` wrote after seven days. Here that is done at once: every cookie is deleted that no
answer of the service has set.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Response, expect

from tests.browser.pages import gated, put_page, ran, show
from tests.browser.serving import Served, serving
from tests.browser.visiting import Visit, visit
from tests.running import MIAMI

PAGES = "www.paper.localhost"
ORIGIN = 'origins = ["https://www.miaminewtimes.com", '


@pytest.fixture
async def paper(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    """A service on a sub-domain of its site."""
    async with serving(sqlite_url, tmp_path, host="consent.paper.localhost") as served:
        put_page(served, gated("analytics", "analytics"))
        yield served


@pytest.fixture
async def reader(chromium: Browser, paper: Served) -> AsyncIterator[Visit]:
    """A visitor whose cookies by answers are known."""
    async with visit(chromium, paper) as opened:
        yield opened


def site(served: Served, cookie_from: str) -> str:
    """The site file, its cookie for the whole domain."""
    origins = f'"http://{PAGES}:{served.port}", "http://shop.paper.localhost:{served.port}", '
    text = MIAMI.read_text().replace(ORIGIN, ORIGIN + origins)
    more = f'cookie_domain = "paper.localhost"\ncookie_from = "{cookie_from}"\n'
    return text.replace("[consent]\n", f"[consent]\n{more}", 1)


async def accept(reader: Visit) -> list[str]:
    """Accepts on the page; gives what the answers' Set-Cookie headers said."""
    said: list[str] = []

    async def hear(answer: Response) -> None:
        said.extend(one["value"] for one in await answer.headers_array() if one["name"].lower() == "set-cookie")

    reader.page.on("response", hear)
    await show(reader, reader.served.on(PAGES))
    await reader.recorded(reader.part("accept"))
    return said


async def forget_written_by_scripts(reader: Visit, said: list[str]) -> None:
    """Deletes each cookie whose present value came from a script, as after seven days in Safari."""
    set_by_answers = {line.partition(";")[0] for line in said}
    # Once by the choice itself; again would be after the answer.
    last_writer_is_a_script = (await reader.writes()).count(["cookie", "fc"]) > 1
    for cookie in await reader.context.cookies():
        spelled = f"{cookie.get('name')}={cookie.get('value')}"
        if spelled not in set_by_answers or last_writer_is_a_script:
            await reader.context.clear_cookies(name=str(cookie.get("name")))


async def test_a_choice_outlives_what_scripts_have_written(reader: Visit) -> None:
    await reader.served.publish(site(reader.served, "service"))
    said = await accept(reader)
    assert [line.partition("=")[0] for line in said] == ["fc"]
    await forget_written_by_scripts(reader, said)
    await show(reader, reader.served.on(PAGES))
    await reader.until("window.consent.state().decided")
    assert await ran(reader) == ["analytics"]
    assert await reader.page.evaluate("window.consent.receipt() !== null")
    await expect(reader.part("notice")).to_have_count(0)
    await reader.assert_calm()


async def test_without_it_the_same_browser_asks_again(reader: Visit) -> None:
    """What shows that the test above can fail."""
    await reader.served.publish(site(reader.served, "page"))
    said = await accept(reader)
    assert said == []
    await forget_written_by_scripts(reader, said)
    await show(reader, reader.served.on(PAGES))
    await expect(reader.part("notice")).to_be_visible()
    assert await ran(reader) == []


async def test_what_the_service_sets_is_what_the_widget_writes(reader: Visit) -> None:
    await reader.served.publish(site(reader.served, "service"))
    await show(reader, reader.served.on(PAGES))
    written = "document.cookie.split('; ').filter((one) => one.startsWith('fc='))"
    async with reader.page.expect_response(lambda answer: answer.url.endswith("/consents")) as waiting:
        await reader.part("refuse").click()
        before = await reader.page.evaluate(written)
    await waiting.value
    await reader.until("window.consent.receipt() !== null")
    [after] = await reader.page.evaluate(written)
    receipt = await reader.page.evaluate("window.consent.receipt()")
    assert len(before) == 1
    # All but the receipt, and when it expires: by the browser's clock first, then by the service's.
    one, other = before[0].split("~"), after.split("~")
    assert other[8] == receipt
    assert [*one[:5], *one[6:8]] == [*other[:5], *other[6:8]]


async def test_a_choice_holds_on_every_sub_domain(reader: Visit) -> None:
    await reader.served.publish(site(reader.served, "page"))
    await accept(reader)
    await show(reader, reader.served.on("shop.paper.localhost"))
    await reader.until("window.consent.state().decided")
    assert await ran(reader) == ["analytics"]
    [cookie] = await reader.context.cookies()
    assert cookie.get("domain") == ".paper.localhost"
