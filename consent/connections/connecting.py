"""The trip of an endpoint: connected, shown, tried, switched on again, taken away.

Invariant: a secret is shown once, when it is made, and is kept sealed; nothing that is listed can be signed with.
What is changed is in the audit trail, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from consent import auditing, clock, errors, ids
from consent.appending import Act
from consent.courier import deliveries
from consent.errors import Fault, Refused, Stale, Unknown
from consent.insisting import insists
from consent.owing import EVENTS
from consent.records import Actor
from consent.services import Services
from consent.storage import endpoints, sites
from consent.storage.database import Reader
from consent.storage.endpoints import WEBHOOK, Endpoint
from consent.sync import delivery, kinds, standard_webhooks, webhook

AT_MOST = 20
TEST = "endpoint.test"
SYNCED = (
    "signup.confirmed",
    "subscription.unsubscribed",
    "subscription.bounced",
    "subscription.complained",
    "subscriber.erased",
    "subscriber.changed",
    "subscriber.paused",
)
Kind = Literal["webhook", "listmonk", "mailchimp", "brevo", "buttondown", "ghost"]
Short = Annotated[str, msgspec.Meta(max_length=512)]
Words = Annotated[dict[Annotated[str, msgspec.Meta(max_length=64)], Short], msgspec.Meta(max_length=50)]


class EndpointRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a publisher sends to connect an endpoint."""

    kind: Kind = "webhook"
    url: Annotated[str, msgspec.Meta(max_length=2048)] | None = None
    """Where a webhook goes, or where a listmonk or a Ghost is; the other providers are where they are."""
    events: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=64)], ...], msgspec.Meta(max_length=50)] | None = (
        None
    )
    """What it is told; all when left out. Providers are always told who joined and who left."""
    lists: Words = {}
    """Our list -> theirs. Of a webhook: the lists it is told about; all when left out."""
    secrets: Words = {}
    """What the provider gave: listmonk user and token; mailchimp, brevo, buttondown, ghost key."""


class EndpointView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An endpoint as it is listed: no secrets."""

    id: str
    kind: str
    url: str
    events: tuple[str, ...]
    lists: dict[str, str] = {}
    created_at: str
    failures: int = 0
    """Deliveries in a row that ended dead."""
    disabled_at: str | None = None
    fault: str | None = None
    """Of the last delivery that ended dead."""
    polled_at: str | None = None


class Connected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An endpoint with a new secret, which is shown only now."""

    endpoint: EndpointView
    secret: str | None = None
    """Of a webhook: what its messages are signed with (Standard Webhooks)."""
    inbound: str | None = None
    """Of a provider: the address that its webhooks go to, when people leave there."""


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """The site's endpoints."""

    endpoints: tuple[EndpointView, ...]


