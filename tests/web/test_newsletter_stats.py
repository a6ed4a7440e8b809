"""The funnel: each step is counted by way, variant and page, and nobody's id is among it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from consent import clock
from consent.clock import DAY
from tests.acts import SITE
from tests.clock import SetClock
from tests.web import signing
from tests.web.signing import by_script
from tests.web.stage import MIAMI_ORIGIN, Stage

EVENTS = f"/v1/sites/{SITE}/events"
STATS = "/stats/newsletter"


@pytest.fixture(autouse=True)
def today(module_clock: SetClock) -> str:
    """A day of the test's own."""
    module_clock.at = (module_clock.at // DAY + 50) * DAY + DAY // 2
    return clock.text(module_clock.at)[:10]


@pytest.fixture
async def key(stage: Stage) -> str:
    return await stage.key("read")


async def count(stage: Stage, kind: str, **fields: Any) -> httpx.Response:
    return await stage.client().post(EVENTS, json={"kind": kind, **fields})


async def rows(stage: Stage, key: str, query: str = "") -> dict[str, dict[str, int]]:
    answer = await stage.asked(f"{STATS}{query}", key)
    assert answer.status_code == 200, answer.text
    return {row["value"]: row["steps"] for row in answer.json()["rows"]}


async def test_the_way_from_the_prompt_to_a_subscription(stage: Stage, key: str, today: str) -> None:
    page = f"{MIAMI_ORIGIN}/film/her"
    shared = {"variant": "b", "page": f"{page}?reader=1#x", "language": "en"}
    for kind in ("prompt_shown",) * 3 + ("prompt_later", "prompt_declined", "prompt_submitted"):
        assert (await count(stage, kind, **shared)).status_code == 204
    email = await signing.subscribed(stage, via="prompt", variant="b", page=page)
    steps = {"shown": 3, "later": 1, "declined": 1, "submitted": 1, "asked": 1, "confirmed": 1}
    found = (await rows(stage, key))[today]
    assert {name: found.get(name) for name in steps} == steps
    for by, value in (("via", "prompt"), ("variant", "b"), ("page", "/film/her")):
        told = await rows(stage, key, f"?by={by}&from={today}&to={today}")
        assert {name: told[value].get(name) for name in steps} == steps, by
    answer = await stage.asked(STATS, key)
    assert email not in answer.text
    assert answer.json()["to"] == today


async def test_forms_are_counted_too_and_via_says_otherwise(stage: Stage, key: str, today: str) -> None:
    for _ in range(10):
        await count(stage, "form_shown")
        await count(stage, "form_shown", via="page", page="https://www.miaminewtimes.com")
    told = await rows(stage, key, f"?by=via&from={today}")
    assert told == {"form": {"shown": 10}, "page": {"shown": 10}}
    assert (await rows(stage, key, f"?by=page&from={today}"))["/"] == {"shown": 10}


async def test_few_are_hidden_and_so_is_what_leads_to_them(stage: Stage, key: str, today: str) -> None:
    for via, number in (("form", 12), ("page", 11), ("prompt", 3)):
        for _ in range(number):
            await count(stage, "form_shown", via=via)
    told = await rows(stage, key, f"?by=via&from={today}")
    assert told == {"form": {"shown": 12}, "page": {"shown": None}, "prompt": {"shown": None}}
    assert await rows(stage, key, f"?from={today}") == {today: {"shown": 26}}
    assert (await stage.asked(f"{STATS}?from={today}", key)).json()["hidden_below"] == 10


async def test_what_is_no_step_is_not_in_the_funnel(stage: Stage, key: str, today: str) -> None:
    await count(stage, "notice_shown")
    await count(stage, "gpc_honored", page=f"{MIAMI_ORIGIN}/x")
    assert await rows(stage, key, f"?from={today}") == {}


async def test_a_page_that_is_none_counts_for_no_page(stage: Stage, key: str, today: str) -> None:
    for page in ("javascript:alert(1)", "https://[", "x", "https://www.miaminewtimes.com/\n", "file:///etc/passwd"):
        assert (await count(stage, "form_shown", page=page)).status_code == 204
    assert await rows(stage, key, f"?by=page&from={today}") == {"": {"shown": 5}}
    await count(stage, "form_shown", page=f"{MIAMI_ORIGIN}/{'x' * 1000}")
    assert max(map(len, await rows(stage, key, f"?by=page&from={today}"))) <= 256


async def test_a_robots_sign_up_is_no_step(stage: Stage, key: str, today: str) -> None:
    assert (await by_script(stage, url_2="x")).status_code == 202
    assert "asked" not in (await rows(stage, key, f"?from={today}")).get(today, {})


@pytest.mark.parametrize(
    "fields", [{"via": "mail"}, {"page": ""}, {"page": "x" * 2049}, {"email": "a@example.org"}, {"variant": "A b"}]
)
async def test_an_event_has_no_other_fields(stage: Stage, fields: dict[str, Any]) -> None:
    assert (await count(stage, "prompt_shown", **fields)).status_code == 422


async def test_days_are_chosen_both_ends_included(stage: Stage, key: str, module_clock: SetClock) -> None:
    first = clock.text(module_clock())[:10]
    await count(stage, "form_shown")
    await stage.services.counting.flush()
    module_clock.forward(DAY)
    second = clock.text(module_clock())[:10]
    await count(stage, "form_shown")
    assert list(await rows(stage, key, f"?from={first}&to={second}")) == [first, second]
    assert list(await rows(stage, key, f"?from={first}T23:59:59Z&to={first}")) == [first]
    assert list(await rows(stage, key, f"?from={second}")) == [second]
    for query in ("from=x", "to=2026-13-01", "by=email", "by=day&by=via", "since=2026-01-01"):
        assert (await stage.asked(f"{STATS}?{query}", key)).status_code == 422, query


async def test_the_figures_tell_what_became_of_sign_ups(stage: Stage) -> None:
    await by_script(stage)
    await by_script(stage, url_2="x")
    page = (await stage.http.get("/metrics")).text
    for line in (
        f'consent_signups_asked_total{{site="{SITE}",verdict="accept"}}',
        f'consent_signups_asked_total{{site="{SITE}",verdict="drop"}}',
        'consent_outbox{state="waiting"}',
        'consent_outbox{state="dead"}',
        "consent_outbox_oldest_seconds",
    ):
        assert line in page, line
    assert "@" not in page
