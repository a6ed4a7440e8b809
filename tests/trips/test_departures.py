"""Who leaves at a mailing provider leaves here too: at once, once, for the lists that are kept there."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from consent import newsletter
from consent.clock import DAY
from consent.connections import departures
from consent.connections.connecting import Connected
from consent.errors import Denied, Malformed, Unavailable, Unknown
from consent.newsletter import preferences
from consent.services import Services
from consent.sync.mailchimp import MARK
from tests.acts import SITE
from tests.clock import SetClock
from tests.reading import count
from tests.sync.peers import brevo, buttondown, ghost, listmonk, mailchimp
from tests.sync.receiver import Reply
from tests.sync.signing import heard
from tests.trips.connections import connected, deliver, endpoint
from tests.trips.newsletters import (
    EMAIL,
    EVENTS,
    STORIES,
    ask,
    confirm_link,
    find_subscriber,
    from_somewhere,
    manage_link,
    states,
    subscribe,
    suppressed,
    unsubscribe_link,
)

BOTH: dict[str, Any] = {"kind": "mailchimp", "secrets": mailchimp.SECRETS, "lists": mailchimp.LISTS}


async def tell(services: Services, made: Connected, body: Any, secret: str | None = None, **headers: str) -> None:
    """As the provider's webhook does."""
    assert made.inbound
    given = made.inbound.rpartition("/")[2] if secret is None else secret
    await departures.hear(services, SITE, made.endpoint.id, heard(body, given, **headers))


def posted(email: str = EMAIL, list_: str = STORIES, **fields: str) -> bytes:
    """Mailchimp's form."""
    usual = {"type": "unsubscribe", "data[email]": email, "data[list_id]": mailchimp.LISTS[list_]}
    return urlencode(usual | fields).encode()


async def test_who_leaves_one_list_there_leaves_that_one_here(services: Services) -> None:
    async with connected(services, mailchimp.Mailchimp(), **BOTH) as (reached, _, made):
        await subscribe(services, EMAIL, STORIES, EVENTS)
        before = await count(services)
        for _ in range(2):
            await tell(reached, made, posted(EMAIL.upper()))
        assert await states(services) == {STORIES: "unsubscribed", EVENTS: "confirmed"}
        assert await suppressed(services) == {STORIES: "unsubscribed"}
        assert await count(services) == before + 1
        assert "subscription.unsubscribed" in await deliver(reached, made)


async def test_who_left_there_may_sign_up_here_again_and_a_repeat_does_not_take_it_back(
    services: Services, clock: SetClock
) -> None:
    async with connected(services, mailchimp.Mailchimp(), **BOTH) as (reached, _, made):
        await subscribe(services)
        await tell(reached, made, posted())
        clock.forward(3_600_000)
        await ask(services)
        await newsletter.confirm(services, await confirm_link(services), (STORIES,), from_somewhere())
        assert await states(services) == {STORIES: "confirmed"}
        await tell(reached, made, posted())
    assert await states(services) == {STORIES: "confirmed"}


@pytest.mark.parametrize(("reason", "state"), [("abuse", "complained"), ("hard", "bounced")])
async def test_a_complaint_or_bounce_there_ends_all_mail_here(services: Services, reason: str, state: str) -> None:
    async with connected(services, **BOTH) as (reached, _, made):
        await subscribe(services, EMAIL, STORIES, EVENTS)
        await tell(reached, made, posted(**{"type": "cleaned", "data[reason]": reason}))
    assert await states(services) == {STORIES: state, EVENTS: state}
    assert await suppressed(services) == {"*": state}


async def test_nobody_is_made_known_by_leaving(services: Services) -> None:
    async with connected(services, **BOTH) as (reached, _, made):
        for email in ("stranger@example.org", "no address", ""):
            await tell(reached, made, posted(email))
        await tell(reached, made, b"type=subscribe&data[email]=stranger@example.org")
    assert await find_subscriber(services, "stranger@example.org") is None
    assert await suppressed(services, "stranger@example.org") == {}


async def test_only_the_endpoints_own_secret_is_heard(services: Services) -> None:
    async with connected(services, **BOTH) as (reached, _, made):
        await subscribe(services)
        for secret in ("", "guessed", "\udcff"):
            with pytest.raises(Unknown):
                await tell(reached, made, posted(), secret)
            with pytest.raises(Unknown):
                await departures.require(services, SITE, made.endpoint.id, secret)
        assert made.inbound
        right = made.inbound.rpartition("/")[2]
        await departures.require(services, SITE, made.endpoint.id, right)
        for site, id_ in (("other", made.endpoint.id), (SITE, "x"), (SITE, "0" * 8 + made.endpoint.id[8:])):
            with pytest.raises(Unknown):
                await departures.hear(services, site, id_, heard(posted(), right))
    assert await states(services) == {STORIES: "confirmed"}


async def test_what_mailchimp_tells_of_our_own_pause_is_no_leaving(services: Services, clock: SetClock) -> None:
    there = mailchimp.Mailchimp()
    async with connected(services, there, **BOTH) as (reached, receiver, made):
        await subscribe(services)
        await preferences.pause(services, await manage_link(services), clock() + DAY)
        await deliver(reached, made)
        there.has(mailchimp.LISTS[STORIES], EMAIL, "archived", MARK)
        taken_away = posted(**{"data[action]": "delete"})
        await tell(reached, made, taken_away)
        assert await states(services) == {STORIES: "confirmed"}
        receiver.answer(Reply(500))
        with pytest.raises(Unavailable):
            await tell(reached, made, taken_away)
        receiver.answering = there
        there.has(mailchimp.LISTS[STORIES], EMAIL, "archived")
        await tell(reached, made, taken_away)
    assert await states(services) == {STORIES: "unsubscribed"}


