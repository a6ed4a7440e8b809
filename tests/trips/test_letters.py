"""What each mail holds when it leaves: whom it goes to, which links work, and by which headers it can be left."""

from __future__ import annotations

import msgspec
import pytest

from consent import ledger, newsletter
from consent.clock import DAY
from consent.courier.letters import Prepared, prepare
from consent.errors import MailDelayed
from consent.newsletter import preferences
from consent.services import Services
from tests.acts import SITE
from tests.clock import SetClock
from tests.mail.making import words_of
from tests.mail.smtp_server import Postbox
from tests.running import MIAMI, publish
from tests.trips import newsletters as readers
from tests.trips.newsletters import EMAIL, EVENTS, SEEN, STORIES, ask, subscribe
from tests.trips.posting import arrived, deliver, link, purposes, row

NEW = "new.address@example.org"


async def test_a_confirmation_confirms_what_it_names_and_can_be_denied(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    await ask(post, EMAIL, STORIES)
    await deliver(post)
    [message] = arrived(postbox)
    assert purposes(message) == {"confirm", "not-me"}
    await ask(post, EMAIL, EVENTS)  # asked for later: not what this mail is about
    done = await newsletter.confirm(post, link(message, "confirm"), [STORIES, EVENTS], SEEN)
    assert done.lists == (STORIES,)
    assert await readers.states(post) == {STORIES: "confirmed"}
    assert EMAIL not in words_of(message, "plain") + words_of(message, "html")


async def test_a_welcome_can_be_left_by_every_way_there_is(post: Services, postbox: Postbox, clock: SetClock) -> None:
    await subscribe(post, EMAIL, STORIES)
    await deliver(post)
    [message] = arrived(postbox)
    assert purposes(message) == {"manage", "unsubscribe", "receipts"}
    token = link(message, "unsubscribe")
    assert message["List-Unsubscribe"] == f"<http://127.0.0.1:8000/unsubscribe/{token}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == f"<{STORIES}.miaminewtimes.com>"
    receipt = ledger.read_receipt(post, SITE, link(message, "receipts"))
    assert receipt.lists == {STORIES: True}
    assert ledger.receipt(post, await ledger.find(post, SITE, receipt.id)) == link(message, "receipts")
    assert (await preferences.open(post, link(message, "manage"))).lists[STORIES] == "confirmed"
    clock.forward(9 * 365 * DAY)
    await newsletter.unsubscribe(post, token, SEEN, one_click=True)
    assert await readers.states(post) == {STORIES: "unsubscribed"}


async def test_a_welcome_to_several_lists_is_left_by_the_preferences(post: Services, postbox: Postbox) -> None:
    await subscribe(post, EMAIL, STORIES, EVENTS)
    await deliver(post)
    [message] = arrived(postbox)
    assert purposes(message) == {"manage", "receipts"}
    assert not [name for name in message if name.lower().startswith("list-")]


async def test_who_signs_up_again_is_told_in_the_mailbox_alone(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    await subscribe(post, EMAIL, STORIES)
    await deliver(post)
    clock.forward(DAY)
    await ask(post, "READER@Example.org", STORIES)
    await deliver(post)
    message = arrived(postbox)[-1]
    assert message["To"] == EMAIL  # as it was proven
    owed = await row(post, "already")
    assert message["Message-ID"] == owed.message_id
    assert purposes(message) == {"manage", "unsubscribe"}
    assert message["List-Id"] is None


async def test_a_goodbye_has_the_way_back_and_the_receipt(post: Services, postbox: Postbox) -> None:
    await subscribe(post, EMAIL, STORIES)
    await deliver(post)
    await newsletter.unsubscribe(post, await readers.unsubscribe_link(post), SEEN)
    await deliver(post)
    message = arrived(postbox)[-1]
    assert purposes(message) == {"manage", "receipts"}
    receipt = ledger.read_receipt(post, SITE, link(message, "receipts"))
    assert receipt.lists == {STORIES: False}


async def test_a_goodbye_to_who_came_back_does_not_leave(post: Services, postbox: Postbox) -> None:
    await subscribe(post, EMAIL, STORIES)
    await deliver(post)
    await newsletter.unsubscribe(post, await readers.unsubscribe_link(post), SEEN)
    await preferences.save(post, await readers.manage_link(post), [STORIES], SEEN)
    await deliver(post)
    assert (await row(post, "goodbye")).state == "dropped"


async def test_a_mailed_link_opens_the_preferences_for_a_day_as_fresh(
    post: Services, postbox: Postbox, clock: SetClock
) -> None:
    await subscribe(post, EMAIL, STORIES)
    await deliver(post)
    clock.forward(DAY)
    await preferences.mail_link(post, SITE, EMAIL)
    await deliver(post)
    message = arrived(postbox)[-1]
    assert purposes(message) == {"manage"}
    assert (await preferences.open(post, link(message, "manage"))).is_fresh
    clock.forward(2 * DAY)
    assert not (await preferences.open(post, link(message, "manage"))).is_fresh


async def test_a_change_is_proven_at_the_new_address_alone(post: Services, postbox: Postbox, clock: SetClock) -> None:
    await subscribe(post, EMAIL, STORIES)
    await deliver(post)
    old = link(arrived(postbox)[-1], "manage")
    await preferences.change_address(post, await readers.manage_link(post), NEW)
    await deliver(post)
    message = arrived(postbox)[-1]
    assert message["To"] == NEW
    assert purposes(message) == {"change"}
    assert EMAIL not in words_of(message, "plain")
    assert (await preferences.confirm_change(post, link(message, "change"), SEEN)).state == "changed"
    await preferences.mail_link(post, SITE, NEW)
    clock.forward(DAY)
    await deliver(post)
    assert (await preferences.open(post, link(arrived(postbox)[-1], "manage"))).lists[STORIES] == "confirmed"
    assert old != link(arrived(postbox)[-1], "manage")


async def test_a_reader_is_written_to_in_the_language_of_the_sign_up(post: Services, postbox: Postbox) -> None:
    await ask(post, EMAIL, STORIES, language="es")
    await deliver(post)
    [message] = arrived(postbox)
    assert '<html lang="es"' in words_of(message, "html")


async def test_links_are_the_same_at_every_attempt(post: Services, clock: SetClock) -> None:
    await ask(post)
    owed = await row(post, "confirm")
    made = []
    for _ in range(2):
        async with post.database.reading() as reader:
            prepared = await prepare(post, reader, owed)
        assert isinstance(prepared, Prepared)
        made.append(prepared.mail)
        clock.forward(DAY)
    assert made[0] == made[1]


async def test_a_site_that_gave_its_newsletter_up_mails_nothing(post: Services, postbox: Postbox) -> None:
    await ask(post)
    text = MIAMI.read_text()
    start, end = text.index("[newsletter]"), text.index("[theme]")
    await publish(post, (text[:start] + text[end:]).encode())
    await deliver(post)
    assert postbox.taken == []
    assert (await row(post, "confirm")).fault == "the site has no newsletter any more"


async def test_a_process_that_does_not_have_the_site_yet_tries_later(post: Services) -> None:
    await ask(post)
    owed = await row(post, "confirm")
    other = msgspec.structs.replace(owed, site="not-here")
    async with post.database.reading() as reader:
        with pytest.raises(MailDelayed):
            await prepare(post, reader, other)
