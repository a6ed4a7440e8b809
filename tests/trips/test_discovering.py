"""What was found on pages: kept until it is mended, told to whom it concerns, on record as an act."""

from __future__ import annotations

import json
from typing import Any

import pytest

from consent import attention, auditing, discovering
from consent.errors import Refused
from consent.inspection import Answer, Compared
from consent.services import Services
from consent.storage import discoveries
from tests.acts import SITE
from tests.clock import SetClock
from tests.running import MIAMI, publish
from tests.trips.test_drafts import acted

SOMEBODY = auditing.COMMAND
NEWS, HOME = "https://www.miaminewtimes.com/news", "https://www.miaminewtimes.com/"
HOTJAR = b"""
[[purposes.services]]
id = "hotjar"
name = "Hotjar"
provider = "Hotjar Ltd"
privacy_policy = "https://www.hotjar.com/privacy"
cookies = [{ name = "_hjSession_*", lifetime = "30 minutes", about = { en = "Tells visits apart.", es = "Visitas." } }]
"""


async def look(services: Services, page: str = NEWS, answer: Answer = "none", **told: Any) -> Compared:
    written = json.dumps({"page": page, **told})
    return await discovering.look(services, services.directory.get(SITE), written, answer, SOMEBODY)


async def known(services: Services) -> list[tuple[str, str, str]]:
    async with services.database.reading() as reader:
        found = await discovering.known(reader, SITE, services.directory.get(SITE).notice)
    return [(one.page, one.name, one.how) for one in found]


async def test_what_is_found_is_kept_without_ids_until_its_page_was_looked_at_again(
    services: Services, clock: SetClock
) -> None:
    await look(services, cookie=["_hjSession_3141592", "_ga"])
    clock.forward(1)
    await look(services, HOME, cookie=["theme"])
    assert await known(services) == [
        (HOME, "theme", "undeclared"),
        (NEWS, "_ga", "early"),
        (NEWS, "_hjSession_*", "undeclared"),
    ]
    await look(services, cookie=["fc"])
    assert await known(services) == [(HOME, "theme", "undeclared")]
    await look(services, HOME, cookie=["theme"])
    assert await known(services) == [(HOME, "theme", "undeclared")]


async def test_what_the_notice_names_by_now_is_settled(services: Services) -> None:
    await look(services, cookie=["_hjSession_3141592"])
    assert len(await known(services)) == 1
    before, mark, after = MIAMI.read_bytes().partition(b'[[purposes]]\nid = "content"')
    assert mark
    await publish(services, before + HOTJAR + b"\n" + mark + after)
    assert await known(services) == []


async def test_whom_it_concerns_is_told(services: Services) -> None:
    names = [f"name_{place}" for place in "abcdefg"]
    await look(services, cookie=["_ga", *names])
    told = [worry for worry in await attention.look(services, services.directory.get(SITE)) if worry.place == "cookies"]
    assert [worry.words for worry in told] == [
        "1 name was kept in a browser before it was allowed: _ga.",
        "7 names that are kept in browsers are not in the notice: name_a, name_b, name_c, name_d, name_e and 2 more.",
    ]
    assert all(worry.is_bad for worry in told)


async def test_each_look_is_an_act_that_names_no_page(services: Services) -> None:
    await look(services, cookie=["theme"])
    await discovering.forget(services, SITE, SOMEBODY)
    await discovering.forget(services, SITE, SOMEBODY)
    assert await known(services) == []
    assert [(action, about) for action, _, about in await acted(services)] == [
        ("page.looked_at", {"answer": "none", "found": "1"}),
        ("discoveries.forgotten", {"number": "1"}),
    ]


async def test_what_nobody_can_read_changes_nothing(services: Services) -> None:
    await look(services, cookie=["theme"])
    with pytest.raises(Refused):
        await discovering.look(services, services.directory.get(SITE), "no such thing", "none", SOMEBODY)
    assert len(await known(services)) == 1
    assert len(await acted(services)) == 1


async def test_the_oldest_pages_give_way(services: Services, clock: SetClock) -> None:
    many = [f"name_{chr(97 + first)}{chr(97 + second)}" for first in range(20) for second in range(20)]
    for place in range(3):
        clock.forward(1)
        await look(services, f"{HOME}{place}", cookie=many)
    found = await known(services)
    assert {page for page, _, _ in found} == {f"{HOME}2"}
    assert len(found) == len(many) <= discoveries.MOST
