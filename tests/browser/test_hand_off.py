"""A choice carried from one site of a controller to another, by a link and nothing that follows people."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from tests.browser.pages import embed, gated, put_page, ran, show
from tests.browser.serving import Served, serving
from tests.browser.visiting import Visit, visit
from tests.running import MIAMI

PAPER, MAGAZINE = "www.paper.test", "www.magazine.test"
ORIGINS = 'origins = ["https://www.miaminewtimes.com", "http://localhost:*", "http://127.0.0.1:*"]'


def site(name: str, host: str, port: int, partner: str) -> str:
    """One of the two sites; the link between them needs exact origins."""
    text = MIAMI.read_text().replace('id = "miami-new-times"', f'id = "{name}"', 1)
    text = text.replace(ORIGINS, f'origins = ["http://{host}:{port}"]')
    return text.replace("[consent]\n", f'[consent]\ntogether = ["{partner}"]\n', 1)


@pytest.fixture
async def sites(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    """Two sites of one controller, each of which names the other, with a page each."""
    async with serving(sqlite_url, tmp_path) as served:
        for name, host, partner in (("paper", PAPER, "magazine"), ("magazine", MAGAZINE, "paper")):
            await publish(served, name, host, partner)
        await publish(served, "paper", PAPER, "magazine", note="Miami New Times, the paper")
        link = f'<a id="over" href="{served.on(MAGAZINE, "magazine")}#story">The magazine</a>'
        put_page(served, link + gated("analytics", "analytics"), tag=embed(served.service, "paper"), name="paper")
        put_page(served, gated("analytics", "analytics"), tag=embed(served.service, "magazine"), name="magazine")
        yield served


async def publish(served: Served, name: str, host: str, partner: str, note: str = "") -> None:
    """Puts a site in force and waits until the service serves it."""
    text = site(name, host, served.port, partner)
    await served.publish(text.replace('name = "Miami New Times"', f'name = "{note}"', 1) if note else text, name)


@pytest.fixture
async def reader(chromium: Browser, sites: Served) -> AsyncIterator[Visit]:
    """A visitor of the paper."""
    async with visit(chromium, sites) as opened:
        yield opened


async def go_over(reader: Visit) -> None:
    """Follows the link to the magazine, and waits until its gates were looked at."""
    await reader.page.locator("#over").click()
    await reader.page.wait_for_url(lambda url: urlsplit(url).hostname == MAGAZINE)
    await reader.until("window.ran?.includes('settled')")


async def exported(served: Served, name: str) -> list[dict[str, Any]]:
    """The records of a site, without the checkpoint at the end."""
    _, told = await served.command("export", "consents", name)
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    return [line for line in lines if "purposes" in line]


async def test_a_choice_goes_along_and_is_recorded_with_where_it_came_from(reader: Visit) -> None:
    await show(reader, reader.served.on(PAPER, "paper"))
    told = await reader.recorded(reader.part("accept"))
    async with reader.page.expect_response(lambda answer: answer.url.endswith("/magazine/consents")):
        await go_over(reader)
    await reader.until("window.consent.state().decided && window.consent.receipt() !== null")
    assert await ran(reader) == ["analytics"]
    await expect(reader.part("notice")).to_have_count(0)
    assert urlsplit(reader.page.url).fragment == "story"
    [record] = await exported(reader.served, "magazine")
    assert record["action"] == "import"
    assert record["imported_from"] == f"paper/{told['id']}"
    [origin] = await exported(reader.served, "paper")
    assert record["purposes"] == origin["purposes"]
    assert record["subject"] != origin["subject"]
    [opening] = [request for request in reader.requests if request.url.endswith("/magazine/hand-offs/open")]
    assert json.loads(opening.post_data or "")["notice"] == record["notice"]
    await reader.assert_calm()


async def test_a_refusal_goes_along_as_well(reader: Visit) -> None:
    await show(reader, reader.served.on(PAPER, "paper"))
    await reader.recorded(reader.part("refuse"))
    await go_over(reader)
    await reader.until("window.consent.state().decided")
    assert await ran(reader) == []
    assert await reader.page.evaluate("Object.values(window.consent.state().purposes).includes(true)") is False


async def test_nothing_goes_along_without_a_choice(reader: Visit) -> None:
    await show(reader, reader.served.on(PAPER, "paper"))
    await expect(reader.part("notice")).to_be_visible()
    await go_over(reader)
    await expect(reader.part("notice")).to_be_visible()
    assert await reader.cookies() == set()


async def test_a_made_up_token_gives_nothing_and_leaves_the_address(reader: Visit) -> None:
    await show(reader, reader.served.on(MAGAZINE, "magazine") + "#fc=e30.aaaa.bbbb")
    await expect(reader.part("notice")).to_be_visible()
    assert await ran(reader) == []
    assert "fc=" not in reader.page.url


async def test_a_choice_made_there_is_not_overruled(reader: Visit) -> None:
    await show(reader, reader.served.on(MAGAZINE, "magazine"))
    await reader.recorded(reader.part("refuse"))
    await show(reader, reader.served.on(PAPER, "paper"))
    await reader.recorded(reader.part("accept"))
    await go_over(reader)
    await reader.until("window.consent.state().decided")
    assert await ran(reader) == []
    assert len(await exported(reader.served, "magazine")) == 1
