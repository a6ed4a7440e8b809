"""Endpoints of the Miami site in the tests: connected for real, told by hand what is owed them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

import msgspec

from consent import ids
from consent.connections import connecting
from consent.connections.connecting import Connected, EndpointRequest
from consent.courier import deliveries
from consent.services import Services
from consent.storage import endpoints, outbox
from consent.storage.endpoints import Endpoint
from consent.storage.outbox import Owed
from consent.sync.guard import Guard
from tests.acts import SITE
from tests.sync.receiver import LOOPBACK, Answering, Receiver, receiving


@contextlib.asynccontextmanager
async def reaching(services: Services, **given: Any) -> AsyncIterator[Services]:
    """The same service, which may go to this machine."""
    guard = Guard(**{"opens": LOOPBACK, **given})
    try:
        yield msgspec.structs.replace(services, guard=guard)
    finally:
        await guard.close()


@contextlib.asynccontextmanager
async def connected(
    services: Services, answering: Answering | None = None, **fields: Any
) -> AsyncIterator[tuple[Services, Receiver, Connected]]:
    """A receiver that the site is connected to; of a provider that is where it is, its address is changed to here."""
    async with receiving(answering) as receiver, reaching(services) as reached:
        is_fixed = fields.get("kind") in ("mailchimp", "brevo", "buttondown")
        request = {"url": None if is_fixed else f"{receiver.url}/in", **fields}
        made = await connecting.connect(reached, SITE, msgspec.convert(request, EndpointRequest))
        if fields.get("kind", "webhook") != "webhook":
            await move(reached, made, receiver.url)
        yield reached, receiver, made


async def move(services: Services, made: Connected, url: str) -> None:
    """The endpoint is elsewhere from now on."""
    found = await endpoint(services, made)
    async with services.database.writing() as writer:
        await endpoints.put(writer, SITE, msgspec.structs.replace(found, url=url))


async def endpoint(services: Services, made: Connected) -> Endpoint:
    """The endpoint's row."""
    async with services.database.reading() as reader:
        found = await endpoints.find(reader, SITE, ids.parse_uuid(made.endpoint.id))
    assert found is not None
    return found


async def owed_to(services: Services, made: Connected) -> list[Owed]:
    """What waits for the endpoint, the first first."""
    async with services.database.reading() as reader:
        waiting = await outbox.page(reader, SITE, "waiting", b"", 1000)
    return [one for one in waiting if one.endpoint == ids.parse_uuid(made.endpoint.id)]


async def deliver(services: Services, made: Connected, *, attempts: int = 1) -> list[str]:
    """Delivers all that waits for the endpoint, as the courier does; gives the events."""
    events = []
    for one in await owed_to(services, made):
        await deliveries.deliver(services, msgspec.structs.replace(one, attempts=attempts))
        async with services.database.writing() as writer:
            await outbox.done(writer, SITE, one.id, services.clock())
        events.append(one.what)
    return events


def said(receiver: Receiver, place: int = -1) -> dict[str, Any]:
    """What a webhook's message says."""
    return cast(dict[str, Any], receiver.got[place].json())
