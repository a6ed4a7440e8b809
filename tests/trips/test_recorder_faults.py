"""The recorder over a store that fails: nobody is told yes wrongly, and the same id again gives one record."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from consent.errors import Rejected, Unavailable
from consent.metrics import Metrics
from consent.recorder import Recorder
from consent.records import Draft, Recorded
from consent.services import Services
from consent.storage.database import Insert
from consent.storage.records import COLUMNS
from tests import acts
from tests.faults import FaultyDatabase, When
from tests.reading import count, ids_in_order, verified
from tests.running import notice_of

COMMITS = 4
WHENS: tuple[When, ...] = ("before", "after")


def over(database: FaultyDatabase, services: Services) -> Recorder:
    recorder = Recorder(database, services.vault, services.clock, Metrics())
    recorder.start()
    return recorder


async def give_all(recorder: Recorder, drafts: Sequence[Draft]) -> list[Recorded | BaseException]:
    return await asyncio.gather(*map(recorder.give, drafts), return_exceptions=True)


def told_yes(results: Sequence[Recorded | BaseException]) -> list[Recorded]:
    return [result for result in results if isinstance(result, Recorded)]


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("number", range(1, COMMITS + 1))
async def test_a_commit_that_fails(services: Services, number: int, when: When) -> None:
    """Four groups, one after the other, of which one fails; then everything is sent again, as the widget does."""
    recorder = over(FaultyDatabase(services.database, at=[number], when=when), services)
    groups = [[acts.draft(notice_of(services)) for _ in range(3)] for _ in range(COMMITS)]
    results = [await give_all(recorder, group) for group in groups]
    failed = results[number - 1]
    assert all(isinstance(result, Unavailable) for result in failed)
    assert sum(len(told_yes(result)) for result in results) == 3 * (COMMITS - 1)
    assert await verified(services) == 3 * (COMMITS - (when == "before"))

    first = {done.record.id: done.record for result in results for done in told_yes(result)}
    again = [await give_all(recorder, group) for group in groups]
    await recorder.close()
    records = [done.record for result in again for done in told_yes(result)]
    assert [record.id for record in records] == [draft.request.id for group in groups for draft in group]
    assert all(first.get(record.id, record) == record for record in records)
    assert sorted(await ids_in_order(services)) == sorted(record.id for record in records)
    assert await verified(services) == 3 * COMMITS


@pytest.mark.parametrize("when", WHENS)
async def test_commits_that_fail_one_after_the_other(services: Services, when: When) -> None:
    """The same draft is refused three times; after a lost answer it is found, not written a second time."""
    recorder = over(FaultyDatabase(services.database, at=[1, 2, 3], when=when), services)
    draft = acts.draft(notice_of(services))
    results = [(await give_all(recorder, [draft]))[0] for _ in range(5)]
    await recorder.close()
    assert [type(result) for result in results] == [Unavailable] * 3 + [Recorded] * 2
    is_new = [done.is_new for done in told_yes(results)]
    assert is_new == [when == "before", False]
    assert await verified(services) == 1


@pytest.mark.parametrize("when", WHENS)
async def test_another_process_takes_the_places_of_a_group_that_failed(services: Services, when: When) -> None:
    """As many records as failed, so that the log is as long as the failed group would have made it."""
    recorder = over(FaultyDatabase(services.database, at=[2], when=when), services)
    groups = [[acts.draft(notice_of(services)) for _ in range(3)] for _ in range(3)]
    await give_all(recorder, groups[0])
    assert told_yes(await give_all(recorder, groups[1])) == []
    await give_all(services.recorder, groups[2])
    await recorder.give(acts.draft(notice_of(services)))
    assert await verified(services) == (7 if when == "before" else 10)
    again = await give_all(recorder, [*groups[0], *groups[1], *groups[2]])
    await recorder.close()
    assert len(told_yes(again)) == 9
    assert await verified(services) == 10


@pytest.mark.parametrize("when", WHENS)
async def test_closing_over_a_store_that_fails_tells_everybody(services: Services, when: When) -> None:
    recorder = over(FaultyDatabase(services.database, at=range(1, 100), when=when), services)
    tasks = [asyncio.create_task(recorder.give(acts.draft(notice_of(services)))) for _ in range(600)]
    await asyncio.sleep(0)
    await recorder.close()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} == {Unavailable}


async def test_a_rejected_draft_fails_alone(services: Services) -> None:
    """The group is tried again one by one: the good ones keep their order and have no gap."""
    drafts = [acts.draft(notice_of(services), language="xx" if place == 4 else "en") for place in range(9)]
    recorder = over(FaultyDatabase(services.database, stops=is_in_xx), services)
    results = await give_all(recorder, drafts)
    await recorder.close()
    assert isinstance(results.pop(4), Rejected)
    good = [draft.request.id for draft in drafts if draft.request.language == "en"]
    assert [done.record.id for done in told_yes(results)] == good
    assert await ids_in_order(services) == good
    assert await verified(services) == 8


def is_in_xx(insert: Insert) -> bool:
    place = COLUMNS.index("payload")
    return insert.table == "records" and any('"language":"xx"' in str(row[place]) for row in insert.rows)


RAISES_ON_XX = {
    "sqlite": (
        'CREATE TRIGGER refuse_xx BEFORE INSERT ON records WHEN NEW.payload LIKE \'%"language":"xx"%\''
        " BEGIN SELECT RAISE(ABORT, 'no xx'); END",
    ),
    "postgres": (
        "CREATE FUNCTION no_xx() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no xx'; END $$",
        "CREATE TRIGGER refuse_xx BEFORE INSERT ON records FOR EACH ROW"
        ' WHEN (NEW.payload LIKE \'%"language":"xx"%\') EXECUTE FUNCTION no_xx()',
    ),
}


async def test_a_draft_that_the_database_itself_refuses_fails_alone(services: Services) -> None:
    async with services.database.writing() as writer:
        for statement in RAISES_ON_XX[services.database.engine]:
            await writer.execute(statement)
    drafts = [acts.draft(notice_of(services), language="xx" if place in (0, 5) else "en") for place in range(7)]
    results = await give_all(services.recorder, drafts)
    assert [type(result) for result in results] == [Rejected, *[Recorded] * 4, Rejected, Recorded]
    assert [done.record.seq for done in told_yes(results)] == [1, 2, 3, 4, 5]
    assert await verified(services) == 5


@pytest.mark.parametrize(
    "fields",
    [{"page": "https://www.miaminewtimes.com/\ud800"}, {"id": "not an id"}, {"subject": "01a204af-28d0-7d54"}],
    ids=["lone surrogate", "id", "subject"],
)
async def test_a_draft_that_cannot_be_encoded_fails_alone(services: Services, fields: dict[str, str]) -> None:
    """Such a draft is refused long before it comes here; if one came, it would take nobody down with it."""
    usual = acts.draft(notice_of(services), REFUSED_ONE)
    poisoned = acts.unchecked(usual, **fields)
    results = await give_all(services.recorder, [acts.draft(notice_of(services)), poisoned, usual])
    assert [isinstance(result, Recorded) for result in results] == [True, False, True]
    assert not isinstance(results[1], Unavailable)
    assert await verified(services) == 2


REFUSED_ONE = {"advertising": False, "analytics": True, "content": True}


async def test_a_failing_read_is_told_to_all_and_nothing_is_recorded(services: Services) -> None:
    """The store breaks before the group has even begun: the schema is gone under a running service."""
    async with services.database.writing() as writer:
        await writer.execute("ALTER TABLE heads RENAME TO heads_gone")
    results = await give_all(services.recorder, [acts.draft(notice_of(services)) for _ in range(3)])
    assert not told_yes(results)
    async with services.database.writing() as writer:
        await writer.execute("ALTER TABLE heads_gone RENAME TO heads")
    assert await count(services) == 0
    assert (await services.recorder.give(acts.draft(notice_of(services)))).record.seq == 1
