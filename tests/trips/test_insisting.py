"""A reader's act whose transaction gave way to another is repeated, and has its effect once."""

from __future__ import annotations

from typing import Any

import pytest

from consent import newsletter
from consent.connections import inbound
from consent.errors import Stale, Unavailable
from consent.insisting import ATTEMPTS
from consent.newsletter import leaving, preferences
from consent.services import Services
from consent.sync.inbound.events import MailEvent
from tests.acts import SITE
from tests.clock import START
from tests.faults import FaultyDatabase
from tests.forgetting import erase_reader
from tests.reading import verified
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    SEEN,
    STORIES,
    ask,
    confirm_link,
    find_subscriber,
    key_of,
    mails,
    manage_link,
    over,
    states,
    subscribe,
    unsubscribe_link,
)


class GivesWay(FaultyDatabase):
    """Ends transactions as PostgreSQL does one of two that wait for each other."""

    def _fail(self, when: str) -> None:
        if when == "before" and self.commits in self.at:
            raise Stale("another transaction came first")


def giving_way(services: Services, times: int = 2) -> Services:
    return over(services, GivesWay(services.database, at=range(1, times + 1)))


async def test_every_act_is_repeated_until_it_is_done(services: Services) -> None:
    await ask(giving_way(services))
    await newsletter.confirm(giving_way(services), await confirm_link(services), [STORIES], SEEN)
    assert (await states(services), await mails(services)) == ({STORIES: "confirmed"}, ["confirm", "welcome"])
    await newsletter.unsubscribe(giving_way(services), await unsubscribe_link(services), SEEN, one_click=True)
    await preferences.save(giving_way(services), await manage_link(services), [EVENTS], SEEN)
    assert await states(services) == {STORIES: "unsubscribed", EVENTS: "confirmed"}
    assert await verified(services) == 3
    await erase_reader(giving_way(services), EMAIL)
    assert (await find_subscriber(services), await verified(services)) == (None, 3)


async def went(services: Services, step: str) -> int:
    """How many went this far on the way to a subscription or away from it."""
    await services.counting.flush()
    async with services.database.reading() as reader:
        row = await reader.row("SELECT sum(count) AS number FROM funnel WHERE step = $1", step)
    return int(row["number"] or 0) if row else 0


def left(services: Services, how: str) -> float:
    return (
        services.metrics.registry.get_sample_value("consent_subscriptions_left_total", {"site": SITE, "how": how}) or 0
    )


@pytest.mark.parametrize(
    ("kind", "step", "how"),
    [
        ("bounced_hard", "bounced", "bounced"),
        ("complained", "complained", "complained"),
        ("unsubscribed", "left", "unsubscribed"),
    ],
)
async def test_what_a_mail_server_tells_is_counted_once_however_often_it_is_repeated(
    services: Services, kind: Any, step: str, how: str
) -> None:
    await subscribe(services)
    before = left(services, how)
    await inbound.take(giving_way(services), "postmark", [MailEvent(id="e1", kind=kind, address=EMAIL, at=START)])
    assert (await went(services, step), left(services, how) - before) == (1, 1)


async def test_a_sign_up_that_bounces_is_counted_once(services: Services) -> None:
    await ask(services)
    await leaving.bounce(giving_way(services), SITE, key_of(services))
    assert (await went(services, "bounced"), left(services, "bounced")) == (1, 0)


async def test_what_is_never_committed_is_not_counted(services: Services) -> None:
    await subscribe(services)
    with pytest.raises(Unavailable):
        await leaving.bounce(giving_way(services, ATTEMPTS), SITE, key_of(services))
    assert (await went(services, "bounced"), left(services, "bounced")) == (0, 0)


async def test_it_is_told_when_it_never_ends(services: Services) -> None:
    with pytest.raises(Unavailable):
        await ask(giving_way(services, ATTEMPTS))
    assert await mails(services) == []
