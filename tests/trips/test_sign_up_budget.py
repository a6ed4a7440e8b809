"""The victim's budget: whatever disguises, lists, sites, processes and restarts, one mailbox gets few mails."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence

import msgspec

from consent import newsletter
from consent.clock import DAY
from consent.newsletter import preferences
from consent.services import Services, open_services
from consent.storage.outbox import Owed
from tests.acts import SITE
from tests.clock import SetClock
from tests.running import publish, settings
from tests.trips.newsletters import (
    EVENTS,
    MINUTE,
    OTHER,
    SEEN,
    STORIES,
    ask,
    confirm_link,
    from_somewhere,
    mails,
    manage_link,
    other_site,
    owed,
    request,
    subscribe,
)

PROCESSES = 4
SITES = (SITE, OTHER)
TAGS = ("", "+a", "+NEWS", "+1.2.3", "+x+y")
NAMES = ("victim", "v.ictim", "VICTIM", "v.i.c.t.i.m", "Vic.Tim")
DOMAINS = ("gmail.com", "googlemail.com", "GMAIL.com", "GoogleMail.Com")
DISGUISES = [f"{name}{tag}@{domain}" for name in NAMES for tag in TAGS for domain in DOMAINS]
IN_SCRIPT = (
    "opfer@bücher.example.org",
    "OPFER@BÜCHER.example.org",
    "opfer@xn--bcher-kva.example.org",
    "Opfer@xn--BCHER-kva.example.ORG",
)


@contextlib.asynccontextmanager
async def processes(url: str, clock: SetClock, count: int = PROCESSES) -> AsyncIterator[list[Services]]:
    """Several services over one database, both sites published; no rate is limited, so that only the budget holds."""
    without_limits = msgspec.structs.replace(settings(url), limits="off")
    async with contextlib.AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(open_services(without_limits, clock=clock)) for _ in range(count)]
        await publish(opened[0])
        await publish(opened[0], other_site())
        for services in opened:
            await services.directory.refresh()
        yield opened


async def bomb(services: Sequence[Services], emails: Sequence[str]) -> None:
    """All at once, each from an address of its own, over both lists and both sites in turn."""
    places = itertools.cycle(itertools.product(SITES, (STORIES, EVENTS)))
    asked = [
        newsletter.sign_up(service, site, request(email, list_), from_somewhere())
        for email, service, (site, list_) in zip(emails, itertools.cycle(services), places, strict=False)
    ]
    await asyncio.gather(*asked)


def is_within_budget(mails: Sequence[Owed]) -> bool:
    """One in 15 minutes, three in seven days."""
    due = sorted(mail.due_at for mail in mails)
    apart = all(later - earlier >= 15 * MINUTE for earlier, later in itertools.pairwise(due))
    return apart and all(fourth - first >= 7 * DAY for first, fourth in zip(due, due[3:], strict=False))


def test_the_disguises_are_a_hundred() -> None:
    assert (len(DISGUISES), len(set(DISGUISES))) == (100, 100)


async def test_a_hundred_at_once_with_a_restart_in_between(database_url: str, clock: SetClock) -> None:
    async with processes(database_url, clock) as running:
        await bomb(running, DISGUISES[:50])
        first = await owed(running[0], sites=SITES)
    clock.forward(MINUTE)
    async with processes(database_url, clock) as running:
        await bomb(running, DISGUISES[50:])
        found = await owed(running[0], sites=SITES)
    assert {mail.what for mail in found} == {"confirm"}
    assert (len(first), len(found)) == (2, 2)  # one at once, one planned that will name all that was asked
    assert is_within_budget(found)


async def test_a_hundred_over_three_weeks(database_url: str, clock: SetClock) -> None:
    start = clock.at
    for emails in _batched(DISGUISES, 20):
        async with processes(database_url, clock) as running:
            for few in _batched(emails, 4):
                await bomb(running, few)
                clock.forward(20 * 60 * MINUTE)
    async with processes(database_url, clock, 1) as [services]:
        found = await owed(services, sites=SITES)
    assert clock.at - start > 20 * DAY
    assert is_within_budget(found)
    assert len(found) == 9  # three weeks' worth, and no less: what is allowed is sent


async def test_scripts_of_one_domain_are_one(database_url: str, clock: SetClock) -> None:
    async with processes(database_url, clock, 1) as [services]:
        await bomb([services], IN_SCRIPT * 3)
        assert len(await owed(services, sites=SITES)) == 2


async def test_tags_share_a_budget_at_any_provider(database_url: str, clock: SetClock) -> None:
    """Nobody knows whether a firm's server cuts tags: if it does, each would be one more mail to the same person."""
    emails = [f"victim+{number}@firm.example.org" for number in range(60)]
    async with processes(database_url, clock, 1) as [services]:
        await bomb([services], emails)
        assert len(await owed(services, sites=SITES)) == 2


async def test_others_have_budgets_of_their_own(database_url: str, clock: SetClock) -> None:
    """Where a provider tells dots apart, they are other people's."""
    emails = ["a.b@example.org", "ab@example.org", "abc@example.org", "ab@example.net"]
    async with processes(database_url, clock, 1) as [services]:
        await bomb([services], emails)
        assert len(await owed(services, sites=SITES)) == 4


async def test_all_that_strangers_can_cause_counts_together(services: Services, clock: SetClock) -> None:
    """Confirm, already, the link to the preferences, a new address: one budget for the mailbox."""
    await subscribe(services, "reader@example.org")
    await subscribe(services, "other@example.org")
    clock.forward(30 * MINUTE)
    await ask(services, "reader@example.org")
    clock.forward(30 * MINUTE)
    await preferences.mail_link(services, SITE, "reader@example.org")
    clock.forward(30 * MINUTE)
    link = await manage_link(services, "other@example.org")
    for _ in range(3):
        await ask(services, "reader@example.org")
        await preferences.mail_link(services, SITE, "READER@example.org")
        await preferences.change_address(services, link, "fresh@example.org")
        await preferences.change_address(services, link, "reader@example.org")
        clock.forward(30 * MINUTE)
    strangers = [mail for mail in await mails(services) if mail not in ("welcome", "change")]
    assert strangers == ["confirm", "confirm", "already", "manage"]
    assert (await mails(services)).count("change") == 3


async def test_a_robot_and_a_refused_address_take_nothing_of_it(services: Services) -> None:
    for _ in range(5):
        await newsletter.sign_up(services, SITE, request("reader@example.org", url_2="x"), from_somewhere())
    await ask(services, "reader@example.org")
    assert [(mail.what, mail.due_at) for mail in await owed(services)] == [("confirm", services.clock())]


async def test_the_readers_own_acts_are_not_counted(services: Services, clock: SetClock) -> None:
    """Welcome and goodbye answer a button in the reader's own mail."""
    await ask(services)
    await newsletter.confirm(services, await confirm_link(services), [STORIES], SEEN)
    clock.forward(15 * MINUTE)
    await ask(services)
    assert await mails(services) == ["confirm", "welcome", "already"]


def _batched(emails: Sequence[str], size: int) -> list[Sequence[str]]:
    return [emails[place : place + size] for place in range(0, len(emails), size)]
