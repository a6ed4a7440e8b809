"""The courier: what is owed leaves, once, when it may; what is not to leave any more does not."""

from __future__ import annotations

import asyncio

import pytest

from consent import courier, newsletter
from consent.clock import DAY
from consent.newsletter import preferences
from consent.services import Services
from consent.storage import outbox, pendings
from consent.storage.budgets import APART
from consent.storage.funnel import Step
from tests.acts import SITE
from tests.clock import SetClock
from tests.mail.smtp_server import Postbox
from tests.trips import newsletters as readers
from tests.trips.newsletters import EMAIL, EVENTS, SEEN, STORIES, ask, subscribe
from tests.trips.posting import arrived, deliver, link, posting, row

HOUR = 3_600_000


async def test_a_confirmation_leaves_and_is_marked(post: Services, postbox: Postbox, clock: SetClock) -> None:
    await ask(post, EMAIL, STORIES, page="https://www.miaminewtimes.com/news/x", variant="b", via="prompt")
    await deliver(post)
    [message] = arrived(postbox)
    owed = await row(post, "confirm")
    assert (owed.state, owed.attempts, owed.fault) == ("done", 1, "")
    assert message["Message-ID"] == owed.message_id
    assert message["To"] == EMAIL
    assert message["Auto-Submitted"] == "auto-generated"
    assert not [name for name in message if name.lower().startswith("list-")]
    assert (await newsletter.confirming(post, link(message, "confirm"))).lists == (STORIES,)
    assert (await newsletter.refusing(post, link(message, "not-me"))).state == "pending"
    assert (await readers.pending(post)).mailed_at == clock()
    await post.counting.flush()
    async with post.database.reading() as reader:
        found = await reader.rows("SELECT site, day, step, via, variant, page FROM funnel WHERE step = 'sent'")
    assert [Step(*row) for row in found] == [Step(SITE, clock() // DAY * DAY, "sent", "prompt", "b", "/news/x")]
    await deliver(post)
    assert len(postbox.taken) == 1


async def test_everything_that_waits_is_in_one_mail(post: Services, postbox: Postbox, clock: SetClock) -> None:
    await ask(post, EMAIL, STORIES)
    await ask(post, EMAIL, EVENTS)
    await deliver(post)
    [message] = arrived(postbox)
    assert set((await newsletter.confirming(post, link(message, "confirm"))).lists) == {STORIES, EVENTS}


async def test_a_second_mail_that_would_say_the_same_does_not_leave(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    await ask(post, EMAIL, STORIES)
    await ask(post, EMAIL, STORIES)  # planned for a quarter of an hour later
    clock.forward(3_000)
    await deliver(post)
    clock.forward(HOUR)
    await deliver(post)
    assert len(postbox.taken) == 1
    assert [one.state for one in await readers.owed(post)] == ["done", "dropped"]
    await ask(post, EMAIL, STORIES)
    await deliver(post)
    assert len(postbox.taken) == 2


async def test_mails_that_could_not_leave_do_not_leave_together(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    for _ in range(3):  # while no courier runs, or nothing gets through
        await ask(post)
        clock.forward(HOUR)
    await deliver(post)
    assert len(postbox.taken) == 1
    assert [one.state for one in await readers.owed(post, "mail")] == ["dropped", "dropped", "done"]


async def test_mails_of_several_kinds_do_not_leave_together_either(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    """After an outage: each was within the budget when it was planned, an hour after the other."""
    await subscribe(post, EMAIL)
    await deliver(post)
    postbox.taken.clear()
    clock.forward(DAY)
    await ask(post, EMAIL, EVENTS)
    clock.forward(HOUR)
    await preferences.mail_link(post, SITE, EMAIL)
    await deliver(post)
    assert len(postbox.taken) == 1
    clock.forward(APART - 1)
    await deliver(post)
    assert len(postbox.taken) == 1
    clock.forward(1)
    await deliver(post)
    assert len(postbox.taken) == 2


@pytest.mark.parametrize("reason", ["not_me", "bounced", "complained", "admin"])
async def test_a_suppression_after_the_sign_up_stops_the_mail(post: Services, postbox: Postbox, reason: str) -> None:
    await ask(post)
    await readers.suppress(post, reason)
    await deliver(post)
    assert postbox.taken == []
    assert (await row(post, "confirm")).state == "dropped"


async def test_who_left_is_asked_whether_to_come_back(post: Services, postbox: Postbox) -> None:
    await ask(post)
    await readers.suppress(post, "unsubscribed", list_=STORIES)
    await deliver(post)
    assert len(postbox.taken) == 1


async def test_a_list_that_is_suppressed_is_not_named_and_a_mail_without_any_does_not_leave(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    await ask(post, EMAIL, STORIES, EVENTS)
    await readers.suppress(post, "complained", list_=EVENTS)
    await deliver(post)
    assert (await newsletter.confirming(post, link(arrived(postbox)[0], "confirm"))).lists == (STORIES,)
    await ask(post, "other@example.org", EVENTS)
    await readers.suppress(post, "complained", "other@example.org", EVENTS)
    await deliver(post)
    assert len(postbox.taken) == 1


async def test_what_was_confirmed_refused_or_erased_meanwhile_is_not_asked_for(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    await ask(post, "one@example.org")
    await newsletter.confirm(post, await readers.confirm_link(post, "one@example.org"), [STORIES], SEEN)
    await ask(post, "two@example.org")
    waits = await readers.pending(post, "two@example.org")
    await newsletter.not_me(post, readers.token(post, "not-me", waits.id))
    await ask(post, "three@example.org")
    async with post.database.writing() as writer:
        await pendings.delete_of_key(writer, SITE, readers.key_of(post, "three@example.org"))
    await deliver(post)
    assert [message["To"] for message in arrived(postbox)] == ["one@example.org"]
    assert (await row(post, "welcome")).state == "done"


async def test_a_welcome_to_lists_that_were_left_again_does_not_leave(post: Services, postbox: Postbox) -> None:
    await subscribe(post, EMAIL, STORIES, EVENTS)
    await newsletter.unsubscribe(post, await readers.unsubscribe_link(post, list_=STORIES), SEEN, one_click=True)
    await deliver(post)
    [message] = arrived(postbox)
    assert message["List-Id"].startswith(f"<{EVENTS}.")
    await subscribe(post, "two@example.org", STORIES)
    link_ = await readers.unsubscribe_link(post, "two@example.org", STORIES)
    await newsletter.unsubscribe(post, link_, SEEN, one_click=True)
    await deliver(post)
    assert len(postbox.taken) == 1


async def test_a_subscriber_who_pauses_is_not_welcomed(post: Services, postbox: Postbox, clock: SetClock) -> None:
    await subscribe(post)
    await preferences.pause(post, await readers.manage_link(post), clock() + 30 * DAY)
    await deliver(post)
    assert postbox.taken == []


async def test_a_domain_that_takes_no_mail_is_not_mailed_to_confirm(
    database_url: str, clock: SetClock, postbox: Postbox
) -> None:
    async with posting(database_url, clock, postbox, zone={"example.net.": "0 ."}) as services:
        await ask(services, "reader@example.net")
        await deliver(services)
        owed = await row(services, "confirm")
        assert (owed.state, owed.fault) == ("dropped", "nobody takes mail for the domain")
    assert postbox.taken == []


async def test_ceilings_put_mails_off_and_count_no_attempt(
    database_url: str, clock: SetClock, postbox: Postbox
) -> None:
    async with posting(database_url, clock, postbox, per_hour=6) as services:
        for number in range(4):
            await ask(services, f"reader{number}@example.org")
            await ask(services, f"reader{number}@example.com")
        await deliver(services)
        sent = [str(message["To"]).rpartition("@")[2] for message in arrived(postbox)]
        assert sorted(sent) == ["example.com"] * 3 + ["example.org"] * 3
        late = [one for one in await readers.owed(services) if one.state == "waiting"]
        assert [(one.attempts, one.fault) for one in late] == [(0, ""), (0, "")]
        next_hour = (clock() // HOUR + 1) * HOUR
        assert all(next_hour <= one.due_at <= next_hour + 600_000 for one in late)
        clock.forward(HOUR + 600_000)
        await deliver(services)
        assert len(postbox.taken) == 8


async def test_a_mail_is_not_sent_when_its_link_would_be_dead(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    await ask(post)
    clock.forward(7 * DAY)
    await deliver(post)
    assert postbox.taken == []
    owed = await row(post, "confirm")
    assert (owed.state, owed.fault) == ("dead", "its link would be too old")


async def test_two_couriers_never_send_the_same_mail(post: Services, postbox: Postbox, clock: SetClock) -> None:
    for number in range(40):
        await ask(post, f"reader{number}@example.org")
    await asyncio.gather(*(deliver(post) for _ in range(4)))
    while [one for one in await readers.owed(post) if one.state == "waiting"]:
        clock.forward(courier.LEASE_MS)  # two that leased at once may both have been told to ask again
        await deliver(post)
    got = sorted(envelope.rcpt_tos[0] for envelope in postbox.taken)
    assert got == sorted(f"reader{number}@example.org" for number in range(40))


async def test_what_a_dead_courier_had_leased_another_sends(post: Services, postbox: Postbox, clock: SetClock) -> None:
    await ask(post)
    async with post.database.writing() as writer:
        assert len(await outbox.lease(writer, clock(), clock() + courier.LEASE_MS, 1)) == 1
    await deliver(post)
    assert postbox.taken == []
    clock.forward(courier.LEASE_MS)
    await deliver(post)
    assert len(postbox.taken) == 1
    assert (await row(post, "confirm")).attempts == 2


async def test_while_it_runs_what_is_owed_leaves_at_once(post: Services, postbox: Postbox) -> None:
    async with courier.running(post):
        await ask(post)
        await postbox.took.wait()
    assert (await row(post, "confirm")).state == "done"
    assert len(postbox.taken) == 1


async def test_at_its_end_it_ends_what_is_under_way(post: Services, postbox: Postbox) -> None:
    postbox.hangs_at = "DATA"
    async with courier.running(post):
        await ask(post)
        await postbox.hung.wait()
        postbox.hangs_at = None
        postbox.go_on.set()
    assert (await row(post, "confirm")).state == "done"
    assert len(postbox.taken) == 1
