"""Requests that go away while they wait, and other writers of the same log: neither breaks a group."""

from __future__ import annotations

import asyncio
import random

import pytest

from consent.appending import MAX_CATCH_UP
from consent.errors import Rejected, Unavailable
from consent.metrics import Metrics
from consent.recorder import Recorder
from consent.records import Recorded
from consent.services import Services
from consent.storage.engines import open_database
from tests import acts
from tests.reading import ids_in_order, verified
from tests.running import notice_of, running

STEPS = 8


async def test_requests_gone_before_they_are_taken_are_not_recorded(services: Services) -> None:
    drafts = [acts.draft(notice_of(services)) for _ in range(100)]
    tasks = [asyncio.create_task(services.recorder.give(draft)) for draft in drafts]
    await asyncio.sleep(0)  # all have handed over, and the writer has not run yet
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(result, Recorded) for result in results] == [False, True] * 50
    assert await ids_in_order(services) == [draft.request.id for draft in drafts[1::2]]
    assert await verified(services) == 50


@pytest.mark.parametrize("step", range(STEPS))
async def test_requests_gone_at_any_moment_take_nobody_along(services: Services, step: int) -> None:
    """Every other request is cancelled a little later each time, so that some go in the middle of a commit."""
    chance = random.Random(step)
    drafts = [acts.draft(notice_of(services)) for _ in range(60)]
    tasks = [asyncio.create_task(services.recorder.give(draft)) for draft in drafts]
    for task in tasks[::2]:
        await asyncio.sleep(chance.random() * step / 10_000)
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, Recorded) for result in results[1::2])
    stored = await ids_in_order(services)
    assert {result.record.id for result in results if isinstance(result, Recorded)} <= set(stored)
    again = await asyncio.gather(*map(services.recorder.give, drafts))
    assert [done.is_new for done in again] == [draft.request.id not in stored for draft in drafts]
    assert await verified(services) == 60


async def test_a_writer_whose_process_ends_mid_commit_leaves_whole_groups(services: Services) -> None:
    """The writing task itself is cancelled, as when the event loop is torn down."""
    for delay in range(10):
        before = asyncio.all_tasks()
        recorder = Recorder(services.database, services.vault, services.clock, Metrics())
        recorder.start()
        [writer] = asyncio.all_tasks() - before
        tasks = [asyncio.create_task(recorder.give(acts.draft(notice_of(services)))) for _ in range(7)]
        await asyncio.sleep(delay / 2000)
        writer.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(writer, *tasks, return_exceptions=True)
        assert len(await ids_in_order(services)) % 7 == 0
    await services.recorder.give(acts.draft(notice_of(services)))
    assert await verified(services) % 7 == 1


@pytest.mark.parametrize("others", [1, 5, 300, MAX_CATCH_UP + 10])
async def test_what_another_process_appended_is_caught_up_with(services: Services, others: int) -> None:
    """Both know the log; then one appends while the other sleeps, by a little or by many tiles."""
    async with running(services.settings.database, clock=services.clock) as second:
        await services.recorder.give(acts.draft(notice_of(services)))
        await second.recorder.give(acts.draft(notice_of(services)))
        await asyncio.gather(*(second.recorder.give(acts.draft(notice_of(services))) for _ in range(others)))
        recorded = await services.recorder.give(acts.draft(notice_of(services)))
        assert recorded.record.seq == others + 3
    assert await verified(services) == others + 3


async def test_an_act_recorded_by_another_process_is_found(services: Services) -> None:
    draft = acts.draft(notice_of(services))
    async with running(services.settings.database, clock=services.clock) as second:
        first = await second.recorder.give(draft)
    assert await services.recorder.give(draft) == Recorded(first.record, is_new=False)


async def test_two_recorders_at_once_share_one_log(services: Services) -> None:
    async with running(services.settings.database, clock=services.clock) as second:
        both = (services.recorder, second.recorder)
        drafts = [acts.draft(notice_of(services)) for _ in range(300)]
        doubled = await asyncio.gather(*(recorder.give(draft) for draft in drafts for recorder in both))
    assert [one.record for one in doubled[::2]] == [other.record for other in doubled[1::2]]
    assert sum(done.is_new for done in doubled) == 300
    assert await verified(services) == 300


async def test_a_store_that_is_gone_is_told_to_all(services: Services) -> None:
    """Its connections are closed under the recorder."""
    database = await open_database(services.settings.database)
    recorder = Recorder(database, services.vault, services.clock, Metrics())
    recorder.start()
    await recorder.give(acts.draft(notice_of(services)))
    await database.close()
    results = await asyncio.gather(
        *(recorder.give(acts.draft(notice_of(services))) for _ in range(3)), return_exceptions=True
    )
    await recorder.close()
    assert [type(result) for result in results] == [Unavailable] * 3
    assert not any(isinstance(result, Rejected) for result in results)
    assert await verified(services) == 1
