"""The recorder: what is answered is committed, in order, once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from consent.errors import Busy, Contradiction, Unknown
from consent.metrics import Metrics
from consent.recorder import Recorder
from consent.records import Draft, Recorded
from consent.services import Services
from tests import acts
from tests.acts import REFUSED
from tests.clock import SetClock
from tests.reading import count, ids_in_order, verified
from tests.running import notice_of, running


def drafts(services: Services, number: int) -> list[Draft]:
    return [acts.draft(notice_of(services)) for _ in range(number)]


async def test_an_answer_is_in_the_database(services: Services) -> None:
    draft = acts.draft(notice_of(services))
    recorded = await services.recorder.give(draft)
    assert recorded.is_new
    assert recorded.record.seq == 1
    assert await ids_in_order(services) == [draft.request.id]


async def test_many_at_once_have_every_number_once(services: Services) -> None:
    """More than two groups' worth, so that several transactions follow one another."""
    given = drafts(services, 1200)
    recorded = await asyncio.gather(*(services.recorder.give(draft) for draft in given))
    assert sorted(done.record.seq for done in recorded) == list(range(1, 1201))
    by_seq = sorted(recorded, key=lambda done: done.record.seq)
    assert await ids_in_order(services) == [done.record.id for done in by_seq]
    assert await verified(services) == 1200


async def test_those_who_wait_share_a_transaction(services: Services) -> None:
    await asyncio.gather(*(services.recorder.give(draft) for draft in drafts(services, 300)))
    groups = services.metrics.registry.get_sample_value("consent_group_size_count")
    assert groups is not None
    assert groups < 10


async def test_the_same_again_gives_the_same_record(services: Services) -> None:
    draft = acts.draft(notice_of(services))
    first = await services.recorder.give(draft)
    again = await services.recorder.give(draft)
    assert again == Recorded(first.record, is_new=False)
    assert await count(services) == 1


async def test_the_same_twice_in_one_group_is_one_record(services: Services) -> None:
    draft, other = drafts(services, 2)
    recorded = await asyncio.gather(*(services.recorder.give(each) for each in (draft, other, draft, draft)))
    assert [done.is_new for done in recorded] == [True, True, False, False]
    assert recorded[0].record == recorded[2].record == recorded[3].record
    assert await verified(services) == 2


async def test_the_same_after_a_restart_gives_the_same_record(database_url: str) -> None:
    async with running(database_url) as services:
        draft = acts.draft(notice_of(services))
        first = await services.recorder.give(draft)
    async with running(database_url) as services:
        again, other = await asyncio.gather(
            services.recorder.give(draft), services.recorder.give(acts.draft(notice_of(services)))
        )
        assert again == Recorded(first.record, is_new=False)
        assert (other.is_new, other.record.seq) == (True, 2)


OTHER_CONTENT: tuple[dict[str, Any], ...] = (
    {"purposes": REFUSED},
    {"subject": acts.new_id()},
    {"language": "es"},
    {"services": {"youtube": False}},
    {"page": "https://www.miaminewtimes.com/other"},
    {"gpc": True},
    {"decided_at": "2026-11-22T10:00:00Z"},
)


async def test_the_same_id_with_other_content_contradicts(services: Services) -> None:
    for number, change in enumerate(OTHER_CONTENT, 1):
        draft = acts.draft(notice_of(services))
        same: dict[str, Any] = {"id": draft.request.id, "subject": draft.request.subject}
        other = acts.draft(notice_of(services), **same | change)
        first, second = await asyncio.gather(*map(services.recorder.give, (draft, other)), return_exceptions=True)
        assert isinstance(first, Recorded)
        assert isinstance(second, Contradiction), change  # within one group
        with pytest.raises(Contradiction):
            await services.recorder.give(other)  # and later
        assert await services.recorder.give(draft) == Recorded(first.record, is_new=False)
        assert await count(services) == number


async def test_a_full_queue_takes_no_more(services: Services) -> None:
    recorder = Recorder(services.database, services.vault, services.clock, Metrics(), capacity=3)
    recorder.start()
    results = await asyncio.gather(*(recorder.give(draft) for draft in drafts(services, 10)), return_exceptions=True)
    await recorder.close()
    assert [type(result) for result in results] == [Recorded] * 3 + [Busy] * 7
    assert await verified(services) == 3


async def test_closing_writes_all_that_wait_and_takes_no_more(services: Services) -> None:
    recorder = Recorder(services.database, services.vault, services.clock, Metrics())
    recorder.start()
    waiting = [asyncio.create_task(recorder.give(draft)) for draft in drafts(services, 700)]
    await asyncio.sleep(0)  # each has handed over its draft
    closing = asyncio.create_task(recorder.close())
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await recorder.give(acts.draft(notice_of(services)))
    await closing
    assert [task.result().record.seq for task in waiting] == list(range(1, 701))
    with pytest.raises(Busy):
        await recorder.give(acts.draft(notice_of(services)))
    assert await verified(services) == 700


async def test_a_site_without_a_log_is_unknown_to_it_alone(services: Services) -> None:
    good, stray = acts.draft(notice_of(services)), acts.draft(notice_of(services), site="nowhere")
    results = await asyncio.gather(*map(services.recorder.give, (good, stray)), return_exceptions=True)
    assert isinstance(results[0], Recorded)
    assert isinstance(results[1], Unknown)
    assert await verified(services) == 1


async def test_time_may_run_backwards_but_order_does_not(services: Services, clock: SetClock) -> None:
    first = await services.recorder.give(acts.draft(notice_of(services)))
    clock.forward(-120_000)
    second = await services.recorder.give(acts.draft(notice_of(services)))
    assert second.record.seq == first.record.seq + 1
    assert second.record.recorded_at < first.record.recorded_at
    assert await verified(services) == 2