class Tried(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a try."""

    told: bool
    fault: str | None = None


async def connect(
    services: Services, site: str, request: EndpointRequest, actor: Actor = auditing.COMMAND
) -> Connected:
    """A new endpoint, in force at once.

    Raises:
        Refused: its address, events, lists or secrets cannot be right, or the site has too many.
        Unknown: no such site.
    """
    url, at = _checked(services, site, request), services.clock()
    kept = dict(request.secrets) | _made(request.kind)
    endpoint = Endpoint(
        id=ids.uuid7(at).bytes,
        kind=request.kind,
        url=url,
        sealed=services.vault.put(msgspec.json.encode(kept)),
        events=(request.events or EVENTS) if request.kind == WEBHOOK else SYNCED,
        lists=request.lists,
        created_at=at,
        polled_at=at if request.kind in kinds.POLLED else None,
    )
    async with services.appender.acting(site) as act:
        if len(await endpoints.all_of(act.writer, site)) >= AT_MOST:
            raise Refused(Fault("", f"a site has at most {AT_MOST} endpoints: take one away first"))
        await endpoints.put(act.writer, site, endpoint)
        await _tell(services, act, site, actor, "webhook.connected", endpoint)
    return _connected(services, site, endpoint, kept)


async def listed(services: Services, site: str) -> Endpoints:
    """The site's endpoints, in the order they were made."""
    async with services.database.reading() as reader:
        if await sites.find(reader, site) is None:
            raise Unknown(f"there is no site '{site[:64]}'")
        return Endpoints(endpoints=tuple(_view(one) for one in await endpoints.all_of(reader, site)))


async def remove(services: Services, site: str, id_: str, actor: Actor = auditing.COMMAND) -> None:
    """Takes an endpoint away; what it is still owed is not sent.

    Raises:
        Unknown: the site has no such endpoint.
    """
    raw = _bytes(id_)
    async with services.appender.acting(site) as act:
        found = await _found(act.writer, site, raw)
        if not await endpoints.delete(act.writer, site, raw):
            raise Unknown("the site has no such endpoint")
        await _tell(services, act, site, actor, "webhook.removed", found)


async def enable(services: Services, site: str, id_: str, actor: Actor = auditing.COMMAND) -> EndpointView:
    """Takes up an endpoint again that was switched off. What ended dead meanwhile can be replayed from the outbox.

    Raises:
        Unknown: the site has no such endpoint.
    """
    raw = _bytes(id_)
    async with services.appender.acting(site) as act:
        await endpoints.enable(act.writer, site, raw)
        found = await _found(act.writer, site, raw)
        await _tell(services, act, site, actor, "webhook.enabled", found)
    return _view(found)


@insists
async def renew(services: Services, site: str, id_: str, actor: Actor = auditing.COMMAND) -> Connected:
    """A new secret. Until the next one, a webhook's messages are signed with the one before too, so that its receiver
    can change over; the address that a provider was given before is nobody's at once.

    Raises:
        Unknown: the site has no such endpoint.
    """
    raw = _bytes(id_)
    async with services.appender.acting(site) as act:
        endpoint = await _found(act.writer, site, raw)
        kept, made = dict(deliveries.account_of(services, endpoint).secrets), _made(endpoint.kind)
        if before := kept.get("signing"):
            made = {"signing": f"{made['signing']} {before.split()[0]}"}
        kept |= made
        sealed = services.vault.put(msgspec.json.encode(kept))
        if not await endpoints.rewrap(act.writer, site, endpoint.id, endpoint.sealed, sealed):
            raise Stale("another secret was made at the same moment")
        await _tell(services, act, site, actor, "webhook.renewed", endpoint)
    return _connected(services, site, endpoint, kept)


async def test(services: Services, site: str, id_: str) -> Tried:
    """Tries an endpoint at once: a webhook gets an event of its own kind, a provider is asked whether the key is good.

    Raises:
        Unknown: the site has no such endpoint.
    """
    async with services.database.reading() as reader:
        endpoint = await _found(reader, site, _bytes(id_))
    account, now = deliveries.account_of(services, endpoint), services.clock()
    try:
        if endpoint.kind == WEBHOOK:
            event = webhook.Event(id=str(ids.uuid7(now)), type=TEST, at=now, data={"site": site})
            await webhook.tell(services.guard, account, event, now)
        else:
            await kinds.PROVIDERS[endpoint.kind].check(services.guard, account, now)
    except (delivery.Told, errors.Refused) as fault:
        return Tried(told=False, fault=fault.detail)
    return Tried(told=True)


async def _found(reader: Reader, site: str, id_: bytes) -> Endpoint:
    endpoint = await endpoints.find(reader, site, id_)
    if endpoint is None:
        raise Unknown("the site has no such endpoint")
    return endpoint


async def _tell(services: Services, act: Act, site: str, actor: Actor, action: str, endpoint: Endpoint) -> None:
    about = {"endpoint": ids.uuid_text(endpoint.id), "kind": endpoint.kind}
    await act.append([auditing.draft(site, actor, action, about, services.clock())])


def _checked(services: Services, site: str, request: EndpointRequest) -> str:
    """The endpoint's address, once all of the request is found to be right."""
    known = _lists(services, site)
    faults = [Fault(f"lists.{name}", "the site has no such list") for name in request.lists if name not in known]
    events = request.events or ()
    faults += [
        Fault(f"events[{place}]", "there is no such event") for place, one in enumerate(events) if one not in EVENTS
    ]
    provider = kinds.PROVIDERS.get(request.kind)
    if provider is None:
        faults += [Fault("secrets", "a webhook's secret is made here, and shown once")] if request.secrets else []
    else:
        faults += kinds.faults(request.kind, request.secrets, request.lists)
        faults += [Fault("url", f"{request.kind} is where it is")] if request.url and provider.address else []
        faults += [Fault("events", "a provider is always told who joined and who left")] if request.events else []
    if faults:
        raise Refused(*faults)
    fixed = provider.address(request.secrets) if provider and provider.address else None
    return services.guard.check_url(fixed or request.url or "")


def _lists(services: Services, site: str) -> frozenset[str]:
    newsletter = services.directory.get(site).notice.newsletter
    return frozenset() if isinstance(newsletter, msgspec.UnsetType) else frozenset(one.id for one in newsletter.lists)


def _made(kind: str) -> dict[str, str]:
    if kind == WEBHOOK:
        return {"signing": standard_webhooks.secret(ids.salts(1)[0])}
    return {"inbound": ids.secret()}


def _connected(services: Services, site: str, endpoint: Endpoint, kept: Mapping[str, str]) -> Connected:
    return Connected(
        endpoint=_view(endpoint),
        secret=kept["signing"].split()[0] if "signing" in kept else None,
        inbound=_inbound(services, site, endpoint, kept),
    )


def _inbound(services: Services, site: str, endpoint: Endpoint, secrets: Mapping[str, str]) -> str | None:
    if endpoint.kind == WEBHOOK or endpoint.kind in kinds.POLLED:
        return None
    return f"{services.settings.url}/v1/sites/{site}/inbound/{ids.uuid_text(endpoint.id)}/{secrets['inbound']}"


def _bytes(id_: str) -> bytes:
    try:
        return ids.parse_uuid(id_)
    except ValueError:
        raise Unknown("the site has no such endpoint") from None


def _view(endpoint: Endpoint) -> EndpointView:
    return EndpointView(
        id=ids.uuid_text(endpoint.id),
        kind=endpoint.kind,
        url=endpoint.url,
        events=endpoint.events,
        lists=endpoint.lists,
        created_at=clock.text(endpoint.created_at),
        failures=endpoint.failures,
        disabled_at=clock.text(endpoint.disabled_at) if endpoint.disabled_at is not None else None,
        fault=endpoint.fault or None,
        polled_at=clock.text(endpoint.polled_at) if endpoint.polled_at is not None else None,
    )
