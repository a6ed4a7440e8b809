"""Suppressions: a weaker reason takes the place of no stronger one, on both engines."""

from __future__ import annotations

from consent.storage import suppressions
from consent.storage.database import Database
from consent.storage.suppressions import ALL, Suppression
from consent.subscriptions import Reason
from tests.clock import START
from tests.storage.newsletter import OTHER_SITE, SITE, key_of


async def test_of_two_reasons_the_stronger_stands(tables: Database) -> None:
    key = key_of("reader")

    async def reason(site: str = SITE) -> list[tuple[str, str, int]]:
        async with tables.reading() as reader:
            return [(one.list, one.reason, one.strength) for one in await suppressions.of(reader, site, key)]

    steps: list[tuple[Reason, Reason, int]] = [
        ("unsubscribed", "unsubscribed", 1),
        ("erased", "unsubscribed", 1),
        ("bounced", "bounced", 2),
        ("unsubscribed", "bounced", 2),
        ("not_me", "bounced", 2),
    ]
    for given, stands, strength in steps:
        async with tables.writing() as writer:
            await suppressions.put(writer, SITE, key, "top", given, START)
        assert await reason() == [("top", stands, strength)]
    async with tables.writing() as writer:
        await suppressions.put(writer, SITE, key, ALL, "erased", START)
        assert await suppressions.lift(writer, SITE, key, "top", up_to_strength=1) == 0
        assert await suppressions.lift(writer, SITE, key, ALL, up_to_strength=1) == 1
        assert await suppressions.lift(writer, SITE, key, "top", up_to_strength=2) == 1
    assert await reason() == []
    assert await reason(OTHER_SITE) == []


async def test_suppressions_are_found_among_many_and_come_in_pages(tables: Database) -> None:
    keys = sorted(key_of(f"reader{number}") for number in range(450))
    async with tables.writing() as writer:
        for key in keys[::100]:
            await suppressions.put(writer, SITE, key, ALL, "admin", START)
        await suppressions.put(writer, SITE, keys[0], "top", "unsubscribed", START)
        found = await suppressions.keys_among(writer, SITE, keys)
        assert {one.key for one in found} == set(keys[::100])
        assert len(found) == 6
        assert await suppressions.keys_among(writer, SITE, []) == []
        assert await suppressions.keys_among(writer, OTHER_SITE, keys[:3]) == []
        pages, after = list[Suppression](), None
        while page := await suppressions.page(writer, SITE, after, 2):
            pages += page
            after = (page[-1].key, page[-1].list)
    assert len(pages) == 6
    assert pages == sorted(pages, key=lambda one: (one.key, one.list))
