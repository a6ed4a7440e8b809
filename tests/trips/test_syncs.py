"""Mailing providers are told who joined and who left, after the confirmation and as it holds when they are told."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from consent import ids, newsletter, owing, sweeping
from consent.clock import DAY
from consent.connections import connecting
from consent.courier import deliveries
from consent.newsletter import preferences
from consent.services import Services
from consent.storage import subscribers, suppressions
from consent.sync import kinds
from consent.sync.delivery import Refused, Retry
from tests.acts import SITE
from tests.clock import SetClock
from tests.sync.peers import brevo, buttondown, ghost, listmonk, mailchimp
from tests.sync.receiver import Got, Reply
from tests.trips.connections import connected, deliver, endpoint, owed_to
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    SEEN,
    STORIES,
    ask,
    manage_link,
    pending,
    subscribe,
    subscriber,
    suppress,
    token,
    unsubscribe_link,
)

PROVIDERS: list[tuple[str, Any]] = [
    ("listmonk", listmonk),
    ("mailchimp", mailchimp),
    ("brevo", brevo),
    ("buttondown", buttondown),
    ("ghost", ghost),
]


def given(kind: str, module: Any) -> dict[str, Any]:
    """What it takes to connect a provider."""
    return {"kind": kind, "secrets": module.SECRETS, "lists": module.TAGS if kind == "buttondown" else module.LISTS}


def peer(kind: str, module: Any) -> Any:
    """The provider itself."""
    return getattr(module, kind.capitalize())()


def is_on(kind: str, there: Any, email: str = EMAIL) -> bool:
    """Whether the person gets the stories from the provider."""
    match kind:
        case "listmonk":
            return any(row["email"] == email for row in there.rows) and there.states(email).get(3) == "confirmed"
        case "mailchimp":
            return bool(there.status(mailchimp.LISTS[STORIES], email) == "subscribed")
        case "brevo":
            return email in there.contacts and 7 in there.lists(email)
        case "buttondown":
            rows = [row for row in there.rows.values() if row["email_address"] == email]
            return any(row["type"] == "regular" and "stories" in row["tags"] for row in rows)
    return any(one["email"] == email for one in there.members) and ghost.STORIES in there.newsletters(email)


@pytest.mark.parametrize(("kind", "module"), PROVIDERS)
async def test_a_provider_is_told_after_the_confirmation_and_of_the_leaving(
    services: Services, kind: str, module: Any
) -> None:
    there = peer(kind, module)
    async with connected(services, there, **given(kind, module)) as (reached, receiver, made):
        await ask(services)
        assert await deliver(reached, made) == [] and receiver.got == []
        await newsletter.confirm(services, token(services, "confirm", (await pending(services)).id), (STORIES,), SEEN)
        assert await deliver(reached, made) == ["signup.confirmed"]
        assert is_on(kind, there)
        await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
        assert await deliver(reached, made) == ["subscription.unsubscribed"]
    assert not is_on(kind, there)


@pytest.mark.parametrize(("kind", "module"), PROVIDERS)
async def test_a_confirmation_that_arrives_after_the_leaving_adds_nobody(
    services: Services, kind: str, module: Any
) -> None:
    there = peer(kind, module)
    async with connected(services, there, **given(kind, module)) as (reached, _, made):
        await subscribe(services)
        await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
        late, early = await owed_to(services, made)
        for owed in (early, late):
            await deliveries.deliver(reached, owed)
    assert not is_on(kind, there)


@pytest.mark.parametrize(("kind", "module"), PROVIDERS)
async def test_who_left_here_and_confirms_again_is_back_there(services: Services, kind: str, module: Any) -> None:
    there = peer(kind, module)
    async with connected(services, there, **given(kind, module)) as (reached, _, made):
        for _ in range(2):
            await subscribe(services)
            await deliver(reached, made)
            assert is_on(kind, there)
            await newsletter.unsubscribe(services, await unsubscribe_link(services), SEEN)
            await deliver(reached, made)
            assert not is_on(kind, there)


@pytest.mark.parametrize(("kind", "module"), PROVIDERS)
async def test_a_pause_takes_the_reader_off_there_until_it_is_over(
    services: Services, clock: SetClock, kind: str, module: Any
) -> None:
    there = peer(kind, module)
    async with connected(services, there, **given(kind, module)) as (reached, _, made):
        await subscribe(services, EMAIL, STORIES, EVENTS)
        await deliver(reached, made)
        await preferences.pause(services, await manage_link(services), clock() + 7 * DAY)
        assert await deliver(reached, made) == ["subscriber.paused"]
        assert not is_on(kind, there)
        await preferences.set_language(services, await manage_link(services), "es")
        await deliver(reached, made)
        clock.forward(7 * DAY - 1)
        assert (await sweeping.sweep(services)).resumed == 0 and await deliver(reached, made) == []
        assert not is_on(kind, there)
        clock.forward(1)
        assert (await sweeping.sweep(services)).resumed == 1
        there.now = clock()  # Ghost's tokens last minutes
        assert await deliver(reached, made) == ["subscriber.changed"]
        assert is_on(kind, there)


@pytest.mark.parametrize(("kind", "module"), PROVIDERS)
async def test_a_pause_that_the_reader_ends_brings_back_at_once(
    services: Services, clock: SetClock, kind: str, module: Any
) -> None:
    there = peer(kind, module)
    async with connected(services, there, **given(kind, module)) as (reached, _, made):
        await subscribe(services)
        await preferences.pause(services, await manage_link(services), clock() + DAY)
        await deliver(reached, made)
        assert not is_on(kind, there)
        await preferences.pause(services, await manage_link(services), None)
        await deliver(reached, made)
        assert is_on(kind, there)


async def test_who_left_there_during_a_pause_does_not_come_back(services: Services, clock: SetClock) -> None:
    there = mailchimp.Mailchimp()
    async with connected(services, there, **given("mailchimp", mailchimp)) as (reached, _, made):
        await subscribe(services)
        await preferences.pause(services, await manage_link(services), clock() + DAY)
        await deliver(reached, made)
        there.has(mailchimp.LISTS[STORIES], EMAIL, "unsubscribed", "left-by-consent")
        clock.forward(DAY)
        await sweeping.sweep(services)
        assert await deliver(reached, made) == ["subscriber.changed"]
    assert there.status(mailchimp.LISTS[STORIES], EMAIL) == "unsubscribed"


async def test_who_is_suppressed_meanwhile_is_not_told_as_joined(services: Services) -> None:
    there = listmonk.Listmonk()
    async with connected(services, there, **given("listmonk", listmonk)) as (reached, _, made):
        await subscribe(services)
        await suppress(services, "admin", list_=suppressions.ALL)
        await deliver(reached, made)
    assert there.rows == []


async def test_lists_that_the_provider_has_no_word_for_are_not_told(services: Services) -> None:
    there = buttondown.Buttondown()
    fields = {"kind": "buttondown", "secrets": buttondown.SECRETS, "lists": {EVENTS: "events"}}
    async with connected(services, there, **fields) as (reached, receiver, made):
        await subscribe(services)
        assert await deliver(reached, made) == [] and receiver.got == []


@pytest.mark.parametrize(("kind", "module"), PROVIDERS)
async def test_an_erased_address_leaves_the_provider_too(services: Services, kind: str, module: Any) -> None:
    there = peer(kind, module)
    async with connected(services, there, **given(kind, module)) as (reached, _, made):
        await subscribe(services)
        await deliver(reached, made)
        await preferences.erase(services, await manage_link(services))
        [owed] = await owed_to(services, made)
        assert owed.what == "subscriber.erased" and EMAIL not in str(owed.about)
        await deliver(reached, made)
    assert not is_on(kind, there)


async def test_a_changed_address_is_told_and_the_former_leaves(services: Services) -> None:
    there, new = listmonk.Listmonk(), "new@example.org"
    async with connected(services, there, **given("listmonk", listmonk)) as (reached, _, made):
        await subscribe(services)
        await deliver(reached, made)
        await _change(services, new)
        assert await deliver(reached, made) == ["subscriber.changed"]
    assert there.states(EMAIL) == {} and there.states(new) == {3: "confirmed"}


async def test_one_that_does_not_answer_is_tried_again_and_one_that_refuses_is_not(services: Services) -> None:
    answers = [Reply(500), Reply(400)]

    def answering(got: Got) -> Reply:
        return answers.pop(0)

    async with connected(services, answering, **given("listmonk", listmonk)) as (reached, _, made):
        await subscribe(services)
        [owed] = await owed_to(services, made)
        with pytest.raises(Retry):
            await deliveries.deliver(reached, owed)
        with pytest.raises(Refused):
            await deliveries.deliver(reached, owed)
        assert (await endpoint(services, made)).failures == 1


async def _change(services: Services, new: str) -> None:
    """As the link in the mail to the new address does."""
    found = await subscriber(services)
    about: dict[str, object] = {
        "subscriber": ids.uuid_text(found.id),
        "former": services.vault.put(found.email.encode()),
    }
    key = services.addresses.key(new)
    async with services.database.writing() as writer:
        await subscribers.change_address(writer, SITE, found.id, key, new)
        at = services.clock()
        await owing.owe_event(writer, site=SITE, at=at, event="subscriber.changed", about=about, key=key)


def test_everything_that_can_be_connected_can_be_told() -> None:
    assert {*deliveries.TELL, "webhook"} == {*get_args(connecting.Kind)} == {*kinds.PROVIDERS, "webhook"}
