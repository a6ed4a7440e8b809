"""Where a form's sender goes on to: a page of the site's origins, compared and not repaired, or the service's."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from consent.clock import DAY
from tests.acts import SITE
from tests.clock import SetClock
from tests.web.seeing import page
from tests.web.signing import by_form
from tests.web.stage import MIAMI_ORIGIN, Stage

ASKED = f"http://127.0.0.1:8000/newsletter/{SITE}/asked?language=en"


@pytest.fixture(autouse=True)
def another_day(module_clock: SetClock) -> None:
    """What one test's sign-ups count against its sources is none of the next one's."""
    module_clock.forward(DAY)


@pytest.mark.parametrize(
    "next_",
    [
        f"{MIAMI_ORIGIN}/thanks?a=1#top",
        f"{MIAMI_ORIGIN}",
        "https://www.miaminewtimes.com:443/thanks",
        "http://localhost:4711/thanks",
        "http://127.0.0.1/thanks",
    ],
)
async def test_next_is_followed_to_the_sites_pages(stage: Stage, next_: str) -> None:
    answer = await by_form(stage, next=next_)
    assert (answer.status_code, answer.headers["location"]) == (303, next_)


@pytest.mark.parametrize(
    "next_",
    [
        "",
        "/thanks",
        "//evil.example",
        "///evil.example",
        "https:evil.example",
        "https:///evil.example",
        "https://evil.example",
        "http://www.miaminewtimes.com/thanks",
        "https://miaminewtimes.com/thanks",
        "https://www.miaminewtimes.com@evil.example/",
        "https://reader:word@www.miaminewtimes.com/",
        "https://www.miaminewtimes.com:444/",
        "https://www.miaminewtimes.com:443:443/",
        "https://www.miaminewtimes.com.evil.example/",
        "https://evil.example\\@www.miaminewtimes.com/",
        "https://www.miaminewtimes.com\\.evil.example/",
        "https://evil.example#@www.miaminewtimes.com/",
        "https://evil.example/https://www.miaminewtimes.com/",
        "https://www.miaminewtimes.com\u3002evil.example/",
        "https://www.miaminewtimes.com%2eevil.example/",
        "http://localhost.evil.example:80/",
        "http://localhost:99999999/",
        "http://localhost:x/",
        "http://[::1/",
        "javascript:alert(1)",
        "JaVaScRiPt://www.miaminewtimes.com/%0aalert(1)",
        "data:text/html,x",
        "https://www.miaminewtimes.com/\r\nSet-Cookie: a=b",
        "https://www.miaminewtimes.com/\tx",
        " https://www.miaminewtimes.com/",
        "https://www.miaminewtimes.com/" + "x" * 3000,
    ],
)
async def test_next_is_followed_nowhere_else(stage: Stage, next_: str) -> None:
    answer = await by_form(stage, next=next_)
    assert (answer.status_code, answer.headers["location"]) == (303, ASKED)
    assert "set-cookie" not in answer.headers


async def test_a_browser_lets_the_hosted_form_go_there_and_nowhere_else(stage: Stage) -> None:
    """Chromium holds a page's `form-action` against the redirect that answers its form."""
    for next_, more in (
        (f"{MIAMI_ORIGIN}/thanks", f" {MIAMI_ORIGIN}"),
        ("http://localhost:4711/a;b", " http://localhost:4711"),
        ("https://evil.example/", ""),
        ("", ""),
    ):
        hosted = await page(stage, f"/newsletter/{SITE}?{urlencode({'next': next_})}")
        answers = [hosted, await by_form(stage, next=next_, email="nobody")]
        for answer in answers:
            assert f"form-action 'self'{more};" in answer.headers["content-security-policy"], next_
