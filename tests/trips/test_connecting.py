"""Endpoints are connected with what they need, shown without secrets, tried, and taken away."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from consent import owing
from consent.connections import connecting, departures
from consent.connections.connecting import EndpointRequest, Tried
from consent.errors import Refused, Unknown
from consent.services import Services
from consent.storage import endpoints
from consent.sync import standard_webhooks
from tests.acts import SITE, new_id
from tests.clock import SetClock
from tests.sync.peers import brevo, buttondown, ghost, listmonk, mailchimp
from tests.sync.receiver import Reply
from tests.trips.connections import connected, endpoint, move, reaching, said

HOOK = "https://hooks.example.org/in"


async def connect(services: Services, **fields: Any) -> connecting.Connected:
    """Connects what `fields` describe, a webhook unless they say otherwise."""
    return await connecting.connect(services, SITE, msgspec.convert(fields, EndpointRequest))


async def test_a_webhook_is_told_everything_and_its_secret_is_shown_once(services: Services) -> None:
    made = await connect(services, url=HOOK)
    assert made.secret and standard_webhooks.key_of(made.secret)
    assert made.inbound is None and made.endpoint.events == owing.EVENTS
    kept = await endpoint(services, made)
    assert made.secret not in kept.sealed and made.secret not in repr(kept)
    [shown] = (await connecting.listed(services, SITE)).endpoints
    assert shown == made.endpoint and made.secret not in msgspec.json.encode(shown).decode()
    assert (await connect(services, url=HOOK)).secret != made.secret


@pytest.mark.parametrize(
    ("kind", "fields", "url"),
    [
        ("listmonk", {"secrets": listmonk.SECRETS, "lists": listmonk.LISTS, "url": "https://l.example.org"}, ""),
        ("mailchimp", {"secrets": mailchimp.SECRETS, "lists": mailchimp.LISTS}, "https://us6.api.mailchimp.com/3.0"),
        ("brevo", {"secrets": brevo.SECRETS, "lists": brevo.LISTS}, "https://api.brevo.com/v3"),
        ("buttondown", {"secrets": buttondown.SECRETS}, "https://api.buttondown.com/v1"),
        ("ghost", {"secrets": ghost.SECRETS, "lists": ghost.LISTS, "url": "https://g.example.org"}, ""),
    ],
)
async def test_a_provider_is_told_who_joined_and_left_and_tells_at_an_address_of_its_own(
    services: Services, kind: str, fields: dict[str, Any], url: str
) -> None:
    made = await connect(services, kind=kind, **fields)
    assert made.secret is None and made.endpoint.url == (url or fields["url"])
    assert "signup.pending" not in made.endpoint.events and "signup.confirmed" in made.endpoint.events
    if kind == "listmonk":
        assert made.inbound is None and made.endpoint.polled_at
    else:
        assert made.inbound
        assert made.inbound.startswith(f"http://127.0.0.1:8000/v1/sites/{SITE}/inbound/{made.endpoint.id}/")
    shown = msgspec.json.encode(await connecting.listed(services, SITE)).decode()
    assert all(secret not in shown for secret in fields["secrets"].values())


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, "url"),
        ({"url": "http://hooks.example.org"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://user:pass@hooks.example.org"}, "url"),
        ({"url": HOOK, "events": ["signup.pending", "made.up"]}, "events[1]"),
        ({"url": HOOK, "lists": {"unknown": "x"}}, "lists.unknown"),
        ({"url": HOOK, "secrets": {"signing": "mine"}}, "secrets"),
        ({"kind": "listmonk", "url": HOOK, "lists": {"events": "3"}}, "secrets.user"),
        ({"kind": "listmonk", "url": HOOK, "secrets": listmonk.SECRETS}, "lists"),
        ({"kind": "listmonk", "url": HOOK, "secrets": listmonk.SECRETS, "lists": {"events": "x"}}, "lists.events"),
        ({"kind": "listmonk", "secrets": listmonk.SECRETS, "lists": {"events": "3"}}, "url"),
        ({"kind": "mailchimp", "secrets": {"key": "no-key"}, "lists": {"events": "a1"}}, "secrets.key"),
        ({"kind": "mailchimp", "secrets": mailchimp.SECRETS, "lists": {"events": "a/../b"}}, "lists.events"),
        ({"kind": "brevo", "secrets": brevo.SECRETS, "lists": {"events": "8"}, "url": HOOK}, "url"),
        ({"kind": "brevo", "secrets": {**brevo.SECRETS, "more": "x"}, "lists": {"events": "8"}}, "secrets.more"),
        ({"kind": "brevo", "secrets": {"key": "a\r\nb"}, "lists": {"events": "8"}}, "secrets.key"),
        ({"kind": "buttondown", "secrets": {**buttondown.SECRETS, "webhook_secret": ""}}, "secrets.webhook_secret"),
        ({"kind": "buttondown", "secrets": buttondown.SECRETS, "events": ["signup.pending"]}, "events"),
        ({"kind": "ghost", "url": HOOK, "secrets": {"key": "a:b"}, "lists": {"events": "2" * 24}}, "secrets.key"),
    ],
)
async def test_what_cannot_be_right_is_refused_with_its_place(
    services: Services, fields: dict[str, Any], path: str
) -> None:
    with pytest.raises(Refused) as caught:
        await connect(services, **fields)
    assert path in [fault.path for fault in caught.value.faults]
    for secret in (fields.get("secrets") or {}).values():
        assert not secret or secret not in caught.value.detail
    assert (await connecting.listed(services, SITE)).endpoints == ()


async def test_a_site_has_only_so_many(services: Services) -> None:
    for _ in range(connecting.AT_MOST):
        await connect(services, url=HOOK)
    with pytest.raises(Refused, match="at most"):
        await connect(services, url=HOOK)


async def test_a_webhook_is_tried_at_once(services: Services, clock: SetClock) -> None:
    async with connected(services) as (reached, receiver, made):
        assert await connecting.test(reached, SITE, made.endpoint.id) == Tried(told=True)
        assert said(receiver) == {
            "type": "endpoint.test",
            "timestamp": "2026-11-22T10:00:00.000Z",
            "data": {"site": SITE},
        }
        receiver.answer(Reply(500, b"the receiver's own words"))
        tried = await connecting.test(reached, SITE, made.endpoint.id)
        assert tried == Tried(told=False, fault="the endpoint answered 500")
    async with reaching(services) as reached:
        assert not (await connecting.test(reached, SITE, made.endpoint.id)).told
    assert not (await connecting.test(services, SITE, made.endpoint.id)).told


async def test_a_webhook_with_a_new_secret_is_signed_with_the_one_before_too(
    services: Services, clock: SetClock
) -> None:
    async with connected(services) as (reached, receiver, first):
        before, id_of = first.secret, first.endpoint.id
        for _ in range(2):
            made = await connecting.renew(reached, SITE, id_of)
            await connecting.test(reached, SITE, id_of)
            assert before and made.secret and before != made.secret
            got = receiver.got[-1]
            id_, at, signatures = (got.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
            assert len(signatures.split(" ")) == 2
            for secret in (before, made.secret):
                standard_webhooks.check(secret, id_, at, signatures, got.body, clock())
            before = made.secret


async def test_a_providers_address_is_nobodys_once_it_has_a_new_one(services: Services) -> None:
    made = await connect(services, kind="brevo", secrets=brevo.SECRETS, lists=brevo.LISTS)
    new = await connecting.renew(services, SITE, made.endpoint.id)
    assert made.inbound and new.inbound and new.secret is None
    await departures.require(services, SITE, made.endpoint.id, new.inbound.rpartition("/")[2])
    with pytest.raises(Unknown):
        await departures.require(services, SITE, made.endpoint.id, made.inbound.rpartition("/")[2])


@pytest.mark.parametrize(
    ("kind", "there", "module"),
    [
        ("listmonk", listmonk.Listmonk(), listmonk),
        ("mailchimp", mailchimp.Mailchimp(), mailchimp),
        ("brevo", brevo.Brevo(), brevo),
        ("ghost", ghost.Ghost(), ghost),
    ],
)
async def test_a_providers_key_is_tried(services: Services, kind: str, there: Any, module: Any) -> None:
    fields = {"kind": kind, "secrets": module.SECRETS, "lists": module.LISTS}
    async with connected(services, there, **fields) as (reached, receiver, made):
        assert await connecting.test(reached, SITE, made.endpoint.id) == Tried(told=True)
        receiver.answer(Reply(401))
        tried = await connecting.test(reached, SITE, made.endpoint.id)
        assert not tried.told and "key" in (tried.fault or "")
        await move(reached, made, "http://[::1]:1")
        assert not (await connecting.test(reached, SITE, made.endpoint.id)).told


async def test_what_is_not_there_is_unknown(services: Services) -> None:
    made = await connect(services, url=HOOK)
    for id_ in (new_id(), "no id", made.endpoint.id.upper()):
        for act in (connecting.remove, connecting.enable, connecting.test, connecting.renew):
            with pytest.raises(Unknown):
                await act(services, SITE, id_)
    for site in ("other", ""):
        with pytest.raises(Unknown):
            await connecting.listed(services, site)
        with pytest.raises(Unknown):
            await connecting.remove(services, site, made.endpoint.id)
        with pytest.raises(Unknown):
            await connecting.connect(services, site, EndpointRequest(url=HOOK))
    await connecting.remove(services, SITE, made.endpoint.id)
    async with services.database.reading() as reader:
        assert await endpoints.all_of(reader, SITE) == []
