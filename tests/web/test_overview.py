"""The console's first page: rates with what they are of, charts, few hidden, and what each role may follow up."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from consent.storage import endpoints
from tests.acts import SITE
from tests.clock import SetClock
from tests.counted import count_days
from tests.signing_in import signed_in
from tests.storage import newsletter as some
from tests.web.stage import Stage, staged

HOME = f"/console/sites/{SITE}"


@pytest.fixture(scope="module")
async def stage(module_sqlite_url: str, module_clock: SetClock) -> AsyncIterator[Stage]:
    """On one engine: what is asked of the database has its own tests on both."""
    async with staged(module_sqlite_url, module_clock) as made:
        yield made


async def page(stage: Stage, query: str = "", role: str = "owner", status: int = 200, home: str = HOME) -> str:
    """The page's text without its tags, as this role sees it."""
    site = home.rpartition("/")[2]
    answer = await stage.http.get(f"{home}{query}", headers=await signed_in(stage, role, site))  # type: ignore[arg-type]
    assert answer.status_code == status
    return answer.text


def read(html: str) -> str:
    """The page as it is read."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())


async def test_before_anything_happened_it_says_what_to_paste(stage: Stage) -> None:
    html = await page(stage, home="/console/sites/harbour-post")
    assert "No visitor has been asked yet" in html and "/w/harbour-post.js" in html
    assert "The notice in force was published with" in html  # its file has warnings
    assert "<svg" not in html.partition("<main")[2]


async def test_a_site_that_was_looked_at(stage: Stage, module_clock: SetClock) -> None:
    await count_days(stage.services, 90)
    html = await page(stage)
    told = read(html)
    rate = re.search(r"(\d+)% of the ([\d,]+) answers given were accept everything .* between (\d+)% and (\d+)%", told)
    assert rate and int(rate[3]) <= int(rate[1]) <= int(rate[4])
    assert len(re.findall('<g class="column">', html)) == 28
    assert re.search(r'<svg class="plot"[^>]*role="img" aria-labelledby="days-title days-about"', html)
    for words in ("GB", "Phones", "Saw a form or prompt", "hidden"):
        assert words in told, words
    assert re.search(r"the notice was shown to them \d+ times", told)
    assert "style=" not in html and not re.search(r"<script(?![^>]*src=)", html)
    assert len(re.findall('<g class="column">', await page(stage, "?days=90"))) == 90
    last = "from=2025-11-22&to=2026-11-22"
    weeks = await page(stage, f"?{last}")
    assert "By week" in weeks and len(re.findall('<g class="column">', weeks)) == 53


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?from=2026-11-22", "Give both days, like 2026-11-22."),
        ("?from=2026-11-22&to=2026-11-20", "The last day is before the first."),
        ("?from=2020-11-22&to=2026-11-20", "At most 400 days."),
    ],
)
async def test_days_that_there_cannot_be(stage: Stage, query: str, words: str) -> None:
    await count_days(stage.services, 2, 20)
    html = await page(stage, query, status=422)
    assert words in html and 'href="#from"' in html and 'aria-invalid="true"' in html
    assert "28 days" in html


async def test_what_is_wrong_leads_to_where_the_role_may_mend_it(stage: Stage, module_clock: SetClock) -> None:
    one = some.endpoint(id=some.new_id(module_clock()), disabled_at=module_clock())
    async with stage.services.database.writing() as writer:
        await endpoints.put(writer, SITE, one)
    words, link = "1 endpoint is switched off", f'href="{HOME}/settings/webhooks"'
    owner, viewer = await page(stage), await page(stage, role="viewer")
    assert words in owner and link in owner and "One thing needs attention" in owner
    assert words in viewer and link not in viewer and f'href="{HOME}/records"' not in viewer
    async with stage.services.database.writing() as writer:
        await endpoints.delete(writer, SITE, one.id)


async def test_days_without_an_answer_have_no_rate(stage: Stage) -> None:
    await count_days(stage.services, 2, 20)
    html = await page(stage, "?from=2020-01-01&to=2020-01-31")
    assert "Nobody answered in these days" in html and "The notice was not shown in these days." in html
