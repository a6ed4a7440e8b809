"""The choice's cookie set by the service: for the site's own pages, with credentials on that one address alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import Any

import pytest

from tests import running
from tests.acts import SITE
from tests.clock import SetClock
from tests.running import MIAMI
from tests.web.stage import CONSENTS, MIAMI_ORIGIN, Stage, staged

DAY = 86_400
FILE = MIAMI.read_text("utf-8").replace(
    "[consent]\n", '[consent]\ncookie_domain = "miaminewtimes.com"\ncookie_from = "service"\n', 1
)


@pytest.fixture(scope="module")
async def stage(module_url: str, module_clock: SetClock) -> AsyncIterator[Stage]:
    """A service on a sub-domain of its site, which sets the cookie."""
    at = {"url": "https://consent.miaminewtimes.com"}
    async with staged(module_url, module_clock, settings=at) as made:
        await running.publish(made.services, FILE.encode())
        yield made


def values(header: str) -> tuple[str, dict[str, str]]:
    """The cookie's value and its attributes."""
    (cookie,) = SimpleCookie(header).values()
    return cookie.value, {name: str(value) for name, value in cookie.items() if value}


async def test_it_is_the_choice_as_it_was_recorded(stage: Stage) -> None:
    body = stage.body(decided_at="2026-11-22T09:59:00.000Z", services={"youtube": True, "google-ads": False}, gpc=True)
    answer = await stage.client().post(CONSENTS, json=body, headers={"Origin": MIAMI_ORIGIN})
    assert answer.status_code == 201
    value, attributes = values(answer.headers["set-cookie"])
    assert attributes == {
        "domain": "miaminewtimes.com", "path": "/", "max-age": str(182 * DAY), "samesite": "Lax", "secure": "True",
    }  # fmt: skip
    fields = value.split("~")
    material = stage.services.directory.get(SITE).material
    assert fields[:4] == ["1g", material, body["subject"], body["id"]]
    assert int(fields[5], 36) - int(fields[4], 36) == 182 * DAY * 1000
    assert fields[6:] == ["analytics.!content.!advertising", "youtube", answer.json()["receipt"]]


async def test_it_is_set_again_when_the_same_comes_again(stage: Stage, module_clock: SetClock) -> None:
    body = stage.body(services={"youtube": True, "google-ads": True})
    first = await stage.client().post(CONSENTS, json=body)
    module_clock.forward(DAY * 1000)
    again = await stage.client().post(CONSENTS, json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    (value, attributes), (same, later) = (values(one.headers["set-cookie"]) for one in (first, again))
    assert value == same
    assert (attributes["max-age"], later["max-age"]) == (str(182 * DAY), str(181 * DAY))


async def test_of_an_older_notice_it_says_what_that_one_asked(stage: Stage) -> None:
    old = stage.services.directory.get(SITE)
    await running.publish(stage.services, FILE.replace("Twitter International", "Another").encode())
    answer = await stage.give(notice=old.digest)
    assert values(answer.headers["set-cookie"])[0].split("~")[1] == old.material
    assert stage.services.directory.get(SITE).material != old.material
    await running.publish(stage.services, FILE.encode())


async def test_a_record_that_comes_late_undoes_no_later_choice(stage: Stage) -> None:
    """A queue that is worked off tells the service first what the visitor has taken back since."""
    given = await stage.give(decided_at="2026-11-22T09:00:00.000Z")
    refused = await stage.give(decided_at="2026-11-22T09:30:00.000Z")
    older, newer = (answer.headers["set-cookie"].partition(";")[0] for answer in (given, refused))
    for cookies, is_set in (
        (newer, False), (f"a=b; {newer}", False), (f"{older}; {newer}; c=d", False), (older, True), (f"x{newer}", True),
        ("fc=", True), ("fc=junk~" * 9, True), ("fc=1~~~~!", True), ("", True),
    ):  # fmt: skip
        answer = await stage.give({"Cookie": cookies}, decided_at="2026-11-22T09:15:00.000Z")
        assert answer.status_code == 201
        assert ("set-cookie" in answer.headers) is is_set, cookies


async def test_a_page_of_another_domain_gets_none(stage: Stage) -> None:
    others = f'"{MIAMI_ORIGIN}", "https://miami.example", "https://notmiaminewtimes.com"'
    await running.publish(stage.services, FILE.replace(f'"{MIAMI_ORIGIN}"', others, 1).encode())
    for origin, is_set in (
        (MIAMI_ORIGIN, True), ("https://miami.example", False), ("https://notmiaminewtimes.com", False)
    ):  # fmt: skip
        answer = await stage.give({"Origin": origin})
        assert (answer.status_code, "set-cookie" in answer.headers) == (201, is_set)
    await running.publish(stage.services, FILE.encode())


async def test_what_is_refused_sets_nothing(stage: Stage) -> None:
    for headers, fields in (({"Origin": "https://evil.test"}, {}), ({}, {"language": "xx"})):
        assert "set-cookie" not in (await stage.give(headers, **fields)).headers


async def test_credentials_are_allowed_on_that_address_alone(stage: Stage) -> None:
    async def allowed(method: str, path: str, origin: str = MIAMI_ORIGIN, **more: Any) -> str | None:
        headers = {"Origin": origin, **({"Access-Control-Request-Method": "POST"} if method == "OPTIONS" else {})}
        answer = await stage.client().request(method, path, headers=headers, **more)
        assert answer.headers.get("access-control-allow-origin") in (None, origin)
        credentials: str | None = answer.headers.get("access-control-allow-credentials")
        return credentials

    assert await allowed("POST", CONSENTS, json=stage.body()) == "true"
    assert await allowed("POST", CONSENTS, content=b"{") == "true"
    assert await allowed("OPTIONS", CONSENTS) == "true"
    assert await allowed("POST", CONSENTS, "https://evil.test", json=stage.body()) is None
    assert await allowed("OPTIONS", CONSENTS, "https://evil.test") is None
    for rest in ("events", "hand-offs", "hand-offs/open", "notices", "consents/x", "log/checkpoint"):
        for method in ("POST", "OPTIONS"):
            assert await allowed(method, f"/v1/sites/{SITE}/{rest}") is None
    assert await allowed("POST", "/v1/sites/harbour-post/consents", "http://localhost:1", json={}) is None
