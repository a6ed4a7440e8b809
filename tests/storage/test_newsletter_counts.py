"""What bounds a flood: budgets, ceilings, tallies, what is spent; and the funnel; on both engines."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter

import pytest

from consent.storage import budgets, ceilings, funnel, spent, tallies
from consent.storage.budgets import APART, WEEK
from consent.storage.database import Database
from consent.storage.funnel import Step, Total
from tests.clock import START
from tests.storage.newsletter import DAY, MINUTE, OTHER_SITE, SITE, everything, key_of

KEY = key_of("reader")


async def taken(database: Database, now: int, key: bytes = KEY, *, is_real: bool = True) -> int | None:
    """Minutes from START until the mail that may leave."""
    async with database.writing() as writer:
        at = await budgets.take(writer, key, now, is_real=is_real)
    return None if at is None else (at - START) // MINUTE


async def test_a_budget_is_a_mail_at_once_one_planned_and_three_a_week(tables: Database) -> None:
    assert await taken(tables, START) == 0
    assert await taken(tables, START + MINUTE) == 15  # planned
    assert await taken(tables, START + 2 * MINUTE) is None  # the planned one names all
    assert await taken(tables, START + 15 * MINUTE) == 30
    assert await taken(tables, START + 40 * MINUTE) is None
    assert await taken(tables, START + WEEK - 1) is None
    assert await taken(tables, START, key_of("other")) == 0
    assert await taken(tables, START + WEEK) == WEEK // MINUTE
    assert await taken(tables, START + WEEK + MINUTE) == WEEK // MINUTE + 15
    assert await taken(tables, START + WEEK + 20 * MINUTE) == WEEK // MINUTE + 30
    assert await taken(tables, START + WEEK + 40 * MINUTE) is None


async def test_a_budget_allows_the_next_mail_from_a_quarter_of_an_hour_on(tables: Database) -> None:
    assert await taken(tables, START) == 0
    assert await taken(tables, START + APART) == 15
    assert await taken(tables, START + 3 * APART) == 45
    assert await taken(tables, START + 8 * APART) is None


async def test_of_fifty_takes_at_once_one_mail_leaves_now(tables: Database) -> None:
    """And one is planned, which says what was asked in between; forty-eight get none."""
    found = await asyncio.gather(*(taken(tables, START) for _ in range(50)))
    assert Counter(found) == {0: 1, 15: 1, None: 48}
    found = await asyncio.gather(*(taken(tables, START + 2 * APART) for _ in range(50)))
    assert Counter(found) == {30: 1, None: 49}


@pytest.mark.parametrize("seed", range(3))
async def test_whenever_it_is_asked_a_budget_keeps_its_promise(tables: Database, seed: int) -> None:
    """In any seven days at most three mails, and a quarter of an hour between two."""
    some, now, mails = random.Random(seed), START, list[int]()
    async with tables.writing() as writer:
        for _ in range(400):
            now += some.choice([0, some.randrange(APART), some.randrange(DAY), some.randrange(WEEK)])
            at = await budgets.take(writer, KEY, now)
            mails += [] if at is None else [at]
    assert len(mails) > 60
    assert all(after - before >= APART for before, after in itertools.pairwise(mails))
    assert all(after - before >= WEEK for before, after in zip(mails, mails[3:], strict=False))


async def test_a_take_that_is_not_real_takes_nothing(tables: Database) -> None:
    assert await taken(tables, START, is_real=False) is None
    assert await taken(tables, START) == 0
    before = await everything(tables)
    assert await taken(tables, START + APART, is_real=False) is None
    assert await everything(tables) == before


async def test_a_budget_that_looks_back_no_further_goes(tables: Database) -> None:
    await taken(tables, START)
    await taken(tables, START + DAY, key_of("other"))
    async with tables.writing() as writer:
        assert await budgets.purge(writer, START + DAY, 9) == 1
    assert [row[0] for row in (await everything(tables))["budgets"]] == [key_of("other")]


async def test_a_ceiling_is_never_passed_by_many_at_once(tables: Database) -> None:
    async def take(scope: str, window: int, limit: int) -> bool:
        async with tables.writing() as writer:
            return await ceilings.take(writer, scope, window, limit)

    assert sum(await asyncio.gather(*(take("*", START, 5) for _ in range(20)))) == 5
    assert sum(await asyncio.gather(*(take("domain:a.example", START, 3) for _ in range(6)))) == 3
    assert await take("*", START + 60 * MINUTE, 5)
    assert sum([await take("*", START, 3) for _ in range(5)]) == 2  # a clock behind counts in the later window
    assert not await take("none", START, 0)
    async with tables.writing() as writer:
        assert await ceilings.purge(writer, START + MINUTE, 9) == 1
    assert len((await everything(tables))["ceilings"]) == 1


async def test_tallies_are_counted_by_window(tables: Database) -> None:
    async def add(about: str, window: int) -> None:
        async with tables.writing() as writer:
            await tallies.add(writer, SITE, "asked", about, window)

    await asyncio.gather(*(add("", START) for _ in range(20)), add("net:a", START), add("", START - 10 * MINUTE))
    async with tables.writing() as writer:
        assert await tallies.recent(writer, SITE, "asked", "", START) == 20
        assert await tallies.recent(writer, SITE, "asked", "", START - 10 * MINUTE) == 21
        assert await tallies.recent(writer, SITE, "asked", "net:a", 0) == 1
        assert await tallies.recent(writer, SITE, "confirmed", "", 0) == 0
        assert await tallies.recent(writer, OTHER_SITE, "asked", "", 0) == 0
        assert await tallies.purge(writer, START, 9) == 1
        assert await tallies.recent(writer, SITE, "asked", "", 0) == 20


async def test_of_many_that_spend_the_same_one_is_first(tables: Database) -> None:
    async def spend(id_: str) -> bool:
        async with tables.writing() as writer:
            return await spent.spend(writer, id_, START)

    assert sum(await asyncio.gather(*(spend("a") for _ in range(20)))) == 1
    assert await spend("b")
    async with tables.writing() as writer:
        assert await spent.purge(writer, START, 9) == 0
        assert await spent.purge(writer, START + 1, 1) == 1
        assert await spent.purge(writer, START + 1, 9) == 1
    assert await spend("a")


async def test_the_funnel_adds_up(tables: Database) -> None:
    shown = Step(SITE, 0, "shown", "prompt", "b", "/a")
    later = shown._replace(day=DAY, variant="a", page="/b")

    async def add(*counts: tuple[Step, int]) -> None:
        async with tables.writing() as writer:
            await funnel.add(writer, counts)

    await asyncio.gather(*(add((shown, 2), (later, 1)) for _ in range(10)))
    await add((shown._replace(step="asked"), 1), (shown._replace(site=OTHER_SITE), 7))
    async with tables.reading() as reader:
        assert await funnel.totals(reader, SITE, 0, 2 * DAY, "variant") == [
            Total("a", "shown", 10),
            Total("b", "asked", 1),
            Total("b", "shown", 20),
        ]
        assert await funnel.totals(reader, SITE, 0, DAY, "day") == [Total(0, "asked", 1), Total(0, "shown", 20)]
        assert await funnel.totals(reader, SITE, DAY, 2 * DAY, "page") == [Total("/b", "shown", 10)]
        assert await funnel.totals(reader, SITE, 0, 2 * DAY, "via") == [
            Total("prompt", "asked", 1),
            Total("prompt", "shown", 30),
        ]


async def test_a_stranger_cannot_grow_the_funnel_without_bound(tables: Database) -> None:
    def step(number: int, day: int = 0) -> Step:
        return Step(SITE, day, "shown", "prompt", "", f"/{number}")

    for start in (0, 150):
        async with tables.writing() as writer:
            await funnel.add(writer, [(step(number), 1) for number in range(start, start + 150)])
    async with tables.writing() as writer:
        await funnel.add(writer, [(step(7), 1), (step(999), 1), (step(999, DAY), 1)])
    async with tables.reading() as reader:
        pages = {total.by: total.number for total in await funnel.totals(reader, SITE, 0, DAY, "page")}
        assert await funnel.totals(reader, SITE, DAY, 2 * DAY, "page") == [Total("/999", "shown", 1)]
    assert len(pages) == funnel.PAGES + 1
    assert pages["/7"] == 2
    assert pages["other"] == 101


async def test_made_up_variants_are_counted_as_other(tables: Database) -> None:
    steps = [(Step(SITE, 0, "shown", "prompt", f"v{number}", "/a"), 1) for number in range(funnel.VARIANTS + 30)]
    for some in (steps[:20], steps[20:], steps[:1]):
        async with tables.writing() as writer:
            await funnel.add(writer, some)
    async with tables.reading() as reader:
        variants = {total.by: total.number for total in await funnel.totals(reader, SITE, 0, DAY, "variant")}
    assert len(variants) == funnel.VARIANTS + 1
    assert (variants["v0"], variants["other"]) == (2, 30)
