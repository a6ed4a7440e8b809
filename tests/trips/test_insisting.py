"""A reader's act whose transaction gave way to another is repeated, and has its effect once."""

from __future__ import annotations

import pytest

from consent import erasing, newsletter, preferences
from consent.errors import Stale, Unavailable
from consent.insisting import ATTEMPTS
from consent.services import Services
from tests.acts import SITE
from tests.faults import FaultyDatabase
from tests.reading import verified
from tests.trips.newsletters import (
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
    await erasing.erase_subscriber(giving_way(services), SITE, key_of(services))
    assert (await find_subscriber(services), await verified(services)) == (None, 3)


async def test_it_is_told_when_it_never_ends(services: Services) -> None:
    with pytest.raises(Unavailable):
        await ask(giving_way(services, ATTEMPTS))
    assert await mails(services) == []
