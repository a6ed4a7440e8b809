"""What webhooks are told, when, and what comes of an endpoint that does not take it."""

from __future__ import annotations

import msgspec
import pytest

from consent import ids, newsletter
from consent.connections import connecting
from consent.courier import deliveries
from consent.newsletter import leaving, preferences
from consent.services import Services
from consent.sync import standard_webhooks
from consent.sync.delivery import SCHEDULE, Gone, Refused, Retry
from tests.acts import SITE
from tests.clock import SetClock
from tests.sync.receiver import Reply
from tests.trips.connections import connected, deliver, endpoint, owed_to, said
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    SEEN,
    STORIES,
    ask,
    manage_link,
    pending,
    states,
    subscribe,
    token,
    unsubscribe_link,
)


async def test_a_webhook_is_told_of_a_reader_from_the_first_to_the_last(services: Services, clock: SetClock) -> None:
    async with connected(services) as (reached, receiver, made):
        await ask(services, EMAIL, STORIES, EVENTS)
        clock.forward(1)
        link = token(services, "confirm", (await pending(services)).id)
        await newsletter.confirm(services, link, (STORIES,), SEEN)
        clock.forward(1)
        await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
        assert await deliver(reached, made) == ["signup.pending", "signup.confirmed", "subscription.unsubscribed"]
        for got in receiver.got:
            id_, at, signatures = (got.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
            assert made.secret
            standard_webhooks.check(made.secret, id_, at, signatures, got.body, clock())
    before, confirmed, left = (said(receiver, place) for place in range(3))
    assert before["data"]["lists"] == [EVENTS, STORIES] or before["data"]["lists"] == [STORIES, EVENTS]
    assert confirmed["type"] == "signup.confirmed" and confirmed["timestamp"] == "2026-11-22T10:00:00.001Z"
    assert confirmed["data"]["email"] == EMAIL and confirmed["data"]["lists"] == [STORIES]
    assert left["data"]["subscriptions"][0]["state"] == "unsubscribed" and left["data"]["unsubscribe"] == {}


async def test_an_address_that_nobody_proved_is_told_to_nobody(services: Services, clock: SetClock) -> None:
    async with connected(services) as (reached, receiver, made):
        await ask(services)
        clock.forward(1)
        await newsletter.not_me(services, token(services, "not-me", (await pending(services)).id))
        assert await deliver(reached, made) == ["signup.pending", "signup.cancelled"]
    assert all(b"reader" not in got.body and b"@" not in got.body for got in receiver.got)


async def test_of_an_erased_reader_a_webhook_learns_the_id_alone(services: Services) -> None:
    async with connected(services, events=["subscriber.erased"]) as (reached, receiver, made):
        id_ = ids.uuid_text((await subscribe(services)).id)
        await preferences.erase(services, await manage_link(services))
        await deliver(reached, made)
    assert said(receiver)["data"] == {"site": SITE, "subscriber": id_}


async def test_the_same_event_has_the_same_id_and_time_at_every_attempt(services: Services, clock: SetClock) -> None:
    async with connected(services, events=["signup.pending"]) as (reached, receiver, made):
        await ask(services)
        [owed] = await owed_to(services, made)
        receiver.answer(Reply(500), Reply(204))
        with pytest.raises(Retry):
            await deliveries.deliver(reached, msgspec.structs.replace(owed, attempts=1))
        clock.forward(5_000)
        await deliveries.deliver(reached, msgspec.structs.replace(owed, attempts=2))
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == ids.uuid_text(owed.id)
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.body == second.body


async def test_the_unsubscribe_link_in_an_event_works(services: Services) -> None:
    async with connected(services, events=["signup.confirmed"]) as (reached, receiver, made):
        await subscribe(services)
        await deliver(reached, made)
    link = said(receiver)["data"]["unsubscribe"][STORIES]
    assert link.startswith("http://127.0.0.1:8000/unsubscribe/")
    await newsletter.unsubscribe(services, link.rpartition("/")[2], SEEN, one_click=True)
    assert await states(services) == {STORIES: "unsubscribed"}


async def test_a_late_delivery_says_what_holds_by_then(services: Services) -> None:
    async with connected(services, events=["signup.confirmed"]) as (reached, receiver, made):
        await subscribe(services)
        await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
        await deliver(reached, made)
    assert said(receiver)["data"]["subscriptions"][0]["state"] == "unsubscribed"


async def test_gone_switches_an_endpoint_off(services: Services) -> None:
    async with connected(services, lambda _: Reply(410)) as (reached, receiver, made):
        await ask(services)
        [owed] = await owed_to(services, made)
        with pytest.raises(Gone):
            await deliveries.deliver(reached, owed)
        assert (await endpoint(services, made)).disabled_at is not None
        with pytest.raises(Refused, match="switched off"):
            await deliveries.deliver(reached, owed)
        await subscribe(services, "other@example.org")
        assert len(await owed_to(services, made)) == 1
    assert len(receiver.got) == 1


async def test_five_dead_deliveries_in_a_row_switch_it_off_and_one_taken_begins_anew(services: Services) -> None:
    async with connected(services, events=["signup.pending"]) as (reached, receiver, made):
        await ask(services)
        [owed] = await owed_to(services, made)
        last = msgspec.structs.replace(owed, attempts=len(SCHEDULE))
        receiver.answer(*[Reply(500)] * 4, Reply(200), Reply(500))
        for place in range(4):
            with pytest.raises(Refused, match="given up"):
                await deliveries.deliver(reached, last)
            assert (await endpoint(services, made)).failures == place + 1
        await deliveries.deliver(reached, last)
        assert (await endpoint(services, made)).failures == 0
        for _ in range(5):
            assert (await endpoint(services, made)).disabled_at is None
            with pytest.raises(Refused):
                await deliveries.deliver(reached, last)
        found = await endpoint(services, made)
        assert found.disabled_at == services.clock() and "500" in found.fault
        again = await connecting.enable(services, SITE, made.endpoint.id)
    assert again.disabled_at is None and again.failures == 0


async def test_an_attempt_that_is_not_the_last_counts_for_nothing(services: Services) -> None:
    answer = Reply(503, b"", {"retry-after": "3600"})
    async with connected(services, lambda _: answer) as (reached, _, made):
        await ask(services)
        [owed] = await owed_to(services, made)
        with pytest.raises(Retry) as caught:
            await deliveries.deliver(reached, msgspec.structs.replace(owed, attempts=len(SCHEDULE) - 1))
        assert caught.value.retry_after == 3600
        assert (await endpoint(services, made)).failures == 0


async def test_an_endpoint_that_is_taken_away_is_owed_nothing(services: Services) -> None:
    async with connected(services) as (reached, receiver, made):
        await ask(services)
        [owed] = await owed_to(services, made)
        await connecting.remove(services, SITE, made.endpoint.id)
        await deliveries.deliver(reached, owed)
    assert receiver.got == []


async def test_the_guard_is_closed_for_this_machine_unless_it_is_opened(services: Services) -> None:
    async with connected(services) as (_, receiver, made):
        await ask(services)
        [owed] = await owed_to(services, made)
        with pytest.raises(Refused) as caught:
            await deliveries.deliver(services, owed)
    assert receiver.got == [] and "127" not in caught.value.detail


async def test_a_bounce_is_told(services: Services) -> None:
    async with connected(services, events=["subscription.bounced"]) as (reached, receiver, made):
        found = await subscribe(services)
        await leaving.bounce(services, SITE, found.key)
        await deliver(reached, made)
    assert said(receiver)["data"]["subscriptions"][0]["state"] == "bounced"
    assert services.nudge.is_set()
