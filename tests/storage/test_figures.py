"""Counts of what visitors did: they add up, nobody grows them without bound, and older ones are carried over."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from consent.counting import Counting
from consent.records import Circumstances
from consent.storage import figures
from consent.storage.database import Database
from consent.storage.engines import open_database
from consent.storage.figures import GROUPS, Count, Group, Total
from consent.storage.migrations import bundled, migrate
from tests.clock import START
from tests.faults import FaultyDatabase
from tests.storage.newsletter import DAY, OTHER_SITE, SITE

HOUR = 3_600_000
PHONE = Group("n" * 64, "en", "US", "phone")
NIGHT = START // DAY * DAY


async def add(database: Database, *counts: tuple[Count, int]) -> None:
    async with database.writing() as writer:
        await figures.add(writer, counts)


async def totals(
    database: Database, by: figures.By, bots: tuple[int, int] = (0, 0), span: tuple[int, int] = (NIGHT, NIGHT + 2 * DAY)
) -> list[Total]:
    async with database.reading() as reader:
        return list(await figures.totals(reader, SITE, *span, by, bots))


async def test_counts_add_up(tables: Database) -> None:
    shown, accepted = Count(SITE, START, "shown", PHONE), Count(SITE, START + HOUR, "accepted", PHONE)
    robot = shown._replace(group=PHONE._replace(device="", bot=1))
    await asyncio.gather(*(add(tables, (shown, 2), (accepted, 1)) for _ in range(10)))
    await add(tables, (robot, 5), (shown._replace(site=OTHER_SITE), 7), (shown._replace(hour=START + DAY), 1))
    for by in ("language", "country", "device", "notice", "variant"):
        value = getattr(PHONE, by)
        assert await totals(tables, by) == [Total(value, "accepted", 10), Total(value, "shown", 21)]
    day = [Total(NIGHT, "accepted", 10), Total(NIGHT, "shown", 20), Total(NIGHT + DAY, "shown", 1)]
    assert await totals(tables, "day") == day
    assert (await totals(tables, "hour"))[:2] == [Total(START, "shown", 20), Total(START + HOUR, "accepted", 10)]
    assert await totals(tables, "device", (1, 1)) == [Total("", "shown", 5)]
    assert (await totals(tables, "day", (0, 1)))[1] == Total(NIGHT, "shown", 25)
    assert await totals(tables, "day", span=(NIGHT, NIGHT + DAY)) == day[:2]
    async with tables.reading() as reader:
        assert await figures.last_hour(reader, SITE, "shown", START) == START + DAY
        assert await figures.last_hour(reader, SITE, "shown", START + DAY + 1) is None
        assert await figures.oldest(reader, SITE) == START
    async with tables.writing() as writer:
        assert await figures.purge(writer, SITE, START + DAY, 2) == 2
        assert await figures.purge(writer, SITE, START + DAY, 9) == 1
    assert await totals(tables, "day") == day[2:]


async def test_a_stranger_cannot_grow_the_table_without_bound(tables: Database) -> None:
    """Whatever comes, in however many flushes, by whichever process: a day has so many groups, and `other`."""
    one, other = Counting(tables), Counting(tables)
    for start in range(0, GROUPS + 400, 200):
        for number in range(start, start + 200):
            seen = Circumstances(country=f"{number}", device="bot" if number % 2 else "phone")
            (one if start % 400 else other).note(SITE, START, "shown", notice="n", language="en", seen=seen)
        await one.flush()
        await other.flush()
    one.note(SITE, START, "shown", notice="n", language="en", seen=Circumstances(country="0", device="phone"))
    other.note(SITE, START + DAY, "shown", notice="n", language="en", seen=Circumstances(country="x"))
    await one.flush()
    await other.flush()
    async with tables.reading() as reader:
        assert len(await figures.groups(reader, SITE, NIGHT)) == GROUPS + 2  # `other`, robots and not
        assert len(await figures.groups(reader, SITE, NIGHT + DAY)) == 1
    told = {total.by: total.number for total in await totals(tables, "country", (0, 1), (NIGHT, NIGHT + DAY))}
    assert (told["0"], told["other"], sum(told.values())) == (2, 400, GROUPS + 401)


async def test_in_memory_too_the_rest_is_counted_together(tables: Database) -> None:
    counting = Counting(tables)
    for number in range(10_050):
        counting.count(Count(SITE, START, "shown", PHONE._replace(variant=f"{number}")))
    await counting.flush()
    assert sum(total.number for total in await totals(tables, "day")) == 10_050


async def test_an_outage_loses_nothing(tables: Database) -> None:
    faulty = FaultyDatabase(tables, at=[1])
    counting = Counting(faulty)
    counting.count(Count(SITE, START, "shown", PHONE))
    await counting.flush()
    counting.count(Count(SITE, START, "shown", PHONE))
    await counting.flush()
    assert await totals(tables, "day") == [Total(NIGHT, "shown", 2)]


@pytest.mark.parametrize("device", [None, "phone", "bot"])
async def test_of_who_did_it_country_and_device_are_kept_alone(tables: Database, device: str | None) -> None:
    counting = Counting(tables)
    seen = Circumstances(country="US", region="FL", device=device, ip="00ff", gpc_header=True)
    counting.note(SITE, START + 59 * 60_000, "accepted", notice="n", language="en", seen=seen)
    await counting.flush()
    async with tables.reading() as reader:
        (row,) = await reader.rows("SELECT * FROM figures")
    is_bot = device == "bot"
    assert tuple(row) == (SITE, START, "accepted", "n", "en", "US", "" if is_bot else device or "", "", int(is_bot), 1)


async def test_what_was_counted_before_is_carried_over(database_url: str) -> None:
    database = await open_database(database_url)
    await database.migrate([one for one in bundled(database.engine) if one.name < "0008"], 1)
    async with database.writing() as writer:
        await writer.execute_many(
            "INSERT INTO counters (site, hour, kind, notice, language, variant, count)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [
                (SITE, START, "notice_shown", "n", "en", "", 3),
                (SITE, START, "notice_shown", "n", "en", "made-up", 4),
                (SITE, START, "notice_shown", "earlier", "", "", 5),
                (SITE, START, "gpc_honored", "", "en", "", 6),
                (SITE, START, "prompt_shown", "n", "en", "b", 7),
            ],
        )
    assert "0008_figures" in await migrate(database, 2)
    assert await totals(database, "notice") == [Total("", "gpc", 6), Total("n", "shown", 7), Total("other", "shown", 5)]
    await database.close()


def test_the_bound_is_of_groups_not_of_hours_or_kinds() -> None:
    known = {(SITE, NIGHT): {PHONE._replace(country=f"{number}") for number in range(GROUPS - 1)}}
    new = [Count(SITE, START, kind, PHONE._replace(variant=variant)) for kind in ("shown", "gpc") for variant in "ab"]
    found = figures.bounded(Counter(new), known)
    assert sum(found.values()) == 4
    assert {count.group for count in found} == {PHONE._replace(variant="a"), figures.beyond(PHONE)}
