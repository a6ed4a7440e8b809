"""Where the console's links lead: every page is found by following them, and none leads where its reader may not go."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.routing import Route

from consent.accounts.roles import ROLES, Role
from consent.web.console import ROUTES
from tests.acts import SITE
from tests.browser.stocked import stock
from tests.clock import SetClock
from tests.signing_in import a_member, session_of
from tests.web.stage import Stage, staged

HOME = f"/console/sites/{SITE}"
LINK = re.compile(r'<(?:a|iframe)\b[^>]*?(?:href|src)="([^"#]+)')
ENOUGH = 3
"""Pages of one kind: more of them have no other links."""
BY_FORM = {
    "/console/sites/{site}/notice/publish/{draft}",  # after "Save and see what would change"
}


@pytest.fixture(scope="module")
async def stocked(module_sqlite_url: str, module_clock: SetClock) -> AsyncIterator[Stage]:
    """A site with a month behind it."""
    async with staged(module_sqlite_url, module_clock) as stage:
        await stock(stage)
        yield stage


@pytest.mark.parametrize("role", ROLES)
async def test_every_link_opens(stocked: Stage, role: Role) -> None:
    statuses = await walk(stocked, role)
    assert {path: status for path, status in statuses.items() if status not in (200, 303)} == {}


async def test_every_link_of_a_site_without_anything_opens(stocked: Stage) -> None:
    statuses = await walk(stocked, "owner", "harbour-post")
    assert len(statuses) > 15
    assert {path: status for path, status in statuses.items() if status not in (200, 303)} == {}


async def test_a_readers_proof_is_the_record_that_a_mailbox_made(stocked: Stage) -> None:
    signed = await session_of(stocked, await a_member(stocked, "dpo"))
    [place, *_] = re.findall(
        r'href="(/console/[^"]+/readers/[0-9a-f-]{36})"', await shown(stocked, signed, f"{HOME}/readers")
    )
    link = re.search(r'href="([^"]+/records/\d+)">Record', await shown(stocked, signed, place))
    assert link and place.rpartition("/")[2] in await shown(stocked, signed, link[1])


async def shown(stage: Stage, signed: dict[str, str], path: str) -> str:
    """The page."""
    answer = await stage.http.get(path, headers=signed)
    assert answer.status_code == 200
    return answer.text


async def test_every_page_is_found_by_its_owner(stocked: Stage) -> None:
    found = await walk(stocked, "owner")
    pages = {
        route.path: route.path_regex
        for route in ROUTES
        if isinstance(route, Route)
        and route.path.startswith("/console/sites/{site}")
        and "GET" in (route.methods or ())
    }
    lost = {path for path, pattern in pages.items() if not any(pattern.match(urlsplit(one).path) for one in found)}
    assert lost == BY_FORM


async def walk(stage: Stage, role: Role, site: str = SITE) -> dict[str, int]:
    """What each link answered, from the site's first page on; of pages of one kind a few."""
    signed, home = await session_of(stage, await a_member(stage, role, site)), f"/console/sites/{site}"
    statuses: dict[str, int] = {}
    kinds: dict[str, int] = {}
    ahead = [home]
    while ahead:
        path = ahead.pop(0)
        kind = _kind(path)
        if path in statuses or kinds.get(kind, 0) == ENOUGH:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = await stage.http.get(path, headers=signed)
        statuses[path] = answer.status_code
        links = [answer.headers["location"]] if answer.status_code == 303 else []
        if answer.headers.get("content-type", "").startswith("text/html"):
            links += map(html.unescape, LINK.findall(answer.text))
        ahead += [link for link in (urljoin(path, each) for each in links) if link.startswith(home)]
    return statuses


def _kind(path: str) -> str:
    """The page's route, and what is asked of it by name."""
    url = urlsplit(path)
    [route] = [one.path for one in ROUTES if isinstance(one, Route) and one.path_regex.match(url.path)][:1] or [""]
    return f"{route}?{','.join(sorted(part.partition('=')[0] for part in url.query.split('&')))}"
