"""Events that are owed to endpoints: told once, tried again by their own schedule, and never in a mail's way."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from consent import courier
from consent.services import Services
from consent.sync.delivery import SCHEDULE
from tests.clock import SetClock
from tests.mail.smtp_server import Postbox
from tests.sync.receiver import Reply
from tests.trips import newsletters as readers
from tests.trips.connections import connected, reaching
from tests.trips.newsletters import ask, owed
from tests.trips.posting import deliver, posting, row


@pytest.fixture
async def post(database_url: str, clock: SetClock, postbox: Postbox) -> AsyncIterator[Services]:
    """A service that mails there."""
    async with posting(database_url, clock, postbox) as services, reaching(services) as reached:
        yield reached


async def test_an_event_is_told_once(post: Services) -> None:
    async with connected(post, events=["signup.pending"]) as (reached, receiver, _):
        await ask(reached)
        await deliver(reached)
        await deliver(reached)
        assert len(receiver.got) == 1
    [event] = await owed(post, "webhook")
    assert (event.state, event.attempts) == ("done", 1)


async def test_an_endpoint_in_trouble_is_tried_by_the_schedule_and_then_given_up(
    post: Services, clock: SetClock
) -> None:
    async with connected(post, lambda _: Reply(503), events=["signup.pending"]) as (reached, receiver, _):
        await ask(reached)
        for attempt in range(1, len(SCHEDULE)):
            await deliver(reached)
            [event] = await owed(post, "webhook")
            assert (event.state, event.attempts) == ("waiting", attempt)
            assert SCHEDULE[attempt] <= event.due_at - clock() <= SCHEDULE[attempt] * 5 / 4
            clock.forward(event.due_at - clock())
        await deliver(reached)
        [event] = await owed(post, "webhook")
        assert (event.state, event.attempts) == ("dead", len(SCHEDULE))
        assert len({got.headers["webhook-id"] for got in receiver.got}) == 1


async def test_an_endpoint_that_hangs_holds_no_mail_back(post: Services, postbox: Postbox) -> None:
    number = 2 * courier.AT_ONCE
    async with connected(post, lambda _: None, events=["signup.pending"]) as (reached, receiver, _):
        for place in range(number):
            await ask(reached, f"reader{place}@example.org")
        async with courier.running(reached, look_seconds=0.02, grace_seconds=0.5):
            await postbox.count(number)
        assert len(receiver.got) == courier.AT_ONCE
        assert {one.state for one in await owed(post, "webhook")} == {"waiting"}
    assert {one.state for one in await readers.owed(post)} == {"done"}


async def test_without_an_endpoint_only_the_mail_leaves(post: Services, postbox: Postbox) -> None:
    await ask(post)
    await deliver(post)
    assert (await row(post, "confirm")).state == "done"
    assert await owed(post, "webhook") == []
