"""Every mail that a reader's acts owe can be written from what they leave behind, and its links open what they say."""

from __future__ import annotations

import re

from consent import newsletter
from consent.courier import letters
from consent.courier.letters import Prepared
from consent.newsletter import preferences
from consent.services import Services
from tests.acts import SITE
from tests.clock import SetClock
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    MINUTE,
    SEEN,
    STORIES,
    ask,
    manage_link,
    owed,
    states,
    unsubscribe_link,
)

NEW = "new@example.net"
LINK = re.compile(r"http://127\.0\.0\.1:8000/([a-z-]+)/(\S+)")


async def written(services: Services) -> tuple[str, str, dict[str, str]]:
    """The last mail that was owed, as it would leave now: to whom, its kind, and its links' tokens by their paths."""
    last = (await owed(services))[-1]
    async with services.database.reading() as reader:
        prepared = await letters.prepare(services, reader, last)
    assert isinstance(prepared, Prepared), prepared
    return prepared.mail.to, last.what, dict(LINK.findall(prepared.mail.text))


async def test_from_the_first_mail_to_the_last(services: Services, clock: SetClock) -> None:
    await ask(services, EMAIL, STORIES, EVENTS)
    to, what, links = await written(services)
    assert (to, what, set(links)) == (EMAIL, "confirm", {"confirm", "not-me"})
    assert (await newsletter.refusing(services, links["not-me"])).state == "pending"
    assert (await newsletter.confirm(services, links["confirm"], [STORIES], SEEN)).state == "confirmed"
    clock.forward(MINUTE)

    to, what, links = await written(services)
    assert (to, what, await states(services)) == (EMAIL, "welcome", {STORIES: "confirmed"})
    assert (await newsletter.leaving_page(services, links["unsubscribe"])).state == "confirmed"
    assert (await preferences.open(services, links["manage"])).lists == {STORIES: "confirmed", EVENTS: "none"}
    clock.forward(20 * MINUTE)

    await ask(services, EMAIL, STORIES)
    assert (await written(services))[:2] == (EMAIL, "already")
    clock.forward(20 * MINUTE)

    await preferences.mail_link(services, SITE, EMAIL)
    to, what, links = await written(services)
    assert (to, what) == (EMAIL, "manage")
    assert (await preferences.open(services, links["manage"])).is_fresh
    clock.forward(20 * MINUTE)

    await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
    to, what, links = await written(services)
    assert (to, what) == (EMAIL, "goodbye")
    assert (await preferences.open(services, links["manage"])).lists[STORIES] == "unsubscribed"
    clock.forward(20 * MINUTE)

    await preferences.change_address(services, await manage_link(services), NEW)
    to, what, links = await written(services)
    assert (to, what, set(links)) == (NEW, "change", {"change"})
    assert (await preferences.confirm_change(services, links["change"], SEEN)).state == "changed"


async def test_a_mail_that_left_before_confirms_only_what_it_names(services: Services, clock: SetClock) -> None:
    await ask(services, EMAIL, STORIES)
    *_, links = await written(services)
    clock.forward(MINUTE)
    await ask(services, EMAIL, EVENTS)
    await newsletter.confirm(services, links["confirm"], [STORIES, EVENTS], SEEN)
    assert await states(services) == {STORIES: "confirmed"}