async def test_a_webhook_of_ours_is_not_a_way_in(services: Services) -> None:
    async with connected(services) as (reached, _, made):
        for secret in ("", made.secret or ""):
            with pytest.raises(Unknown):
                await departures.hear(reached, SITE, made.endpoint.id, heard(posted(), secret))


async def test_brevo_tells_of_all_its_lists(services: Services) -> None:
    fields = {"kind": "brevo", "secrets": brevo.SECRETS, "lists": {STORIES: "7"}}
    async with connected(services, brevo.Brevo(), **fields) as (reached, _, made):
        await subscribe(services, EMAIL, STORIES, EVENTS)
        await tell(reached, made, {"event": "unsubscribe", "email": EMAIL, "ts_event": services.clock() // 1000})
        assert await states(services) == {STORIES: "unsubscribed", EVENTS: "confirmed"}
        with pytest.raises(Malformed):
            await tell(reached, made, b"no")


async def test_buttondown_is_asked_whom_it_means(services: Services) -> None:
    there = buttondown.Buttondown()
    secrets = {**buttondown.SECRETS, "webhook_secret": "s3cret"}
    async with connected(services, there, kind="buttondown", secrets=secrets) as (reached, receiver, made):
        await subscribe(services, EMAIL, STORIES, EVENTS)
        body = {"event_type": "subscriber.unsubscribed", "data": {"subscriber": there.has(EMAIL, "unsubscribed")}}
        with pytest.raises(Denied):
            await tell(reached, made, body, x_buttondown_signature="sha256=00")
        signed = "sha256=" + _hmac("s3cret", msgspec.json.encode(body))
        receiver.answer(Reply(500))
        with pytest.raises(Unavailable):
            await tell(reached, made, body, x_buttondown_signature=signed)
        receiver.answering = there
        await tell(reached, made, body, x_buttondown_signature=signed)
    assert await states(services) == {STORIES: "unsubscribed", EVENTS: "unsubscribed"}


async def test_ghost_tells_which_newsletter_is_gone(services: Services) -> None:
    fields = {"kind": "ghost", "secrets": ghost.SECRETS, "lists": ghost.LISTS}
    async with connected(services, ghost.Ghost(), **fields) as (reached, _, made):
        await subscribe(services, EMAIL, STORIES, EVENTS)
        both, one = [{"id": ghost.STORIES}, {"id": ghost.EVENTS}], [{"id": ghost.STORIES}]
        await tell(
            reached,
            made,
            {"member": {"current": {"email": EMAIL, "newsletters": one}, "previous": {"newsletters": both}}},
        )
        assert await states(services) == {STORIES: "confirmed", EVENTS: "unsubscribed"}
        await tell(reached, made, {"member": {"current": {}, "previous": {"email": EMAIL}}})
    assert await states(services) == {STORIES: "unsubscribed", EVENTS: "unsubscribed"}


async def test_listmonk_is_asked_who_left_and_not_too_often(services: Services, clock: SetClock) -> None:
    there = listmonk.Listmonk()
    fields = {"kind": "listmonk", "secrets": listmonk.SECRETS, "lists": listmonk.LISTS}
    async with connected(services, there, **fields) as (reached, receiver, made):
        await subscribe(services, EMAIL, STORIES, EVENTS)
        await subscribe(services, "early@example.org")
        clock.forward(departures.EVERY + 1)
        there.has(EMAIL, l3="unsubscribed", l4="confirmed")
        there.rows[-1]["lists"][0]["subscription_updated_at"] = "2026-11-22T10:10:00Z"
        there.has("early@example.org", l3="unsubscribed")  # before the person confirmed here
        await departures.poll(reached)
        asked = len(receiver.got)
        await departures.poll(reached)
        assert len(receiver.got) == asked
        assert (await endpoint(services, made)).polled_at == clock()
    assert await states(services) == {STORIES: "unsubscribed", EVENTS: "confirmed"}
    assert await states(services, "early@example.org") == {STORIES: "confirmed"}


async def test_a_listmonk_that_does_not_answer_is_asked_again(services: Services, clock: SetClock) -> None:
    fields = {"kind": "listmonk", "secrets": listmonk.SECRETS, "lists": listmonk.LISTS}
    async with connected(services, lambda _: Reply(500), **fields) as (reached, _, made):
        polled = (await endpoint(services, made)).polled_at
        clock.forward(departures.EVERY + 1)
        await departures.poll(reached)
        assert (await endpoint(services, made)).polled_at == polled


async def test_it_is_asked_in_the_background(services: Services, clock: SetClock) -> None:
    fields = {"kind": "listmonk", "secrets": listmonk.SECRETS, "lists": listmonk.LISTS}
    async with connected(services, listmonk.Listmonk(), **fields) as (reached, receiver, _):
        clock.forward(departures.EVERY + 1)
        async with departures.polling(reached):
            await asyncio.wait_for(receiver.is_asked.wait(), 30)


async def test_who_left_here_first_is_not_left_twice(services: Services) -> None:
    async with connected(services, **BOTH) as (reached, _, made):
        await subscribe(services)
        await newsletter.unsubscribe(services, await unsubscribe_link(services), from_somewhere())
        before = await count(services)
        await tell(reached, made, posted())
        assert await count(services) == before


def _hmac(secret: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), body, "sha256").hex()
